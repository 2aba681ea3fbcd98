// On a farmer's pages: keeps the listing page on the phone, counts what waits,
// and sends it whenever that may go well.
import { facts, part, remember, remembered, say } from "./listing-facts";
import { Board } from "./listing-page";
import { deliver } from "./listing-queue";
import { listingsOf, watch } from "./listing-store";

const root = document.querySelector<HTMLElement>("[data-listing]");
const board = root && new Board(root, () => void pump());

let running = false;
let again = false;
let failures = 0;
let timer = 0;

async function unsent(): Promise<number> {
  const who = remembered();
  return who ? (await listingsOf(who.person)).filter((l) => l.state !== "sent" && l.state !== "draft").length : 0;
}

// pump sends until nothing waits; what fails is tried again after a while that
// doubles, by this page or, when it is gone, by the browser.
async function pump(): Promise<void> {
  clearTimeout(timer);
  again = running;
  if (running || (await unsent()) === 0) return;
  running = true;
  const outcome = await deliver();
  running = false;
  board?.came(outcome);
  failures = outcome === "later" ? failures + 1 : 0;
  if (again) return pump();
  if (outcome === "later") {
    timer = window.setTimeout(() => void pump(), Math.min(2 ** failures, 300) * (500 + 500 * Math.random()));
    await later();
  }
}

interface Syncing extends ServiceWorkerRegistration {
  sync?: { register(tag: string): Promise<void> };
}

// later asks the browser to send when there is network, where it can.
async function later(): Promise<void> {
  const registration: Syncing | undefined = await navigator.serviceWorker?.getRegistration(facts.scope);
  await registration?.sync?.register("listings").catch(() => undefined);
}

async function count(): Promise<void> {
  const n = await unsent();
  const tab = document.querySelector<HTMLAnchorElement>(`.bar__link[href^="${facts.scope}/dang-ban"]`);
  tab?.querySelector(".count")?.remove();
  if (n > 0) tab?.append(Object.assign(document.createElement("span"), { className: "count", textContent: String(n) }));
  if (!root) notice(n);
}

function notice(n: number): void {
  part(document, "many")?.remove();
  if (n === 0) return;
  const line = document.createElement("p");
  line.className = "notice notice--info";
  line.dataset.listingMany = "";
  line.append(Object.assign(document.createElement("a"), { href: facts.shell, textContent: say("offline.many", { n: String(n) }) }));
  document.querySelector("main")?.prepend(line);
}

async function start(): Promise<void> {
  if (facts.who) remember(facts.who);
  watch(() => void count());
  addEventListener("online", () => ((failures = 0), void pump()));
  document.addEventListener("visibilitychange", () => void (document.hidden || pump()));
  await board?.start();
  await count();
  void navigator.serviceWorker?.register(facts.worker, { scope: facts.scope, updateViaCache: "none" });
  await pump();
}

void start();
