// Asks the browser whether it may be pushed to and sends its address with the
// form. Without script, or where browsers cannot be pushed to, the form stays
// hidden.
const form = document.querySelector<HTMLFormElement>("[data-push]");

function says(text: string): void {
  const line = form?.querySelector("[data-push-says]");
  if (line) line.textContent = text;
}

function bytes(key: string): Uint8Array<ArrayBuffer> {
  const raw = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
}

async function subscribe(at: HTMLFormElement): Promise<void> {
  const { key, worker, scope, denied, failed } = at.dataset;
  if ((await Notification.requestPermission()) !== "granted") return says(denied ?? "");
  try {
    const registration = await navigator.serviceWorker.register(worker ?? "", { scope, updateViaCache: "none" });
    await ready(registration);
    const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key ?? "") });
    (at.elements.namedItem("subscription") as HTMLInputElement).value = JSON.stringify(subscription);
    at.submit();
  } catch {
    says(failed ?? "");
  }
}

// ready waits for the worker: a browser subscribes for a running one only.
async function ready(registration: ServiceWorkerRegistration): Promise<void> {
  const starting = registration.installing ?? registration.waiting;
  if (registration.active || !starting) return;
  await new Promise<void>((done) => starting.addEventListener("statechange", () => starting.state === "activated" && done()));
}

if (form && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void subscribe(form);
  });
}
