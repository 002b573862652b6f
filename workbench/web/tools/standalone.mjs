/** Write `genie.html`: one file that opens by double-click, with no server and no network. */
import { build } from "esbuild";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LARGEST = 3_000_000;

/** Text as the content of a script element; what would end or confuse the element is escaped as JavaScript allows. */
function inline(name, text) {
  const safe = text.replace(/<\/(script)/gi, "<\\/$1").replace(/<!--/g, "<\\!--");
  return `<script type="text/plain" data-asset="${name}">${safe}</script>\n`;
}

const base64 = (name, bytes) =>
  `<script type="text/plain" data-asset="${name}" data-base64>${Buffer.from(bytes).toString("base64")}</script>\n`;

/** Of each language but English what these sources say: pairs of a file's name and its text. */
function cataloguesFor(here, out, inputs) {
  const sources = inputs.filter((name) => name.endsWith(".ts") && !name.includes("/strings/"));
  const text = sources.map((name) => readFileSync(join(here, name), "utf8")).join("\n");
  const said = (key) => {
    const stem = key.slice(0, key.lastIndexOf("."));
    return text.includes(`"${key}"`) || text.includes(`"${stem}"`) || text.includes(`\`${stem}.$`);
  };
  return readdirSync(out).filter((name) => /^strings\.(?!en)[a-z]{2}\.json$/.test(name)).sort().map((name) => {
    const whole = JSON.parse(readFileSync(join(out, name), "utf8"));
    return [name, JSON.stringify(Object.fromEntries(Object.entries(whole).filter(([key]) => said(key))))];
  });
}

/** `out`: the folder with engine.js, processor.js, LICENSES.txt and the weights; `fonts`: that of the soundfonts. */
export async function buildStandalone(here, out, fonts) {
  const { outputFiles, metafile } = await build({
    metafile: true, entryPoints: [join(here, "src/genie/standalone.ts")], absWorkingDir: here, bundle: true, write: false, format: "iife",
    target: "es2022", minify: true, charset: "utf8", legalComments: "none", loader: { ".css": "text", ".json": "json" },
    logLevel: "warning",
  });
  const catalogues = cataloguesFor(here, out, Object.keys(metafile.inputs));
  const index = JSON.parse(readFileSync(join(fonts, "index.json"), "utf8"));
  const piano = index.programs.slice(0, 1);
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Piano Genie: eight buttons</title>
<link rel="icon" href="data:,">
<style>
html { color-scheme: light dark; --wb-genie-height: 100dvh; }
body { margin: 0; background: #f7f6f3; }
@media (prefers-color-scheme: dark) { body { background: #16151b; } }
</style>
<div id="host"></div>
<noscript>This page needs JavaScript.</noscript>
${inline("LICENSES.txt", readFileSync(join(out, "LICENSES.txt"), "utf8") + "\n" + readFileSync(join(fonts, "LICENSE.md"), "utf8"))}${
  inline("engine.js", readFileSync(join(out, "engine.js"), "utf8"))}${
  inline("processor.js", readFileSync(join(out, "processor.js"), "utf8"))}${
  inline("soundfonts/index.json", JSON.stringify({ programs: piano, drums: index.drums }))}${
  base64("genie.safetensors", readFileSync(join(out, "genie.safetensors")))}${
  catalogues.map(([name, text]) => inline(name, text)).join("")}${
  base64(`soundfonts/${piano[0].file}`, readFileSync(join(fonts, piano[0].file)))}<script>
${outputFiles[0].text.replace(/<\/(script)/gi, "<\\/$1").replace(/<!--/g, "<\\!--")}
</script>
</html>
`;
  if (Buffer.byteLength(page) > LARGEST) throw new Error(`genie.html has become too large: ${Buffer.byteLength(page)} bytes.`);
  writeFileSync(join(out, "genie.html"), page);
}
