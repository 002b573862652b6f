/**
 * Write the catalogues of sentences: `strings.LANGUAGE.json` for pages and for Python, and for the other languages than
 * English `said.LANGUAGE.json`, the server's own sentences [English, as said there].
 */
import { build } from "esbuild";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export async function writeCatalogues(here, out) {
  const folder = join(here, "src/strings");
  const languages = readdirSync(folder, { withFileTypes: true }).filter((item) => item.isDirectory()).map((item) => item.name);
  const { said: asWritten } = await catalogue(join(folder, "en"));
  for (const language of languages) {
    const { said, ...sentences } = await catalogue(join(folder, language));
    write(join(out, `strings.${language}.json`), Object.assign({}, ...Object.values(sentences)));
    const pairs = Object.keys(asWritten).filter((key) => said?.[key]).map((key) => [asWritten[key], said[key]]);
    if (language !== "en") write(join(out, `said.${language}.json`), pairs);
  }
}

const write = (path, value) => writeFileSync(path, JSON.stringify(value, null, 1) + "\n");

/** What the files of one language hold, by the name of each: an object of sentences by key. */
async function catalogue(folder) {
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts")).sort();
  const contents = files.map((name) => `export * from "./${name}";`).join("\n");
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder, loader: "ts" }, bundle: true, format: "esm", write: false, charset: "utf8", logLevel: "warning",
  });
  const module = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
  // Lists of names and functions that a file builds its catalogue with are no catalogues.
  return Object.fromEntries(Object.entries(module).filter(([, value]) => typeof value === "object" && !Array.isArray(value)));
}
