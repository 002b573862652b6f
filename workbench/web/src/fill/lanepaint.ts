/** How the drawing lane looks: bars and the middle behind, the curve in front, hatching where the model is free. */
import type { TimeMap } from "../document/timemap.js";
import { clamp } from "../ui/dom.js";
import type { Cell, Values } from "./curves.js";

const TOP = 18;
const BOTTOM = 8;
/** Between two gaps, in pixels. */
const BREAK = 10;

/** Where each cell lies, in pixels. */
export interface LaneShape {
  readonly cells: readonly Cell[];
  readonly lefts: readonly number[];
  readonly rights: readonly number[];
  readonly width: number;
  readonly height: number;
}

export function laneShape(cells: readonly Cell[], width: number, height: number): LaneShape {
  const breaks = cells.filter((cell, i) => i > 0 && cells[i - 1]!.end < cell.start).length;
  const ticks = cells.reduce((sum, cell) => sum + cell.end - cell.start, 0);
  const scale = Math.max(1, width - breaks * BREAK) / Math.max(1, ticks);
  const lefts: number[] = [];
  const rights: number[] = [];
  let x = 0;
  cells.forEach((cell, i) => {
    if (i > 0 && cells[i - 1]!.end < cell.start) x += BREAK;
    lefts.push(x);
    x += (cell.end - cell.start) * scale;
    rights.push(x);
  });
  return { cells, lefts, rights, width, height };
}

/** The cell under a place, or the nearest one. */
export function cellAt(shape: LaneShape, x: number): number {
  const found = shape.rights.findIndex((right) => x < right);
  return found < 0 ? Math.max(0, shape.cells.length - 1) : found;
}

export const valueAt = (shape: LaneShape, y: number): number =>
  clamp((100 * (shape.height - BOTTOM - y)) / Math.max(1, shape.height - TOP - BOTTOM), 0, 100);

const yOf = (shape: LaneShape, value: number): number =>
  shape.height - BOTTOM - (value / 100) * (shape.height - TOP - BOTTOM);

export interface LaneLook {
  readonly high: string; readonly low: string; readonly middle: string; readonly free: string;
  /** Cell of the keyboard's cursor; null: it is not shown. */
  readonly cursor: number | null;
}

export function paintLane(canvas: HTMLCanvasElement, shape: LaneShape, time: TimeMap, values: Values, look: LaneLook): void {
  const ratio = Math.min(3, devicePixelRatio || 1);
  canvas.width = Math.round(shape.width * ratio);
  canvas.height = Math.round(shape.height * ratio);
  const ink = canvas.getContext("2d");
  if (!ink) return;
  ink.setTransform(ratio, 0, 0, ratio, 0, 0);
  const style = getComputedStyle(canvas);
  const color = (name: string): string => style.getPropertyValue(`--wb-${name}`).trim();
  const { cells, lefts, rights, height } = shape;
  const font = (size: number): string => `500 ${size}px ${color("font")}`;

  // Each stretch of the piece is a panel of its own; bars have a line and a number.
  ink.textBaseline = "alphabetic";
  let lastNumber = -100;
  cells.forEach((cell, i) => {
    ink.fillStyle = color("roll-white");
    ink.fillRect(lefts[i]!, TOP, rights[i]! - lefts[i]!, height - TOP);
    const bar = time.barAt(cell.start);
    const first = i === 0 || cells[i - 1]!.end < cell.start;
    if (bar.start !== cell.start && !first) {
      if (rights[i]! - lefts[i]! < 5 || (cell.start - bar.start) % Math.max(1, Math.round((bar.end - bar.start) / bar.numerator))) return;
      ink.fillStyle = color("roll-beat");
      ink.fillRect(Math.round(lefts[i]!), TOP, 1, height - TOP);
      return;
    }
    ink.fillStyle = color("roll-bar");
    ink.fillRect(Math.round(lefts[i]!), TOP - 6, 1, height - TOP + 6);
    if (lefts[i]! - lastNumber < 26) return;
    lastNumber = lefts[i]!;
    ink.fillStyle = color("soft");
    ink.font = font(11.5);
    ink.fillText(String(bar.number), lefts[i]! + 4, 12);
  });
  hatch(ink, shape, values, color("line-strong"));
  const middle = Math.round(yOf(shape, 50)) + 0.5;
  ink.strokeStyle = color("line-strong");
  ink.lineWidth = 1;
  ink.setLineDash([4, 4]);
  ink.beginPath();
  ink.moveTo(0, middle);
  ink.lineTo(shape.width, middle);
  ink.stroke();
  ink.setLineDash([]);
  curve(ink, shape, values, color("accent"), color("accent-soft"));
  words(ink, shape, values, look, color, font);
  if (look.cursor !== null && cells[look.cursor]) {
    ink.strokeStyle = color("focus");
    ink.lineWidth = 2.5;
    ink.strokeRect(lefts[look.cursor]! + 1, TOP + 1, Math.max(4, rights[look.cursor]! - lefts[look.cursor]! - 2), height - TOP - 2);
  }
}

