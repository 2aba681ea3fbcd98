// Shows the total with delivery as soon as a province is chosen, and again when
// the ward is, for a carrier's price depends on it. It asks the page itself,
// which answers the same form for people without script.
const form = document.querySelector<HTMLFormElement>("form[data-checkout]");
const bill = document.getElementById("tong");
const said = document.getElementById("tong-doc");
let asked = 0; // the last question: answers to earlier ones come too late
let waiting: Promise<void> | undefined;

async function refresh(from: HTMLFormElement): Promise<void> {
  const mine = ++asked;
  const typed = new URLSearchParams();
  for (const [name, value] of new FormData(from)) if (typeof value === "string" && name !== "once") typed.append(name, value);
  typed.set("area", "province");
  const answer = await fetch(from.action, { method: "POST", body: typed }).catch(() => undefined);
  if (!answer?.ok || !bill) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine !== asked) return;
  bill.replaceChildren(...(page.getElementById("tong")?.childNodes ?? []));
  if (said) said.textContent = bill.querySelector(".bill__line--total")?.textContent ?? "";
}

form?.addEventListener("change", (event) => {
  const name = (event.target as HTMLInputElement).name;
  if (name === "province" || name === "ward") waiting = refresh(form).finally(() => (waiting = undefined));
});

// Nobody orders at a total that is about to change: the order waits for it.
form?.addEventListener("submit", (event) => {
  if (!waiting) return;
  event.preventDefault();
  const by = event.submitter;
  void waiting.finally(() => form.requestSubmit(by?.isConnected ? by : undefined));
});
