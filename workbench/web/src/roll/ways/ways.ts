/** Ways to set chords to the piece, as the server tells them: read, heard, written down. */
import { setLaneTo } from "../../document/edits.js";
import { readLane, type Chord } from "../../document/lanes.js";
import type { Operation } from "../../document/operations.js";
import type { TimeMap } from "../../document/timemap.js";
import { inRegion, readTrack, type Region, type Score, type Track } from "../../document/types.js";
import type { Json } from "../../host/messages.js";
import type { Overlay } from "../../sound/schedule.js";
import { noteKey } from "../../store/viewstate.js";

export interface Way {
  /** The person's own chords and those that were found, by time. */
  readonly chords: readonly Chord[];
  /** Those that nobody wrote. */
  readonly found: readonly Chord[];
  /** A plain part that plays them in the bars that are heard; no part of the piece. */
  readonly track: Track;
}

export const readWays = (items: readonly Json[]): Way[] => items.map((item) => ({
  chords: readLane<Chord>("chords", item["chords"] as readonly Json[]),
  found: readLane<Chord>("chords", item["found"] as readonly Json[]),
  track: readTrack(item["track"] as Json),
}));

/** The one step that writes them down: what a person wrote stays, to the tick, unless the way was asked for `free` of it. */
export const keepWay = (score: Score, way: Way, free = false): Operation =>
  setLaneTo(score, "chords", free ? [...way.found] : [...score.chords, ...way.found]);

/**
 * What is heard: the plain part beside everything, or (`alone`) beside the tune and the drums, since what else the piece
 * plays goes by other chords.
 */
export function overlayOf(score: Score, track: Track, tune: string, [start, end]: readonly [number, number], alone: boolean): Overlay {
  const resting = alone ? score.tracks.filter((item) => !item.is_drum && item.id !== tune && !item.locked).map((item) => item.id) : [];
  const region: Region = { start, end, tracks: [track.id, ...resting] };
  return { regions: [region], around: false, notes: { [track.id]: [...track.notes.values()] }, tracks: [{ ...track, notes: new Map() }] };
}

/** Keys of the notes that rest meanwhile. */
export function restingNotes(score: Score, { regions }: Overlay): Set<string> {
  const out = new Set<string>();
  for (const track of score.tracks) {
    if (!regions.some((region) => region.tracks.includes(track.id))) continue;
    for (const note of track.notes.values()) {
      if (!note.locked && regions.some((region) => inRegion(region, track.id, note))) out.add(noteKey(track.id, note.id));
    }
  }
  return out;
}

export interface BarChord { readonly chord: Chord; readonly own: boolean }
export interface ChordBar { readonly number: number; readonly chords: readonly BarChord[] }

/** Which chords sound in each of these bars, those that go on from before among them. */
export function chordBars(way: Way, time: TimeMap, [first, last]: readonly [number, number]): ChordBar[] {
  const found = new Set(way.found.map((chord) => chord.tick));
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const bar = time.bar(first + i);
    return { number: bar.number, chords: way.chords
      .filter((chord) => chord.tick < bar.end && chord.tick + chord.duration > bar.start)
      .map((chord) => ({ chord, own: !found.has(chord.tick) })) };
  });
}
