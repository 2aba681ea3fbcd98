// Sends the phone's camera to a stage: which camera and microphone, quiet, how
// good a picture the network carries, the screen kept awake, and again by
// itself when the connection breaks.
import { type Leg, open, pause, Refused, say } from "./rtc";

interface Quality {
  height: number;
  bitrate: number;
  rate: number;
}

const qualities: Record<string, Quality> = {
  low: { height: 360, bitrate: 300_000, rate: 20 },
  middle: { height: 480, bitrate: 700_000, rate: 25 },
  high: { height: 720, bitrate: 1_500_000, rate: 30 },
};

const again = 2000;

export class Sender {
  private media?: MediaStream;
  private leg?: Leg;
  private on = false;
  private lock?: { release(): Promise<void> };
  private readonly video: HTMLVideoElement;

  constructor(
    private readonly root: HTMLElement,
    private readonly stage: string,
  ) {
    this.video = root.querySelector<HTMLVideoElement>("[data-own]") as HTMLVideoElement;
  }

  get sending(): boolean {
    return this.on;
  }

  private part<T extends HTMLElement>(name: string): T | null {
    return this.root.querySelector<T>(`[data-${name}]`);
  }

  private get quality(): Quality {
    return (qualities[this.part<HTMLSelectElement>("quality")?.value ?? "middle"] ?? qualities.middle) as Quality;
  }

  // begin opens the camera. It must follow a press of a button.
  async begin(): Promise<boolean> {
    try {
      await this.look({ facingMode: "environment" });
    } catch {
      say(this.root, "denied");
      return false;
    }
    await this.list();
    say(this.root, "ready");
    return true;
  }

  // look opens a camera in place of the one before. Phones hold one at a time.
  private async look(which: MediaTrackConstraints): Promise<void> {
    const { height, rate } = this.quality;
    const picture = { ...which, height: { ideal: height }, frameRate: { ideal: rate, max: 30 } };
    const old = this.media?.getVideoTracks()[0];
    old?.stop();
    const sound = this.media ? false : { echoCancellation: true, noiseSuppression: true };
    const got = await navigator.mediaDevices.getUserMedia({ video: picture, audio: sound });
    const track = got.getVideoTracks()[0] as MediaStreamTrack;
    if (!this.media) this.media = got;
    else {
      if (old) this.media.removeTrack(old);
      this.media.addTrack(track);
    }
    this.video.srcObject = this.media;
    this.video.classList.toggle("live-video__mirror", track.getSettings().facingMode === "user");
    await this.swap(track);
  }

  private async swap(track: MediaStreamTrack): Promise<void> {
    const sender = this.leg?.pc.getSenders().find((s) => s.track?.kind === track.kind);
    await sender?.replaceTrack(track);
  }

  private async list(): Promise<void> {
    const all = await navigator.mediaDevices.enumerateDevices();
    const tracks = this.media?.getTracks() ?? [];
    for (const [kind, name] of [["videoinput", "camera"], ["audioinput", "microphone"]] as const) {
      const found = all.filter((d) => d.kind === kind);
      const box = this.part<HTMLSelectElement>(name);
      if (!box) continue;
      const used = tracks.map((t) => t.getSettings().deviceId);
      box.replaceChildren(...found.map((d, i) => new Option(d.label || `${i + 1}`, d.deviceId, false, used.includes(d.deviceId))));
      const row = box.closest<HTMLElement>("[data-row]");
      if (row) row.hidden = found.length < 2;
    }
    const flip = this.part<HTMLButtonElement>("flip");
    if (flip) flip.hidden = all.filter((d) => d.kind === "videoinput").length < 2;
  }

  // bind makes the controls work.
  bind(): void {
    this.part<HTMLSelectElement>("camera")?.addEventListener("change", (e) => void this.look({ deviceId: { exact: (e.target as HTMLSelectElement).value } }).catch(() => say(this.root, "denied")));
    this.part<HTMLSelectElement>("microphone")?.addEventListener("change", (e) => void this.hear((e.target as HTMLSelectElement).value));
    this.part<HTMLSelectElement>("quality")?.addEventListener("change", () => void this.shape());
    this.part<HTMLButtonElement>("flip")?.addEventListener("click", () => void this.flip());
    this.part<HTMLButtonElement>("mute")?.addEventListener("click", (e) => this.mute(e.currentTarget as HTMLButtonElement));
    document.addEventListener("visibilitychange", () => void this.wake());
  }

  private async flip(): Promise<void> {
    const box = this.part<HTMLSelectElement>("camera");
    if (!box?.options.length) return;
    box.selectedIndex = (box.selectedIndex + 1) % box.options.length;
    box.dispatchEvent(new Event("change"));
  }

