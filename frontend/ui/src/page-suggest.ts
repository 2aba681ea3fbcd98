// Suggests while somebody types in the search box: a combobox with a list, as
// ARIA describes it. Without it, or without network, the form sends as ever.
type Place = { kind: "seller" | "ward"; name: string; code: string; begun?: boolean };
type Found = { items: string[]; places: Place[] };
type Choice = { text: string; kind: string; href: string };

const pause = 120;

// The looks of the list come with it, so that no page carries them unasked.
const looks = new CSSStyleSheet();
looks.replaceSync(`
.suggest { position: absolute; inset: calc(100% + 4px) 0 auto 0; z-index: 20; margin: 0; padding: 4px; list-style: none; background: var(--surface); border: 1px solid var(--line); border-radius: 8px; box-shadow: var(--shadow); max-height: 70vh; overflow-y: auto; }
.suggest[hidden] { display: none; }
.suggest__item { display: flex; gap: 8px; align-items: baseline; min-height: 44px; padding: 10px 12px; border-radius: 6px; cursor: pointer; }
.suggest__item[aria-selected="true"], .suggest__item:hover { background: var(--action-tint); }
.suggest__kind { margin-inline-start: auto; font-size: var(--text-xs); color: var(--ink-soft); white-space: nowrap; }
`);
document.adoptedStyleSheets.push(looks);

function suggest(form: HTMLFormElement): void {
  const input = form.querySelector<HTMLInputElement>("input[type=search]");
  if (!input) return;
  const list = document.createElement("ul");
  list.className = "suggest";
  list.id = input.id + "-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels?.[0]?.textContent ?? "");
  list.hidden = true;
  form.append(list);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" })) {
    input.setAttribute(name, value);
  }

  let choices: Choice[] = [];
  let at = -1;
  let asked = 0;
  let timer = 0;

  const close = () => show([]);

  function place(p: Place): Choice {
    return {
      text: p.name,
      kind: (p.kind === "seller" ? form.dataset.seller : form.dataset.ward) ?? "",
      href: p.kind === "seller" ? `/gian-hang/${encodeURIComponent(p.code)}` : `${form.action}?ward=${encodeURIComponent(p.code)}`,
    };
  }

  function show(next: Choice[]): void {
    choices = next;
    at = -1;
    list.replaceChildren(
      ...next.map((choice, i) => {
        const item = document.createElement("li");
        item.className = "suggest__item";
        item.id = `${list.id}-${i}`;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        const text = document.createElement("span");
        text.textContent = choice.text;
        item.append(text);
        if (choice.kind) {
          const kind = document.createElement("span");
          kind.className = "suggest__kind";
          kind.textContent = choice.kind;
          item.append(kind);
        }
        item.addEventListener("pointerdown", (e) => e.preventDefault());
        item.addEventListener("click", () => location.assign(choice.href));
        return item;
      }),
    );
    list.hidden = next.length === 0;
    input!.setAttribute("aria-expanded", String(next.length > 0));
    input!.removeAttribute("aria-activedescendant");
  }

  function select(next: number): void {
    at = (next + choices.length + 1) % (choices.length + 1);
    if (at === choices.length) at = -1;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
    if (at < 0) input!.removeAttribute("aria-activedescendant");
    else {
      input!.setAttribute("aria-activedescendant", list.children[at].id);
      list.children[at].scrollIntoView({ block: "nearest" });
    }
  }

  async function ask(): Promise<void> {
    const text = input!.value.trim();
    const mine = ++asked;
    if (!text) return close();
    try {
      const answer = await fetch(`${form.dataset.suggest}?limit=8&q=${encodeURIComponent(text)}`, { headers: { accept: "application/json" } });
      if (!answer.ok || mine !== asked) return;
      const found = (await answer.json()) as Found;
      if (mine !== asked || document.activeElement !== input) return;
      const places = (begun: boolean) => found.places.filter((p) => !!p.begun === begun).map(place);
      show([
        ...places(false),
        ...found.items.map((name) => ({ text: name, kind: "", href: `${form.action}?q=${encodeURIComponent(name)}` })),
        ...places(true),
      ]);
    } catch {
      close();
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(ask, pause);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (e) => {
    if (list.hidden || e.isComposing) return;
    if (e.key === "ArrowDown") select(at + 1);
    else if (e.key === "ArrowUp") select(at < 0 ? choices.length - 1 : at - 1);
    else if (e.key === "Escape") close();
    else if (e.key === "Enter" && at >= 0) location.assign(choices[at].href);
    else return;
    e.preventDefault();
  });
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-suggest]")) suggest(form);
