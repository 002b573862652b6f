/**
 * What sits in the lanes of a score or a track; the twin of `workbench/score/lanes.py`.
 * Lanes are arrays sorted by tick; an event is its own canonical JSON object and never changes.
 */
import { BadDocument, checkInt, checkList, checkRecord, checkText, MAX_TICK } from "./check.js";

export const DEFAULT_TEMPO = 500_000; // microseconds per quarter: 120 quarters a minute

export interface LaneEvent { readonly tick: number }
export interface Tempo extends LaneEvent { readonly us_per_quarter: number }
export interface Meter extends LaneEvent {
  readonly numerator: number;
  readonly denominator: number;
  readonly clocks: number;
  readonly thirty_seconds: number;
}
export interface Key extends LaneEvent { readonly fifths: number; readonly mode: "major" | "minor" }
export interface Text extends LaneEvent { readonly kind: string; readonly text: string }
/** `bass` -1: the root. */
export interface Chord extends LaneEvent {
  readonly duration: number;
  readonly root: number;
  readonly quality: string;
  readonly bass: number;
}
export interface Control extends LaneEvent { readonly number: number; readonly value: number }
export interface Bend extends LaneEvent { readonly value: number }
export interface Program extends LaneEvent { readonly program: number }
export interface Raw extends LaneEvent { readonly data: string }
export interface Silence extends LaneEvent { readonly duration: number }

export const TEXT_KINDS = ["text", "copyright", "name", "instrument", "lyric", "marker", "cue", "program", "device"];
export const MODES = ["major", "minor"];

/** Chord qualities and their pitch classes above the root. */
export const QUALITIES: Readonly<Record<string, readonly number[]>> = {
  maj: [0, 4, 7], min: [0, 3, 7], aug: [0, 4, 8], dim: [0, 3, 6],
  "7": [0, 4, 7, 10], maj7: [0, 4, 7, 11], min7: [0, 3, 7, 10], hdim7: [0, 3, 6, 10],
  sus4: [0, 5, 7], sus2: [0, 2, 7], dim7: [0, 3, 6, 9], "6": [0, 4, 7, 9], min6: [0, 3, 7, 9],
  minmaj7: [0, 3, 7, 11], "5": [0, 7], "7sus4": [0, 5, 7, 10], "9": [0, 4, 7, 10, 2], maj9: [0, 4, 7, 11, 2],
  min9: [0, 3, 7, 10, 2], aug7: [0, 4, 8, 10],
};

type Check = (value: unknown) => unknown;
const int = (low: number, high: number, what: string): Check => (value) => checkInt(value, low, high, what);
const oneOf = (values: readonly unknown[], sentence: string): Check => (value) => {
  if (!values.includes(value)) throw new BadDocument(sentence);
  return value;
};
const tick = (what: string): Check => int(0, MAX_TICK, what);
const HEX = /^(?:[0-9a-f]{2})+$/;

/** Fields of each kind of event, in order, with their checks. */
const FIELDS: Record<string, Record<string, Check>> = {
  tempos: { tick: tick("A tempo's tick"), us_per_quarter: int(1, 0xffffff, "A tempo") },
  meters: {
    tick: tick("A metre's tick"),
    numerator: int(1, 255, "A metre's upper number"),
    denominator: oneOf(
      [1, 2, 4, 8, 16, 32, 64, 128, 256], "A metre's lower number must be a power of two up to 256."),
    clocks: int(0, 255, "A metre's clock count"),
    thirty_seconds: int(0, 255, "A metre's count of thirty-seconds"),
  },
  keys: {
    tick: tick("A key's tick"),
    fifths: int(-7, 7, "A key's number of sharps or flats"),
    mode: oneOf(MODES, "A key's mode must be major or minor."),
  },
  texts: {
    tick: tick("A text's tick"),
    kind: oneOf(TEXT_KINDS, `A text's kind must be one of ${TEXT_KINDS.join(", ")}.`),
    text: (value) => checkText(value, "A text"),
  },
  chords: {
    tick: tick("A chord's tick"),
    duration: int(0, MAX_TICK, "A chord's duration"),
    root: int(0, 11, "A chord's root"),
    quality: (value) => {
      if (typeof value !== "string" || !Object.hasOwn(QUALITIES, value)) {
        throw new BadDocument("A chord's quality is not a known one.");
      }
      return value;
    },
    bass: int(-1, 11, "A chord's bass"),
  },
  controls: {
    tick: tick("A controller's tick"),
    number: int(0, 127, "A controller's number"),
    value: int(0, 127, "A controller's value"),
  },
  bends: { tick: tick("A bend's tick"), value: int(-8192, 8191, "A bend's value") },
  programs: { tick: tick("A program change's tick"), program: int(0, 127, "A program") },
  raws: {
    tick: tick("A message's tick"),
    data: (value) => {
      if (typeof value !== "string" || value.length > 131_072 || !HEX.test(value)) {
        throw new BadDocument("A raw message must be bytes in hexadecimal.");
      }
      return value;
    },
  },
  silences: { tick: tick("A muted range's tick"), duration: int(1, MAX_TICK, "A muted range's duration") },
};

export type LaneName =
  "tempos" | "meters" | "keys" | "texts" | "chords" | "controls" | "bends" | "programs" | "raws" | "silences";

/** Read one event of lane `name` from its JSON form. */
export function readEvent<E extends LaneEvent>(name: LaneName, data: unknown): E {
  const checks = FIELDS[name]!;
  const names = Object.keys(checks);
  const record = checkRecord(data, names, names, `An event of the lane ${name}`);
  const event: Record<string, unknown> = {};
  for (const field of names) event[field] = checks[field]!(record[field]);
  return Object.freeze(event) as unknown as E;
}

/** Read a lane from its JSON form; it must already be sorted by tick. */
export function readLane<E extends LaneEvent>(name: LaneName, value: unknown): E[] {
  const events = checkList(value, `The lane ${name}`, 2_000_000).map((item) => readEvent<E>(name, item));
  for (let i = 1; i < events.length; i++) {
    if (events[i]!.tick < events[i - 1]!.tick) throw new BadDocument(`The lane ${name} is not in the order of time.`);
  }
  return events;
}

/** Pitch class of a key's tonic, 0 = C. */
export function tonic(key: Key): number {
  return (((key.fifths * 7 + (key.mode === "minor" ? 9 : 0)) % 12) + 12) % 12;
}

/** Pitch classes that sound in a chord, the bass included. */
export function chordPitchClasses(chord: Chord): Set<number> {
  const tones = new Set((QUALITIES[chord.quality] ?? []).map((step) => (chord.root + step) % 12));
  if (chord.bass >= 0) tones.add(chord.bass);
  return tones;
}
