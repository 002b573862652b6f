/** Putting right what was heard; each function gives a new description and leaves the old one as it was. */
import { clamp } from "../ui/dom.js";
import { SHORTEST, spanAt, withNotes, type Heard, type HeardNote, type Labelled, type Layer } from "./heard.js";

/** What a person has said is sure. */
const said = (note: HeardNote): HeardNote => ({ ...note, confidence: 1 });
const DRUM_LENGTH = 0.1;
const MAX_TEMPO = 6_000;

function replaced(heard: Heard, layer: Layer, index: number, ...notes: HeardNote[]): Heard {
  return withNotes(heard, layer, heard[layer].flatMap((note, i) => (i === index ? notes : [note])));
}

/** Another pitch: the deviation that was measured was that of the wrong one. */
export function moveNote(heard: Heard, layer: Layer, index: number, pitch: number): Heard {
  const { cents: _, ...note } = heard[layer][index]!;
  return replaced(heard, layer, index, said({ ...note, pitch: clamp(Math.round(pitch), 0, 127) }));
}

export function retimeNote(heard: Heard, layer: Layer, index: number, start: number, end: number): Heard {
  const first = clamp(start, 0, heard.duration - SHORTEST);
  return replaced(heard, layer, index,
    said({ ...heard[layer][index]!, start: first, end: clamp(end, first + SHORTEST, heard.duration) }));
}

export const removeNote = (heard: Heard, layer: Layer, index: number): Heard => replaced(heard, layer, index);

/** Two notes of one, at a time or in the middle; the same description where it is too short for that. */
export function splitNote(heard: Heard, layer: Layer, index: number, time?: number): Heard {
  const note = heard[layer][index]!;
  const at = time !== undefined && time > note.start + SHORTEST && time < note.end - SHORTEST ? time : (note.start + note.end) / 2;
  if (at - note.start < SHORTEST || note.end - at < SHORTEST) return heard;
  return replaced(heard, layer, index, said({ ...note, end: at }), said({ ...note, start: at }));
}

/** Index of the note that follows one, as a melody would: the first that begins later. */
export function following(heard: Heard, layer: Layer, index: number): number {
  const { start } = heard[layer][index]!;
  return heard[layer].findIndex((note, i) => i > index && note.start > start + SHORTEST / 2);
}

/** One note of this and the following one, at the pitch of the longer; the same description where none follows. */
export function mergeNotes(heard: Heard, layer: Layer, index: number): Heard {
  const other = following(heard, layer, index);
  if (other < 0) return heard;
  const first = heard[layer][index]!, second = heard[layer][other]!;
  const longer = second.end - second.start > first.end - first.start ? second : first;
  const merged = said({ ...longer, start: first.start, end: Math.max(first.end, second.end) });
  return withNotes(heard, layer, heard[layer].flatMap((note, i) => (i === index ? [merged] : i === other ? [] : [note])));
}

export function addNote(heard: Heard, layer: Layer, start: number, pitch: number): Heard {
  const first = clamp(start, 0, Math.max(0, heard.duration - SHORTEST));
  const beat = heard.tempo ? 60 / heard.tempo : 0.5;
  const length = layer === "drums" ? DRUM_LENGTH : clamp(beat, 2 * SHORTEST, 2);
  const end = Math.min(heard.duration, first + length);
  return withNotes(heard, layer, [...heard[layer], { start: first, end, pitch: clamp(pitch, 0, 127), velocity: 80, confidence: 1 }]);
}

/** Chords without overlaps where one is written from `start` to `end`; what it covers gives way. */
export function putChord(heard: Heard, start: number, end: number, label: string): Heard {
  const around = heard.chords.flatMap((chord): Labelled[] => {
    if (chord.end <= start || chord.start >= end) return [chord];
    return [...(chord.start < start ? [{ ...chord, end: start }] : []), ...(chord.end > end ? [{ ...chord, start: end }] : [])];
  }).filter((chord) => chord.end - chord.start > 1e-3);
  return { ...heard, chords: [...around, { start, end, label, confidence: 1 }].sort((a, b) => a.start - b.start) };
}

