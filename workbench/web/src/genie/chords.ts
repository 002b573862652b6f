/** Chords for the Genie; the twin of `workbench/create/genie/chords.py`. */
import { QUALITIES } from "../document/lanes.js";
import { t } from "../strings/index.js";

/** Holds from `time` (seconds) until the next one; quality "" means no chord, bass -1 the root. */
export interface PlayChord {
  readonly time: number;
  readonly root: number;
  readonly quality: string;
  readonly bass: number;
}

export const NO_CHORD: PlayChord = { time: 0, root: 0, quality: "", bass: -1 };

const FAMILIES: Readonly<Record<string, number>> = {
  maj: 0, "6": 0, min: 1, min6: 1, minmaj7: 1, aug: 2, aug7: 2, dim: 3, dim7: 3,
  "7": 4, "9": 4, "7sus4": 4, maj7: 5, maj9: 5, min7: 6, min9: 6, hdim7: 7,
};
const STEPS: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };
const SIGNS: Readonly<Record<string, number>> = { "": 0, "#": 1, "♯": 1, b: -1, "♭": -1 };
const SYMBOLS: Readonly<Record<string, readonly string[]>> = {
  maj: ["", "M", "maj", "major"], min: ["m", "min", "-", "minor"], aug: ["aug", "+"],
  dim: ["dim", "°", "o"], "7": ["7", "dom7"], maj7: ["maj7", "M7", "Δ", "Δ7", "ma7"],
  min7: ["m7", "min7", "-7"], hdim7: ["m7b5", "min7b5", "ø", "ø7", "hdim7", "-7b5"],
  sus4: ["sus4", "sus"], sus2: ["sus2"], dim7: ["dim7", "°7", "o7"], "6": ["6", "maj6"],
  min6: ["m6", "min6"], minmaj7: ["mM7", "mmaj7", "minmaj7"], "5": ["5"], "7sus4": ["7sus4", "7sus"],
  "9": ["9"], maj9: ["maj9", "M9"], min9: ["m9", "min9"], aug7: ["aug7", "+7", "7#5"],
};
const QUALITY = new Map(Object.entries(SYMBOLS).flatMap(([name, symbols]) => symbols.map((text) => [text, name])));
const SYMBOL = /^([A-Ga-g])([#♯b♭]?)([^/\s]*)(?:\/([A-Ga-g])([#♯b♭]?))?$/;

const pitchClass = (letter: string, sign: string): number => (STEPS[letter.toUpperCase()]! + SIGNS[sign]! + 12) % 12;

/** One chord symbol; throws an error with one sentence. */
export function parseSymbol(text: string, time = 0): PlayChord {
  if (["N", "NC", "N.C.", "-"].includes(text.toUpperCase())) return { ...NO_CHORD, time };
  const match = SYMBOL.exec(text);
  const quality = match ? QUALITY.get(match[3]!) : undefined;
  if (!match || quality === undefined) throw new Error(t("genie.notAChord", { text: text.slice(0, 20) }));
  const bass = match[4] ? pitchClass(match[4], match[5] ?? "") : -1;
  return { time, root: pitchClass(match[1]!, match[2]!), quality, bass };
}

export interface NamedChord extends PlayChord { readonly name: string }

/** The chords of a text, parted by spaces, commas or bar lines, each with the name it was written by. */
export function parseLine(text: string): NamedChord[] {
  const words = text.split(/[\s,|]+/).filter(Boolean);
  return words.map((word) => ({ ...parseSymbol(word), name: word[0]!.toUpperCase() + word.slice(1) }));
}

/** Pitch classes of the chord, the bass included; empty without a chord. */
export function chordTones(chord: PlayChord): Set<number> {
  const tones = new Set((QUALITIES[chord.quality] ?? []).map((step) => (chord.root + step) % 12));
  if (chord.quality && chord.bass >= 0) tones.add(chord.bass);
  return tones;
}

/** Root and family as the decoder takes them, -1 for none. */
export function chordInputs(chord: PlayChord): [root: number, family: number] {
  return chord.quality ? [chord.root, FAMILIES[chord.quality] ?? -1] : [-1, -1];
}

/** The last chord that begins at or before `time`; `chords` in the order of time. */
export function chordAt(chords: readonly PlayChord[], time: number): PlayChord {
  let found = NO_CHORD;
  for (const chord of chords) {
    if (chord.time > time) break;
    found = chord;
  }
  return found;
}
