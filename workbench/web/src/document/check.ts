/** Checks of untrusted values; the twin of the checks in `workbench/score/lanes.py`. */

/** A document, or a piece of one, that breaks a rule of the format. */
export class BadDocument extends Error {
  override name = "BadDocument";
}

/** An operation that cannot be applied to this document. */
export class BadOperation extends Error {
  override name = "BadOperation";
}

export const MAX_TICK = 2 ** 31 - 1;
export const MAX_TEXT = 10_000;

const ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const AUTHOR = /^(human|imported|(human\+)?model:[A-Za-z0-9][A-Za-z0-9_./-]{0,95})$/;
const SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

export function checkInt(value: unknown, low: number, high: number, what: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < low || value > high) {
    throw new BadDocument(`${what} must be a whole number from ${low} to ${high}, not '${String(value).slice(0, 40)}'.`);
  }
  return value === 0 ? 0 : value; // minus zero would print like zero but compare unlike it
}

/** Length as Python counts it: in code points. */
function length(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

export function checkText(value: unknown, what: string, limit: number = MAX_TEXT): string {
  if (typeof value !== "string" || (value.length > limit && length(value) > limit) || SURROGATE.test(value)) {
    throw new BadDocument(`${what} must be text of at most ${limit} characters.`);
  }
  return value;
}

export function checkFlag(value: unknown, what: string): boolean {
  if (value !== 0 && value !== 1 && value !== true && value !== false) throw new BadDocument(`${what} must be 0 or 1.`);
  return Boolean(value);
}

export function checkId(value: unknown, what = "An id"): string {
  if (typeof value !== "string" || !ID.test(value)) {
    throw new BadDocument(`${what} must be 1 to 64 letters, digits, dots, dashes or underscores.`);
  }
  return value;
}

export function checkAuthor(value: unknown): string {
  if (typeof value !== "string" || !AUTHOR.test(value)) {
    throw new BadDocument(`'${String(value).slice(0, 60)}' is not a known kind of author.`);
  }
  return value;
}

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonRecord = { [name: string]: unknown };

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function checkRecord(data: unknown, known: readonly string[], needed: readonly string[], what: string): JsonRecord {
  if (!isRecord(data)) throw new BadDocument(`${what} must be a JSON object.`);
  const odd = Object.keys(data).filter((key) => !known.includes(key));
  const missing = needed.filter((key) => !Object.hasOwn(data, key));
  if (odd.length || missing.length) {
    const names = (odd.length ? odd : missing).sort().slice(0, 5).map((key) => key.slice(0, 40));
    throw new BadDocument(`${what} has unknown or missing fields: ${names.join(", ")}.`);
  }
  return data;
}

export function checkList(value: unknown, what: string, limit: number): unknown[] {
  if (!Array.isArray(value) || value.length > limit) {
    throw new BadDocument(`${what} must be a list of at most ${limit.toLocaleString("en-US")} items.`);
  }
  return value;
}