/** Another chord in the place of one. */
export function setChord(heard: Heard, index: number, label: string): Heard {
  return { ...heard, chords: heard.chords.map((chord, i) => (i === index ? { ...chord, label, confidence: 1 } : chord)) };
}

/** Two of one chord, at the beat nearest to `time` inside it; the same description where none is. */
export function splitChord(heard: Heard, index: number, time: number): Heard {
  const chord = heard.chords[index]!;
  const inside = heard.beats.filter((beat) => beat > chord.start + 0.05 && beat < chord.end - 0.05);
  if (!inside.length) return heard;
  const at = inside.reduce((best, beat) => (Math.abs(beat - time) < Math.abs(best - time) ? beat : best));
  const chords = heard.chords.flatMap((item, i) => (i === index ? [{ ...item, end: at }, { ...item, start: at }] : [item]));
  return { ...heard, chords };
}

/** The bar around a time, as [start, end] in seconds. */
export function barAt(heard: Heard, time: number): [number, number] {
  const { downbeats, duration } = heard;
  const before = downbeats.filter((beat) => beat <= time + 1e-6).at(-1) ?? 0;
  const after = downbeats.find((beat) => beat > time + 1e-6) ?? duration;
  return [before, Math.max(before + 0.1, Math.min(duration, after))];
}

/** Index of the chord at a time. */
export const chordAt = (heard: Heard, time: number): number => spanAt(heard.chords, time);

/** How far apart the same note of two layers may begin, in seconds. */
const SAME = 0.05;

/**
 * A melody's notes stand among all notes as well: what a correction did to one layer is done to its twins in the other,
 * so that no wrong note comes back from there.
 */
export function mirrored(before: Heard, after: Heard): Heard {
  const from = before.melody !== after.melody ? "melody" : before.notes !== after.notes ? "notes" : null;
  if (!from) return after;
  const other = from === "melody" ? "notes" : "melody";
  const left = new Set(after[from]), there = new Set(before[from]);
  const gone = before[from].filter((note) => !left.has(note)), come = after[from].filter((note) => !there.has(note));
  const isTwin = (note: HeardNote): boolean =>
    gone.some((old) => old.pitch === note.pitch && Math.abs(old.start - note.start) < SAME);
  const kept = after[other].filter((note) => !isTwin(note));
  if (kept.length === after[other].length && (other === "melody" || !after[other].length)) return after;
  return withNotes(after, other, [...kept, ...come]);
}

// -- beats -----------------------------------------------------------------------------------------------------------

const onesOf = (heard: Heard): number[] =>
  heard.downbeats.map((time) => heard.beats.findIndex((beat) => Math.abs(beat - time) < 2e-3)).filter((i) => i >= 0);

function medianTempo(beats: readonly number[], otherwise: number): number {
  const gaps = beats.slice(1).map((beat, i) => beat - beats[i]!).sort((a, b) => a - b);
  if (!gaps.length) return otherwise;
  const middle = gaps.length >> 1;
  return 60 / (gaps.length % 2 ? gaps[middle]! : (gaps[middle - 1]! + gaps[middle]!) / 2);
}

function withBeats(
  heard: Heard, beats: readonly number[], ones: readonly number[], confidence: readonly number[], metre = heard.metre,
): Heard {
  const kept = [...new Set(ones)].filter((i) => i >= 0 && i < beats.length).sort((a, b) => a - b);
  return {
    ...heard, beats, metre, beat_confidence: confidence, downbeats: kept.map((i) => beats[i]!),
    tempo: Math.min(MAX_TEMPO, medianTempo(beats, heard.tempo)),
  };
}

/** A beat somewhere else, between its neighbours. */
export function moveBeat(heard: Heard, index: number, time: number): Heard {
  const low = (heard.beats[index - 1] ?? -0.02) + 0.02, high = (heard.beats[index + 1] ?? heard.duration + 0.02) - 0.02;
  if (low > high) return heard;
  return withBeats(heard, heard.beats.map((beat, i) => (i === index ? clamp(time, low, high) : beat)), onesOf(heard),
    heard.beat_confidence.map((value, i) => (i === index ? 1 : value)));
}

