/** Ideas: outlines with a light fill, so that they are seen to be no notes yet; where it is asked for, by sureness. */
import { sureClass } from "../../fill/idea.js";
import type { Note, Track } from "../../document/types.js";
import type { TrackStyle } from "../../ui/palette.js";
import { shownGhosts } from "../ghosts.js";
import { trackName } from "../speech.js";
import { score, styleOf, type RollState } from "../state.js";
import type { Colors } from "./colors.js";
import { clamp } from "../../ui/dom.js";
import { trace } from "./shapes.js";

type Ink = CanvasRenderingContext2D;

export function paintGhosts(ink: Ink, state: RollState, colors: Colors): void {
  const { ghosts, viewport } = state;
  if (!ghosts) return;
  const names: Spot[] = [];
  for (const track of shownGhosts(state)) {
    const style = styleOf(state, track);
    let first: Note | null = null;
    for (const note of ghosts.notes[track.id] ?? []) {
      const x = viewport.x(note.start);
      const width = track.is_drum ? viewport.rowHeight : Math.max(5, note.duration * viewport.pxPerTick - 1);
      if (x > viewport.width || x + width < viewport.keys) continue;
      first ??= note;
      const y = viewport.y(note.pitch);
      ink.beginPath();
      ink.roundRect(x + 0.5, y + 1.5, width, viewport.rowHeight - 3, Math.min(5, viewport.rowHeight / 3));
      const percent = ghosts.sure?.(track.id, note) ?? null;
      if (percent === null) paintPlain(ink, style);
      else paintSure(ink, style, percent, [x, y, width, viewport.rowHeight]);
    }
    if (first && !score(state).tracks.includes(track)) names.push(paintName(ink, state, colors, track, style, first, names));
  }
  ink.fillStyle = colors.ink;
}

function paintPlain(ink: Ink, style: TrackStyle): void {
  ink.globalAlpha = 0.42;
  ink.fillStyle = style.fill;
  ink.fill();
  ink.globalAlpha = 1;
  ink.setLineDash([4, 3]);
  ink.lineWidth = 1.5;
  ink.strokeStyle = style.deep;
  ink.stroke();
  ink.setLineDash([]);
}

/** Sure: filled, with a firm line. Between: striped. Unsure: hollow and dotted. Never told by paleness alone. */
function paintSure(
  ink: Ink, style: TrackStyle, percent: number, [x, y, width, height]: readonly [number, number, number, number],
): void {
  const kind = sureClass(percent);
  ink.save();
  ink.fillStyle = style.fill;
  ink.strokeStyle = style.deep;
  if (kind === "sure") {
    ink.globalAlpha = 0.85;
    ink.fill();
    ink.globalAlpha = 1;
  }
  ink.setLineDash(kind === "sure" ? [] : kind === "half" ? [5, 3] : [1.5, 3]);
  ink.lineWidth = kind === "sure" ? 2 : 1.5;
  ink.stroke();
  if (kind === "half") {
    ink.clip();
    ink.setLineDash([]);
    ink.lineWidth = 2.5;
    ink.strokeStyle = style.fill;
    ink.beginPath();
    for (let at = x - height; at < x + width; at += 7) {
      ink.moveTo(at, y + height);
      ink.lineTo(at + height, y);
    }
    ink.stroke();
  }
  ink.restore();
}

/** Where a name stands: left and right edge, and top. */
type Spot = readonly [left: number, right: number, top: number];

/** The name of a track that does not exist yet, above the first of its notes in sight; beside names that stand there. */
function paintName(ink: Ink, state: RollState, colors: Colors, track: Track, style: TrackStyle, note: Note, others: readonly Spot[]): Spot {
  const { viewport } = state;
  ink.font = `600 11px ${colors.font}`;
  const name = trackName(track, score(state));
  const width = ink.measureText(name).width + 24;
  const { grid } = viewport;
  const y = clamp(viewport.y(note.pitch) - 17, grid.y + 2, grid.y + grid.height - 18); // at the edge where it is out of sight
  let x = Math.max(viewport.grid.x + 2, viewport.x(note.start));
  for (const [left, right, top] of [...others].sort(([a], [b]) => a - b)) if (Math.abs(top - y) < 17 && x < right && left < x + width) x = right + 3;
  ink.globalAlpha = 0.94;
  ink.fillStyle = style.fill;
  ink.beginPath();
  ink.roundRect(x, y, width, 16, 8);
  ink.fill();
  ink.globalAlpha = 1;
  ink.fillStyle = style.on;
  trace(ink, style.shape, x + 10, y + 8, 4);
  ink.fill();
  ink.textBaseline = "middle";
  ink.fillText(name, x + 18, y + 8.5);
  ink.textBaseline = "alphabetic";
  return [x, x + width, y];
}
