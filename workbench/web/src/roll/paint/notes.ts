/** The notes: the edited track in full colour, the others as ghosts behind, ideas as outlines in front. */
import type { Note, Track } from "../../document/types.js";
import { noteKey } from "../../store/viewstate.js";
import type { TrackStyle } from "../../ui/palette.js";
import { currentTrack, score, styleOf, type RollState } from "../state.js";
import type { Colors } from "./colors.js";
import { paintGhosts } from "./ghosts.js";
import { trace } from "./shapes.js";

type Ink = CanvasRenderingContext2D;

interface Look { style: TrackStyle; drum: boolean; ghost: boolean; selected: boolean; hovered: boolean }

function paintNote(ink: Ink, state: RollState, colors: Colors, note: Note, look: Look): void {
  const { viewport } = state;
  const x = viewport.x(note.start);
  const y = viewport.y(note.pitch);
  const height = viewport.rowHeight;
  const { style } = look;
  if (look.drum) {
    const radius = Math.max(3, height / 2 - 1.2);
    ink.globalAlpha = look.ghost ? 0.3 : 0.45 + (0.55 * note.velocity) / 127;
    ink.fillStyle = style.fill;
    trace(ink, "diamond", x + Math.min(radius, 1), y + height / 2, radius);
    ink.fill();
    ink.globalAlpha = 1;
    if (look.selected || look.hovered) {
      ink.strokeStyle = look.selected ? colors.ink : style.deep;
      ink.lineWidth = look.selected ? 2 : 1.5;
      ink.stroke();
    }
    return;
  }
  const width = Math.max(note.duration ? 3 : 5, note.duration * viewport.pxPerTick - 1);
  ink.globalAlpha = look.ghost ? 0.26 : 0.5 + (0.5 * note.velocity) / 127;
  ink.fillStyle = style.fill;
  if (width < 6) {
    ink.fillRect(x, y + 1, width, height - 2);
    ink.globalAlpha = 1;
  } else {
    const radius = Math.min(5, height / 3, width / 3);
    ink.beginPath();
    ink.roundRect(x + 0.5, y + 1, width, height - 2, radius);
    ink.fill();
    ink.globalAlpha = 1;
    ink.lineWidth = 1;
    ink.strokeStyle = style.deep;
    ink.stroke();
    if (height >= 12 && width >= 16) {
      ink.fillStyle = style.on;
      trace(ink, style.shape, x + 7.5, y + height / 2, Math.min(3.6, height / 4));
      ink.fill();
    }
    if (note.author.includes("model:") && width >= 26) {
      ink.fillStyle = style.on;
      ink.globalAlpha = 0.85;
      ink.fillRect(x + width - 9, y + height / 2 - 1, 5, 2); // made by a model: a dash at the end
      ink.globalAlpha = 1;
    }
    if (note.locked) {
      ink.fillStyle = style.deep;
      ink.fillRect(x + 1, y + 1, 3, height - 2);
      ink.fillRect(x + width - 3, y + 1, 3, height - 2);
    }
  }
  if (look.selected || look.hovered) {
    ink.beginPath();
    ink.roundRect(x - 0.5, y, width + 2, height, Math.min(6, height / 3));
    ink.lineWidth = look.selected ? 2.5 : 1.5;
    ink.strokeStyle = look.selected ? colors.ink : style.deep;
    ink.stroke();
  }
}

function paintTrack(ink: Ink, state: RollState, colors: Colors, track: Track, ghost: boolean): void {
  const { viewport, preview, ghosts } = state;
  const { selection } = state.context.store.view;
  const style = styleOf(state, track);
  const low = viewport.lowestPitch - 1;
  const base = { style, drum: track.is_drum, ghost };
  const plain = new PlainNotes(state);
  for (const note of state.index.between(track.id, viewport.tick - 20 / viewport.pxPerTick, viewport.lastTick)) {
    if (note.pitch < low || note.pitch > viewport.top + 1) continue;
    const key = noteKey(track.id, note.id);
    if (preview?.hidden.has(key)) continue;
    const replaced = ghosts?.replaced.has(key) ?? false;
    const selected = !ghost && selection.has(key);
    if (!track.is_drum && !selected && (ghost || replaced || note.duration * viewport.pxPerTick < 6)) {
      plain.add(note, ghost || replaced ? 0 : 1 + (note.velocity >> 5));
      continue;
    }
    paintNote(ink, state, colors, note, {
      ...base, ghost: ghost || replaced, selected, hovered: !ghost && state.hover?.key === key });
  }
  plain.fill(ink, style);
}

