/**
 * What the server says, which it says in English: its commonest sentences are known by their form and said in the
 * page's language; any other stays as it is and is marked as English, so that it is read out with an English voice.
 */
import { givenOrNull } from "./given.js";
import { decimals } from "./index.js";
import { spoken, type Spoken } from "./spoken.js";

/** Fields of messages that hold sentences. */
const FIELDS = new Set(["text", "reason", "remarks", "fallback_reason", "report", "problem", "silence"]);
/** What is a person's own, or large: not looked into. */
const OTHERS = new Set(["score", "operation", "notes", "operations", "undo", "redo", "peaks", "pages", "heard", "alternatives", "tracks", "state"]);
const MOST_ENGLISH = 2_000;

interface Form { readonly pattern: RegExp; readonly names: readonly string[]; readonly to: string }

let made: { readonly of: Spoken; readonly forms: readonly Form[] } | null = null;
const english = new Set<string>();

function forms(): readonly Form[] {
  const now = spoken();
  if (made?.of !== now) made = { of: now, forms: now.said.map(([from, to]) => formOf(from, to)) };
  return made.forms;
}

function formOf(from: string, to: string): Form {
  const names: string[] = [];
  const pattern = from.split(/(\{\w+\})/).map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (!name) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    names.push(name);
    return "(.+?)";
  });
  return { pattern: new RegExp(`^${pattern.join("")}$`, "su"), names, to };
}

/** Words of the server in the page's language, one or several of them ("calm and sparse"); null where one is not known. */
function wordsOf(text: string): string | null {
  const { catalogue, tag } = spoken();
  const one = catalogue[`word.${text}`] ?? givenOrNull(text);
  if (one) return one;
  const counted = /^([\d.]+) (.+)$/.exec(text), unit = counted && catalogue[`word.${counted[2]}`];
  if (unit) return `${decimals(Number(counted[1]))} ${unit}`;
  const parts = text.split(/, | and /).map((part) => catalogue[`word.${part}`]);
  return parts.length > 1 && parts.every((part) => part !== undefined) ? new Intl.ListFormat(tag, { type: "conjunction" }).format(parts as string[]) : null;
}

/** "Mood: calm" in the page's language, as far as its words are known there. */
export function servedPair(text: string): string {
  const [label, ...rest] = text.split(": "), value = rest.join(": "), name = wordsOf(label!);
  if (spoken().language === "en" || name === null) return served(text);
  return rest.length ? `${name}${spoken().language === "zh" ? "：" : ": "}${wordsOf(value) ?? value}` : name;
}

/** A sentence of the server in the page's language where it is known. */
export function served(text: string): string {
  if (spoken().language === "en" || !text) return text;
  for (const { pattern, names, to } of forms()) {
    const found = pattern.exec(text);
    if (!found) continue;
    return to.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const filled = found[names.indexOf(name) + 1];
      return filled === undefined ? whole : (wordsOf(filled) ?? filled);
    });
  }
  const words = wordsOf(text);
  if (words !== null) return words;
  if (english.size < MOST_ENGLISH) english.add(text);
  return text;
}

/** Whether the server said exactly this, and it is said in English here. */
export const isEnglish = (text: string): boolean => english.has(text);

/** A message with its sentences said in the page's language; the same message where nothing is to be said otherwise. */
export function servedMessage<T>(message: T): T {
  return spoken().language === "en" ? message : (walk(message, false) as T);
}

function walk(value: unknown, sentence: boolean): unknown {
  if (typeof value === "string") return sentence ? served(value) : value;
  if (Array.isArray(value)) return value.map((item) => walk(item, sentence));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) =>
    [name, OTHERS.has(name) ? item : walk(item, FIELDS.has(name))]));
}

/** Mark what stays English: `lang="en"` on elements whose whole text is such a sentence. */
export function markEnglish(root: HTMLElement, signal: AbortSignal): void {
  if (spoken().language === "en") return;
  const look = (node: Node): void => {
    if (node instanceof Text) {
      if (node.parentElement && isEnglish(node.data)) node.parentElement.lang = "en";
      return;
    }
    node.childNodes.forEach(look);
  };
  const observer = new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.target instanceof HTMLElement && change.target.lang === "en") change.target.removeAttribute("lang");
      (change.type === "characterData" ? [change.target] : [...change.addedNodes]).forEach(look);
    }
  });
  observer.observe(root, { subtree: true, childList: true, characterData: true });
  signal.addEventListener("abort", () => observer.disconnect());
}
