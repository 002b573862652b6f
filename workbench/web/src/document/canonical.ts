/** Canonical JSON and the project hash; the twin of `workbench/score/canonical.py`. */
import { BadDocument } from "./check.js";
import { sha256 } from "./sha256.js";
import { readScore, scoreToDict, type Score } from "./types.js";

/** Canonical JSON text of a value made of integers, strings, arrays and objects: keys sorted, no spaces. */
export function dumpsJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(dumpsJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const record = value as Record<string, unknown>;
    const parts = Object.keys(record).sort().map((key) => `${JSON.stringify(key)}:${dumpsJson(record[key])}`);
    return `{${parts.join(",")}}`;
  }
  if (typeof value === "number" && !Number.isFinite(value)) throw new BadDocument("A document holds whole numbers only.");
  return JSON.stringify(value);
}

export function dumps(score: Score): string {
  return dumpsJson(scoreToDict(score));
}

/** Read a score from JSON; throws BadDocument with one sentence on anything else. */
export function loads(text: string): Score {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new BadDocument("This is not a document the workbench can read: its JSON is broken.");
  }
  return readScore(data);
}

/** SHA-256 of the canonical JSON in UTF-8, as 64 hexadecimal digits; equal to Python's. */
export function projectHash(score: Score): string {
  return sha256(new TextEncoder().encode(dumps(score)));
}
