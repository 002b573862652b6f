/** Chord labels (mir_eval's syntax, `A:min7`) in the words and signs of the roll's chord lane, and back. */
import { QUALITIES, type Key } from "../document/lanes.js";
import { chordName } from "../roll/speech.js";
import { t, type StringKey } from "../strings/index.js";

/** The kinds that are listened for, by their label; and those of the chord lane they are shown as. */
const LANE_OF_LABEL: Readonly<Record<string, string>> = {
  maj: "maj", min: "min", "7": "7", maj7: "maj7", min7: "min7", dim: "dim", aug: "aug", sus4: "sus4", sus2: "sus2",
  hdim7: "hdim7", dim7: "dim7", maj6: "6", min6: "min6", minmaj7: "minmaj7", "5": "5", "9": "9", maj9: "maj9", min9: "min9",
  "sus4(b7)": "7sus4", "aug(b7)": "aug7",
};
/** What can be chosen for a chord. */
export const CHORD_KINDS = ["maj", "min", "7", "maj7", "min7", "dim", "aug", "sus4", "sus2", "hdim7", "dim7", "maj6", "min6"] as const;
export const NO_CHORD = "N";
const ROOTS = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
const LETTERS: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };

export interface ChordParts { readonly root: number; readonly kind: string; readonly bass: string }

/** Root, kind and bass degree of a label; null for no chord. */
export function readLabel(label: string): ChordParts | null {
  const found = /^([A-G])([#b]*)(?::([^/]*))?(?:\/(.+))?$/.exec(label);
  if (!found) return null;
  const shift = [...found[2]!].reduce((sum, sign) => sum + (sign === "#" ? 1 : -1), 0);
  return { root: (((LETTERS[found[1]!]! + shift) % 12) + 12) % 12, kind: found[3] || "maj", bass: found[4] ?? "" };
}

export const makeLabel = (root: number, kind: string): string => `${ROOTS[root]}:${kind}`;

const DEGREES: Readonly<Record<string, number>> = { 1: 0, 2: 2, 3: 4, 4: 5, 5: 7, 6: 9, 7: 11, 9: 2 };

/** "Am7", "C/E"; a dash for no chord. Names are spelled as the label spells its root. */
export function labelName(label: string): string {
  const parts = readLabel(label);
  if (!parts) return "–";
  const degree = parts.bass.replace(/[#b]/g, "");
  const shift = [...parts.bass].reduce((sum, sign) => sum + (sign === "#" ? 1 : sign === "b" ? -1 : 0), 0);
  const bass = degree in DEGREES ? (parts.root + DEGREES[degree]! + shift + 12) % 12 : -1;
  const flat: Key = { tick: 0, fifths: label[1] === "b" || label[0] === "F" && label[1] !== "#" ? -1 : 0, mode: "major" };
  return chordName({ root: parts.root, quality: LANE_OF_LABEL[parts.kind] ?? parts.kind, bass }, flat);
}

const KIND_WORDS: Readonly<Record<string, StringKey>> = {
  maj: "listen.major", min: "listen.minor", dim: "listen.diminished", aug: "listen.augmented",
};

/** "major", "minor (m)", "maj7": a kind in words where there is a plain one, beside the sign that chord names bear. */
export function kindName(kind: string): string {
  const sign = labelName(`C:${kind}`).slice(1), word = KIND_WORDS[kind];
  return word ? t(word) + (sign ? ` (${sign})` : "") : sign;
}

/** Pitch classes above the root. */
export const stepsOf = (kind: string): readonly number[] => QUALITIES[LANE_OF_LABEL[kind] ?? ""] ?? [0, 4, 7];
