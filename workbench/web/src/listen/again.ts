/**
 * The recording that was brought last, in this browser's own storage for a week: a closed tab does not lose it. It may be
 * somebody else's by the next visit (a classroom, a library), so it is only ever asked about, without a name or a sound.
 */
import { isRecord } from "../document/check.js";
import { keepState, keptState } from "../prompt/keep.js";
import { t } from "../strings/index.js";
import { spoken } from "../strings/spoken.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import type { Click } from "./capture.js";
import { forgetHearing } from "./kept.js";

export interface KeptRecording {
  readonly file: File;
  readonly click: Click | null;
  /** When it was brought, in milliseconds since 1970. */
  readonly time: number;
}

const WEEK_MS = 7 * 24 * 3_600_000;
/** Bytes: whoever brings more has it as a file. */
const LARGEST = 64_000_000;
const key = (app: string): string => `${app}:recording`;

/** In a study one machine serves one participant after the other: nothing is kept there. */
const inStudy = (): boolean => document.querySelector(".wb-study") !== null;

/** Keep it in place of the one before. */
export async function keepRecording(app: string, file: File, click: Click | null): Promise<void> {
  if (file.size <= LARGEST && !inStudy()) await keepState(key(app), { file, click, time: Date.now() } satisfies KeptRecording);
}

/** What was kept; null where there is nothing. What is older than a week goes. */
export async function keptRecording(app: string, now = Date.now()): Promise<KeptRecording | null> {
  const value = inStudy() ? null : await keptState(key(app));
  if (!isRecord(value) || !(value["file"] instanceof File) || typeof value["time"] !== "number") return null;
  if (now - value["time"] <= WEEK_MS) return value as unknown as KeptRecording;
  await forgetRecording(app);
  return null;
}

/** With what was heard in it. */
export async function forgetRecording(app: string): Promise<void> {
  forgetHearing(app);
  await keepState(key(app), null);
}

/** The question, on the page: whose it is, is for the person to say. */
export function makeOffer({ time }: KeptRecording, hooks: { go(): void; drop(): void }): HTMLElement {
  const date = new Intl.DateTimeFormat(spoken().tag, { dateStyle: "long", timeStyle: "short" }).format(time);
  return h("section", { class: "again wb-card", "aria-label": t("listen.again") },
    h("p", {}, t("listen.againWhose", { date })),
    h("div", { class: "row" },
      button({ label: t("listen.againGo"), icon: "right", text: true, kind: "outlined", onclick: hooks.go }),
      button({ label: t("listen.againDrop"), icon: "trash", text: true, kind: "danger", onclick: hooks.drop })));
}
