// Keeps the farmer's listing page on the phone and sends what waits when the
// network is back. It keeps only what is the same for everybody: the page
// itself, its style, script and letters. Answers about people are never kept.
//
// The server writes SHELL before this script, see pages/offline.go: a new
// version of anything in it is a new worker, which takes over at once.
import { deliver } from "./listing-queue";

declare const SHELL: { version: string; page: string; source: string; files: string[] };

interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Fetching extends Extendable {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface Worker {
  addEventListener(kind: "install" | "activate" | "sync", does: (event: Extendable) => void): void;
  addEventListener(kind: "fetch", does: (event: Fetching) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
}

const worker = self as unknown as Worker;
const prefix = "nong-ho-";
const current = prefix + SHELL.version;

async function fill(): Promise<void> {
  const cache = await caches.open(current);
  await cache.addAll(SHELL.files);
  const page = await fetch(SHELL.source, { cache: "reload" });
  if (!page.ok) throw new Error(`${page.status}`);
  await cache.put(SHELL.page, page);
  await worker.skipWaiting();
}

async function takeOver(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(prefix) && name !== current).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

const kept = async (path: string) => (await caches.open(current)).match(path, { ignoreVary: true });

async function keptFirst(path: string, request: Request): Promise<Response> {
  return (await kept(path)) ?? fetch(request);
}

// networkFirst shows the shell when a page cannot be reached: it says so.
async function networkFirst(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (offline) {
    const shell = await kept(SHELL.page);
    if (shell) return shell;
    throw offline;
  }
}

worker.addEventListener("install", (event) => event.waitUntil(fill()));
worker.addEventListener("activate", (event) => event.waitUntil(takeOver()));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (SHELL.files.includes(pathname) || pathname === SHELL.page) {
    event.respondWith(keptFirst(pathname, request));
  } else if (request.mode === "navigate") {
    event.respondWith(networkFirst(request));
  }
});
worker.addEventListener("sync", (event) =>
  event.waitUntil(
    deliver().then((outcome) => {
      if (outcome === "later") throw new Error("the browser tries again");
    }),
  ),
);
