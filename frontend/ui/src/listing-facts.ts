// What the server tells the script of a farmer's page, and small helps.
import type { Unit } from "./listing-units";
import type { Who } from "./listing-queue";

export interface Facts {
  who?: Who;
  units: Unit[];
  words: Record<string, string>;
  shell: string;
  worker: string;
  scope: string;
}

const none: Facts = { units: [], words: {}, shell: "", worker: "", scope: "" };

export const facts: Facts = { ...none, ...JSON.parse(document.getElementById("offline")?.textContent || "{}") };

export const say = (key: string, gaps: Record<string, string> = {}) =>
  Object.entries(gaps).reduce((text, [gap, value]) => text.replace(`{${gap}}`, value), facts.words[key] ?? key);

export const part = (root: ParentNode, name: string) => root.querySelector<HTMLElement>(`[data-listing-${name}]`);

export function dull(element: HTMLElement | null | undefined, hidden: boolean): void {
  if (element) element.hidden = hidden;
}

// The last person who was seen signed in on this phone: whose queue is shown
// while the market cannot be asked.
const key = "nong-ho";

export function remember(who: Who): void {
  localStorage.setItem(key, JSON.stringify(who));
}

export function remembered(): Who | undefined {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "") as Who;
  } catch {
    return undefined;
  }
}
