// Draws the mark as the icons that phones put on their home screens.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Resvg, initWasm } from "@resvg/resvg-wasm";

// A maskable icon may lose a tenth on every side, so its mark is smaller and its
// ground reaches the edge (https://www.w3.org/TR/appmanifest/#icon-masks).
const maskable = (svg) =>
  svg.replace(' rx="7"', "").replace(/translate\([^)]*\) scale\([^)]*\)/, "translate(6.4 6.64) scale(.6)");

const icons = [
  { name: "launcher-192", size: 192, draw: (svg) => svg },
  { name: "launcher-512", size: 512, draw: (svg) => svg },
  { name: "launcher-maskable-512", size: 512, draw: maskable },
];

const hash = (contents) => createHash("sha256").update(contents).digest("hex").slice(0, 8).toUpperCase();

export async function launchers(mark) {
  await initWasm(await readFile(fileURLToPath(import.meta.resolve("@resvg/resvg-wasm/index_bg.wasm"))));
  const svg = await readFile(mark, "utf8");
  return icons.map(({ name, size, draw }) => {
    const contents = new Resvg(draw(svg), { fitTo: { mode: "width", value: size } }).render().asPng();
    return { path: `${name}-${hash(contents)}.png`, contents };
  });
}
