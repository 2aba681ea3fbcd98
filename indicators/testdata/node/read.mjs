// Reads a release with readers from npm, written by others, and prints what
// they saw, for the test to hold against the CSV: takes the release's folder.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import jsonld from "jsonld";
import JSONstat from "jsonstat-toolkit";
import sdmx from "sdmx-json-parser";

const folder = process.argv[2];
const text = (name) => readFileSync(join(folder, name), "utf8");

// JSON-stat: every dataset of the collection, cell by cell, by codes.
const stat = JSONstat(JSON.parse(text("stat.json")));
const cells = [];
for (let i = 0; i < stat.length; i++) {
  const set = stat.Dataset(i);
  for (const row of set.toTable({ type: "arrobj", content: "id", status: true })) {
    cells.push({ dataset: set.label, ...row });
  }
}

// SDMX-JSON: the parser wants an address; it is handed the file instead.
globalThis.fetch = async () => new Response(text("sdmx.json"));
const parser = new sdmx.SDMXParser();
await parser.getDatasets("http://localhost/");

// Parquet: numbers of 64 bits come as BigInt.
const file = readFileSync(join(folder, "data.parquet"));
const rows = await parquetReadObjects({ file: file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) });

// JSON-LD: "safe" fails on anything that would be lost on the way to RDF.
const quads = await jsonld.toRDF(JSON.parse(text("catalog.jsonld")), { safe: true, format: "application/n-quads" });

process.stdout.write(
  JSON.stringify(
    { stat: cells, sdmx: parser.getData(), parquet: rows, quads: quads.trim().split("\n").length },
    (_, v) => (typeof v === "bigint" ? Number(v) : v),
  ),
);
