// Watches a stage: by WebRTC, half a second behind; by HLS, some seconds
// behind, where WebRTC does not get through or has no seat left; and comes back
// when the sender or the network does.
import { playHLS } from "./hls";
import { type Leg, open, pause, Refused, say, ticket } from "./rtc";

const again = 3000;
const firstPicture = 8000;
const standstill = 8000;

export function watch(root: HTMLElement, wanted: () => boolean = () => true): void {
  const video = root.querySelector<HTMLVideoElement>("[data-player]");
  const frame = root.querySelector<HTMLElement>("[data-frame]");
  const stage = root.dataset.watch;
  if (!video || !stage || !frame) return;
  frame.hidden = false;
  sound(root, video);
  void stay(root, video, stage, wanted);
}

async function stay(root: HTMLElement, video: HTMLVideoElement, stage: string, wanted: () => boolean): Promise<void> {
  let failures = 0;
  while (wanted() && root.isConnected) {
    const on = root.dataset.poll === undefined ? { live: true, hls: false, viewers: 0 } : await audience(root, stage);
    if (!on.live) {
      say(root, "wait");
      await pause(again);
      continue;
    }
    const hls = on.hls && (failures >= 2 || root.dataset.only === "hls" || !("RTCPeerConnection" in window));
    try {
      if (hls) await byHLS(root, video, stage, wanted);
      else failures = (await byRTC(root, video, stage, wanted)) ? 0 : failures + 1;
      if (wanted()) say(root, "lost");
    } catch (error) {
      const kind = error instanceof Refused ? error.kind : "";
      if (kind === "video.full" || kind === "video.codec") failures = 2;
      else if (kind === "call.over" || kind === "video.over") return say(root, "over", (error as Error).message);
      else if (!(error instanceof Refused)) failures++;
      say(root, kind === "video.off" || kind === "call.wait" ? "wait" : "lost", error instanceof Refused ? error.message : undefined);
    }
    await pause(failures ? again : 1000);
  }
}

interface Audience {
  live: boolean;
  viewers: number;
  hls: boolean;
}

async function audience(root: HTMLElement, stage: string): Promise<Audience> {
  try {
    const on = (await (await fetch(`/video/stages/${stage}`)).json()) as Audience;
    count(root, on);
    return on;
  } catch {
    return { live: false, viewers: 0, hls: false };
  }
}

function count(root: HTMLElement, on: Audience): void {
  const line = root.querySelector<HTMLElement>("[data-viewers]");
  if (line) line.textContent = on.live ? String(on.viewers) : "";
}

// byRTC says whether a picture was seen.
async function byRTC(root: HTMLElement, video: HTMLVideoElement, stage: string, wanted: () => boolean): Promise<boolean> {
  const media = new MediaStream();
  const leg = await open(stage, "watch", (pc) => {
    pc.addTransceiver("video", { direction: "recvonly" });
    pc.addTransceiver("audio", { direction: "recvonly" });
    pc.addEventListener("track", (event) => media.addTrack(event.track));
  });
  const bye = (): void => leg.close();
  window.addEventListener("pagehide", bye);
  video.srcObject = media;
  void video.play().catch(() => undefined);
  const seen = await pictures(root, video, leg, wanted);
  window.removeEventListener("pagehide", bye);
  leg.close();
  return seen;
}

// pictures waits while pictures come.
async function pictures(root: HTMLElement, video: HTMLVideoElement, leg: Leg, wanted: () => boolean): Promise<boolean> {
  let ended = false;
  void leg.done.then(() => (ended = true));
  let at = 0;
  let seen = false;
  let since = Date.now();
  while (!ended && wanted() && Date.now() - since < (seen ? standstill : firstPicture)) {
    if (video.currentTime > at && video.videoWidth > 0) {
      if (!seen) say(root, "live");
      seen = true;
      since = Date.now();
    } else if (document.hidden) since = Date.now(); // hidden pages draw nothing
    at = video.currentTime;
    await pause(250);
  }
  return seen;
}

async function byHLS(root: HTMLElement, video: HTMLVideoElement, stage: string, wanted: () => boolean): Promise<void> {
  const given = await ticket(stage, "hls");
  const shown = (): void => say(root, "hls");
  video.addEventListener("playing", shown, { once: true });
  await playHLS(video, given.url, wanted);
  video.removeEventListener("playing", shown);
}

// sound: browsers begin without; one press turns it on.
function sound(root: HTMLElement, video: HTMLVideoElement): void {
  const button = root.querySelector<HTMLButtonElement>("[data-sound]");
  if (!button) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    video.muted = false;
    button.hidden = true;
    void video.play().catch(() => undefined);
  });
  video.addEventListener("volumechange", () => (button.hidden = !video.muted));
}
