/** What was played: every press with its time, and all that is needed to play it again. Plain data. */
import { makeNote, makeTrack, type Note, type Track } from "../document/types.js";
import type { NamedChord, PlayChord } from "./chords.js";
import { modelOf, type Decoder } from "./decoder.js";
import { GeniePlayer } from "./geniePlayer.js";
import type { GenieSettings } from "./rules.js";

export const BEATS_IN_BAR = 4;

/** Times in seconds from the start of the take, in whole milliseconds. `place`: one of the eight buttons. */
export interface TakePress {
  readonly time: number;
  readonly button: number;
  readonly place: number;
  readonly velocity: number;
  readonly pitch: number;
  readonly chord: PlayChord;
  release: number;
}

/** Settings that hold from press number `from` on. */
export interface Change { readonly from: number; readonly settings: GenieSettings }
export interface Pedal { readonly time: number; readonly down: boolean }

/** One pass of playing; overdubbing adds another. */
export interface Layer {
  /** Whose weights it was played on; takes from before there were several do not say. */
  readonly model?: string;
  readonly seed: number;
  readonly changes: Change[];
  readonly presses: TakePress[];
  readonly pedals: Pedal[];
}

export type GrooveStyle = "none" | "beat" | "ballad" | "bounce";
/** The built-in groove that played along, one chord a bar. */
export interface Backing { readonly bpm: number; readonly style: GrooveStyle; readonly chords: readonly NamedChord[] }

/** `grid` in beats; `strength` from 0 to 1. */
export interface Tidy { readonly grid: number; readonly strength: number }

export interface Take {
  readonly number: number;
  readonly layers: readonly Layer[];
  readonly backing: Backing | null;
  /** Where in the open project it was played, in seconds of the project; null: by itself. */
  readonly song: number | null;
  readonly tidy: Tidy | null;
}

export interface TakeNote {
  readonly start: number;
  readonly end: number;
  readonly pitch: number;
  readonly velocity: number;
  readonly place: number;
  /** Whose weights chose the pitch. */
  readonly model: string;
}

/** Press the same buttons again: the pitches that seed and settings give. Equal to those recorded. */
export function playAgain(decoder: Decoder, layer: Layer): number[] {
  const player = new GeniePlayer(decoder, layer.changes[0]?.settings, layer.seed);
  let next = 0;
  return layer.presses.map((press, index) => {
    while (next < layer.changes.length && layer.changes[next]!.from <= index) {
      player.settings = layer.changes[next++]!.settings;
    }
    return player.press(press.button, press.time, press.chord);
  });
}

/** Seconds of the last event. */
export function takeEnd(take: Take): number {
  let end = 0;
  for (const layer of take.layers) {
    for (const press of layer.presses) end = Math.max(end, press.release);
    for (const pedal of layer.pedals) end = Math.max(end, pedal.time);
  }
  return end;
}

/** Beats a minute that fit the onsets best, first onset on the beat; 100 where there is little to go by. */
export function guessTempo(onsets: readonly number[]): number {
  if (onsets.length < 4) return 100;
  let best = 100;
  let least = Infinity;
  for (let bpm = 70; bpm <= 140; bpm++) {
    const half = 30 / bpm;
    let error = 0;
    for (const onset of onsets) {
      const place = (onset - onsets[0]!) / half;
      error += Math.abs(place - Math.round(place));
    }
    error += onsets.length * 0.0004 * Math.abs(bpm - 100); // between equals, a walking pace
    if (error < least) [best, least] = [bpm, error];
  }
  return best;
}

export function tempoOf(take: Take): number {
  return take.backing?.bpm ?? guessTempo(take.layers.flatMap((layer) => layer.presses.map((press) => press.time)).sort((a, b) => a - b));
}

/** The notes as they sound, the tidying applied: starts move towards the grid, lengths stay. */
export function notesOf(take: Take): TakeNote[] {
  const beat = take.tidy ? 60 / tempoOf(take) : 0;
  const first = Math.min(...take.layers.flatMap((layer) => layer.presses.map((press) => press.time)));
  const zero = take.backing || !Number.isFinite(first) ? 0 : first;
  const out = take.layers.flatMap((layer) => layer.presses.map((press) => {
    const { time, release, pitch, velocity, place } = press, model = modelOf(layer.model);
    if (!take.tidy) return { start: time, end: release, pitch, velocity, place, model };
    const step = beat * take.tidy.grid;
    const target = zero + Math.round((time - zero) / step) * step;
    const start = Math.max(0, time + (target - time) * take.tidy.strength);
    return { start, end: start + (release - time), pitch, velocity, place, model };
  }));
  return out.sort((a, b) => a.start - b.start || a.pitch - b.pitch);
}

/** Ends with the pedal folded in, for sound and picture. */
export function soundingNotes(take: Take): TakeNote[] {
  const pedals = take.layers.flatMap((layer) => layer.pedals).sort((a, b) => a.time - b.time);
  return notesOf(take).map((note) => {
    const before = pedals.filter((pedal) => pedal.time <= note.end).at(-1);
    if (!before?.down) return note;
    const up = pedals.find((pedal) => pedal.time > note.end && !pedal.down);
    return { ...note, end: up?.time ?? takeEnd(take) };
  });
}

/** The take as a track; `tick` converts seconds of the take. Ids of the notes in the order of time. */
export function takeTrack(take: Take, id: string, name: string, color: number, tick: (seconds: number) => number): Track {
  const notes: Note[] = notesOf(take).map((note, index) => {
    const start = tick(note.start);
    return makeNote({
      id: `n${index + 1}`, start, duration: Math.max(1, tick(note.end) - start), pitch: note.pitch,
      velocity: note.velocity, author: `human+model:${note.model}`,
    });
  });
  const track = makeTrack(id, { name, program: 0, color }, notes);
  const pedals = take.layers.flatMap((layer) => layer.pedals).sort((a, b) => a.time - b.time);
  track.controls = pedals.map(({ time, down }) => ({ tick: tick(time), number: 64, value: down ? 127 : 0 }));
  return track;
}
