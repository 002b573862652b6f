/** The picture of what was heard: spectrum, notes, the sung curve, chords, beats, sections, and the waveform below. */
import { clock, drumName, pitchName } from "../roll/speech.js";
import type { Box } from "../roll/viewport.js";
import { trackStyle, type TrackStyle } from "../ui/palette.js";
import { labelName } from "./chords.js";
import type { Desk } from "./desk.js";
import { SURE, type HeardNote, type Layer } from "./heard.js";

type Ink = CanvasRenderingContext2D;
const BLACK = new Set([1, 3, 6, 8, 10]);
/** The colour of each layer: an index of the palette. */
export const LAYER_COLOR: Readonly<Record<Layer, number>> = { notes: 0, melody: 1, drums: 4 };

export interface Look { readonly css: CSSStyleDeclaration; readonly dark: boolean; readonly spectrum: CanvasImageSource | null }

/** Which row each drum has: those that were heard, low ones below. */
export function drumRows(notes: readonly HeardNote[]): number[] {
  return [...new Set(notes.map((note) => note.pitch))].sort((a, b) => b - a).slice(0, 8);
}

export function paint(ink: Ink, desk: Desk, look: Look): void {
  const { scale } = desk;
  ink.clearRect(0, 0, scale.width, scale.height);
  const color = (name: string): string => look.css.getPropertyValue(`--wb-${name}`).trim();
  ink.fillStyle = color("surface");
  ink.fillRect(0, 0, scale.width, scale.height);
  ink.textBaseline = "middle";
  within(ink, scale.grid, () => {
    rows(ink, desk, color);
    spectrum(ink, desk, look);
    beatLines(ink, desk, color, scale.grid);
    for (const layer of desk.layers) if (layer !== "drums" && layer !== desk.layer) notes(ink, desk, layer, look, color, 0.45);
    if (desk.layer !== "drums") notes(ink, desk, desk.layer, look, color, 1);
    curve(ink, desk, look);
  });
  if (scale.drumRows) within(ink, scale.drums, () => drums(ink, desk, look, color));
  within(ink, scale.ruler, () => ruler(ink, desk, color));
  within(ink, scale.sections, () => sections(ink, desk, color));
  within(ink, scale.chords, () => chords(ink, desk, color));
  within(ink, scale.beats, () => beats(ink, desk, color));
  within(ink, scale.overview, () => overview(ink, desk, color));
  names(ink, desk, color);
}

function within(ink: Ink, box: Box, draw: () => void): void {
  if (!box.height) return;
  ink.save();
  ink.beginPath();
  ink.rect(box.x, box.y, box.width, box.height);
  ink.clip();
  draw();
  ink.restore();
}

type Color = (name: string) => string;

function rows(ink: Ink, { scale }: Desk, color: Color): void {
  const { grid, rowHeight } = scale;
  for (let pitch = scale.pitchAt(grid.y + grid.height); pitch <= scale.pitchAt(grid.y); pitch++) {
    ink.fillStyle = color(BLACK.has(pitch % 12) ? "roll-black" : "roll-white");
    ink.fillRect(grid.x, scale.y(pitch), grid.width, rowHeight);
    ink.fillStyle = color(pitch % 12 === 0 ? "roll-beat" : "roll-row");
    ink.fillRect(grid.x, scale.y(pitch) + rowHeight - 1, grid.width, 1);
  }
}

function spectrum(ink: Ink, desk: Desk, look: Look): void {
  const { picture, offset } = desk.backdrop;
  if (!picture || !look.spectrum) return;
  const { scale } = desk;
  const rate = picture.columnsPerSecond;
  const wide = (look.spectrum as HTMLCanvasElement).width;
  const from = Math.max(0, (offset + scale.time) * rate), to = Math.min(wide, (offset + Math.min(scale.lastTime, scale.duration)) * rate);
  if (to <= from) return;
  const left = scale.x(from / rate - offset), right = scale.x(to / rate - offset);
  const high = scale.y(picture.highest), rowsHigh = (picture.highest - picture.lowest + 1) * scale.rowHeight;
  ink.globalAlpha = look.dark ? 0.5 : 0.42;
  ink.imageSmoothingEnabled = true;
  ink.drawImage(look.spectrum, from, 0, to - from, picture.highest - picture.lowest + 1, left, high, right - left, rowsHigh);
  ink.globalAlpha = 1;
}

