// Shows what the market pushes to this browser, and leads to it when pressed.
interface Pushed {
  title: string;
  body: string;
  link: string;
  tag: string;
  lang: string;
}

interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Worker {
  registration: { showNotification(title: string, options: object): Promise<void> };
  clients: {
    matchAll(options: object): Promise<{ url: string; focus(): Promise<unknown>; navigate(url: string): Promise<unknown> }[]>;
    openWindow(url: string): Promise<unknown>;
  };
  addEventListener(kind: "push", does: (event: Extendable & { data?: { json(): Pushed } }) => void): void;
  addEventListener(kind: "notificationclick", does: (event: Extendable & { notification: Notification }) => void): void;
}

const worker = self as unknown as Worker;

worker.addEventListener("push", (event) => {
  const said = event.data?.json();
  if (!said) return;
  const { title, body, link, tag, lang } = said;
  event.waitUntil(worker.registration.showNotification(title, { body, tag, lang, data: link }));
});

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(String(event.notification.data)));
});

async function open(link: string): Promise<unknown> {
  const { origin } = new URL(link);
  const [tab] = (await worker.clients.matchAll({ type: "window", includeUncontrolled: true })).filter((c) => new URL(c.url).origin === origin);
  if (!tab) return worker.clients.openWindow(link);
  await tab.focus();
  return tab.navigate(link).catch(() => worker.clients.openWindow(link));
}
