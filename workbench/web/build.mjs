/**
 * Build every browser file into public/: one self-contained ES module for each view and for each lazy part.
 * The output is committed, so that nobody needs node to use the workbench; the tests build again and compare.
 */
import { build } from "esbuild";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeCatalogues } from "./tools/catalogues.mjs";
import { buildStandalone } from "./tools/standalone.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "public");
mkdirSync(out, { recursive: true });

const views = join(here, "src/views");
const entryPoints = {
  document: join(here, "src/document/index.ts"), // the twin by itself: tests and tools
  room: join(here, "src/sound/room.ts"), // the mixer's room: a test compares it with Python's
  engine: join(here, "src/sound/engine.ts"), // the synthesizer: loaded at the first sound, not with the page
};
for (const file of readdirSync(views).filter((name) => name.endsWith(".ts")).sort()) {
  entryPoints[file.slice(0, -3)] = join(views, file);
}
for (const name of Object.keys(entryPoints)) if (!existsSync(entryPoints[name])) delete entryPoints[name];

/** Sentences of other pages and of studies alone: the Genie, which a phone loads by itself, goes without them. */
const ELSEWHERE = /[\\/]strings[\\/]en[\\/](prompt|prompt_cards|plan|maker|study|kept|replay|apart|bandmaker|join|models|sheet)\.ts$/;
const withoutElsewhere = {
  name: "without-elsewhere",
  setup: (builder) => builder.onLoad({ filter: ELSEWHERE }, ({ path }) => ({
    contents: [...readFileSync(path, "utf8").matchAll(/^export const (\w+)/gm)].map(([, name]) => `export const ${name} = {};`).join("\n"),
  })),
};
const { genie, ...others } = entryPoints;
const options = {
  outdir: out,
  absWorkingDir: here,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  loader: { ".css": "text", ".json": "json" },
  logLevel: "warning",
};
const results = [
  await build({ ...options, entryPoints: others }),
  ...(genie ? [await build({ ...options, entryPoints: { genie }, plugins: [withoutElsewhere] })] : []),
];

copyFileSync(join(here, "node_modules/spessasynth_lib/dist/spessasynth_processor.min.js"), join(out, "processor.js"));
for (const set of ["", "-open"]) { // the server gives a page those of the set that its owner offers
  copyFileSync(join(here, `../../models/piano-genie${set}/model.safetensors`), join(out, `genie${set}.safetensors`));
}

await writeCatalogues(here, out);

/** Packages whose code ended up in a bundle (the processor holds spessasynth_core and what it bundles). */
const packages = new Set(["spessasynth_core", "spessasynth_lib", "stb-vorbis"]);
for (const input of results.flatMap(({ metafile }) => Object.keys(metafile.inputs))) {
  const match = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input);
  if (match) packages.add(match[1]);
}
const sections = ["The browser files hold code of these packages.\n"];
for (const name of [...packages].sort()) {
  const folder = join(here, "node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file)).sort();
  sections.push(`${"=".repeat(78)}\n${name} ${version} (${license})\n${"=".repeat(78)}\n`);
  for (const file of files) sections.push(readFileSync(join(folder, file), "utf8").trim() + "\n");
}
writeFileSync(join(out, "LICENSES.txt"), sections.join("\n"));

await buildStandalone(here, out, join(here, "public/soundfonts"));