function beatLines(ink: Ink, { scale, heard }: Desk, color: Color, box: Box): void {
  const ones = new Set(heard.downbeats);
  const dense = heard.beats.length > 1 && scale.pxPerSecond * (60 / (heard.tempo || 60)) < 7;
  for (const beat of heard.beats) {
    const one = ones.has(beat);
    if (beat < scale.time || beat > scale.lastTime || (dense && !one)) continue;
    ink.fillStyle = color(one ? "roll-bar" : "roll-beat");
    ink.fillRect(Math.round(scale.x(beat)), box.y, 1, box.height);
  }
}

function block(ink: Ink, box: Box, style: TrackStyle, sure: boolean, picked: boolean, alpha: number, color: Color): void {
  const radius = Math.min(3, box.height / 3, box.width / 2);
  ink.beginPath();
  ink.roundRect(box.x, box.y, box.width, box.height, radius);
  ink.globalAlpha = alpha * (sure ? 0.92 : 0.3);
  ink.fillStyle = style.fill;
  ink.fill();
  ink.globalAlpha = alpha;
  ink.lineWidth = picked ? 2.5 : 1;
  ink.setLineDash(sure || picked ? [] : [3, 2.5]);
  ink.strokeStyle = picked ? color("focus") : style.deep;
  ink.stroke();
  ink.setLineDash([]);
  ink.globalAlpha = 1;
}

function notes(ink: Ink, desk: Desk, layer: Layer, look: Look, color: Color, alpha: number): void {
  const { scale } = desk, style = trackStyle(LAYER_COLOR[layer], look.dark);
  const picked = desk.picked?.lane === "notes" && layer === desk.layer ? desk.picked.index : -1;
  desk.heard[layer].forEach((note, i) => {
    if (note.end < scale.time || note.start > scale.lastTime) return;
    const left = scale.x(note.start), width = Math.max(3, (note.end - note.start) * scale.pxPerSecond - 1);
    block(ink, { x: left, y: scale.y(note.pitch) + 1, width, height: Math.max(3, scale.rowHeight - 2) }, style,
      note.confidence >= SURE, i === picked, alpha, color);
    if (i === picked) {
      ink.fillStyle = color("focus"); // where its ends are dragged
      for (const x of [left, left + width]) ink.fillRect(x - 2, scale.y(note.pitch) + 1, 4, scale.rowHeight - 2);
    }
  });
}

/** The pitch that was sung, in the rows of the notes; it breaks off where nothing is sung. */
function curve(ink: Ink, { scale, heard }: Desk, look: Look): void {
  const found = heard.curve;
  if (!found) return;
  ink.strokeStyle = trackStyle(3, look.dark).deep;
  ink.lineWidth = 1.8;
  ink.lineJoin = "round";
  ink.beginPath();
  let pen = false, last = 0;
  for (let i = 0; i < found.times.length; i++) {
    const time = found.times[i]!, hertz = found.hertz[i]!;
    if (time < scale.time - 1 || time > scale.lastTime + 1 || hertz <= 0) {
      pen = false;
      continue;
    }
    const pitch = 69 + 12 * Math.log2(hertz / 440);
    const x = scale.x(time), y = scale.y(pitch) + scale.rowHeight / 2;
    if (pen && time - last < 0.08) ink.lineTo(x, y);
    else ink.moveTo(x, y);
    [pen, last] = [true, time];
  }
  ink.stroke();
}

function drums(ink: Ink, desk: Desk, look: Look, color: Color): void {
  const { scale } = desk, style = trackStyle(LAYER_COLOR.drums, look.dark), { drums: box } = scale;
  ink.fillStyle = color("sunken");
  ink.fillRect(box.x, box.y, box.width, box.height);
  beatLines(ink, desk, color, box);
  const rowOf = new Map(drumRows(desk.heard.drums).map((pitch, row) => [pitch, row]));
  const picked = desk.picked?.lane === "notes" && desk.layer === "drums" ? desk.picked.index : -1;
  desk.heard.drums.forEach((note, i) => {
    const row = rowOf.get(note.pitch);
    if (row === undefined || note.end < scale.time || note.start > scale.lastTime) return;
    block(ink, { x: scale.x(note.start), y: scale.drumY(row) + 2, width: 6, height: scale.drumHeight - 4 }, style,
      note.confidence >= SURE, i === picked, 1, color);
  });
}

