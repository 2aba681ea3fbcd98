// Shows the total with delivery as soon as a province is chosen: it asks the
// page itself, which answers the same form for people without script.
const form = document.querySelector<HTMLFormElement>("form[data-checkout]");
const bill = document.getElementById("tong");
const said = document.getElementById("tong-doc");

form?.querySelector("[name=province]")?.addEventListener("change", async () => {
  const typed = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") typed.append(name, value);
  typed.delete("once"); // the form itself is still to be sent
  typed.set("area", "province");
  const answer = await fetch(form.action, { method: "POST", body: typed });
  if (!answer.ok || !bill) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  bill.replaceChildren(...(page.getElementById("tong")?.childNodes ?? []));
  if (said) said.textContent = bill.querySelector(".bill__line--total")?.textContent ?? "";
});
