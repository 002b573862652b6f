/**
 * What this project named itself: tracks, parts, sections, models, styles. A document keeps these names as they are, in
 * English; a page shows them in its own language. Whatever a person or a file named stays as it is.
 */
import { en } from "./en.js";
import { spoken } from "./spoken.js";

let programs: ReadonlyMap<string, string> | null = null;

/** An instrument's English name, and its key in the catalogue. */
function programKeys(): ReadonlyMap<string, string> {
  return (programs ??= new Map(Object.entries(en).filter(([key]) => /^program\.\d+$/.test(key)).map(([key, name]) => [name, key])));
}

/** A name of ours, with or without its number ("Verse 2"); null where it is none, or where English is spoken. */
export function givenOrNull(name: string): string | null {
  const { language, catalogue } = spoken();
  if (language === "en") return null;
  const [, plain, number] = /^(.*?)( \d+)?$/su.exec(name) as unknown as [string, string, string | undefined];
  const found = catalogue[`name.${name}`] ?? catalogue[programKeys().get(name) ?? ""];
  if (found !== undefined || !number) return found ?? catalogue[`plan.kind.${name.toLowerCase()}`] ?? null;
  const base = givenOrNull(plain);
  return base === null ? null : base + number;
}

export const givenName = (name: string): string => givenOrNull(name) ?? name;

/** The title of a piece of ours. */
export const givenTitle = (title: string): string => spoken().catalogue[`word.${title}`] ?? title;

/** What a style of the library is like, in a sentence; `words`: in English. */
export const styleWords = (id: string, words: string): string => spoken().catalogue[`style.${id}`] ?? words;