function ruler(ink: Ink, { scale }: Desk, color: Color): void {
  const steps = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600];
  const step = steps.find((value) => value * scale.pxPerSecond >= 64) ?? 600;
  ink.fillStyle = color("faint");
  ink.font = "11px ui-sans-serif, system-ui, sans-serif";
  ink.textAlign = "left";
  for (let i = Math.floor(scale.time / step); i * step <= scale.lastTime; i++) {
    const x = scale.x(i * step);
    ink.fillRect(Math.round(x), scale.ruler.height - 5, 1, 5);
    ink.fillText(step < 1 ? (i * step).toFixed(1) : clock(i * step), x + 4, scale.ruler.height / 2);
  }
}

function label(ink: Ink, box: Box, text: string): void {
  const wide = ink.measureText(text).width;
  if (wide + 6 <= box.width) ink.fillText(text, box.x + Math.min(7, (box.width - wide) / 2), box.y + box.height / 2 + 0.5);
}

function sections(ink: Ink, { scale, heard }: Desk, color: Color): void {
  ink.font = "600 11px ui-sans-serif, system-ui, sans-serif";
  ink.textAlign = "left";
  heard.sections.forEach((item, i) => {
    const box = { x: scale.x(item.start), y: scale.sections.y, width: (item.end - item.start) * scale.pxPerSecond - 2, height: scale.sections.height - 2 };
    ink.fillStyle = color(i % 2 ? "accent-soft" : "sunken");
    ink.fillRect(box.x, box.y, box.width, box.height);
    ink.fillStyle = color("soft");
    label(ink, { ...box, x: Math.max(box.x, scale.keys), width: box.width - Math.max(0, scale.keys - box.x) }, item.label);
  });
}

function chords(ink: Ink, desk: Desk, color: Color): void {
  const { scale, heard } = desk;
  ink.font = "600 13px ui-sans-serif, system-ui, sans-serif";
  ink.textAlign = "left";
  heard.chords.forEach((chord, i) => {
    if (chord.end < scale.time || chord.start > scale.lastTime) return;
    const picked = desk.picked?.lane === "chords" && desk.picked.index === i, sure = chord.confidence >= SURE;
    const box = { x: scale.x(chord.start) + 0.5, y: scale.chords.y + 2.5, width: Math.max(2, (chord.end - chord.start) * scale.pxPerSecond - 2), height: scale.chords.height - 5 };
    ink.beginPath();
    ink.roundRect(box.x, box.y, box.width, box.height, 5);
    ink.fillStyle = color(sure ? "accent-soft" : "surface");
    ink.fill();
    ink.strokeStyle = color(picked ? "focus" : "line-strong");
    ink.lineWidth = picked ? 2.5 : 1;
    ink.setLineDash(sure || picked ? [] : [3, 2.5]);
    ink.stroke();
    ink.setLineDash([]);
    ink.fillStyle = color(sure ? "ink" : "soft");
    label(ink, box, labelName(chord.label));
  });
}

function beats(ink: Ink, desk: Desk, color: Color): void {
  const { scale, heard } = desk, box = scale.beats;
  const bar = new Map(heard.downbeats.map((beat, i) => [beat, i + 1]));
  ink.font = "11px ui-sans-serif, system-ui, sans-serif";
  ink.textAlign = "left";
  const apart = heard.downbeats.length > 1 ? (heard.downbeats.at(-1)! - heard.downbeats[0]!) / (heard.downbeats.length - 1) : 1;
  const every = Math.max(1, Math.ceil(30 / (apart * scale.pxPerSecond)));
  const dense = scale.pxPerSecond * (60 / (heard.tempo || 60)) < 7;
  heard.beats.forEach((beat, i) => {
    if (beat < scale.time - 0.1 || beat > scale.lastTime) return;
    const one = bar.get(beat), picked = desk.picked?.lane === "beats" && desk.picked.index === i;
    if (dense && !one && !picked) return;
    const x = scale.x(beat), sure = (heard.beat_confidence[i] ?? 1) >= SURE;
    ink.fillStyle = color(picked ? "focus" : one ? "ink" : "control-line");
    ink.globalAlpha = sure || picked ? 1 : 0.5;
    ink.beginPath();
    if (one) ink.roundRect(x - 2, box.y + 4, 4, box.height - 6, 2);
    else ink.arc(x, box.y + box.height / 2 + 2, picked ? 5 : 3, 0, 2 * Math.PI);
    ink.fill();
    if (picked) {
      ink.lineWidth = 2;
      ink.strokeStyle = color("focus");
      ink.strokeRect(x - 7, box.y + 2, 14, box.height - 3);
    }
    ink.globalAlpha = 1;
    ink.fillStyle = color("faint");
    if (one && (one - 1) % every === 0) ink.fillText(String(one), x + 5, box.y + box.height / 2 + 1);
  });
}

