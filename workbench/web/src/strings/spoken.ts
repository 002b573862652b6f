/** What language the page speaks now, and its catalogue: one for all bundles of the page. */

export interface Spoken {
  readonly language: string;
  /** For `lang` and for `Intl`. */
  readonly tag: string;
  readonly catalogue: Readonly<Record<string, string>>;
  /** The server's sentences, in English, and what is said instead (`served.ts`). */
  readonly said: readonly (readonly [string, string])[];
}

export const ENGLISH: Spoken = { language: "en", tag: "en", catalogue: {}, said: [] };

const page = globalThis as unknown as { __musicWorkbenchSpoken?: Spoken };

export const spoken = (): Spoken => page.__musicWorkbenchSpoken ?? ENGLISH;

export function setSpoken(next: Spoken): void {
  page.__musicWorkbenchSpoken = next;
}
