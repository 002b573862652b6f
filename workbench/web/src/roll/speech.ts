/** Places and notes in words. */
import type { Key } from "../document/lanes.js";
import { lastAtOrBelow, type TimeMap } from "../document/timemap.js";
import type { Note, Score, Track } from "../document/types.js";
import { givenName, givenTitle } from "../strings/given.js";
import { t, type StringKey } from "../strings/index.js";

const SHARPS = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
const FLATS = ["C", "D♭", "D", "E♭", "E", "F", "G♭", "G", "A♭", "A", "B♭", "B"];

/** Name of a pitch class; flats where the key has flats. */
export function pitchClassName(pitchClass: number, key?: Key): string {
  return (key && key.fifths < 0 ? FLATS : SHARPS)[((pitchClass % 12) + 12) % 12]!;
}

/** Middle C (60) is C4. */
export function pitchName(pitch: number, key?: Key): string {
  return `${pitchClassName(pitch, key)}${Math.floor(pitch / 12) - 1}`;
}

/** The name for the ear: "C sharp 4". */
const spoken = (name: string): string => name.replace("♯", t("say.sharp")).replace("♭", t("say.flat"));

export function keyAt(score: Score, tick: number): Key | undefined {
  return score.keys[lastAtOrBelow(score.keys.map((key) => key.tick), tick)];
}

export function drumName(pitch: number): string {
  return pitch >= 27 && pitch <= 87 ? t(`drum.${pitch}` as StringKey) : pitchName(pitch);
}

export function programName(track: Pick<Track, "program" | "is_drum">): string {
  return track.is_drum ? t("track.drums") : t(`program.${track.program}` as StringKey);
}

/** Whom the pieces name as their composer that come with the workbench, and what a piece says that it composed. */
const AUTHORS = "The workbench's authors", COMPOSED = "arrangement";

const isOurs = ({ meta }: Pick<Score, "meta">): boolean => meta["composer"] === AUTHORS || COMPOSED in meta;

/** Whether a file of somebody else's brought a track, so that its name is not ours to translate. */
function brought(track: Track, score: Pick<Score, "meta">): boolean {
  const [first] = track.notes.values();
  return first?.author === "imported" && !isOurs(score);
}

/** What a piece is called; "" while it has no title. */
export const pieceTitle = (score: Pick<Score, "meta" | "title">): string => (isOurs(score) ? givenTitle(score.title) : score.title);

/** What a track of a piece is called: its name, in the page's language where it is one of ours, or its instrument. */
export function trackName(track: Track, score: Pick<Score, "meta">): string {
  const name = track.name.trim();
  if (!name) return programName(track);
  return brought(track, score) ? name : givenName(name);
}

/** "E4", or "snare" in a drum track. */
export function soundName(score: Score, track: Track, pitch: number, tick: number, aloud = false): string {
  if (track.is_drum) return drumName(pitch);
  const name = pitchName(pitch, keyAt(score, tick));
  return aloud ? spoken(name) : name;
}

const NAMED: readonly [parts: number, key: StringKey][] = [
  [4, "length.whole"], [3, "length.dottedHalf"], [2, "length.half"], [1.5, "length.dottedQuarter"],
  [4 / 3, "length.tripletHalf"], [1, "length.quarter"], [0.75, "length.dottedEighth"], [2 / 3, "length.tripletQuarter"],
  [0.5, "length.eighth"], [1 / 3, "length.tripletEighth"], [0.25, "length.sixteenth"],
  [1 / 6, "length.tripletSixteenth"], [0.125, "length.thirtySecond"],
];

/** "quarter", "dotted half", or the number of beats. */
export function lengthName(ticks: number, ppq: number): string {
  if (ticks === 0) return t("length.grace");
  const quarters = ticks / ppq;
  const named = NAMED.find(([parts]) => Math.abs(quarters - parts) < 0.02 * parts + 1.5 / ppq);
  return named ? t(named[1]) : t("length.beats", { count: Number(quarters.toFixed(2)) });
}

/** "bar 3, beat 2", with the part of the beat where there is one. */
export function placeName(time: TimeMap, tick: number): string {
  const { bar, beat, rest } = time.beatPosition(tick);
  if (!rest) return t("say.place", { bar, beat });
  const unit = (4 * time.ppq) / time.barAt(tick).denominator;
  return t("say.placePart", { bar, beat, part: fraction(rest / unit) });
}

function fraction(value: number): string {
  for (const [parts, key] of [[2, "part.half"], [3, "part.third"], [4, "part.quarter"], [8, "part.eighth"]] as const) {
    const count = value * parts;
    if (Math.abs(count - Math.round(count)) < 0.02 && Math.round(count) > 0) {
      return t(`${key}.${Math.round(count) === 1 ? "one" : "other"}`, { count: Math.round(count) }); // a third, two thirds: no plural
    }
  }
  return t("part.percent", { count: Math.round(value * 100) });
}

/** "bar 3, beat 2, E4, quarter". */
export function noteWords(score: Score, time: TimeMap, track: Track, note: Note): string {
  const words = [placeName(time, note.start), soundName(score, track, note.pitch, note.start, true),
    lengthName(note.duration, score.ppq)];
  if (note.locked) words.push(t("say.locked"));
  return words.join(", ");
}

export function clock(seconds: number): string {
  const whole = Math.floor(seconds + 1e-6);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

const QUALITY_SIGNS: Readonly<Record<string, string>> = {
  maj: "", min: "m", aug: "+", dim: "°", maj7: "maj7", min7: "m7", hdim7: "ø7", dim7: "°7", min6: "m6", minmaj7: "m(maj7)",
  maj9: "maj9", min9: "m9", aug7: "+7",
};

/** "Am7", "C/E". */
export function chordName(chord: { root: number; quality: string; bass: number }, key?: Key): string {
  const sign = QUALITY_SIGNS[chord.quality] ?? chord.quality;
  const bass = chord.bass >= 0 && chord.bass !== chord.root ? `/${pitchClassName(chord.bass, key)}` : "";
  return `${pitchClassName(chord.root, key)}${sign}${bass}`;
}