/** The whole recording small, with a frame around what is seen. */
function overview(ink: Ink, desk: Desk, color: Color): void {
  const { scale, backdrop } = desk, { overview: box } = scale;
  ink.fillStyle = color("sunken");
  ink.fillRect(box.x, box.y, box.width, box.height);
  const perPeak = backdrop.seconds / Math.max(1, backdrop.peaks.length), middle = box.y + box.height / 2;
  ink.fillStyle = color("control-line");
  for (let x = 0; x < box.width; x += 2) {
    const from = Math.floor((backdrop.offset + (x / box.width) * scale.duration) / perPeak);
    const to = Math.max(from + 1, Math.floor((backdrop.offset + ((x + 2) / box.width) * scale.duration) / perPeak));
    let peak = 0;
    for (let i = from; i < to && i < backdrop.peaks.length; i++) peak = Math.max(peak, backdrop.peaks[i]!);
    const half = Math.sqrt(peak / 255) * (box.height / 2 - 4);
    if (half > 0.4) ink.fillRect(box.x + x, middle - half, 1.4, 2 * half);
  }
  const left = (scale.time / scale.duration) * box.width, wide = Math.min(1, scale.secondsVisible / scale.duration) * box.width;
  if (wide < box.width - 1) {
    ink.strokeStyle = color("accent");
    ink.lineWidth = 2;
    ink.strokeRect(box.x + left + 1, box.y + 1, Math.max(6, wide - 2), box.height - 2);
  }
}

/** A name that fits: whole, or its longest beginning, with dots. */
function fitting(ink: Ink, name: string, width: number): string {
  if (ink.measureText(name).width <= width) return name;
  let short = name;
  while (short.length > 1 && ink.measureText(`${short}…`).width > width) short = short.slice(0, -1).trimEnd();
  return `${short}…`;
}

/** The keys at the left, or the drums' names. */
function names(ink: Ink, desk: Desk, color: Color): void {
  const { scale } = desk, { grid, keys } = scale;
  ink.fillStyle = color("surface");
  ink.fillRect(0, 0, keys, scale.height);
  ink.save();
  ink.beginPath();
  ink.rect(0, grid.y, keys, grid.height);
  ink.clip();
  ink.font = "10px ui-sans-serif, system-ui, sans-serif";
  ink.textAlign = "right";
  for (let pitch = scale.pitchAt(grid.y + grid.height); pitch <= scale.pitchAt(grid.y); pitch++) {
    const y = scale.y(pitch), black = BLACK.has(pitch % 12);
    ink.fillStyle = color(black ? "key-black" : "key-white");
    ink.fillRect(0, y, black ? keys * 0.6 : keys - 1, scale.rowHeight - 0.5);
    if (pitch % 12 !== 0) continue;
    ink.fillStyle = "#3d3a47";
    ink.fillText(pitchName(pitch), keys - 4, y + scale.rowHeight / 2);
  }
  ink.restore();
  if (scale.drumRows) {
    ink.fillStyle = color("soft");
    ink.textAlign = "right";
    ink.font = "9px ui-sans-serif, system-ui, sans-serif";
    drumRows(desk.heard.drums).forEach((pitch, row) =>
      ink.fillText(fitting(ink, drumName(pitch), keys - 5), keys - 3, scale.drumY(row) + scale.drumHeight / 2));
  }
  ink.fillStyle = color("line");
  ink.fillRect(keys - 1, 0, 1, scale.height);
}
