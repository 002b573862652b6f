/** What was heard, in one line. */
import { plural, t, type StringKey } from "../strings/index.js";
import { keyWords } from "../strings/keywords.js";
import { SURE, type Heard } from "./heard.js";

/** "24 notes, A minor, heard as singing"; doubtful ones are counted. */
export function summary(heard: Heard): string {
  const notes = heard.notes.length ? heard.notes : heard.melody;
  const doubtful = notes.filter((note) => note.confidence < SURE).length;
  const kind = `listen.heardAs.${heard.kind}` as StringKey;
  return [
    plural("listen.note", notes.length),
    ...(doubtful ? [t("listen.doubtfulCount", { count: doubtful })] : []),
    ...(heard.key ? [t("listen.keyIs", { key: keyWords(heard.key) })] : []),
    ...(["singing", "piano", "band"].includes(heard.kind) ? [t(kind)] : []),
    ...(Math.abs(heard.tuning_cents) >= 8 ? [t(heard.tuning_cents > 0 ? "listen.sharpBy" : "listen.flatBy", { cents: Math.abs(Math.round(heard.tuning_cents)) })] : []),
  ].join(" · ");
}
