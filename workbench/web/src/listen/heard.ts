/**
 * What was heard in a recording: the twin of `workbench/understand/heard.py` in its JSON form. Times are seconds from
 * the beginning of the part that was listened to; lists are in the order of time. Values are never changed in place.
 */
import { isRecord } from "../document/check.js";
import { t } from "../strings/index.js";

export interface Span { readonly start: number; readonly end: number; readonly confidence: number }
export interface HeardNote extends Span {
  readonly pitch: number;
  readonly velocity: number;
  /** How far what was heard lies above the pitch. */
  readonly cents?: number;
}
/** A chord in mir_eval's syntax (`A:min7`, `N` for none), or a section's name. */
export interface Labelled extends Span { readonly label: string }
export interface Curve { readonly times: readonly number[]; readonly hertz: readonly number[]; readonly confidence: readonly number[] }
export interface Tag { readonly label: string; readonly confidence: number }

export interface Heard {
  readonly duration: number;
  readonly tuning_cents: number;
  readonly tempo: number;
  readonly beats: readonly number[];
  readonly downbeats: readonly number[];
  readonly beat_confidence: readonly number[];
  readonly metre: number;
  readonly key: string | null;
  readonly key_confidence: number;
  readonly chords: readonly Labelled[];
  readonly melody: readonly HeardNote[];
  readonly notes: readonly HeardNote[];
  readonly drums: readonly HeardNote[];
  readonly sections: readonly Labelled[];
  readonly tags: Readonly<Record<string, readonly Tag[]>>;
  readonly curve?: Curve;
  readonly kind: string;
  readonly model: string;
  readonly remarks: readonly string[];
  readonly changed: readonly string[];
}

/** The lists of notes that can be put right. */
export const LAYERS = ["notes", "melody", "drums"] as const;
export type Layer = (typeof LAYERS)[number];
/** Below this a note is doubtful, and drawn so. */
export const SURE = 0.5;
/** The shortest note, in seconds. */
export const SHORTEST = 0.03;

const LISTS = ["beats", "downbeats", "beat_confidence", "chords", "melody", "notes", "drums", "sections", "remarks", "changed"];

/** The server's description; it has checked it, so only its form is looked at. */
export function readHeard(data: unknown): Heard {
  if (!isRecord(data) || typeof data["duration"] !== "number" || LISTS.some((name) => !Array.isArray(data[name]))) {
    throw new Error(t("listen.unread"));
  }
  return data as unknown as Heard;
}

const noteOrder = (a: HeardNote, b: HeardNote): number => a.start - b.start || a.pitch - b.pitch || a.end - b.end;

export function withNotes(heard: Heard, layer: Layer, notes: readonly HeardNote[]): Heard {
  return { ...heard, [layer]: [...notes].sort(noteOrder) };
}

/** A splice of a list, or a new value: what the server is told of a correction. */
export type Change =
  | { readonly field: string; readonly at: number; readonly remove: number; readonly add: readonly unknown[] }
  | { readonly field: string; readonly value: unknown };

const SPLICED = ["notes", "melody", "drums", "chords", "sections"] as const;
const RHYTHM = ["beats", "downbeats", "beat_confidence", "tempo", "metre"] as const;

/** What makes `before` into `after`. */
export function changesBetween(before: Heard, after: Heard): Change[] {
  const out: Change[] = [];
  for (const field of SPLICED) {
    const old = before[field] as readonly unknown[], next = after[field] as readonly unknown[];
    if (old === next) continue;
    let at = 0, tail = 0;
    while (at < old.length && at < next.length && old[at] === next[at]) at += 1;
    while (tail < old.length - at && tail < next.length - at && old[old.length - 1 - tail] === next[next.length - 1 - tail]) tail += 1;
    const remove = old.length - tail - at, add = next.slice(at, next.length - tail);
    if (remove || add.length) out.push({ field, at, remove, add });
  }
  if (RHYTHM.some((field) => before[field] !== after[field])) {
    out.push({ field: "beats", value: Object.fromEntries(RHYTHM.map((field) => [field, after[field]])) });
  }
  for (const field of ["key", "tuning_cents"] as const) {
    if (before[field] !== after[field]) out.push({ field, value: after[field] });
  }
  return out;
}

/** Which of the pitches 0 to 127 a layer's notes span; a singable octave where it has none. */
export function rangeOf(heard: Heard, layers: readonly Layer[] = ["notes", "melody"]): [number, number] {
  let low = 127, high = 0;
  for (const layer of layers) {
    for (const { pitch } of heard[layer]) {
      low = Math.min(low, pitch);
      high = Math.max(high, pitch);
    }
  }
  return low <= high ? [low, high] : [55, 72];
}

/** Index of the item that holds `time` in a list of spans, else -1. */
export function spanAt(list: readonly Span[], time: number): number {
  return list.findIndex((item) => item.start <= time && time < item.end);
}

/** Index of the beat nearest to `time`; -1 where there is none. */
export function nearestBeat(heard: Heard, time: number): number {
  let best = -1;
  heard.beats.forEach((beat, i) => {
    if (best < 0 || Math.abs(beat - time) < Math.abs(heard.beats[best]! - time)) best = i;
  });
  return best;
}
