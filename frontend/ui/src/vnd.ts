// Reads an amount as people type it, by the rules of market.ParseVND; both are
// tested with market/testdata/amounts.json.
import { fold } from "./fold";

const most = 1_000_000_000_000;
const units: [string, number][] = [
  ["trieu", 1_000_000],
  ["tr", 1_000_000],
  ["nghin", 1000],
  ["ngan", 1000],
  ["k", 1000],
  ["ty", 1_000_000_000],
  ["ti", 1_000_000_000],
];

const inRange = (value: number) => (value >= 0 && value <= most ? value : undefined);

// whole reads digits, in one piece or in threes parted by the same sign.
function whole(text: string): number | undefined {
  const clean = text.replace(/\u00a0/g, " ");
  const sign = /[., ]/.exec(clean)?.[0];
  const groups = sign ? clean.split(sign) : [clean];
  const wrong = (g: string, i: number) =>
    !/^[0-9]+$/.test(g) || (i > 0 && g.length !== 3) || (groups.length > 1 && g.length > 3);
  return groups.some(wrong) ? undefined : inRange(Number(groups.join("")));
}

function split(head: string, tail: string): [string, string] | undefined {
  const at = Math.max(head.lastIndexOf("."), head.lastIndexOf(","));
  const behind = head.slice(at + 1);
  if (at < 0 || (behind.length === 3 && head[at] !== ",")) return [head, tail];
  if (behind.length === 0 || behind.length === 3 || tail !== "") return undefined;
  return [head.slice(0, at), behind];
}

function scaled(head: string, tail: string, unit: number): number | undefined {
  const parts = split(head, tail);
  const n = parts && whole(parts[0]);
  if (!parts || n === undefined || n > most / unit) return undefined;
  let value = n * unit;
  for (const digit of parts[1]) {
    unit = Math.floor(unit / 10);
    if (!/[0-9]/.test(digit) || unit === 0) return undefined;
    value += Number(digit) * unit;
  }
  return inRange(value);
}

// readVND returns whole đồng, or undefined for what is no amount.
export function readVND(typed: string): number | undefined {
  let text = fold(typed).trim();
  for (const suffix of ["vnd", "dong", "₫", "d"]) {
    if (text.endsWith(suffix)) text = text.slice(0, -suffix.length).trim();
  }
  for (const [word, unit] of units) {
    const at = text.indexOf(word);
    if (at >= 0) return scaled(text.slice(0, at).trim(), text.slice(at + word.length).trim(), unit);
  }
  return whole(text);
}

export const writeVND = (value: number) => `${String(value).replace(/\B(?=(\d{3})+$)/g, ".")} ₫`;
