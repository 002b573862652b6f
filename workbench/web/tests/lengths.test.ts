import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const SOURCE = join(import.meta.dirname, "../src");
/** The longest function and file that still fit in a head, in lines. */
const FUNCTION = 120;
const FILE = 450;

const files = (readdirSync(SOURCE, { recursive: true }) as string[]).filter((name) => name.endsWith(".ts"));

const OPENS = /(=>|function\b.*|^\s*(?:(?:async|private|protected|public|static|get|set)\s+)*\*?[\w$]+(?:<.*>)?\(.*\)(?:: .+)?) \{$/;
const PARAMETERS = /^\s*\)(?:: .+)? (=> )?\{$/;
const OTHER = /^\s*(?:\} ?)?(?:if|for|while|switch|catch|else|do|with)\b/;

/** Functions by where they begin, with their lines; the code is indented by what it belongs to, which is relied on. */
function functions(text: string): { line: number; lines: number }[] {
  const lines = text.split("\n");
  const found: { line: number; lines: number }[] = [];
  lines.forEach((line, i) => {
    if (OTHER.test(line) || !(OPENS.test(line) || PARAMETERS.test(line))) return;
    const indent = line.search(/\S/);
    const end = lines.findIndex((other, j) => j > i && other.search(/\S/) === indent && other[indent] === "}");
    if (end > 0) found.push({ line: i + 1, lines: end - i + 1 });
  });
  return found;
}

describe("the source", () => {
  it("has functions that fit in the head", () => {
    const measured = functions("const a = (b: number): void => {\n  if (b) {\n    c();\n  }\n};\nclass D {\n  e(f: () => void): void {\n    f();\n  }\n}");
    expect(measured).toEqual([{ line: 1, lines: 5 }, { line: 7, lines: 3 }]);
    const long = files.flatMap((name) => functions(readFileSync(join(SOURCE, name), "utf-8"))
      .filter(({ lines }) => lines > FUNCTION).map(({ line, lines }) => `${name}:${line} has ${lines} lines`));
    expect(long).toEqual([]);
  });

  it("has files with one job each", () => {
    const long = files.map((name) => [name, readFileSync(join(SOURCE, name), "utf-8").split("\n").length] as const)
      .filter(([, lines]) => lines > FILE);
    expect(long).toEqual([]);
  });
});
