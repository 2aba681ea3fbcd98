// The page that a phone keeps: what is on it, and the way into the three steps.
import { dull, facts, part, remember, remembered, say } from "./listing-facts";
import { blank, Form } from "./listing-form";
import { whoIs, type Outcome, type Who } from "./listing-queue";
import { change, find, forget, listingsOf, watch, type Listing } from "./listing-store";

export class Board {
  private who: Who | undefined = remembered();
  private locked = false; // the market says that nobody is signed in
  private readonly home = part(this.root, "home");
  private readonly form = this.root.querySelector<HTMLFormElement>("[data-listing-form]")!;
  private readonly writing: Form;

  constructor(
    private readonly root: HTMLElement,
    pump: () => void,
  ) {
    this.writing = new Form(this.form, facts, () => ((location.hash = ""), pump()));
    addEventListener("hashchange", () => void this.route());
    addEventListener("online", () => this.network());
    addEventListener("offline", () => this.network());
    part(root, "send")?.addEventListener("click", pump);
    watch(() => void this.draw());
  }

  async start(): Promise<void> {
    this.network();
    if (location.pathname !== facts.shell && location.pathname.endsWith("/dang-ban")) location.hash ||= "#moi";
    await this.route();
    dull(this.root, false);
    await this.identify();
  }

  // came tells how far the last round of sending got.
  came(outcome: Outcome): void {
    if (outcome === "signin") this.lock(undefined);
  }

  private async identify(): Promise<void> {
    try {
      const who = await whoIs();
      this.lock(who);
      if (who) remember(who);
    } catch {
      return; // no network: as last seen
    }
    await this.route();
  }

  private lock(who: Who | undefined): void {
    this.locked = !who;
    if (who) this.who = who;
    void this.draw();
  }

  private network(): void {
    dull(document.querySelector<HTMLElement>("[data-listing-net]"), navigator.onLine);
  }

  private async route(): Promise<void> {
    const id = location.hash.slice(1);
    const writes = id !== "" && this.who !== undefined && !this.locked && (await this.write(id, this.who));
    dull(this.form, !writes);
    dull(this.home, writes);
    if (!writes) await this.draw();
  }

  // write opens a listing to be written; one that is on its way is not touched.
  private async write(id: string, who: Who): Promise<boolean> {
    const seller = who.sellers[0];
    if (!seller) return false;
    if (id === "moi") {
      const fresh = blank(who.person, seller.id);
      history.replaceState(null, "", `#${fresh.id}`);
      this.writing.open(fresh, who.sellers);
      return true;
    }
    if (!this.form.hidden) return true;
    const found = await find(id);
    if (!found || found.person !== who.person || found.state === "sending" || found.state === "sent") return false;
    const mine = await change(id, (l) => {
      if (l.state !== "sending" && l.state !== "sent") l.state = "draft";
    });
    if (mine?.state !== "draft") return false;
    this.writing.open(mine, who.sellers);
    return true;
  }

  private async draw(): Promise<void> {
    const all = this.who ? await listingsOf(this.who.person) : [];
    const unsent = all.filter((l) => l.state !== "sent").length;
    const shown = this.locked || !this.who ? [] : all;
    const open = this.who !== undefined && !this.locked;
    part(this.root, "queue")?.replaceChildren(...shown.map((l) => this.row(l)));
    dull(part(this.root, "signin"), open);
    dull(part(this.root, "shop"), !open || this.who!.sellers.length > 0);
    dull(part(this.root, "new"), !open || this.who!.sellers.length === 0);
    dull(part(this.root, "send"), !shown.some((l) => l.state === "waiting"));
    const waiting = part(this.root, "waiting");
    if (waiting) waiting.textContent = unsent > 0 ? say("offline.many", { n: String(unsent) }) : "";
  }

  private row(l: Listing): HTMLElement {
    const row = make("li", "queue__one");
    row.dataset.state = l.state;
    row.append(make("p", "queue__name", l.typed.name || say("offline.nameless")));
    row.append(make("p", `queue__state queue__state--${l.state}`, say(`offline.state.${l.state}`)));
    for (const w of l.wrong ?? []) row.append(make("p", "queue__wrong", w.text));
    const deeds = make("div", "queue__deeds");
    if (l.state !== "sent" && l.state !== "sending") deeds.append(link(`#${l.id}`, say("offline.edit")));
    if (l.state !== "sending") deeds.append(this.away(l));
    row.append(deeds);
    return row;
  }

  private away(l: Listing): HTMLElement {
    const sent = l.state === "sent";
    const button = make("button", "button button--quiet button--small", say(sent ? "offline.hide" : "offline.forget"));
    button.addEventListener("click", () => {
      if (sent || confirm(say("offline.forget.ask", { name: l.typed.name || say("offline.nameless") }))) void forget(l.id);
    });
    return button;
  }
}

function make(tag: string, className: string, textContent = ""): HTMLElement {
  return Object.assign(document.createElement(tag), { className, textContent });
}

const link = (href: string, text: string) => {
  const a = make("a", "button button--secondary button--small", text);
  (a as HTMLAnchorElement).href = href;
  return a;
};
