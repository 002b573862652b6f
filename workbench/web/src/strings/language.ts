/**
 * Which language a page speaks: what a notebook or an address (`?lang=de`) asks for, else what the person chose here
 * before, else the first of the browser's languages that there is a catalogue for. English needs no file.
 */
import { asText, type AssetLoader } from "../host/assets.js";
import { ENGLISH, setSpoken, spoken, type Spoken } from "./spoken.js";

/** Each by its own name, as people look for it. `tag`: for `lang` and for `Intl`. */
export const LANGUAGES = [
  { code: "en", tag: "en", name: "English" },
  { code: "es", tag: "es", name: "Español" },
  { code: "de", tag: "de", name: "Deutsch" },
  { code: "zh", tag: "zh-Hans", name: "中文" },
  { code: "pt", tag: "pt-BR", name: "Português" },
] as const;

export type Language = (typeof LANGUAGES)[number]["code"];

const KEY = "music-workbench:language";
const CHANGED = "wb-language";

const asked = globalThis as unknown as { __musicWorkbenchAsked?: Language };

/** The catalogue for a language tag such as `pt-PT` or `zh_CN`; null if there is none. */
export function languageOf(tag: unknown): Language | null {
  const code = typeof tag === "string" ? tag.toLowerCase().split(/[-_]/)[0] : "";
  return LANGUAGES.find((item) => item.code === code)?.code ?? null;
}

/** `given`: what the host asks for (a notebook's `language=`). */
export function chosenLanguage(given?: unknown): Language {
  const wanted = languageOf(given) ?? asked.__musicWorkbenchAsked ?? fromAddress() ?? languageOf(remembered());
  return wanted ?? (navigator.languages ?? []).map(languageOf).find((code) => code !== null) ?? "en";
}

const fromAddress = (): Language | null =>
  typeof location === "undefined" ? null : languageOf(new URLSearchParams(location.search).get("lang"));

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // a frame without storage: the choice holds as long as the page
  }
}

/** The person chooses: every view of the page speaks the language from now on, and the next visit too. */
export function chooseLanguage(language: Language): void {
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // as above
  }
  changeLanguage(language);
}

/** Every view of the page speaks the language from now on; nothing is remembered (a study's page, a notebook's). */
export function changeLanguage(language: Language): void {
  asked.__musicWorkbenchAsked = language;
  window.dispatchEvent(new CustomEvent(CHANGED, { detail: language }));
}

export function onLanguage(listener: (language: Language) => void, signal: AbortSignal): void {
  window.addEventListener(CHANGED, (event) => listener((event as CustomEvent<Language>).detail), { signal });
}

/** Whether the page speaks it already. */
export const speaks = (language: Language): boolean => spoken().language === language;

/** Fetch a language's catalogue and speak it; one that cannot be had leaves the page as it is. */
export async function speak(language: Language, asset: AssetLoader): Promise<void> {
  if (speaks(language)) return;
  try {
    const next = language === "en" ? ENGLISH : await fetched(language, asset);
    setSpoken(next);
  } catch (error) {
    console.error(error);
  }
}

async function fetched(language: Language, asset: AssetLoader): Promise<Spoken> {
  const json = async (name: string): Promise<unknown> => JSON.parse(asText(await asset(`${name}.${language}.json`)));
  const [catalogue, said] = await Promise.all([json("strings"), json("said").catch(() => [])]);
  const { tag } = LANGUAGES.find((item) => item.code === language)!;
  return { language, tag, catalogue: catalogue as Spoken["catalogue"], said: said as Spoken["said"] };
}
