import { quantities } from "./quantity";

// The room of a show: what is pinned, what is left, who watches, what is said.
// The page is whole without this; here it follows by server-sent events, which
// the browser takes up again by itself where they were cut off.
interface OnSale { code: string; left: number; unit: string; price: number }
interface Room { state: string; pinned?: OnSale; offers?: OnSale[]; warnings?: string[]; viewers?: number }
interface Name { vi: string; en: string }
interface News {
  kind: string;
  room?: Room;
  comments?: { id: string; name: string; text: string }[];
  more?: number;
  comment?: string;
  sold?: { name: Name; quantity: number; unit: string };
  text?: string;
}

const room = document.querySelector<HTMLElement>("[data-feed]");
const part = (name: string) => room?.querySelector<HTMLElement>(`[data-${name}]`) ?? null;
const fill = (text: string | undefined, values: Record<string, string | number>) =>
  (text ?? "").replace(/\{(\w+)\}/g, (_, key: string) => String(values[key] ?? ""));
const whole = new Intl.NumberFormat(document.documentElement.lang === "en" ? "en" : "vi");

// What is pinned and offered is drawn by the server: when that has changed, the
// page is fetched and those parts are put in place, so that the picture goes on
// and nobody loses what they are typing. Only the beginning and the end of a
// show load the page anew.
const shapeOf = (state: Room): string =>
  [state.state, state.pinned?.code ?? "", ...(state.offers ?? []).map((o) => `${o.code}=${o.price}`)].join(" ");
let shape = room?.dataset.shape ?? "";
let fetching = "";

// What a part shows: the same label need not be drawn again, and whoever chooses
// a quantity there keeps it.
const label = (box: Element): string =>
  [...box.querySelectorAll("[data-offer]")].map((o) => `${o.getAttribute("data-offer")} ${o.querySelector(".price")?.textContent}`).join(";");

async function redraw(wanted: string): Promise<void> {
  if (fetching === wanted) return;
  fetching = wanted;
  try {
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const name of ["pinned", "offers"]) {
      const now = part(name);
      const next = fresh.querySelector(`[data-${name}]`);
      if (!now || !next || label(now) === label(next)) continue;
      now.replaceChildren(...next.childNodes);
      quantities(now);
    }
    shape = fresh.querySelector<HTMLElement>("[data-shape]")?.dataset.shape ?? wanted;
  } finally {
    fetching = "";
  }
}

function follow(state: Room): void {
  const now = shapeOf(state);
  if (state.state !== shape.split(" ")[0]) {
    location.reload();
    return;
  }
  if (now !== shape) void redraw(now);
  for (const offer of state.offers ?? []) stock(offer);
  if (state.viewers !== undefined) part("viewers")?.replaceChildren(whole.format(state.viewers));
  part("warnings")?.replaceChildren(...(state.warnings ?? []).map((text) => line("p", text, "room__warning")));
}

function stock(offer: OnSale): void {
  const box = room?.querySelector<HTMLElement>(`[data-offer="${CSS.escape(offer.code)}"]`);
  const left = box?.querySelector("[data-stock]");
  if (!box || !left) return;
  left.textContent = offer.left > 0 ? fill(room?.dataset.left, { n: whole.format(offer.left), unit: offer.unit }) : room?.dataset.gone ?? "";
  const buy = box.querySelector<HTMLButtonElement>("button[type=submit]");
  if (buy) buy.disabled = offer.left <= 0;
}

function line(tag: string, text: string, className = ""): HTMLElement {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}

function hear(news: News): void {
  const list = part("comments");
  for (const said of news.comments ?? []) {
    if (!list || document.getElementById(`k${said.id}`)) continue;
    const item = line("li", ` ${said.text}`);
    item.id = `k${said.id}`;
    item.prepend(line("b", said.name));
    list.prepend(item);
    while (list.children.length > 60) list.lastElementChild?.remove();
  }
  if (news.more) list?.prepend(line("li", fill(room?.dataset.more, { n: news.more }), "soft"));
  if (news.kind === "hidden") document.getElementById(`k${news.comment}`)?.remove();
  if (news.kind === "said") part("said")?.replaceChildren(news.text ?? "");
  if (news.sold) {
    const { name, quantity, unit } = news.sold;
    const lang = document.documentElement.lang === "en" && name.en ? name.en : name.vi;
    part("ticker")?.replaceChildren(fill(room?.dataset.sold, { n: quantity, unit, name: lang }));
  }
  if (news.room) follow(news.room);
}

if (room?.dataset.feed) {
  const feed = new EventSource(room.dataset.feed);
  feed.addEventListener("news", (event) => hear(JSON.parse(event.data as string) as News));
  feed.addEventListener("room", (event) => follow(JSON.parse(event.data as string) as Room));
}
