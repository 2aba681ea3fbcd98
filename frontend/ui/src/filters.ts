// Sends a filter form when an answer changes and nothing more is being chosen:
// at once for a single choice, after a pause for boxes and numbers.
export function filters(root: ParentNode): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-auto]")) {
    let waiting = 0;
    form.addEventListener("change", (event) => {
      const single = event.target instanceof HTMLSelectElement;
      const folded = form.querySelector<HTMLElement>(".filter__fold > summary")?.offsetParent;
      // On a phone the panel covers the list: the reader presses the button.
      if (!single && folded) return;
      clearTimeout(waiting);
      waiting = window.setTimeout(() => form.requestSubmit(), single ? 0 : 700);
    });
  }
}
