/** Which part of what was heard is seen, and where: seconds and pitches to pixels and back. */
import { clamp } from "../ui/dom.js";
import type { Box } from "../roll/viewport.js";

const RULER = 22, SECTIONS = 20, CHORDS = 30, BEATS = 26, DRUM_ROW = 13, OVERVIEW = 40;
const MIN_ROW = 6, MAX_ROW = 30;
const MIN_RATE = 0.5, MAX_RATE = 1_000;

export class Scale {
  width = 800;
  height = 480;
  /** Width of the names at the left. */
  keys = 44;
  /** Seconds of the whole. */
  duration = 1;
  pxPerSecond = 80;
  rowHeight = 12;
  /** Second at the left edge of the grid. */
  time = 0;
  /** Pitch at the top edge of the grid, fractional. */
  top = 80;
  hasSections = false;
  drumRows = 0;

  private box(y: number, height: number): Box {
    return { x: this.keys, y, width: Math.max(1, this.width - this.keys), height };
  }

  get ruler(): Box {
    return this.box(0, RULER);
  }

  get sections(): Box {
    return this.box(RULER, this.hasSections ? SECTIONS : 0);
  }

  get chords(): Box {
    return this.box(RULER + this.sections.height, CHORDS);
  }

  get beats(): Box {
    return this.box(this.chords.y + CHORDS, BEATS);
  }

  get grid(): Box {
    const y = this.beats.y + BEATS;
    return this.box(y, Math.max(1, this.height - y - this.drums.height - OVERVIEW));
  }

  get drums(): Box {
    const height = this.drumRows ? this.drumRows * DRUM_ROW + 6 : 0;
    return this.box(this.height - OVERVIEW - height, height);
  }

  get overview(): Box {
    return this.box(this.height - OVERVIEW, OVERVIEW);
  }

  x(time: number): number {
    return this.keys + (time - this.time) * this.pxPerSecond;
  }

  timeAt(x: number): number {
    return this.time + (x - this.keys) / this.pxPerSecond;
  }

  /** Top edge of the row of a pitch; fractional pitches lie between. */
  y(pitch: number): number {
    return this.grid.y + (this.top - pitch) * this.rowHeight;
  }

  pitchAt(y: number): number {
    return clamp(Math.ceil(this.top - (y - this.grid.y) / this.rowHeight), 0, 127);
  }

  drumY(row: number): number {
    return this.drums.y + 3 + row * DRUM_ROW;
  }

  get drumHeight(): number {
    return DRUM_ROW;
  }

  get secondsVisible(): number {
    return this.grid.width / this.pxPerSecond;
  }

  get lastTime(): number {
    return this.time + this.secondsVisible;
  }

  private get rowsVisible(): number {
    return this.grid.height / this.rowHeight;
  }

  /** Keep inside the recording and the keyboard. */
  hold(): void {
    const whole = this.grid.width / Math.max(0.1, this.duration);
    this.pxPerSecond = clamp(this.pxPerSecond, Math.min(MAX_RATE, Math.max(MIN_RATE, whole)), MAX_RATE);
    this.time = clamp(this.time, 0, Math.max(0, this.duration - this.secondsVisible));
    this.top = clamp(this.top, Math.min(127, this.rowsVisible - 1), 127);
  }

  scrollBy(dx: number, dy: number): void {
    this.time += dx / this.pxPerSecond;
    this.top -= dy / this.rowHeight;
    this.hold();
  }

  zoom(factor: number, x: number): void {
    const time = this.timeAt(x);
    this.pxPerSecond *= factor;
    this.hold();
    this.time = time - (x - this.keys) / this.pxPerSecond;
    this.hold();
  }

  /** Show the whole recording, at most `most` seconds of it, and the pitches from `low` to `high`. */
  fit(low: number, high: number, most: number): void {
    this.time = 0;
    this.pxPerSecond = this.grid.width / Math.min(Math.max(0.1, this.duration), most);
    this.rowHeight = clamp(this.grid.height / (high - low + 5), MIN_ROW, MAX_ROW);
    this.top = (low + high) / 2 + this.rowsVisible / 2;
    this.hold();
  }

  /** Scroll as little as needed to show a time (and a pitch); whether anything moved. */
  reveal(time: number, pitch?: number): boolean {
    const before = [this.time, this.top];
    const air = Math.min(1, this.secondsVisible / 8);
    if (time < this.time) this.time = time - air;
    else if (time > this.lastTime - air) this.time = time - this.secondsVisible + 2 * air;
    if (pitch !== undefined) {
      if (pitch > this.top - 1) this.top = pitch + 2;
      else if (pitch < this.top - this.rowsVisible + 1) this.top = pitch - 1 + this.rowsVisible;
    }
    this.hold();
    return before[0] !== this.time || before[1] !== this.top;
  }

  /** Turn a page when the playhead leaves what is seen. */
  follow(time: number): boolean {
    if (time >= this.time && time <= this.lastTime) return false;
    const before = this.time;
    this.time = time - this.secondsVisible / 16;
    this.hold();
    return this.time !== before;
  }
}
