// Sends a photo in parts over a connection that breaks (tus 1.0, see
// docs/api.md). The id is made here, so that nothing is sent twice.
const part = 64 * 1024;
const version = { "Tus-Resumable": "1.0.0" };
const attempts = 6;

const base64 = (s: string) => btoa(String.fromCharCode(...new TextEncoder().encode(s)));

// later resolves when the network is back, or after a while that doubles.
const later = (attempt: number) =>
  new Promise<void>((done) => {
    const timer = setTimeout(done, 1000 * 2 ** attempt);
    addEventListener("online", () => (clearTimeout(timer), done()), { once: true });
  });

class Refused extends Error {}

async function ask(url: string, init: RequestInit): Promise<Response> {
  const answer = await fetch(url, { ...init, headers: { ...version, ...init.headers } });
  if (answer.status >= 500 || answer.status === 429) throw new Error(`${answer.status}`);
  if (!answer.ok && answer.status !== 409) throw new Refused(`${answer.status}`);
  return answer;
}

const reached = (answer: Response) => Number(answer.headers.get("Upload-Offset") ?? 0);

// send resolves once every byte has arrived and fails when the server refuses
// or the network stays away.
export async function send(endpoint: string, id: string, file: Blob, progress: (share: number) => void): Promise<void> {
  const at = `${endpoint}/${id}`;
  let offset = -1;
  for (let attempt = 0; offset < file.size; ) {
    try {
      if (offset < 0) {
        const metadata = { "Upload-Length": `${file.size}`, "Upload-Metadata": `id ${base64(id)}` };
        offset = reached(await ask(endpoint, { method: "POST", headers: metadata }));
      }
      const headers = { "Upload-Offset": `${offset}`, "Content-Type": "application/offset+octet-stream" };
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
