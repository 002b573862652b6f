/** Every sentence a person reads: `t("key", { name: value })`, from the catalogue of the page's language. */
import { en } from "./en.js";
import { spoken } from "./spoken.js";

export type StringKey = keyof typeof en;
export type Catalogue = Partial<Record<StringKey, string>>;

/** Numbers are written as the language writes them; in English as they are. */
const written = (value: string | number): string =>
  typeof value === "number" && spoken().language !== "en" ? decimals(value) : String(value);

/** What a catalogue lacks is said in English. */
export function t(key: StringKey, values: Readonly<Record<string, string | number>> = {}): string {
  const text = (spoken().catalogue as Catalogue)[key] ?? en[key];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? written(values[name]!) : whole));
}

/** Whether there is a sentence for a key that was put together, say from the name of a plug-in's task. */
export function known(key: string): key is StringKey {
  return key in en;
}

/** `key.one`, `key.other` ...: the form that the language takes for this number; `{count}` is filled in. */
export function plural(key: string, count: number, values: Record<string, string | number> = {}): string {
  const form = `${key}.${new Intl.PluralRules(spoken().tag).select(count)}`;
  return t(known(form) ? form : (`${key}.other` as StringKey), { count, ...values });
}

/** A number as people here write it, without separators of thousands: `1.5`, `1,5`. */
export function decimals(value: number, most = 3, least = 0): string {
  return value.toLocaleString(spoken().tag, { maximumFractionDigits: most, minimumFractionDigits: least, useGrouping: false });
}

/** Words from the beginning of a sentence, to stand inside one; German nouns keep their capital. */
export const uncapital = (text: string): string => (spoken().language === "de" ? text : text.toLocaleLowerCase(spoken().tag));
