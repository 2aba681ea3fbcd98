// Who signs out is forgotten on this phone: the next person to look at the
// listing page without network does not see what the last one wrote. What is
// written stays, for when that person signs in again.
export function signouts(root: ParentNode): void {
  for (const form of root.querySelectorAll<HTMLFormElement>('form[action^="/dang-xuat"]')) {
    form.addEventListener("submit", () => localStorage.removeItem("nong-ho"));
  }
}
