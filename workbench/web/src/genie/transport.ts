/** A clock of its own for what plays along: lines of events are scheduled a little ahead of the sound. */

export interface Event {
  /** Seconds from time 0; may be negative (count-in). */
  readonly time: number;
  /** Make it sound at `at`, seconds of the audio context. */
  fire(at: number): void;
}

export interface Line {
  /** Events in [from, to), in the order of time. */
  events(from: number, to: number): Iterable<Event>;
  /** Playing has stopped: let go of what sounds; nothing was scheduled later than `horizon` (context seconds). */
  stop?(horizon: number): void;
}

const TICK_MS = 40;
const AHEAD = 0.18;
const AHEAD_HIDDEN = 1.6;
const LEAD = 0.06;

export class Transport {
  private timer: ReturnType<typeof setInterval> | undefined;
  private lines: readonly Line[] = [];
  private zero = 0;
  private scheduled = 0;
  private horizon = 0;
  private end: number | null = null;
  private context: AudioContext | null = null;
  /** `performance.now()` at which time 0 is heard. */
  zeroMs = 0;
  running = false;
  onState: () => void = () => {};

  /** Begin `from` seconds before (negative) or after time 0; stops by itself at `end`. */
  start(context: AudioContext, lines: readonly Line[], options: { from?: number; end?: number | null } = {}): void {
    this.halt();
    this.context = context;
    this.lines = lines;
    const from = options.from ?? 0;
    this.zero = context.currentTime + LEAD - from;
    this.scheduled = from;
    this.end = options.end ?? null;
    const latency = context.outputLatency || context.baseLatency || 0;
    this.zeroMs = performance.now() + (LEAD - from + latency) * 1_000;
    this.running = true;
    this.timer = setInterval(() => this.advance(), TICK_MS);
    this.advance();
    this.onState();
  }

  stop(): void {
    if (!this.running) return;
    this.halt();
    this.onState();
  }

  private halt(): void {
    clearInterval(this.timer);
    this.running = false;
    for (const line of this.lines) line.stop?.(this.horizon + 0.01);
    this.lines = [];
  }

  /** Seconds since time 0 as they are heard at `at` (milliseconds of `performance.now()`). */
  seconds(at: number): number {
    return (at - this.zeroMs) / 1_000;
  }

  private advance(): void {
    const context = this.context!;
    this.horizon = context.currentTime + (document.hidden ? AHEAD_HIDDEN : AHEAD);
    const to = this.horizon - this.zero;
    if (to > this.scheduled) {
      for (const line of this.lines) {
        for (const event of line.events(this.scheduled, to)) event.fire(Math.max(context.currentTime, this.zero + event.time));
      }
      this.scheduled = to;
    }
    if (this.end !== null && context.currentTime - this.zero > this.end) this.stop();
  }
}
