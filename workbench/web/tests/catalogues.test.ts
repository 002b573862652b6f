import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { LANGUAGES } from "../src/strings/language.js";

const STRINGS = join(import.meta.dirname, "../src/strings");
const OTHERS = LANGUAGES.map(({ code }) => code).filter((code) => code !== "en");
type Catalogue = Record<string, string>;

/** Everything that the files of a language hold, the server's own sentences too. */
async function read(language: string): Promise<Catalogue> {
  const files = readdirSync(join(STRINGS, language)).map((name) => import(/* @vite-ignore */ join(STRINGS, language, name)));
  const objects = (await Promise.all(files)).flatMap((module) => Object.values(module as Record<string, unknown>));
  return Object.assign({}, ...objects.filter((value) => typeof value === "object" && !Array.isArray(value)));
}

const lines = (path: string): string[] =>
  readFileSync(path, "utf8").split("\n").filter((line) => line.trim() && !line.startsWith("#"));

let en: Catalogue;
const all: Record<string, Catalogue> = {};
/** Sentences that were written lately and wait for their translation. */
const waiting = new Set(lines(join(STRINGS, "untranslated.txt")));
/** What is the same in English and there: language, key. */
const same = new Set(lines(join(import.meta.dirname, "identical.txt")));

beforeAll(async () => {
  en = await read("en");
  for (const language of OTHERS) all[language] = await read(language);
});

const names = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();

describe.each(OTHERS)("the catalogue in %s", (language) => {
  it("says everything that English says, and nothing else", () => {
    const missing = Object.keys(en).filter((key) => !(key in all[language]!) && !waiting.has(key));
    expect(missing).toEqual([]);
    expect(Object.keys(all[language]!).filter((key) => !(key in en))).toEqual([]);
  });

  it("has the same places for names and numbers in each sentence, and no empty one", () => {
    for (const [key, text] of Object.entries(all[language]!)) {
      expect(text.trim(), key).not.toBe("");
      expect(names(text), key).toEqual(names(en[key]!));
    }
  });

  it("leaves nothing in English by accident", () => {
    const left = Object.entries(all[language]!).filter(([key, text]) =>
      text === en[key] && /\p{L}{2}/u.test(text.replace(/\{\w+\}/g, "")) && !same.has(`${language} ${key}`));
    expect(left).toEqual([]);
    expect(same.size / (OTHERS.length * Object.keys(en).length)).toBeLessThan(0.06);
  });

  it("ends its sentences as English does", () => {
    const END = /[.!?…。！？]["”“»]?$/;
    const other = Object.entries(all[language]!).filter(([key, text]) => text.length > 12 && END.test(text) !== END.test(en[key]!));
    expect(other.map(([key]) => key)).toEqual([]);
  });
});

it("nothing is said to wait that is translated, or that nobody says", () => {
  const translated = (key: string): boolean => OTHERS.every((language) => key in all[language]!);
  expect([...waiting].filter((key) => translated(key) || !(key in en))).toEqual([]);
  expect([...same].filter((line) => all[line.slice(0, 2)]?.[line.slice(3)] !== en[line.slice(3)])).toEqual([]);
});
