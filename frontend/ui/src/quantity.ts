// Less and more beside a number. A comma is the decimal sign people type.
const read = (text: string | undefined) => Number((text ?? "").replace(",", "."));

function clamp(value: number, input: HTMLInputElement): number {
  const max = input.dataset.max ? read(input.dataset.max) : Infinity;
  return Math.min(max, Math.max(read(input.dataset.min), value));
}

function show(box: HTMLElement, input: HTMLInputElement): void {
  const value = read(input.value);
  for (const button of box.querySelectorAll<HTMLButtonElement>("[data-step]")) {
    const next = value + Number(button.dataset.step);
    button.hidden = false;
    button.disabled = Number.isFinite(value) && clamp(next, input) === value;
  }
}

function change(input: HTMLInputElement, direction: number): void {
  const step = read(input.dataset.by);
  const value = clamp((read(input.value) || 0) + direction * step, input);
  input.value = String(Math.round(value * 1000) / 1000).replace(".", document.documentElement.lang === "vi" ? "," : ".");
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

export function quantities(root: ParentNode): void {
  for (const box of root.querySelectorAll<HTMLElement>("[data-quantity]")) {
    const input = box.querySelector<HTMLInputElement>("input");
    if (!input) continue;
    let waiting = 0;
    box.addEventListener("click", (event) => {
      const button = (event.target as Element).closest<HTMLElement>("[data-step]");
      if (button) change(input, Number(button.dataset.step));
    });
    input.addEventListener("input", () => show(box, input));
    input.addEventListener("change", () => {
      show(box, input);
      if (!("auto" in input.dataset)) return;
      clearTimeout(waiting);
      waiting = window.setTimeout(() => input.form?.requestSubmit(), 600);
    });
    show(box, input);
  }
}
