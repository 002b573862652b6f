/** What part of the piece is seen, and where: ticks and pitches to pixels and back. */
import { clamp } from "../ui/dom.js";

export interface Box { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

export const RULER = 40;
export const CHORDS = 26;
/** Air between the keyboard and the first tick, in pixels. */
const AIR = 9;
const MIN_ROW = 7;
const MAX_ROW = 36;

export class Viewport {
  width = 800;
  height = 500;
  /** Width of the keyboard at the left. */
  keys = 56;
  /** Height of the velocity lane (0: hidden). */
  velocity = 72;
  pxPerTick = 0.09;
  rowHeight = 15;
  /** Tick at the left edge of the grid. */
  tick = 0;
  /** Pitch at the top edge of the grid, fractional. */
  top = 84;

  get ruler(): Box {
    return { x: this.keys, y: 0, width: this.width - this.keys, height: RULER };
  }

  get chords(): Box {
    return { x: this.keys, y: RULER, width: this.width - this.keys, height: CHORDS };
  }

  get grid(): Box {
    const y = RULER + CHORDS;
    return { x: this.keys, y, width: Math.max(1, this.width - this.keys), height: Math.max(1, this.height - y - this.velocity) };
  }

  get keyboard(): Box {
    const { y, height } = this.grid;
    return { x: 0, y, width: this.keys, height };
  }

  get velocities(): Box {
    return { x: this.keys, y: this.height - this.velocity, width: this.width - this.keys, height: this.velocity };
  }

  x(tick: number): number {
    return this.keys + AIR + (tick - this.tick) * this.pxPerTick;
  }

  /** Top edge of the row of a pitch. */
  y(pitch: number): number {
    return this.grid.y + (this.top - pitch) * this.rowHeight;
  }

  tickAt(x: number): number {
    return this.tick + (x - this.keys - AIR) / this.pxPerTick;
  }

  pitchAt(y: number): number {
    return clamp(Math.ceil(this.top - (y - this.grid.y) / this.rowHeight), 0, 127);
  }

  get ticksVisible(): number {
    return this.grid.width / this.pxPerTick;
  }

  get rowsVisible(): number {
    return this.grid.height / this.rowHeight;
  }

  get lastTick(): number {
    return this.tick + this.ticksVisible;
  }

  get lowestPitch(): number {
    return this.top - this.rowsVisible;
  }

  scrollBy(dx: number, dy: number): void {
    this.tick = Math.max(0, this.tick + dx / this.pxPerTick);
    this.top -= dy / this.rowHeight;
    this.clampRows();
  }

  clampRows(): void {
    const most = 127;
    const least = Math.min(most, this.rowsVisible - 1);
    this.top = clamp(this.top, least, most);
  }

  /** Zoom time around a point in pixels. */
  zoomTime(factor: number, x: number): void {
    const tick = this.tickAt(x);
    this.pxPerTick = clamp(this.pxPerTick * factor, 0.0008, 2);
    this.tick = Math.max(0, tick - (x - this.keys - AIR) / this.pxPerTick);
  }

  zoomPitch(factor: number, y: number): void {
    const pitch = this.top - (y - this.grid.y) / this.rowHeight;
    this.rowHeight = clamp(this.rowHeight * factor, MIN_ROW, MAX_ROW);
    this.top = pitch + (y - this.grid.y) / this.rowHeight;
    this.clampRows();
  }

  /** Show ticks [0, end) and the pitches from `low` to `high`, with some air around. */
  fit(end: number, low: number, high: number): void {
    this.tick = 0;
    this.pxPerTick = clamp((this.grid.width - 24) / Math.max(1, end), 0.0008, 2);
    this.fitPitches(low, high);
  }

  fitPitches(low: number, high: number): void {
    const rows = Math.max(18, high - low + 7);
    this.rowHeight = clamp(this.grid.height / rows, 11, 22);
    this.top = (low + high) / 2 + this.rowsVisible / 2;
    this.clampRows();
  }

  /** Scroll as little as needed for a place to be in sight; true if anything moved. */
  reveal(tick: number, pitch?: number): boolean {
    const before = [this.tick, this.top];
    const margin = this.ticksVisible * 0.08;
    if (tick < this.tick || tick > this.lastTick - margin) this.tick = Math.max(0, tick - this.ticksVisible * 0.2);
    if (pitch !== undefined) {
      if (pitch > this.top - 1) this.top = pitch + 3;
      if (pitch < this.lowestPitch + 2) this.top = pitch - 2 + this.rowsVisible;
      this.clampRows();
    }
    return before[0] !== this.tick || before[1] !== this.top;
  }
}

export const inside = (box: Box, x: number, y: number): boolean =>
  x >= box.x && y >= box.y && x < box.x + box.width && y < box.y + box.height;