/** Notes without outline, collected by shade: thousands of plain rectangles cost less than one large path. */
class PlainNotes {
  private readonly shades: number[][] = [[], [], [], [], []];

  constructor(private readonly state: RollState) {}

  /** `shade`: 0 for ghosts, 1 to 4 from soft to loud. */
  add(note: Note, shade: number): void {
    const { viewport } = this.state;
    const width = Math.max(note.duration ? 3 : 5, note.duration * viewport.pxPerTick - 1);
    this.shades[shade]!.push(Math.round(viewport.x(note.start)), Math.round(viewport.y(note.pitch)) + 1, Math.round(width));
  }

  fill(ink: Ink, style: TrackStyle): void {
    const height = Math.round(this.state.viewport.rowHeight) - 2;
    ink.fillStyle = style.fill;
    this.shades.forEach((boxes, shade) => {
      ink.globalAlpha = shade ? 0.5 + shade / 8 : 0.26;
      for (let i = 0; i < boxes.length; i += 3) ink.fillRect(boxes[i]!, boxes[i + 1]!, boxes[i + 2]!, height);
    });
    ink.globalAlpha = 1;
  }
}

export function paintNotes(ink: Ink, state: RollState, colors: Colors): void {
  const { grid } = state.viewport;
  const current = currentTrack(state);
  ink.save();
  ink.beginPath();
  ink.rect(grid.x, grid.y, grid.width, grid.height);
  ink.clip();
  if (state.context.store.view.ghostNotes) {
    // Pitches mean drums in one kind of track and tones in the other: only its own kind is worth seeing behind.
    for (const track of score(state).tracks) {
      if (track !== current && track.is_drum === current?.is_drum) paintTrack(ink, state, colors, track, true);
    }
  }
  if (current) paintTrack(ink, state, colors, current, false);
  for (const { track: id, note } of state.preview?.notes ?? []) {
    const track = score(state).tracks.find((item) => item.id === id);
    if (!track) continue;
    paintNote(ink, state, colors, note, {
      style: styleOf(state, track), drum: track.is_drum, ghost: false, selected: true, hovered: false });
  }
  paintGhosts(ink, state, colors);
  ink.restore();
}

/** Stems and heads of the edited track's velocities; selected notes stand out. */
export function paintVelocities(ink: Ink, state: RollState, colors: Colors): void {
  const { viewport, preview } = state;
  const box = viewport.velocities;
  if (!box.height) return;
  ink.fillStyle = colors.surface;
  ink.fillRect(0, box.y, viewport.width, box.height);
  ink.fillStyle = colors.line;
  ink.fillRect(0, box.y, viewport.width, 1);
  const track = currentTrack(state);
  if (!track) return;
  const style = styleOf(state, track);
  const { selection } = state.context.store.view;
  ink.save();
  ink.beginPath();
  ink.rect(box.x, box.y, box.width, box.height);
  ink.clip();
  const far = viewport.pxPerTick * score(state).ppq < 14; // heads would run into each other
  const bar = (note: Note, selected: boolean): void => {
    const x = Math.round(viewport.x(note.start)) + 2;
    const top = box.y + box.height - 3 - ((box.height - 14) * note.velocity) / 127;
    ink.fillStyle = selected ? colors.ink : style.fill;
    ink.fillRect(x - 1, top, 2.5, box.y + box.height - top);
    if (far && !selected) return;
    ink.beginPath();
    ink.arc(x + 0.25, top, selected ? 4.5 : 3.5, 0, 7);
    ink.fill();
  };
  for (const note of state.index.between(track.id, viewport.tick, viewport.lastTick)) {
    const key = noteKey(track.id, note.id);
    if (!preview?.hidden.has(key)) bar(note, selection.has(key));
  }
  for (const item of preview?.notes ?? []) if (item.track === track.id) bar(item.note, true);
  ink.restore();
}
