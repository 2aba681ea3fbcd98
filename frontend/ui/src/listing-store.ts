// What is listed on the phone, kept in its IndexedDB until the market has it.
// A listing belongs to the person who wrote it: others who sign in on the same
// phone neither see nor send it.
export type State = "draft" | "waiting" | "sending" | "sent" | "mend";

export interface Typed {
  name: string;
  set: string;
  unit: string;
  amount: string;
  measure: string;
  price: string;
  stock: string;
}

export interface Shot {
  id: string; // of its upload
  file: Blob;
  sent: boolean;
}

export interface Wrong {
  text: string; // the market's sentence
  field: string; // what it is about; empty for the whole
}

export interface Listing {
  id: string;
  variant: string;
  person: string;
  seller: string;
  state: State;
  typed: Typed;
  photos: Shot[];
  body: string; // what the market is to be told, as JSON; empty while it is written
  asked: string[]; // earlier bodies that the market may have received
  wrong?: Wrong[];
}

const open = () =>
  new Promise<IDBDatabase>((done, failed) => {
    const request = indexedDB.open("nong-ho", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("listings", { keyPath: "id" }).createIndex("person", "person");
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });

let opened: Promise<IDBDatabase> | undefined;

async function begin(mode: IDBTransactionMode): Promise<IDBObjectStore> {
  opened ??= open().then((db) => {
    db.onclose = () => (opened = undefined);
    db.onversionchange = () => (db.close(), (opened = undefined));
    return db;
  });
  opened.catch(() => (opened = undefined));
  return (await opened).transaction("listings", mode).objectStore("listings");
}

// ended waits until what was written is on the disk.
const ended = (store: IDBObjectStore) =>
  new Promise<void>((done, failed) => {
    store.transaction.oncomplete = () => done();
    store.transaction.onabort = () => failed(store.transaction.error);
  });

const result = <T>(request: IDBRequest<T>) =>
  new Promise<T>((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });

const news = "BroadcastChannel" in self ? new BroadcastChannel("listings") : undefined;

// watch calls back when any tab, or the service worker, has changed something.
const watchers: (() => void)[] = [];
const tellAll = () => watchers.forEach((w) => w());
export function watch(changed: () => void): void {
  if (news) news.onmessage = tellAll;
  watchers.push(changed);
}

async function written(store: IDBObjectStore): Promise<void> {
  await ended(store);
  news?.postMessage("");
  tellAll();
}

export async function keep(listing: Listing): Promise<void> {
  const store = await begin("readwrite");
  store.put(listing);
  await written(store);
}

// change writes into a listing as it stands now, and returns it.
export async function change(id: string, how: (l: Listing) => void): Promise<Listing | undefined> {
  const store = await begin("readwrite");
  const done = written(store);
  const found: Listing | undefined = await result(store.get(id));
  if (found) {
    how(found);
    store.put(found);
  }
  await done;
  return found;
}

// release lets go of what a tab was sending when it died. Only who alone sends
// may say so.
export async function release(): Promise<void> {
  const all: Listing[] = await result((await begin("readonly")).getAll());
  for (const { id } of all.filter((l) => l.state === "sending")) {
    await change(id, (l) => (l.state = "waiting"));
  }
}

export async function forget(id: string): Promise<void> {
  const store = await begin("readwrite");
  store.delete(id);
  await written(store);
}

export const find = async (id: string): Promise<Listing | undefined> => result((await begin("readonly")).get(id));

export const listingsOf = async (person: string): Promise<Listing[]> =>
  result((await begin("readonly")).index("person").getAll(person));
