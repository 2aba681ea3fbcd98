// Plays fragmented MP4 by HLS: as the browser can by itself, or by Media Source
// Extensions where it cannot. The promise ends when nothing comes any more.
export async function playHLS(video: HTMLVideoElement, url: string, going: () => boolean): Promise<void> {
  if (video.canPlayType("application/vnd.apple.mpegurl")) return native(video, url, going);
  if ("MediaSource" in window) return extended(video, url, going);
}

async function native(video: HTMLVideoElement, url: string, going: () => boolean): Promise<void> {
  video.srcObject = null;
  video.src = url;
  void video.play().catch(() => undefined);
  await broken(video, going);
  video.removeAttribute("src");
  video.load();
}

const stall = 12_000; // without a new picture

async function broken(video: HTMLVideoElement, going: () => boolean): Promise<void> {
  let at = -1;
  let since = Date.now();
  let failed = false;
  const fails = (): void => void (failed = true);
  video.addEventListener("error", fails);
  while (going() && !failed && Date.now() - since < stall) {
    if (video.currentTime !== at || (video.paused && video.readyState > 2)) since = Date.now();
    at = video.currentTime;
    await new Promise((resolve) => window.setTimeout(resolve, 500));
  }
  video.removeEventListener("error", fails);
}

interface Piece {
  map: string;
  url: string;
}

function pieces(list: string, base: string): Piece[] {
  let map = "";
  const out: Piece[] = [];
  for (const line of list.split("\n")) {
    const named = /^#EXT-X-MAP:URI="([^"]+)"/.exec(line);
    if (named?.[1]) map = new URL(named[1], base).href;
    else if (line && !line.startsWith("#")) out.push({ map, url: new URL(line, base).href });
  }
  return out;
}

const bytes = async (url: string): Promise<Uint8Array<ArrayBuffer>> => {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(String(answer.status));
  return new Uint8Array(await answer.arrayBuffer());
};

// kind reads the profile of the picture behind the letters avcC.
function kind(head: Uint8Array): string {
  const at = head.findIndex((_, i) => head[i] === 0x61 && head[i + 1] === 0x76 && head[i + 2] === 0x63 && head[i + 3] === 0x43);
  const profile = [...head.slice(at + 5, at + 8)].map((b) => b.toString(16).padStart(2, "0")).join("");
  return `video/mp4; codecs="avc1.${profile},opus"`;
}

function append(buffer: SourceBuffer, data: Uint8Array<ArrayBuffer>): Promise<void> {
  return new Promise((resolve, reject) => {
    buffer.addEventListener("updateend", () => resolve(), { once: true });
    buffer.addEventListener("error", () => reject(new Error("buffer")), { once: true });
    buffer.appendBuffer(data);
  });
}

async function extended(video: HTMLVideoElement, url: string, going: () => boolean): Promise<void> {
  const source = new MediaSource();
  video.srcObject = null;
  video.src = URL.createObjectURL(source);
  await new Promise((resolve) => source.addEventListener("sourceopen", resolve, { once: true }));
  let buffer: SourceBuffer | undefined;
  let map = "";
  let last = "";
  const watch = broken(video, going);
  let over = false;
  void watch.then(() => (over = true));
  try {
    while (going() && !over) {
      const list = new TextDecoder().decode(await bytes(url));
      const all = pieces(list, new URL(url, location.href).href);
      const seen = all.findIndex((p) => p.url === last);
      for (const piece of seen < 0 ? all.slice(-3) : all.slice(seen + 1)) {
        if (piece.map !== map) {
          const head = await bytes(piece.map);
          if (!buffer) {
            buffer = source.addSourceBuffer(kind(head));
            buffer.mode = "sequence"; // times of one sender do not go on where another's stop
          }
          await append(buffer, head);
          map = piece.map;
        }
        if (buffer) await append(buffer, await bytes(piece.url));
        last = piece.url;
        if (video.paused) void video.play().catch(() => undefined);
      }
      await new Promise((resolve) => window.setTimeout(resolve, 1000));
    }
  } catch {
    // what is missing now may be there when the player is begun again
  }
  URL.revokeObjectURL(video.src);
  video.removeAttribute("src");
}
