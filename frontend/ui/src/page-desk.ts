// The desk of a show while its camera runs: what is pressed there is sent
// without leaving the page, which would switch the camera off, and what viewers
// write and order appears by itself.
import { copies } from "./copy";

const desk = document.querySelector<HTMLElement>("[data-desk]");
const tells = document.querySelector<HTMLElement>("[data-desk-says]");

// typing reports whether somebody writes in a part: it is left alone then.
const typing = (box: Element): boolean => {
  const field = document.activeElement;
  return !!field && box.contains(field) && (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) && field.value !== "";
};

function take(html: string, after: boolean): void {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const box of desk?.querySelectorAll<HTMLElement>("[data-part]") ?? []) {
    const next = fresh.querySelector<HTMLElement>(`[data-part="${box.dataset.part}"]`);
    if (!next || (!after && typing(box))) continue;
    const open = new Set([...box.querySelectorAll("details[open] > summary")].map((s) => s.textContent));
    box.replaceChildren(...next.childNodes);
    for (const summary of box.querySelectorAll("details > summary")) {
      if (open.has(summary.textContent) && !after) summary.parentElement?.setAttribute("open", "");
    }
    copies(box);
  }
  const said = fresh.querySelector(".errors, .notice");
  if (after && tells) tells.replaceChildren(...(said ? [said] : []));
}

async function send(form: HTMLFormElement, button: HTMLElement | null): Promise<void> {
  const data = new FormData(form, button);
  button?.setAttribute("disabled", "");
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: form.enctype === "multipart/form-data" ? data : new URLSearchParams([...data].map(([name, value]) => [name, String(value)])),
    });
    take(await answer.text(), true);
  } catch {
    form.submit(); // the browser says what is wrong with the network
  } finally {
    button?.removeAttribute("disabled");
  }
}

let due = 0;
function soon(): void {
  if (due) return;
  due = window.setTimeout(async () => {
    due = 0;
    const answer = await fetch(location.href).catch(() => null);
    if (answer?.ok) take(await answer.text(), false);
  }, 1000);
}

if (desk) {
  desk.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if ("leaves" in form.dataset || form.method !== "post") return;
    event.preventDefault();
    void send(form, event.submitter);
  });
  if (desk.dataset.feed) {
    const feed = new EventSource(desk.dataset.feed);
    feed.addEventListener("news", (event) => {
      const news = JSON.parse(event.data as string) as { kind: string };
      if (news.kind !== "said") soon();
    });
  }
}
