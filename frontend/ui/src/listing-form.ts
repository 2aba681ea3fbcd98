// The three steps of a listing, written on the phone. Every step is kept as it
// is typed, so that a tab that dies loses nothing.
import { shrink } from "./photos";
import { find, keep, type Listing, type Typed } from "./listing-store";
import { readSize, wayName, type Unit } from "./listing-units";
import { dull, part, say, type Facts } from "./listing-facts";
import { ulid } from "./ulid";
import { readVND, writeVND } from "./vnd";

const fields: (keyof Typed)[] = ["name", "set", "unit", "amount", "measure", "price", "stock"];
const steps: Record<string, number> = { photo: 1, name: 1, set: 1, unit: 2, amount: 2, price: 2, stock: 2 };
const least = 1000;
const mostPhotos = 10;

export const blank = (person: string, seller: string): Listing => ({
  id: ulid(), variant: ulid(), person, seller, state: "draft", photos: [], body: "", asked: [],
  typed: { name: "", set: "", unit: "kg", amount: "", measure: "g", price: "", stock: "" },
});

// inputOf is the input that the market means by a field of the listing.
function inputOf(field: string): string {
  const last = field.split("/").filter((p) => p !== "vi" && p !== "en").pop() ?? "";
  const known: Record<string, string> = { photos: "photo", size: "amount", quantity: "stock" };
  return known[last] ?? last;
}

