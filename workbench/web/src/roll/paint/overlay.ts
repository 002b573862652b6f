/** What moves: playhead, keyboard cursor, selection box, marked gaps. Drawn on a canvas of its own. */
import { RULER } from "../viewport.js";
import { currentTrack, score, type RollState } from "../state.js";
import type { Colors } from "./colors.js";
import { stepTicks } from "../snap.js";

type Ink = CanvasRenderingContext2D;

function paintGap(ink: Ink, state: RollState, colors: Colors, start: number, end: number, tracks: number): void {
  const { viewport } = state;
  const left = Math.max(viewport.keys, viewport.x(start));
  const right = Math.min(viewport.width, viewport.x(end));
  if (right <= left) return;
  const { grid } = viewport;
  ink.globalAlpha = 0.1;
  ink.fillStyle = colors.mark;
  ink.fillRect(left, grid.y, right - left, grid.height);
  ink.globalAlpha = 1;
  ink.strokeStyle = colors.mark;
  ink.lineWidth = 2;
  ink.setLineDash([7, 5]);
  ink.strokeRect(left + 1, grid.y + 1, right - left - 2, grid.height - 2);
  ink.setLineDash([]);
  void tracks;
}

export function paintOverlay(ink: Ink, state: RollState, colors: Colors): void {
  const { viewport, context } = state;
  const { store, player } = context;
  const { grid } = viewport;
  ink.clearRect(0, 0, viewport.width, viewport.height);
  ink.save();
  ink.beginPath();
  ink.rect(viewport.keys, 0, viewport.width - viewport.keys, viewport.height);
  ink.clip();
  for (const mark of store.view.marks) paintGap(ink, state, colors, mark.start, mark.end, mark.tracks.length);
  if (state.span?.kind === "gap") paintGap(ink, state, colors, state.span.start, state.span.end, 1);
  if (state.box) {
    const { start, end, low, high } = state.box;
    const x = viewport.x(start);
    const y = viewport.y(high);
    const width = (end - start) * viewport.pxPerTick;
    const height = (high - low + 1) * viewport.rowHeight;
    ink.globalAlpha = 0.12;
    ink.fillStyle = colors.accent;
    ink.fillRect(x, y, width, height);
    ink.globalAlpha = 1;
    ink.strokeStyle = colors.accent;
    ink.lineWidth = 1.5;
    ink.strokeRect(x, y, width, height);
  }
  if (state.cursorShown && !player.playing) {
    const track = currentTrack(state);
    const x = viewport.x(store.view.cursor);
    const width = Math.max(10, stepTicks(store.time, store.view.snap || 4) * viewport.pxPerTick);
    ink.strokeStyle = colors.focus;
    ink.lineWidth = 2.5;
    ink.strokeRect(x, viewport.y(state.cursorPitch), track?.is_drum ? viewport.rowHeight : width, viewport.rowHeight);
  }
  const position = player.position;
  const x = viewport.x(position);
  if (x >= viewport.keys) {
    ink.fillStyle = colors.playhead;
    ink.globalAlpha = player.playing ? 1 : 0.75;
    ink.fillRect(x - 0.75, RULER - 10, 1.5, viewport.height);
    ink.beginPath();
    ink.moveTo(x - 6, RULER - 12);
    ink.lineTo(x + 6, RULER - 12);
    ink.lineTo(x, RULER - 3);
    ink.fill();
    ink.globalAlpha = 1;
  }
  ink.restore();
  if (player.playing) paintSounding(ink, state, colors, position, grid.y, grid.y + grid.height);
}

/** What sounds now: the notes light up, and their keys at the left are marked. */
function paintSounding(ink: Ink, state: RollState, colors: Colors, tick: number, top: number, bottom: number): void {
  const { viewport } = state;
  const track = currentTrack(state);
  if (!track || !score(state).tracks.includes(track)) return;
  ink.fillStyle = colors.accent;
  for (const note of state.index.between(track.id, tick, tick + 1)) {
    const y = viewport.y(note.pitch);
    if (note.start > tick || y < top - viewport.rowHeight || y > bottom) continue;
    const left = Math.max(viewport.keys, viewport.x(note.start));
    const width = viewport.x(note.start + note.duration) - left - 1;
    if (!track.is_drum && width > 0 && !state.preview) {
      ink.globalAlpha = 0.4;
      ink.fillStyle = "#ffffff";
      ink.beginPath();
      ink.roundRect(left, Math.max(top, y) + 1.5, width, Math.min(viewport.rowHeight, bottom - y) - 3, Math.min(4, viewport.rowHeight / 3));
      ink.fill();
      ink.fillStyle = colors.accent;
    }
    ink.globalAlpha = 0.85;
    ink.fillRect(viewport.keys - 5, Math.max(top, y), 4, Math.min(viewport.rowHeight, bottom - y));
    ink.globalAlpha = 1;
  }
}
