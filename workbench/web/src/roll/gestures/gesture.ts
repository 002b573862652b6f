/** What every gesture is: it begins at a point, follows the pointer, and ends as one operation or is called off. */
import { noteEnd, type Note } from "../../document/types.js";
import { currentTrack, type RollState } from "../state.js";

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly tick: number;
  readonly pitch: number;
  readonly shift: boolean;
  readonly alt: boolean;
  readonly ctrl: boolean;
  readonly touch: boolean;
}

export interface Gesture {
  move(point: Point): void;
  end(point: Point): void;
  cancel(): void;
}

/** The edited track's note under a point, and which edge of it, if any. */
export function noteUnder(state: RollState, point: Point): { note: Note; edge: "start" | "end" | null } | null {
  const track = currentTrack(state);
  if (!track) return null;
  const { viewport } = state;
  const reach = point.touch ? 12 : 5;
  const slack = (track.is_drum ? viewport.rowHeight / 2 : point.touch ? 6 : 2) / viewport.pxPerTick;
  const note = state.index.at(track.id, point.tick, point.pitch, slack);
  if (!note) return null;
  if (track.is_drum) return { note, edge: null };
  const width = note.duration * viewport.pxPerTick;
  if (width < reach * 2.5) {
    return { note, edge: point.x > viewport.x(noteEnd(note)) - Math.min(reach, width / 2) ? "end" : null };
  }
  if (point.x > viewport.x(noteEnd(note)) - reach) return { note, edge: "end" };
  return { note, edge: point.x < viewport.x(note.start) + reach ? "start" : null };
}
