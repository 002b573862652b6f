/**
 * Pitches as places on a staff. A *step* counts white keys: C4 is 28, D4 29, C5 35. A pitch is spelled as its key would
 * spell it: the name nearest to the key on the line of fifths.
 */
import { clamp } from "../../ui/dom.js";

type Box = readonly [number, number, number, number];

/** The step on the middle line of a staff in each clef; the twin of `CLEF_MIDDLES` in `readscore.py`. */
const MIDDLES: Readonly<Record<string, number>> = { G: 34, G8: 27, F: 22, C1: 32, C2: 30, C3: 28, C4: 26, C5: 24, F3: 24, G1: 36 };
/** Those that can be chosen. */
export const CLEFS = ["G", "F", "G8", "C3", "C4"] as const;

/** The step on the middle line. */
export const middleStep = (clef: string): number => MIDDLES[clef] ?? MIDDLES["G"]!;

const WHITE = [0, 2, 4, 5, 7, 9, 11];
const LETTERS = "CDEFGAB";

export interface Spelled { readonly step: number; readonly alter: number }

/** How a key of so many sharps (below 0: flats) writes a pitch. */
export function spell(pitch: number, fifths: number): Spelled {
  const pitchClass = ((pitch % 12) + 12) % 12;
  // Twelve neighbours on the line of fifths (C = 0, G = 1): from three flatter to eight sharper than the key's tonic.
  const first = fifths - 3;
  const place = first + ((((pitchClass * 7 - first) % 12) + 12) % 12);
  const letter = (((place * 4) % 7) + 7) % 7; // a fifth up is four letters up: 0 = C, 1 = D ...
  const alter = Math.floor((place + 1) / 7);
  return { step: letter + 7 * (Math.floor((pitch - alter) / 12) - 1), alter };
}

/** The step of a name such as F#4; null where it is none. */
export function stepOfName(name: string): number | null {
  const found = /^([A-G])[#b]*(\d)$/.exec(name);
  return found ? LETTERS.indexOf(found[1]!) + 7 * Number(found[2]) : null;
}

/** What a key's signature does to a letter (0 = C): 1, 0 or -1. */
export function alterIn(letter: number, fifths: number): number {
  const place = [0, 2, 4, -1, 1, 3, 5][((letter % 7) + 7) % 7]!; // on the line of fifths
  return Math.floor((fifths - place + 5) / 7);
}

/** A step's pitch without any accidental. */
export const naturalOf = (step: number): number => 12 * (Math.floor(step / 7) + 1) + WHITE[((step % 7) + 7) % 7]!;

/** The pitch of a step in a key. */
export const pitchOfStep = (step: number, fifths: number): number => clamp(naturalOf(step) + alterIn(step, fifths), 0, 127);

/** The pitch so many steps above another, with the accidentals that the key has there. */
export const moveSteps = (pitch: number, steps: number, fifths: number): number => pitchOfStep(spell(pitch, fifths).step + steps, fifths);

/** The height of a step in a staff's box, whose upper and lower edge are its outer lines. */
export const heightOf = (step: number, clef: string, box: Box): number => box[1] + box[3] / 2 - ((step - middleStep(clef)) * box[3]) / 8;

/** The step at a height. */
export const stepAt = (y: number, clef: string, box: Box): number => middleStep(clef) + Math.round(((box[1] + box[3] / 2 - y) * 8) / Math.max(1, box[3]));
