// Fetches the suggestions when somebody goes to the search box: whoever only
// looks at goods does not pay for them.
export function searches(root: ParentNode): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-script]")) {
    form.addEventListener("focusin", () => void import(form.dataset.script!).catch(() => undefined), { once: true });
  }
}