/** Slanted lines where nothing is asked. */
function hatch(ink: CanvasRenderingContext2D, shape: LaneShape, values: Values, color: string): void {
  ink.save();
  ink.beginPath();
  shape.cells.forEach((_, i) => {
    if (values[i] == null) ink.rect(shape.lefts[i]!, TOP, shape.rights[i]! - shape.lefts[i]!, shape.height - TOP);
  });
  ink.clip();
  ink.strokeStyle = color;
  ink.globalAlpha = 0.5;
  ink.lineWidth = 1;
  ink.beginPath();
  for (let x = -shape.height; x < shape.width; x += 9) {
    ink.moveTo(x, shape.height);
    ink.lineTo(x + shape.height, 0);
  }
  ink.stroke();
  ink.restore();
}

/** Runs of cells without a blank or a break between them. */
function runs(shape: LaneShape, values: Values): number[][] {
  const out: number[][] = [];
  shape.cells.forEach((cell, i) => {
    if (values[i] == null) return;
    const goes = i > 0 && values[i - 1] != null && shape.cells[i - 1]!.end === cell.start;
    if (goes) out.at(-1)!.push(i);
    else out.push([i]);
  });
  return out;
}

function curve(ink: CanvasRenderingContext2D, shape: LaneShape, values: Values, line: string, soft: string): void {
  for (const run of runs(shape, values)) {
    const last = run.at(-1)!;
    const path = (): void => {
      ink.beginPath();
      run.forEach((i, n) => (n ? ink.lineTo(shape.lefts[i]!, yOf(shape, values[i]!)) : ink.moveTo(shape.lefts[i]!, yOf(shape, values[i]!))));
      ink.lineTo(shape.rights[last]!, yOf(shape, values[last]!));
    };
    path();
    ink.lineTo(shape.rights[last]!, shape.height);
    ink.lineTo(shape.lefts[run[0]!]!, shape.height);
    ink.closePath();
    ink.fillStyle = soft;
    ink.globalAlpha = 0.75;
    ink.fill();
    ink.globalAlpha = 1;
    path();
    ink.strokeStyle = line;
    ink.lineWidth = 2.5;
    ink.lineJoin = "round";
    ink.stroke();
  }
}

/** The two ends in words, and in an empty lane that all is left to the model. */
function words(
  ink: CanvasRenderingContext2D, shape: LaneShape, values: Values, look: LaneLook, color: (name: string) => string,
  font: (size: number) => string,
): void {
  ink.font = font(11.5);
  ink.textAlign = "right";
  const say = (text: string, y: number): void => {
    const width = ink.measureText(text).width;
    ink.fillStyle = color("surface");
    ink.globalAlpha = 0.8;
    ink.fillRect(shape.width - width - 10, y - 11, width + 8, 15);
    ink.globalAlpha = 1;
    ink.fillStyle = color("soft");
    ink.fillText(text, shape.width - 6, y);
  };
  say(look.high, TOP + 13);
  say(look.middle, yOf(shape, 50) + 4);
  say(look.low, shape.height - 5);
  if (values.every((value) => value === null)) {
    ink.textAlign = "left";
    const width = ink.measureText(look.free).width;
    ink.fillStyle = color("surface");
    ink.fillRect(8, yOf(shape, 50) - 10, width + 12, 20);
    ink.fillStyle = color("soft");
    ink.fillText(look.free, 14, yOf(shape, 50) + 4);
  }
  ink.textAlign = "left";
}
