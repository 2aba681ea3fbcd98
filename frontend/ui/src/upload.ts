// Sends a photo in parts over a connection that breaks (tus 1.0, see
// docs/api.md). The id is made here, so that nothing is sent twice.
const part = 64 * 1024;
const version = { "Tus-Resumable": "1.0.0" };

const base64 = (s: string) => btoa(String.fromCharCode(...new TextEncoder().encode(s)));

// later resolves when the network is back, or after a while that doubles.
const later = (attempt: number) =>
  new Promise<void>((done) => {
    const timer = setTimeout(done, 1000 * 2 ** attempt);
    addEventListener("online", () => (clearTimeout(timer), done()), { once: true });
  });

// Refused is an answer that will be the same next time.
export class Refused extends Error {
  constructor(readonly answer: Response) {
    super(`${answer.status}`);
  }
}

export interface Sending {
  product?: string; // where the photo goes by itself
  person?: string; // whose photo it is: nobody else's session will do
  attempts?: number;
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  const answer = await fetch(url, { ...init, headers: { ...version, ...init.headers } });
  if (answer.status >= 500 || answer.status === 429) throw new Error(`${answer.status}`);
  const elsewhere = answer.status === 409 && answer.headers.has("Upload-Offset");
  if (!answer.ok && !elsewhere) throw new Refused(answer);
  return answer;
}

const reached = (answer: Response) => Number(answer.headers.get("Upload-Offset") ?? 0);

// send resolves once every byte has arrived and fails when the server refuses
// or the network stays away.
export async function send(endpoint: string, id: string, file: Blob, progress: (share: number) => void, how: Sending = {}): Promise<void> {
  const at = `${endpoint}/${id}`;
  const { product, person, attempts = 6 } = how;
  const whose: Record<string, string> = person ? { "For-Person": person } : {};
  let offset = -1;
  for (let attempt = 0; offset < file.size; ) {
    try {
      if (offset < 0) {
        const goes = product ? `,product ${base64(product)}` : "";
        const metadata = { "Upload-Length": `${file.size}`, "Upload-Metadata": `id ${base64(id)}${goes}` };
        offset = reached(await ask(endpoint, { method: "POST", headers: { ...whose, ...metadata } }));
      }
      const headers = { ...whose, "Upload-Offset": `${offset}`, "Content-Type": "application/offset+octet-stream" };
      offset = reached(await ask(at, { method: "PATCH", headers, body: file.slice(offset, offset + part) }));
      attempt = 0;
      progress(offset / file.size);
    } catch (problem) {
      if (problem instanceof Refused || ++attempt > attempts) throw problem;
      await later(attempt);
      offset = -1;
    }
  }
}
