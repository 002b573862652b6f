/** What the overview shows: every note of the piece in small, and the signs above them. */
import { noteEnd } from "../../document/types.js";
import { score, styleOf, type RollState } from "../state.js";
import { readColors } from "./colors.js";

/** Height of the strip in pixels: large enough for a finger. */
export const HEIGHT = 44;
/** Where the notes are drawn: below gaps and markers, above the edge. */
const NOTES = [13, 40] as const;

/** `x`: from ticks to pixels. */
export function paintSmallNotes(ink: CanvasRenderingContext2D, state: RollState, x: (tick: number) => number): void {
  const [top, bottom] = NOTES;
  let low = 127, high = 0;
  for (const track of score(state).tracks) {
    if (!track.is_drum) for (const note of track.notes.values()) [low, high] = [Math.min(low, note.pitch), Math.max(high, note.pitch)];
  }
  for (const track of score(state).tracks) {
    ink.fillStyle = styleOf(state, track).fill;
    for (const note of track.notes.values()) {
      const left = x(note.start);
      const y = track.is_drum ? bottom : bottom - 3 - ((bottom - top - 3) * (note.pitch - low)) / Math.max(1, high - low);
      ink.fillRect(left, y, Math.max(1, x(noteEnd(note)) - left), track.is_drum ? 1.5 : 2);
    }
  }
}

/** Gaps, the loop and the names of the sections. */
export function paintSigns(ink: CanvasRenderingContext2D, state: RollState, width: number, x: (tick: number) => number): void {
  const colors = readColors(state.context.root);
  const { marks, loop } = state.context.store.view;
  ink.fillStyle = colors.loop;
  if (loop) ink.fillRect(x(loop[0]), HEIGHT - 3, Math.max(2, x(loop[1]) - x(loop[0])), 3);
  ink.fillStyle = colors.mark;
  for (const mark of marks) ink.fillRect(x(mark.start), 0, Math.max(3, x(mark.end) - x(mark.start)), 4);
  ink.font = `600 10px ${colors.font}`;
  ink.textBaseline = "top";
  let free = 0;
  for (const { kind, tick, text } of score(state).texts) {
    if (kind !== "marker") continue;
    ink.fillStyle = colors["line-strong"];
    ink.fillRect(Math.round(x(tick)), 4, 1, HEIGHT - 4);
    if (x(tick) < free || x(tick) > width - 12) continue;
    ink.fillStyle = colors.soft;
    ink.fillText(text, x(tick) + 3, 4, 90);
    free = x(tick) + 8 + Math.min(90, ink.measureText(text).width);
  }
}