export function removeBeat(heard: Heard, index: number): Heard {
  return withBeats(heard, heard.beats.filter((_, i) => i !== index),
    onesOf(heard).filter((one) => one !== index).map((one) => (one > index ? one - 1 : one)),
    heard.beat_confidence.filter((_, i) => i !== index));
}

/** Half the tempo: every second beat, in bars of as many beats as before. */
export function halfTime(heard: Heard): Heard {
  const ones = onesOf(heard), first = (ones[0] ?? 0) % 2;
  const keep = <T>(list: readonly T[]): T[] => list.filter((_, i) => i % 2 === first);
  return withBeats(heard, keep(heard.beats), ones.filter((_, i) => i % 2 === 0).map((one) => Math.floor((one - first + 1) / 2)),
    keep(heard.beat_confidence));
}

/** Twice the tempo: a beat between every two. */
export function doubleTime(heard: Heard): Heard {
  const beats: number[] = [], confidence: number[] = [];
  heard.beats.forEach((beat, i) => {
    if (i) {
      beats.push((heard.beats[i - 1]! + beat) / 2);
      confidence.push(Math.min(heard.beat_confidence[i - 1]!, heard.beat_confidence[i]!));
    }
    beats.push(beat);
    confidence.push(heard.beat_confidence[i]!);
  });
  return withBeats(heard, beats, onesOf(heard).flatMap((one) => [2 * one, 2 * one + heard.metre]), confidence);
}

/** Every bar begins `by` beats later; bars that become free at either end begin on their own beat too. */
export function shiftOne(heard: Heard, by: number): Heard {
  const ones = onesOf(heard).map((one) => one + by), { metre, beats } = heard;
  if (!ones.length) return setMetre(heard, metre, Math.max(0, by));
  for (let one = ones[0]! - metre; one >= 0; one -= metre) ones.unshift(one);
  for (let one = ones.at(-1)! + metre; one < beats.length; one += metre) ones.push(one);
  return withBeats(heard, beats, ones, heard.beat_confidence);
}

/** "This is the one": the bars are shifted, by as little as it takes. */
export function thisIsTheOne(heard: Heard, index: number): Heard {
  const before = onesOf(heard).filter((one) => one <= index).at(-1);
  if (before === undefined) return setMetre(heard, heard.metre, index);
  const ahead = (index - before) % heard.metre;
  return shiftOne(heard, ahead > heard.metre / 2 ? ahead - heard.metre : ahead);
}

/** Bars of `metre` beats throughout, counted from the first downbeat (or from a beat). */
export function setMetre(heard: Heard, metre: number, from = onesOf(heard)[0] ?? 0): Heard {
  const ones: number[] = [];
  for (let one = from % metre; one < heard.beats.length; one += metre) ones.push(one);
  return withBeats(heard, heard.beats, ones, heard.beat_confidence, metre);
}

/** Fewest taps that make a tempo. */
export const ENOUGH_TAPS = 4;

/** Beats where a person tapped, the first tap a one; before and behind them they go on as they were tapped. */
export function tapped(heard: Heard, taps: readonly number[]): Heard {
  const beats = [...taps].sort((a, b) => a - b).filter((tap, i, all) => tap >= 0 && tap <= heard.duration && (!i || tap - all[i - 1]! > 0.1));
  if (beats.length < ENOUGH_TAPS) return heard;
  const span = Math.min(8, beats.length - 1);
  const early = (beats[span]! - beats[0]!) / span, late = (beats.at(-1)! - beats.at(-1 - span)!) / span;
  const before: number[] = [], behind: number[] = [];
  for (let beat = beats[0]! - early; beat > 0; beat -= early) before.unshift(beat);
  for (let beat = beats.at(-1)! + late; beat < heard.duration; beat += late) behind.push(beat);
  const all = [...before, ...beats, ...behind];
  return setMetre(withBeats(heard, all, [], all.map(() => 1)), heard.metre, before.length % heard.metre);
}
