// Bundles the stylesheet, the scripts, the fonts and the drawings into dist/
// with names that carry a hash of their content, writes manifest.json (logical
// name to hashed name) and a .br and .gz twin of everything that compresses.
import { readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { font } from "./fonts.mjs";
import { launchers } from "./launchers.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const budget = { ".css": 12 * 1024, ".js": 20 * 1024, ".woff2": 12 * 1024 };

// What the farmer's phone keeps to list products without network. The page
// itself comes from the server, in at most this many bytes; a test adds it up.
const shell = { most: 60 * 1024, page: 8 * 1024, files: /^(app\.(css|js)|page-listing\.js|sw\.js|mark\.svg|be-vietnam-pro-\d+\.woff2)$/ };

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

const oldest = ["chrome90", "safari14", "firefox90"];

// Scripts and sheets named page-… are for the few pages that name them.
async function bundle() {
  const images = (await named("src/images", ".svg")).map((f) => `src/images/${f}`);
  const scripts = (await named("src", ".ts")).filter((f) => f === "app.ts" || f.startsWith("page-"));
  const sheets = (await named("src", ".css")).filter((f) => f.startsWith("page-"));
  return Promise.all([
    esbuild.build({
      ...shared,
      stdin: { contents: await stylesheet(), resolveDir: here, loader: "css", sourcefile: "app.css" },
      target: oldest,
      publicPath: "/static/",
      plugins: [fonts],
    }),
    esbuild.build({
      ...shared,
      entryPoints: scripts.map((f) => `src/${f}`),
      format: "esm",
      target: "es2020",
    }),
    esbuild.build({
      ...shared,
      entryPoints: sheets.map((f) => `src/${f}`),
      target: oldest,
    }),
    esbuild.build({ ...shared, entryPoints: ["src/sw.ts", "src/push.ts"], format: "iife", target: "es2020" }),
    esbuild.build({ ...shared, entryPoints: images, loader: { ".svg": "copy" }, bundle: true }),
  ]);
}

const logical = (file) => basename(file).replace(/-[A-Z0-9]{8}(\.\w+)$/, "$1").replace(/^stdin\./, "app.");

async function put(file, contents) {
  const name = basename(file).replace(/^stdin-/, "app-");
  await writeFile(join(dist, name), contents);
  if (![".woff2", ".png"].includes(extname(name))) {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
    await writeFile(join(dist, `${name}.br`), brotliCompressSync(contents, { params }));
    await writeFile(join(dist, `${name}.gz`), gzipSync(contents, { level: 9 }));
  }
  return name;
}

function weigh(name, contents) {
  const size = [".woff2", ".png"].includes(extname(name)) ? contents.length : gzipSync(contents).length;
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
  let kept = shell.page;
  const files = [...results.flatMap((r) => r.outputFiles), ...(await launchers(join(here, "src/images/mark.svg")))];
  for (const { path, contents } of files) {
    const name = await put(path, contents);
    const size = weigh(name, contents);
    manifest[logical(name)] = name;
    if (shell.files.test(logical(name))) kept += size;
    console.log(`${name}  ${contents.length} B, ${size} B on the wire`);
  }
  console.log(`shell of the listing page: at most ${kept} B on the wire`);
  if (kept > shell.most) throw new Error(`shell of the listing page: ${kept} bytes, budget ${shell.most}`);
  const sorted = Object.fromEntries(Object.entries(manifest).sort());
  await writeFile(join(dist, "manifest.json"), JSON.stringify(sorted, null, 2) + "\n");
}

await main();
