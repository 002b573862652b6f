/**
 * Wishes drawn over time. The gap is cut into cells of half a beat (of a beat or of bars where the gap is long); a curve
 * holds one value a cell, or null where the stretch is left to the model. The server gets rising points from it.
 */
import type { TimeMap } from "../document/timemap.js";
import type { Region } from "../document/types.js";
import { spansOf } from "./request.js";

/** Sliders that can be drawn over time. */
export const CURVES = ["density", "loudness", "register"] as const;
export type CurveName = (typeof CURVES)[number];

/** Far below the server's limit of 512 points, and still as fine as a hand can draw. */
const MOST_CELLS = 192;

export interface Cell { readonly start: number; readonly end: number }
export type Values = readonly (number | null)[];
/** `[tick, value]`; null: from here on nothing is asked. */
export type Point = readonly [tick: number, value: number | null];

/** The cells of the gaps, in order of time; parts of a bar where they are few enough, else whole bars. */
export function cellsOf(time: TimeMap, regions: readonly Region[]): Cell[] {
  const spans = spansOf(regions);
  for (const parts of [2, 1, 0]) {
    const cells = spans.flatMap(([start, end]) => cut(time, start, end, parts));
    if (cells.length <= MOST_CELLS) return cells;
    if (parts) continue;
    const join = Math.ceil(cells.length / MOST_CELLS);
    return spans.flatMap(([start, end]) => joined(cut(time, start, end, 0), join));
  }
  return [];
}

/** One stretch in `parts` to the beat; 0: in bars. */
function cut(time: TimeMap, from: number, to: number, parts: number): Cell[] {
  const cells: Cell[] = [];
  for (let bar = time.barAt(from); bar.start < to; bar = time.barAt(bar.end)) {
    const count = parts ? bar.numerator * parts : 1;
    for (let i = 0; i < count; i++) {
      const start = Math.max(from, bar.start + Math.round(((bar.end - bar.start) * i) / count));
      const end = Math.min(to, bar.start + Math.round(((bar.end - bar.start) * (i + 1)) / count));
      if (end > start) cells.push({ start, end });
    }
  }
  return cells;
}

function joined(cells: readonly Cell[], by: number): Cell[] {
  const out: Cell[] = [];
  for (let i = 0; i < cells.length; i += by) {
    out.push({ start: cells[i]!.start, end: cells[Math.min(i + by, cells.length) - 1]!.end });
  }
  return out;
}

export const isBlank = (values: Values): boolean => values.every((value) => value === null);

/** A stroke of the pen from one cell to another: a straight line between the two values; null rubs out. */
export function stroke(
  values: Values, from: number, to: number, first: number | null, last: number | null,
): (number | null)[] {
  const out = [...values];
  const steps = Math.abs(to - from);
  for (let i = 0; i <= steps; i++) {
    const cell = from + Math.sign(to - from) * i;
    out[cell] = first === null || last === null ? null : Math.round(first + ((last - first) * i) / Math.max(1, steps));
  }
  return out;
}

/** The points of a curve as the server reads them; none where all is left to the model. */
export function pointsOf(cells: readonly Cell[], values: Values): Point[] {
  if (isBlank(values)) return [];
  const points: [number, number | null][] = [];
  cells.forEach((cell, i) => {
    const value = values[i] ?? null;
    const before = cells[i - 1];
    // Between two gaps nothing is asked, so that no line runs from the one into the other.
    if (before && before.end < cell.start && values[i - 1] != null) points.push([before.end, null]);
    // Before its first point a curve has that point's value: a blank beginning must be said.
    if (value !== null || !points.length || points.at(-1)![1] !== null) points.push([cell.start, value]);
  });
  return points.filter((point, i) => !between(points[i - 1], point, points[i + 1]));
}

/** Whether a point lies on the line between its neighbours and says nothing. */
function between(before: Point | undefined, point: Point, after: Point | undefined): boolean {
  if (!before || !after || before[1] === null || point[1] === null || after[1] === null) return false;
  const share = (point[0] - before[0]) / (after[0] - before[0]);
  return Math.abs(before[1] + (after[1] - before[1]) * share - point[1]) < 1e-9;
}

/** The same curve on the cells of another gap: what was drawn for those times; the rest is blank. */
export function refit(old: readonly Cell[], values: Values, cells: readonly Cell[]): (number | null)[] {
  return cells.map((cell) => {
    const heard = old.map((item, i) => [item, values[i] ?? null] as const)
      .filter(([item, value]) => value !== null && item.start < cell.end && cell.start < item.end)
      .map(([, value]) => value as number);
    return heard.length ? Math.round(heard.reduce((sum, value) => sum + value, 0) / heard.length) : null;
  });
}

/** All curves of the panel, on the cells of the marked gaps. */
export class Curves {
  cells: readonly Cell[] = [];
  private readonly drawn = new Map<CurveName, Values>();

  values(name: CurveName): Values {
    return this.drawn.get(name) ?? this.cells.map(() => null);
  }

  set(name: CurveName, values: Values): void {
    if (isBlank(values)) this.drawn.delete(name);
    else this.drawn.set(name, values);
  }

  names(): CurveName[] {
    return CURVES.filter((name) => this.drawn.has(name));
  }

  clear(name?: CurveName): void {
    if (name) this.drawn.delete(name);
    else this.drawn.clear();
  }

  /** Follow the gaps; says what became of what was drawn. */
  follow(cells: readonly Cell[]): "same" | "fitted" | "dropped" {
    const same = cells.length === this.cells.length
      && cells.every((cell, i) => cell.start === this.cells[i]!.start && cell.end === this.cells[i]!.end);
    if (same) return "same";
    const before = this.names();
    for (const name of before) this.set(name, refit(this.cells, this.values(name), cells));
    this.cells = cells;
    if (!before.length) return "same";
    return this.names().length < before.length ? "dropped" : "fitted";
  }

  /** As `controls.curves`; empty where nothing is drawn. */
  toControls(): Record<string, Point[]> {
    return Object.fromEntries(this.names().map((name) => [name, pointsOf(this.cells, this.values(name))]));
  }
}
