/** What moves: playhead, keyboard cursor, selection box, marked gaps. Drawn on a canvas of its own. */
import { RULER } from "../viewport.js";
import { currentTrack, score, styleOf, type RollState } from "../state.js";
import type { Colors } from "./colors.js";
import { stepTicks } from "../snap.js";
import { trackName } from "../speech.js";
import { trace } from "./shapes.js";

type Ink = CanvasRenderingContext2D;

/** A gap: a dashed frame, fainter where the edited track is not filled, and at its top the shapes of its tracks. */
function paintGap(ink: Ink, state: RollState, colors: Colors, gap: { start: number; end: number; tracks: readonly string[] }, row = 0): void {
  const { viewport } = state;
  const left = Math.max(viewport.keys, viewport.x(gap.start));
  const right = Math.min(viewport.width, viewport.x(gap.end));
  if (right <= left) return;
  const { grid } = viewport;
  const own = !gap.tracks.length || gap.tracks.includes(currentTrack(state)?.id ?? "");
  ink.globalAlpha = own ? 0.1 : 0.04;
  ink.fillStyle = colors.mark;
  ink.fillRect(left, grid.y, right - left, grid.height);
  ink.globalAlpha = own ? 1 : 0.55;
  ink.strokeStyle = colors.mark;
  ink.lineWidth = own ? 2 : 1.5;
  ink.setLineDash(own ? [7, 5] : [2, 4]);
  ink.strokeRect(left + 1, grid.y + 1, right - left - 2, grid.height - 2);
  ink.setLineDash([]);
  ink.globalAlpha = 1;
  if (state.context.store.view.marks.length > 1) paintTracksOf(ink, state, colors, gap.tracks, left + 6, grid.y + 6 + 20 * row, right - 4);
}

/** One badge a track, as many as there is room for. */
function paintTracksOf(
  ink: Ink, state: RollState, colors: Colors, tracks: readonly string[], left: number, top: number, limit: number,
): void {
  let x = left;
  for (const track of score(state).tracks) {
    if (!tracks.includes(track.id) || x + 16 > limit) continue;
    const style = styleOf(state, track);
    ink.fillStyle = style.fill;
    ink.beginPath();
    ink.roundRect(x, top, 16, 16, 4);
    ink.fill();
    ink.fillStyle = style.on;
    trace(ink, style.shape, x + 8, top + 8, 4.5);
    ink.fill();
    x += 19;
  }
  const only = tracks.length === 1 ? score(state).tracks.find((track) => track.id === tracks[0]) : undefined;
  if (!only) return;
  ink.font = `600 11px ${colors.font}`;
  const name = trackName(only, score(state));
  if (x + ink.measureText(name).width > limit) return;
  ink.fillStyle = colors.ink;
  ink.textBaseline = "middle";
  ink.fillText(name, x + 2, top + 8.5);
  ink.textBaseline = "alphabetic";
}

/** What the idea's note under the pointer is. */
function paintHint(ink: Ink, state: RollState, colors: Colors): void {
  if (!state.hint || !state.ghosts) return;
  const { x, y, text } = state.hint;
  ink.font = `500 12px ${colors.font}`;
  const width = ink.measureText(text).width + 16;
  const left = Math.max(state.viewport.keys + 4, Math.min(x + 12, state.viewport.width - width - 6));
  const top = y > 40 ? y - 32 : y + 16;
  ink.fillStyle = colors.ink;
  ink.beginPath();
  ink.roundRect(left, top, width, 24, 6);
  ink.fill();
  ink.fillStyle = colors.surface;
  ink.textBaseline = "middle";
  ink.fillText(text, left + 8, top + 12.5);
  ink.textBaseline = "alphabetic";
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
  const { marks } = store.view;
  marks.forEach((mark, i) => { // gaps of the same time have their badges below each other
    const row = marks.slice(0, i).filter((other) => other.start < mark.end && mark.start < other.end).length;
    paintGap(ink, state, colors, mark, row);
  });
  if (state.span?.kind === "gap") paintGap(ink, state, colors, { ...state.span, tracks: [] });
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
  paintHint(ink, state, colors);
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
