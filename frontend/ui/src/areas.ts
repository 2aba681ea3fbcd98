// Fetches the wards of the chosen province and lets one search them.
import { fold } from "./fold";

type Ward = { value: string; label: string };

function fill(select: HTMLSelectElement, wards: Ward[]): void {
  const first = select.options[0];
  const empty = first && !first.value ? first : new Option("", "");
  select.replaceChildren(empty, ...wards.map((w) => new Option(w.label, w.value)));
}

// search puts a field above the list; what is typed narrows it, and a single
// match is chosen.
function search(box: HTMLElement, select: HTMLSelectElement, wards: () => Ward[]): void {
  const field = document.createElement("input");
  field.type = "search";
  field.className = "input areas__search";
  field.autocomplete = "off";
  field.placeholder = box.dataset.search ?? "";
  field.setAttribute("aria-label", field.placeholder);
  field.setAttribute("aria-controls", select.id);
  select.before(field);
  field.addEventListener("input", () => {
    const wanted = fold(field.value.trim());
    const found = wards().filter((w) => fold(w.label).includes(wanted));
    fill(select, found);
    field.setCustomValidity(found.length ? "" : (box.dataset.none ?? ""));
    if (!found.length) field.reportValidity();
    const only = found[0];
    if (wanted && found.length === 1 && only) select.value = only.value;
  });
}

export function areas(root: ParentNode): void {
  for (const box of root.querySelectorAll<HTMLElement>("[data-areas]")) {
    const [province, ward] = box.querySelectorAll("select");
    const part = box.querySelector<HTMLElement>("[data-ward]");
    if (!province || !ward || !part || !box.dataset.areas) continue;
    const url = box.dataset.areas;
    let known: Ward[] = [...ward.options].filter((o) => o.value).map((o) => ({ value: o.value, label: o.text }));
    box.querySelector<HTMLElement>(".areas__next")?.remove();
    search(box, ward, () => known);
    province.addEventListener("change", async () => {
      const answer = await fetch(`${url}?province=${encodeURIComponent(province.value)}`);
      known = answer.ok ? ((await answer.json()) as Ward[]) : [];
      fill(ward, known);
      part.hidden = !known.length;
    });
  }
}
