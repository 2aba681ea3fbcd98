// Asks before a button with data-confirm sends its form. The answer is a dialog
// of the page, so it speaks the page's language and looks like it.
function ask(question: string): Promise<boolean> {
  const { yes = "OK", no = "×" } = document.body.dataset;
  const dialog = document.createElement("dialog");
  const text = document.createElement("p");
  const form = document.createElement("form");
  dialog.className = "dialog";
  text.textContent = question;
  form.method = "dialog";
  form.className = "buttons";
  for (const [value, label, look] of [["no", no, "secondary"], ["yes", yes, "primary"]] as const) {
    const button = document.createElement("button");
    button.value = value;
    button.textContent = label;
    button.className = `button button--${look}`;
    form.append(button);
  }
  dialog.append(text, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    }),
  );
}

export function confirms(root: ParentNode): void {
  root.addEventListener("click", async (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>("button[data-confirm]");
    if (!button?.form) return;
    event.preventDefault();
    if (await ask(button.dataset.confirm ?? "")) button.form.requestSubmit(button);
  });
}
