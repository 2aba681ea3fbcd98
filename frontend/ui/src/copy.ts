// Puts the text of a field on the clipboard and says so for two seconds.
export function copies(root: ParentNode): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("[data-copy]")) {
    const field = document.getElementById(button.dataset.copy ?? "");
    const label = button.querySelector("span");
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) || !label || !navigator.clipboard) continue;
    const before = label.textContent;
    label.setAttribute("role", "status");
    button.hidden = false;
    button.addEventListener("click", async () => {
      field.select();
      await navigator.clipboard.writeText(field.value);
      label.textContent = button.dataset.done ?? before;
      window.setTimeout(() => (label.textContent = before), 2000);
    });
  }
}
