/** Every sentence a person reads: `t("key", { name: value })`, from the catalogue of the page's language. */
import { en } from "./en.js";

export type StringKey = keyof typeof en;
export type Catalogue = Partial<Record<StringKey, string>>;

/** Set once, when a page knows its language; what a catalogue lacks is said in English. */
let catalogue: Catalogue = en;

export function setCatalogue(next: Catalogue): void {
  catalogue = next;
}

export function t(key: StringKey, values: Readonly<Record<string, string | number>> = {}): string {
  const text = catalogue[key] ?? en[key];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** Whether there is a sentence for a key that was put together, say from the name of a plug-in's task. */
export function known(key: string): key is StringKey {
  return key in en;
}

/** `key.one` for one, `key.other` for any other number; `{count}` is filled in. */
export function plural(key: string, count: number, values: Record<string, string | number> = {}): string {
  return t(`${key}.${count === 1 ? "one" : "other"}` as StringKey, { count, ...values });
}