export class Form {
  private listing = blank("", "");
  private step = 1;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly facts: Facts,
    private readonly done: (l: Listing) => void,
  ) {
    form.addEventListener("submit", (event) => (event.preventDefault(), void this.next()));
    form.addEventListener("input", () => this.typedIn());
    form.addEventListener("change", (event) => void this.changed(event.target as HTMLElement));
    for (const back of form.querySelectorAll<HTMLAnchorElement>(".step__back")) {
      const to = Number(back.hash.slice(1));
      if (to) back.addEventListener("click", (event) => (event.preventDefault(), this.show(to)));
    }
  }

  // open shows a listing to be written, with what the market found wrong.
  open(listing: Listing, sellers: { id: string; name: string }[]): void {
    this.listing = listing;
    this.sellers(sellers);
    for (const name of fields) this.put(name, listing.typed[name]);
    this.typedIn(false);
    this.photos();
    this.clear();
    const wrong = (listing.wrong ?? []).map((w) => ({ ...w, field: inputOf(w.field) }));
    for (const w of wrong) this.wrong(steps[w.field] ? w.field : "name", w.text);
    this.show(steps[wrong[0]?.field ?? ""] ?? 1);
  }

  private inputs = (name: string) => [...this.form.querySelectorAll<HTMLInputElement>(`[name="${name}"]`)];

  private put(name: string, value: string): void {
    for (const input of this.inputs(name)) {
      if (input.type === "radio") input.checked = input.value === value;
      else input.value = value;
    }
  }

  private get = (name: string) => String(new FormData(this.form).get(name) ?? "").trim();

  private sellers(all: { id: string; name: string }[]): void {
    const [select] = this.inputs("seller");
    select?.replaceChildren(...all.map(({ id, name }) => new Option(name, id, false, id === this.listing.seller)));
    dull(select?.closest<HTMLElement>(".field"), all.length < 2);
  }

  private unit = (): Unit | undefined => this.facts.units.find((u) => u.word === this.get("unit"));

  private typedIn(save = true): void {
    const unit = this.unit();
    dull(part(this.form, "size"), !unit || (unit.amount > 0 && unit.word !== "chục"));
    const amount = readVND(this.get("price"));
    const reads = part(this.form, "read");
    if (reads) reads.textContent = amount && amount >= least ? say("offline.reads", { amount: writeVND(amount) }) : "";
    if (save) this.take();
  }

  private take(): void {
    for (const name of fields) this.listing.typed[name] = this.get(name);
    this.listing.seller = this.get("seller") || this.listing.seller;
  }

  private async changed(target: HTMLElement): Promise<void> {
    if (target instanceof HTMLInputElement && target.type === "file") await this.addPhotos(target);
    await this.save();
  }

  private async save(): Promise<boolean> {
    this.take();
    try {
      await keep(this.listing);
      return true;
    } catch {
      this.wrong("name", say("offline.full"));
      return false;
    }
  }

  private async addPhotos(input: HTMLInputElement): Promise<void> {
    const chosen = [...(input.files ?? [])].slice(0, mostPhotos - this.listing.photos.length);
    input.value = "";
    this.clear("photo");
    for (const file of chosen) {
      try {
        this.listing.photos.push({ id: ulid(), file: await shrink(file), sent: false });
      } catch {
        this.wrong("photo", say("offline.photo.broken"));
      }
    }
    this.photos();
    this.inputs("name")[0]?.focus();
  }

  private picture(at: number): HTMLImageElement | undefined {
    const shot = this.listing.photos[at];
    if (!shot) return undefined;
    const image = new Image();
    image.src = URL.createObjectURL(shot.file);
    image.onload = () => URL.revokeObjectURL(image.src);
    image.alt = this.listing.typed.name;
    return image;
  }

  private photos(): void {
    for (const old of this.form.querySelectorAll(".photos__item")) old.remove();
    const add = this.form.querySelector(".photos__add");
    this.listing.photos.forEach((_, at) => {
      const item = document.createElement("div");
      const out = document.createElement("button");
      item.className = "photos__item photos__item--new";
      Object.assign(out, { type: "button", className: "button button--quiet button--small", textContent: say("offline.forget") });
      out.addEventListener("click", () => (this.listing.photos.splice(at, 1), this.photos(), void this.save()));
      item.append(this.picture(at) ?? "", out);
      add?.before(item);
    });
  }

  // check tells what is missing or cannot be understood in a step.
  private check(step: number): [string, string][] {
    const found: [string, string | undefined][] = step === 1 ? this.checkGoods() : this.checkPrice();
    return found.filter((w): w is [string, string] => w[1] !== undefined);
  }

  private checkGoods(): [string, string | undefined][] {
    const lacks = (missing: boolean, key: string) => (missing ? say(key) : undefined);
    return [
      ["photo", lacks(this.listing.photos.length === 0, "product.photo_missing")],
      ["name", lacks(this.get("name").length < 3, "product.name_short")],
      ["set", lacks(!this.get("set"), "product.set_unknown")],
    ];
  }

  private checkPrice(): [string, string | undefined][] {
    const unit = this.unit();
    const size = unit && readSize(unit, this.get("amount"), this.get("measure"));
    return [
      ["amount", size ? undefined : say("product.size")],
      ["price", priceWrong(this.get("price"))],
      ["stock", readCount(this.get("stock")) === undefined ? say("farm.price.count") : undefined],
    ];
  }

  private clear(name?: string): void {
    for (const field of this.form.querySelectorAll<HTMLElement>(".field--wrong")) {
      if (name && !field.querySelector(`[name="${name}"]`)) continue;
      field.classList.remove("field--wrong");
      field.querySelector(".field__error")?.remove();
      field.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
    }
  }

  private wrong(name: string, text: string): void {
    const [input] = this.inputs(name);
    const field = input?.closest<HTMLElement>(".field");
    if (!input || !field) return;
    this.clear(name);
    const line = document.createElement("p");
    Object.assign(line, { className: "field__error", id: `${name}-error`, textContent: text });
    field.classList.add("field--wrong");
    field.querySelector("label, legend")?.after(line);
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", line.id);
  }

  private async next(): Promise<void> {
    this.clear();
    if (!(await this.save())) return;
    const wrong = this.check(this.step === 3 ? 1 : this.step);
    for (const [name, text] of wrong) this.wrong(name, text);
    const first = wrong[0];
    if (first) return this.inputs(first[0])[0]?.focus();
    if (this.step < 3) return this.show(this.step + 1);
    await this.queue();
  }

  private show(step: number): void {
    this.step = step;
    for (const box of this.form.querySelectorAll<HTMLElement>("[data-listing-step]")) {
      dull(box, box.dataset.listingStep !== String(step));
    }
    if (step === 3) this.look();
    scrollTo(0, 0);
    const first = this.form.querySelector<HTMLElement>(".field--wrong input");
    if (step === 2) (first ?? this.inputs("price")[0])?.focus();
  }

  private look(): void {
    const t = this.listing.typed;
    const lines = [t.name, `${writeVND(readVND(t.price) ?? 0)}/${t.unit}`, say("offline.stock", { n: t.stock || "0", unit: t.unit })];
    const texts = lines.map((text) => Object.assign(document.createElement("p"), { textContent: text }));
    part(this.form, "look")?.replaceChildren(this.picture(0) ?? "", ...texts);
  }

  // queue hands the listing over to be sent. What there is of a variant is said
  // once: when that changes after the market may have heard, it is another
  // variant.
  private async queue(): Promise<void> {
    const now = (await find(this.listing.id)) ?? this.listing;
    const wanted = { ...this.listing, asked: now.asked };
    const unit = this.unit();
    if (!unit) return;
    const last = wanted.asked[wanted.asked.length - 1];
    if (last && held(last) !== held(body(wanted, unit))) wanted.variant = ulid();
    wanted.body = body(wanted, unit);
    wanted.state = "waiting";
    delete wanted.wrong;
    await keep(wanted);
    this.done(wanted);
  }
}

function priceWrong(typed: string): string | undefined {
  const amount = readVND(typed);
  if (amount === undefined) return say("money.form");
  if (amount > 0 && amount < least) return say("farm.price.small", { guess: writeVND(amount * 1000) });
  return amount < least ? say("money.form") : undefined;
}

function readCount(typed: string): number | undefined {
  const digits = typed.replace(/\./g, "");
  return /^[0-9]{0,9}$/.test(digits) ? Number(digits) : undefined;
}

// body is what the market is told, as its API wants it.
function body(l: Listing, unit: Unit): string {
  const t = l.typed;
  const size = readSize(unit, t.amount, t.measure) ?? { base: unit.base, amount: 0 };
  const way = {
    id: l.variant, name: { vi: wayName(t.unit, size) }, unit: t.unit, size,
    price: { amount: readVND(t.price) ?? 0, currency: "VND" }, stock: readCount(t.stock) ?? 0,
  };
  return JSON.stringify({ set: Number(t.set), name: { vi: t.name }, variants: [way] });
}

// held is the part of a body that says how much there is of what.
function held(said: string): string {
  const [way] = JSON.parse(said).variants;
  return JSON.stringify([way.unit, way.size, way.stock]);
}
