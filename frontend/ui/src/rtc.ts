// One connection by WHIP or WHEP: ask the market for a ticket, offer, take the
// answer. The market has a public address and finds ours by our own knocking,
// so the offer need not wait for addresses.
export type Role = "publish" | "watch" | "hls";

export interface Given {
  ticket: string;
  url: string;
  iceServers: RTCIceServer[];
}

// Refused is the market's own no. Kind is the last part of its type.
export class Refused extends Error {
  constructor(
    readonly kind: string,
    text: string,
  ) {
    super(text);
  }
}

async function checked(answer: Response): Promise<Response> {
  if (answer.ok) return answer;
  const problem = (await answer.json().catch(() => ({}))) as { type?: string; detail?: string };
  throw new Refused(problem.type?.split("/").pop() ?? "", problem.detail ?? "");
}

export async function ticket(stage: string, role: Role): Promise<Given> {
  const headers = { "Content-Type": "application/json", Accept: "application/problem+json, application/json" };
  const answer = await fetch("/video/tickets", { method: "POST", headers, body: JSON.stringify({ stage, role }) });
  return (await checked(answer)).json();
}

// Leg is an open connection. done resolves when it is of no use any more.
export interface Leg {
  pc: RTCPeerConnection;
  done: Promise<void>;
  close(): void;
}

const patience = 4000; // how long a connection may be "disconnected"

export async function open(stage: string, role: "publish" | "watch", prepare: (pc: RTCPeerConnection) => void): Promise<Leg> {
  const given = await ticket(stage, role);
  const pc = new RTCPeerConnection({ iceServers: given.iceServers, bundlePolicy: "max-bundle" });
  try {
    prepare(pc);
    await pc.setLocalDescription(await pc.createOffer());
    const headers = { "Content-Type": "application/sdp", Authorization: `Bearer ${given.ticket}` };
    const answer = await checked(await fetch(given.url, { method: "POST", headers, body: pc.localDescription?.sdp ?? "" }));
    const place = answer.headers.get("Location") ?? "";
    await pc.setRemoteDescription({ type: "answer", sdp: await answer.text() });
    return leg(pc, place);
  } catch (error) {
    pc.close();
    throw error;
  }
}

function leg(pc: RTCPeerConnection, place: string): Leg {
  let finish = (): void => undefined;
  const done = new Promise<void>((resolve) => (finish = resolve));
  let timer = window.setTimeout(end, 3 * patience); // to connect at all
  pc.addEventListener("connectionstatechange", () => {
    window.clearTimeout(timer);
    if (pc.connectionState === "disconnected") timer = window.setTimeout(end, patience);
    if (pc.connectionState === "failed" || pc.connectionState === "closed") end();
  });
  function end(): void {
    window.clearTimeout(timer);
    pc.close();
    finish();
  }
  return {
    pc,
    done,
    close() {
      // keepalive lets the goodbye through while the page goes away.
      void fetch(place, { method: "DELETE", keepalive: true }).catch(() => undefined);
      end();
    },
  };
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => window.setTimeout(resolve, ms));

// say writes a sentence of the component's data-say-… into its status line and
// its state where style and tests can see it.
export function say(root: HTMLElement, state: string, text?: string): void {
  root.dataset.state = state;
  const line = root.querySelector<HTMLElement>("[data-status]");
  const sentence = text || root.getAttribute(`data-say-${state}`) || "";
  if (line && line.textContent !== sentence) line.textContent = sentence;
}
