/** What a track plays, in seconds; the twin of `workbench/sound/sequence.py`, where the rules stand. */
import { lastAtOrBelow, type TimeMap } from "../document/timemap.js";
import { noteEnd, sortedNotes, type Note, type Track } from "../document/types.js";
import { TABLE } from "./table.js";

const SUSTAIN = 64;

export interface Played {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly key: number;
  readonly velocity: number;
  readonly program: number;
}

function pedalSpans(track: Track, end: number): [number, number][] {
  const spans: [number, number][] = [];
  let down = -1;
  for (const event of track.controls) {
    if (event.number !== SUSTAIN) continue;
    if (event.value >= 64 && down < 0) down = event.tick;
    else if (event.value < 64 && down >= 0) {
      spans.push([down, event.tick]);
      down = -1;
    }
  }
  if (down >= 0) spans.push([down, Math.max(end, down)]);
  return spans;
}

/** The tick at which each note stops, the pedal folded in; `end` is the score's. */
export function soundingEnds(track: Track, notes: readonly Note[], end: number): Map<string, number> {
  const ends = new Map(notes.map((note) => [note.id, noteEnd(note)]));
  const spans = pedalSpans(track, end);
  if (!spans.length) return ends;
  const downs = spans.map((span) => span[0]);
  const strikes = new Map<number, number[]>();
  for (const note of notes) strikes.set(note.pitch, [...(strikes.get(note.pitch) ?? []), note.start]);
  for (const note of notes) {
    const span = spans[lastAtOrBelow(downs, noteEnd(note))];
    if (!span || span[1] <= noteEnd(note)) continue;
    const struck = strikes.get(note.pitch)!;
    const again = struck.slice(lastAtOrBelow(struck, note.start) + 1).find((tick) => tick >= noteEnd(note)) ?? span[1];
    ends.set(note.id, Math.max(noteEnd(note), Math.min(span[1], again)));
  }
  return ends;
}

/** The sounding notes of a track in canonical order. */
export function playedNotes(track: Track, time: TimeMap, end: number, given?: readonly Note[]): Played[] {
  const notes = given ?? sortedNotes(track);
  const ends = soundingEnds(track, notes, end);
  const changes = track.programs.map((event) => event.tick);
  return notes.map((note) => {
    const start = time.seconds(note.start);
    const change = track.programs[lastAtOrBelow(changes, note.start)];
    return {
      id: note.id, start, key: note.pitch, velocity: note.velocity, program: change?.program ?? track.program,
      end: Math.max(time.seconds(ends.get(note.id)!), start + TABLE.min_note_seconds),
    };
  });
}