  private async hear(id: string): Promise<void> {
    const got = await navigator.mediaDevices.getUserMedia({ audio: { deviceId: { exact: id } } });
    const track = got.getAudioTracks()[0] as MediaStreamTrack;
    const old = this.media?.getAudioTracks()[0];
    if (old) {
      track.enabled = old.enabled;
      old.stop();
      this.media?.removeTrack(old);
    }
    this.media?.addTrack(track);
    await this.swap(track);
  }

  private mute(button: HTMLButtonElement): void {
    const quiet = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(quiet));
    for (const t of this.media?.getAudioTracks() ?? []) t.enabled = !quiet;
  }

  // shape limits what is sent; the browser goes below by itself.
  private async shape(): Promise<void> {
    const sender = this.leg?.pc.getSenders().find((s) => s.track?.kind === "video");
    const track = this.media?.getVideoTracks()[0];
    if (!sender || !track) return;
    const { bitrate, rate, height } = this.quality;
    const now = sender.getParameters();
    const encoding = now.encodings[0];
    if (!encoding) return;
    encoding.maxBitrate = bitrate;
    encoding.maxFramerate = rate;
    encoding.scaleResolutionDownBy = Math.max(1, (track.getSettings().height ?? height) / height);
    await sender.setParameters(now).catch(() => undefined);
  }

  // run sends until stop, through as many connections as it takes.
  async run(): Promise<void> {
    this.on = true;
    void this.wake();
    while (this.on) {
      say(this.root, "connecting");
      try {
        this.leg = await open(this.stage, "publish", (pc) => this.offer(pc));
        await this.shape();
        const watching = this.weak(this.leg);
        await this.leg.done;
        window.clearInterval(watching);
        if (this.on) say(this.root, "lost");
      } catch (error) {
        if (error instanceof Refused && /^(video\.(over|early|taken)|call\.over|livestream\.)/.test(error.kind)) {
          say(this.root, "refused", error.message);
          this.on = false;
          break;
        }
        say(this.root, "lost", error instanceof Refused ? error.message : undefined);
      }
      if (this.on) await pause(again);
    }
    await this.lock?.release().catch(() => undefined);
  }

  private offer(pc: RTCPeerConnection): void {
    for (const track of this.media?.getTracks() ?? []) pc.addTransceiver(track, { direction: "sendonly" });
    pc.addEventListener("connectionstatechange", () => {
      if (pc.connectionState === "connected") say(this.root, "live");
    });
  }

  // weak tells when the network carries less than was asked for.
  private weak(leg: Leg): number {
    return window.setInterval(async () => {
      if (leg.pc.connectionState !== "connected") return;
      for (const s of (await leg.pc.getStats()).values()) {
        if (s.type === "outbound-rtp" && s.kind === "video") say(this.root, s.qualityLimitationReason === "bandwidth" ? "weak" : "live");
      }
    }, 3000);
  }

  private async wake(): Promise<void> {
    if (!this.on || document.hidden) return;
    const lock = (navigator as { wakeLock?: { request(kind: string): Promise<{ release(): Promise<void> }> } }).wakeLock;
    this.lock = await lock?.request("screen").catch(() => undefined);
  }

  stop(): void {
    this.on = false;
    this.leg?.close();
    for (const t of this.media?.getTracks() ?? []) t.stop();
    this.media = undefined;
    this.video.srcObject = null;
    say(this.root, "stopped");
  }
}

export function send(root: HTMLElement): void {
  const stage = root.dataset.send;
  const start = root.querySelector<HTMLButtonElement>("[data-start]");
  const stop = root.querySelector<HTMLButtonElement>("[data-stop]");
  const camera = root.querySelector<HTMLButtonElement>("[data-begin]");
  const controls = root.querySelector<HTMLElement>("[data-controls]");
  if (!stage || !start || !stop || !camera || !controls) return;
  if (!navigator.mediaDevices || !("RTCPeerConnection" in window)) return say(root, "unable");
  const sender = new Sender(root, stage);
  sender.bind();
  camera.hidden = false;
  camera.addEventListener("click", async () => {
    if (!(await sender.begin())) return;
    camera.hidden = true;
    controls.hidden = start.hidden = false;
  });
  start.addEventListener("click", async () => {
    start.hidden = true;
    stop.hidden = false;
    await sender.run();
    stop.hidden = true;
    if (root.dataset.state === "refused") start.hidden = false;
    else camera.hidden = false;
  });
  stop.addEventListener("click", () => {
    sender.stop();
    controls.hidden = true;
  });
  // A form that ends it all needs no question whether to leave.
  document.addEventListener("submit", (event) => {
    if ((event.target as HTMLElement).hasAttribute("data-ends") && sender.sending) sender.stop();
  });
  window.addEventListener("beforeunload", (event) => sender.sending && event.preventDefault());
  window.addEventListener("pagehide", () => sender.sending && sender.stop());
}
