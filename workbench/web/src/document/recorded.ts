/** Tracks that sound as they were recorded; the twin of `workbench/score/recorded.py`, where the form of the facts stands. */
import { setScore } from "./edits.js";
import type { Operation } from "./operations.js";
import type { Score } from "./types.js";

/** What the names of such facts begin with. */
export const SOUND_FACT = "sound.";
const LINE = /^([0-9a-f]{64}) (\d{1,9}) (\d{1,9}) (-?\d{1,4}) (recorded|notes)$/;

export interface RecordedSound {
  /** Of the file's content. */
  readonly sha256: string;
  /** Where in the file it begins and how long it lasts, in seconds; it begins where the piece does. */
  readonly start: number;
  readonly seconds: number;
  /** Linear gain. */
  readonly gain: number;
  /** The recording sounds; otherwise the track's notes do. */
  readonly heard: boolean;
}

/** The recording behind a track, whether it or the notes are heard; null where there is none. */
export function soundOf(score: Score, track: string): RecordedSound | null {
  const found = LINE.exec(score.meta[SOUND_FACT + track] ?? "");
  if (!found) return null;
  const [start, length, gain] = [2, 3, 4].map((place) => Number(found[place]));
  return { sha256: found[1]!, start: start! / 1_000, seconds: length! / 1_000, gain: 10 ** (gain! / 2_000), heard: found[5] === "recorded" };
}

/** Let a track sound as it was recorded, or play its notes in place of that. */
export function hearAs(score: Score, track: string, heard: boolean): Operation {
  const name = SOUND_FACT + track;
  return setScore(score, { meta: { ...score.meta, [name]: withState(score.meta[name]!, heard) } });
}

/** A fact with the recording, or the notes, heard. */
export const withState = (line: string, heard: boolean): string => line.replace(/ (recorded|notes)$/, heard ? " recorded" : " notes");

/** Whether the facts before and after a change name other recordings, or let others be heard. */
export function otherSounds(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>): boolean {
  return [...Object.keys(before), ...Object.keys(after)].some((name) => name.startsWith(SOUND_FACT) && before[name] !== after[name]);
}
