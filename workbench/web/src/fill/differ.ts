/** How ideas differ from one another, in plain words, from what can be counted: never from what was asked for. */
import type { Note } from "../document/types.js";
import { t } from "../strings/index.js";

export interface Measure {
  readonly notes: number;
  /** Mean MIDI pitch; null where only drums play. */
  readonly pitch: number | null;
  /** Share of the onsets that fall on no beat. */
  readonly off: number;
  /** Mean length in quarters, drums left out; null where only drums play. */
  readonly length: number | null;
  readonly loudness: number;
}

export type Difference = "more" | "fewer" | "higher" | "lower" | "off" | "on" | "longer" | "shorter" | "louder" | "softer";

/** What is smaller than this nobody hears: ratios of notes and lengths, semitones, shares of onsets, MIDI velocity. */
const HEARD = { notes: 1.15, length: 1.25, pitch: 1.5, off: 0.1, loudness: 7 };
/** No more than this is said of one idea. */
const MOST = 2;

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** `drums`: ids of tracks whose pitches are no tones. */
export function measure(notes: Readonly<Record<string, readonly Note[]>>, drums: ReadonlySet<string>, ppq: number): Measure {
  const all = Object.values(notes).flat();
  const tones = Object.entries(notes).flatMap(([track, own]) => (drums.has(track) ? [] : own));
  return {
    notes: all.length, pitch: tones.length ? mean(tones.map((note) => note.pitch)) : null,
    off: mean(all.map((note) => Number(note.start % ppq !== 0))),
    length: tones.length ? mean(tones.map((note) => note.duration / ppq)) : null,
    loudness: mean(all.map((note) => note.velocity)),
  };
}

/** What sets one idea apart from the others, the plainest first; empty: nothing that one would hear. */
export function differences(one: Measure, others: readonly Measure[]): Difference[] {
  const found: { readonly name: Difference; readonly by: number }[] = [];
  const put = (by: number, more: Difference, less: Difference): void => void (Math.abs(by) >= 1 && found.push({ name: by > 0 ? more : less, by: Math.abs(by) }));
  const ratio = (value: number, usual: number, heard: number): number =>
    (value > 0 && usual > 0 ? Math.log(value / usual) / Math.log(heard) : 0);
  const known = (values: readonly (number | null)[]): number[] => values.filter((value): value is number => value !== null);
  if (!others.length) return [];
  put(ratio(one.notes, mean(others.map((item) => item.notes)), HEARD.notes), "more", "fewer");
  const pitches = known(others.map((item) => item.pitch)), lengths = known(others.map((item) => item.length));
  if (one.pitch !== null && pitches.length) put((one.pitch - mean(pitches)) / HEARD.pitch, "higher", "lower");
  put((one.off - mean(others.map((item) => item.off))) / HEARD.off, "off", "on");
  if (one.length !== null && lengths.length) put(ratio(one.length, mean(lengths), HEARD.length), "longer", "shorter");
  put((one.loudness - mean(others.map((item) => item.loudness))) / HEARD.loudness, "louder", "softer");
  return found.sort((a, b) => b.by - a.by).slice(0, MOST).map((item) => item.name);
}

/** "fewer notes, higher"; empty for an idea that has none beside it. */
export function differenceWords(one: Measure, others: readonly Measure[]): string {
  if (!others.length) return "";
  const words = differences(one, others).map((name) => t(`differ.${name}`)).join(", ");
  return words || t(others.length > 1 ? "differ.middle" : "differ.alike");
}
