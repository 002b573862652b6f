/**
 * From ticks to bars, beats and seconds, and back; the twin of `workbench/score/timemap.py`.
 * Make a new one after a change of tempo, metre or pickup.
 */
import { MAX_TICK } from "./check.js";
import { DEFAULT_TEMPO } from "./lanes.js";
import { scoreEnd, type Score } from "./types.js";

const MAX_BARS = 100_000;

/** Bar `number` (1 is the first full bar, 0 a pickup), ticks [start, end) and metre. */
export interface Bar {
  readonly number: number;
  readonly start: number;
  readonly end: number;
  readonly numerator: number;
  readonly denominator: number;
}

export interface BeatPosition { readonly bar: number; readonly beat: number; readonly rest: number }

/** Index of the last value at or below `key` (-1: none); `values` ascend. */
export function lastAtOrBelow(values: readonly number[], key: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const floorDiv = (a: number, b: number): number => Math.floor(a / b);

/** Round half to even, as Python does. */
function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** A run of bars in one metre; a bar lasts length / parts ticks, bar lines on the nearest tick below. */
class Segment {
  constructor(
    readonly tick: number, readonly number: number, readonly length: number, readonly parts: number,
    readonly numerator: number, readonly denominator: number,
  ) {}

  line(index: number): number {
    return this.tick + floorDiv(index * this.length, this.parts);
  }

  index(tick: number): number {
    const guess = floorDiv((tick - this.tick) * this.parts, this.length);
    return this.line(guess + 1) <= tick ? guess + 1 : guess;
  }
}

export class TimeMap {
  readonly ppq: number;
  readonly pickup: number;
  private readonly tempoTicks: number[] = [0];
  private readonly tempoUs: number[] = [DEFAULT_TEMPO];
  /** Microseconds times ppq up to each change of tempo: whole numbers, so sums stay exact. */
  private readonly elapsed: number[] = [0];
  private readonly segments: Segment[] = [];
  private readonly starts: number[];
  private readonly scoreEnd: number;

  constructor(score: Score) {
    this.ppq = score.ppq;
    this.pickup = score.pickup;
    this.scoreEnd = scoreEnd(score);
    for (const tempo of score.tempos) {
      if (tempo.tick === this.tempoTicks.at(-1)) this.tempoUs[this.tempoUs.length - 1] = tempo.us_per_quarter;
      else {
        this.tempoTicks.push(tempo.tick);
        this.tempoUs.push(tempo.us_per_quarter);
      }
    }
    for (let i = 1; i < this.tempoTicks.length; i++) {
      const span = this.tempoTicks[i]! - this.tempoTicks[i - 1]!;
      this.elapsed.push(this.elapsed[i - 1]! + span * this.tempoUs[i - 1]!);
    }
    this.fillSegments(score);
    this.starts = this.segments.map((segment) => segment.tick);
  }

  private fillSegments(score: Score): void {
    const changes: [number, number, number][] = [[this.pickup, 4, 4]];
    for (const meter of score.meters) {
      const tick = Math.max(meter.tick, this.pickup);
      const last = changes.at(-1)!;
      if (last[0] === tick) changes[changes.length - 1] = [tick, meter.numerator, meter.denominator];
      else if (last[1] !== meter.numerator || last[2] !== meter.denominator) {
        changes.push([tick, meter.numerator, meter.denominator]);
      }
    }
    let number = 1;
    for (const [tick, numerator, denominator] of changes) {
      const last = this.segments.at(-1);
      if (last) number = last.number + last.index(tick - 1) + 1;
      let [length, parts] = [4 * this.ppq * numerator, denominator];
      if (length < parts) [length, parts] = [1, 1]; // a bar shorter than a tick cannot be drawn
      this.segments.push(new Segment(tick, number, length, parts, numerator, denominator));
    }
  }

  /** Seconds from the start of the piece to `tick`. */
  seconds(tick: number): number {
    const i = Math.max(0, lastAtOrBelow(this.tempoTicks, tick));
    return (this.elapsed[i]! + (tick - this.tempoTicks[i]!) * this.tempoUs[i]!) / (this.ppq * 1_000_000);
  }

  /** The tick nearest to a time in seconds (0 for negative times). */
  tick(seconds: number): number {
    return Math.min(MAX_TICK, roundEven(this.exactTick(seconds)));
  }

  /** Like `tick`, unrounded: for drawing the playhead. */
  exactTick(seconds: number): number {
    const scaled = Math.max(0, seconds) * this.ppq * 1_000_000;
    const i = lastAtOrBelow(this.elapsed, scaled);
    return this.tempoTicks[i]! + (scaled - this.elapsed[i]!) / this.tempoUs[i]!;
  }

  /** Microseconds per quarter in force at `tick`. */
  tempoAt(tick: number): number {
    return this.tempoUs[lastAtOrBelow(this.tempoTicks, tick)]!;
  }

  /** The bar that holds `tick`, also past the end of the piece. */
  barAt(tick: number): Bar {
    if (tick < this.pickup) {
      const { numerator, denominator } = this.segments[0]!;
      return { number: 0, start: 0, end: this.pickup, numerator, denominator };
    }
    const place = lastAtOrBelow(this.starts, tick);
    return this.barOf(place, this.segments[place]!.index(tick));
  }

  private barOf(place: number, index: number): Bar {
    const segment = this.segments[place]!;
    const next = this.segments[place + 1];
    const line = segment.line(index + 1);
    return {
      number: segment.number + index, start: segment.line(index), end: next ? Math.min(line, next.tick) : line,
      numerator: segment.numerator, denominator: segment.denominator,
    };
  }

  /** Bar `number`, also past the end of the piece; the first bar where there is no such bar. */
  bar(number: number): Bar {
    if (number <= 0 && this.pickup) return this.barAt(0);
    const wanted = Math.max(1, Math.floor(number));
    const place = lastAtOrBelow(this.segments.map((segment) => segment.number), wanted);
    return this.barOf(place, wanted - this.segments[place]!.number);
  }

  /** Ticks [start, end) of bars `first` to `last`, both included. */
  barRange(first: number, last: number): [number, number] {
    return [this.bar(first).start, Math.min(MAX_TICK, this.bar(Math.max(first, last)).end)];
  }

  /** Every bar from the start up to tick `end` (default: the end of the last note). */
  bars(end: number = this.scoreEnd): Bar[] {
    const out: Bar[] = [];
    let tick = 0;
    while ((tick < end || !out.length) && out.length < MAX_BARS) {
      const bar = this.barAt(tick);
      out.push(bar);
      tick = bar.end;
    }
    return out;
  }

  /** Bar number, beat (from 1, in units of the metre's lower number) and ticks past that beat. */
  beatPosition(tick: number): BeatPosition {
    const bar = this.barAt(tick);
    const offset = tick - bar.start;
    const unit = 4 * this.ppq;
    const beat = floorDiv(offset * bar.denominator, unit);
    return { bar: bar.number, beat: beat + 1, rest: offset - Math.ceil((beat * unit) / bar.denominator) };
  }
}
