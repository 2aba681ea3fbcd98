// Tries on the phone's side what the market's own tests try on the server's,
// with the same examples: npm test.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import * as esbuild from "esbuild";

const here = (path) => new URL(path, import.meta.url);
const examples = async (path) => JSON.parse(await readFile(here(path), "utf8"));

async function load(entry) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [here(entry).pathname], bundle: true, write: false, format: "esm", target: "es2020",
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}

test("amounts are read as the market reads them", async () => {
  const { readVND } = await load("src/vnd.ts");
  const { read, refused } = await examples("../../market/testdata/amounts.json");
  for (const [text, want] of Object.entries(read)) assert.equal(readVND(text), want, text);
  for (const text of refused) assert.equal(readVND(text), undefined, text);
});

test("units hold what the second step says", async () => {
  const { readSize, wayName } = await load("src/listing-units.ts");
  const known = {
    kg: ["grams", 1000], chục: ["pieces", 10], trái: ["pieces", 1], hộp: ["grams", 0], bó: ["grams", 0], thùng: ["grams", 0],
  };
  for (const way of await examples("../pages/testdata/ways.json")) {
    const [base, amount] = known[way.unit];
    const size = readSize({ word: way.unit, base, amount }, way.amount, way.measure);
    assert.deepEqual(size, way.size ? { base: way.base, amount: way.size } : undefined, JSON.stringify(way));
    if (size) assert.equal(wayName(way.unit, size), way.name);
  }
});

test("ids differ whatever the clock says", async () => {
  const { ulid } = await load("src/ulid.ts");
  const right = Date.now;
  const made = new Set();
  for (const at of [0, -1, 1e9, 2 ** 47]) {
    Date.now = () => at;
    for (let i = 0; i < 1000; i++) made.add(ulid());
  }
  Date.now = right;
  assert.equal(made.size, 4000);
  for (const id of made) assert.match(id, /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
});
