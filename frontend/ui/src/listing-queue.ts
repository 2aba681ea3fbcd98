// Sends what waits, one step after another. Every step may be repeated: the
// listing, its variant and its photos carry ids that were made on the phone.
import { change, listingsOf, release, type Listing, type Wrong } from "./listing-store";
import { ulid } from "./ulid";
import { Refused, send } from "./upload";

const door = "/api/v1";

// Outcome is how far a round of sending came.
export type Outcome = "done" | "signin" | "later";

class SignIn extends Error {}
class Mend extends Error {
  constructor(readonly wrong: Wrong[]) {
    super("mend");
  }
}

interface Problem {
  detail?: string;
  title?: string;
  errors?: { field: string; detail: string }[];
}

// refuse says why the market did not take something. What may be otherwise
// next time is no refusal.
async function refuse(answer: Response): Promise<never> {
  if (answer.status === 401) throw new SignIn();
  if (answer.status >= 500 || answer.status === 429 || answer.status === 408) throw new Error(`${answer.status}`);
  const problem: Problem = await answer.json().catch(() => ({}));
  const said = (problem.errors ?? []).map((e) => ({ text: e.detail, field: e.field }));
  throw new Mend(said.length > 0 ? said : [{ text: problem.detail ?? problem.title ?? `${answer.status}`, field: "" }]);
}

async function ask(person: string, method: string, path: string, init: { body?: string; key?: string; match?: string } = {}): Promise<Response> {
  const headers: Record<string, string> = { "For-Person": person };
  if (init.body) headers["Content-Type"] = "application/json";
  if (init.key) headers["Idempotency-Key"] = init.key;
  if (init.match) headers["If-Match"] = init.match;
  const answer = await fetch(door + path, { method, headers, body: init.body ?? null, cache: "no-store" });
  return answer.ok ? answer : refuse(answer);
}

export interface Who {
  person: string;
  sellers: { id: string; name: string }[];
}

interface Person {
  id: string;
  sellers: { id: string; name: { vi: string } }[];
}

// whoIs asks the market who is signed in on this phone; nobody is undefined.
export async function whoIs(): Promise<Who | undefined> {
  const answer = await fetch(`${door}/session`, { cache: "no-store" });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const { person }: { person?: Person } = await answer.json();
  return person && { person: person.id, sellers: person.sellers.map(({ id, name }) => ({ id, name: name.vi })) };
}

async function tell(l: Listing): Promise<void> {
  const { body } = l;
  const stale = l.asked.some((earlier) => earlier !== body);
  await change(l.id, (now) => (now.asked = [...l.asked.filter((earlier) => earlier !== body), body]));
  const made = await ask(l.person, "POST", "/products", { body: JSON.stringify({ id: l.id, seller: l.seller, ...JSON.parse(body) }) });
  if (stale) {
    await ask(l.person, "PUT", `/products/${l.id}`, { body, match: made.headers.get("ETag") ?? "" });
  }
  await change(l.id, (now) => (now.asked = [body]));
}

async function sendPhoto(l: Listing, at: number): Promise<void> {
  const shot = l.photos[at];
  if (!shot || shot.sent) return;
  try {
    await send(`${door}/uploads`, shot.id, shot.file, () => undefined, { product: l.id, person: l.person, attempts: 1 });
  } catch (problem) {
    if (!(problem instanceof Refused)) throw problem;
    if (problem.answer.status === 404 || problem.answer.status === 409) {
      await change(l.id, (now) => now.photos.splice(at, 1, { ...shot, id: ulid() }));
      throw new Error("the upload is gone: next time under another id");
    }
    await refuse(problem.answer);
  }
  await change(l.id, (now) => now.photos.splice(at, 1, { ...shot, sent: true }));
}

// claim takes a listing to be sent, unless somebody has begun to write in it.
async function claim(id: string): Promise<Listing | undefined> {
  const l = await change(id, (now) => {
    if (waits(now)) now.state = "sending";
  });
  return l?.state === "sending" ? l : undefined;
}

async function sendAll(l: Listing): Promise<void> {
  await tell(l);
  for (let at = 0; at < l.photos.length; at++) await sendPhoto(l, at);
  await ask(l.person, "POST", `/products/${l.id}/submit`, { key: `submit-${l.id}-${l.variant}` });
  await change(l.id, (now) => {
    now.state = "sent";
    now.photos = [];
    delete now.wrong;
  });
}

async function attempt(id: string): Promise<void> {
  const l = await claim(id);
  if (!l) return;
  try {
    await sendAll(l);
  } catch (problem) {
    const mend = problem instanceof Mend ? problem.wrong : undefined;
    await change(l.id, (now) => {
      now.state = mend ? "mend" : "waiting";
      if (mend) now.wrong = mend;
    });
    if (!mend) throw problem;
  }
}

const waits = (l: Listing) => l.state === "waiting";

async function round(): Promise<Outcome> {
  await release();
  const who = await whoIs();
  if (!who) return "signin";
  for (;;) {
    const next = (await listingsOf(who.person)).find(waits);
    if (!next) return "done";
    await attempt(next.id);
  }
}

// alone lets one tab or worker send at a time. Where browsers cannot promise
// that, two do the same work and the market sees it as one.
const alone = <T>(work: () => Promise<T>): Promise<T> =>
  "locks" in navigator ? navigator.locks.request("listings", work) as Promise<T> : work();

// deliver sends everything of whoever is signed in.
export const deliver = (): Promise<Outcome> =>
  alone(() => round().catch((problem): Outcome => (problem instanceof SignIn ? "signin" : "later")));
