// Bundles the stylesheet, the scripts, the fonts and the drawings into dist/
// with names that carry a hash of their content, writes manifest.json (logical
// name to hashed name) and a .br and .gz twin of everything that compresses.
import { readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { font } from "./fonts.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const budget = { ".css": 12 * 1024, ".js": 20 * 1024, ".woff2": 12 * 1024 };

const named = async (dir, ext) =>
  (await readdir(join(here, dir))).filter((f) => f.endsWith(ext)).sort();

// The order is the cascade: tokens, then elements, then components by name.
async function stylesheet() {
  const components = (await named(".", ".css")).map((f) => `./${f}`);
  const sheets = ["./src/tokens.css", "./src/base.css", ...components, "./src/print.css"];
  return sheets.map((f) => `@import "${f}";`).join("\n");
}

const fonts = {
  name: "fonts",
  setup(build) {
    build.onResolve({ filter: /^font:/ }, ({ path }) => ({
      path: `be-vietnam-pro-${path.slice(5)}.woff2`,
      namespace: "font",
      pluginData: path.slice(5),
    }));
    build.onLoad({ filter: /.*/, namespace: "font" }, async ({ pluginData }) => ({
      contents: await font(pluginData),
      loader: "file",
    }));
  },
};

const shared = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  outdir: dist,
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  legalComments: "none",
};

async function bundle() {
  const images = (await named("src/images", ".svg")).map((f) => `src/images/${f}`);
  const scripts = (await named("src", ".ts")).filter((f) => f === "app.ts" || f.startsWith("page-"));
  return Promise.all([
    esbuild.build({
      ...shared,
      stdin: { contents: await stylesheet(), resolveDir: here, loader: "css", sourcefile: "app.css" },
      target: ["chrome90", "safari14", "firefox90"],
      publicPath: "/static/",
      plugins: [fonts],
    }),
    esbuild.build({
      ...shared,
      entryPoints: scripts.map((f) => `src/${f}`),
      format: "esm",
      target: "es2020",
    }),
    esbuild.build({ ...shared, entryPoints: images, loader: { ".svg": "copy" }, bundle: true }),
  ]);
}

const logical = (file) => basename(file).replace(/-[A-Z0-9]{8}(\.\w+)$/, "$1").replace(/^stdin\./, "app.");

async function put(file, contents) {
  const name = basename(file).replace(/^stdin-/, "app-");
  await writeFile(join(dist, name), contents);
  if (extname(name) !== ".woff2") {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
    await writeFile(join(dist, `${name}.br`), brotliCompressSync(contents, { params }));
    await writeFile(join(dist, `${name}.gz`), gzipSync(contents, { level: 9 }));
  }
  return name;
}

function weigh(name, contents) {
  const size = extname(name) === ".woff2" ? contents.length : gzipSync(contents).length;
  const limit = budget[extname(name)];
  if (limit && size > limit) throw new Error(`${name}: ${size} bytes gzip, budget ${limit}`);
  return size;
}

async function main() {
  const results = await bundle();
  for (const old of await readdir(dist)) {
    if (old !== ".gitkeep") await rm(join(dist, old));
  }
  const manifest = {};
  for (const { path, contents } of results.flatMap((r) => r.outputFiles)) {
    const name = await put(path, contents);
    manifest[logical(name)] = name;
    console.log(`${name}  ${contents.length} B, ${weigh(name, contents)} B on the wire`);
  }
  const sorted = Object.fromEntries(Object.entries(manifest).sort());
  await writeFile(join(dist, "manifest.json"), JSON.stringify(sorted, null, 2) + "\n");
}

await main();
