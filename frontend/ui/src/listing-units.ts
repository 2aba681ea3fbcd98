// What one unit holds and what a way of selling is called, by the rules of the
// server's second step; both are tested with pages/testdata/ways.json.
export interface Size {
  base: "grams" | "pieces";
  amount: number;
}

export interface Unit {
  word: string;
  base: Size["base"];
  amount: number; // in one unit when nobody says otherwise; 0 when it must be said
}

const decimal = (text: string) => (/^[0-9]+([.,][0-9]+)?$/.test(text) ? Number(text.replace(",", ".")) : NaN);

// readSize returns undefined for what cannot be understood.
export function readSize(unit: Unit, typed: string, measure: string): Size | undefined {
  const text = typed.trim();
  if ((text === "" && unit.amount > 0) || unit.word === "kg") return { base: unit.base, amount: unit.amount };
  const n = decimal(text);
  if (!(n > 0 && n <= 1e6)) return undefined;
  const pieces = unit.base === "pieces" || measure === "cai";
  const amount = !pieces && measure === "kg" ? Math.floor(n * 1000 + 0.5) : Math.floor(n);
  return amount > 0 ? { base: pieces ? "pieces" : "grams", amount } : undefined;
}

const grouped = (n: number) => String(n).replace(/\B(?=(\d{3})+$)/g, ".");

function weight(grams: number): string {
  if (grams < 1000) return `${grams} g`;
  const rest = String(grams % 1000).padStart(3, "0").replace(/0+$/, "");
  return `${grouped(Math.floor(grams / 1000))}${rest && `,${rest}`} kg`;
}

// wayName is what buyers choose by: "Hộp 500 g", "Chục 12".
export function wayName(unit: string, size: Size): string {
  const word = unit.charAt(0).toUpperCase() + unit.slice(1);
  if (unit === "kg") return "1 kg";
  if (size.base === "grams") return `${word} ${weight(size.amount)}`;
  if (size.amount === 1) return `Từng ${unit}`;
  return unit === "chục" ? `${word} ${size.amount}` : `${word} ${size.amount} cái`;
}
