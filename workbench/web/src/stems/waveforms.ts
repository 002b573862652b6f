/** The tracks' peaks, made by the server, which renders the very sound that is exported. */
import type { ViewContext } from "../host/view.js";
import { isStopped } from "../store/jobs.js";

/** Ask by itself only while rendering is quick; longer pieces wait for the person. */
const QUICK_MS = 4_000;
const REST_MS = 1_200;
/** Drawing that takes no longer than this needs no word. */
const MOMENT_MS = 500;

export class Waveforms {
  seconds = 0;
  /** What is shown is older than the piece. */
  stale = false;
  /** The piece has changed and is too long to be drawn again without being asked. */
  waiting = false;
  /** How far the drawing is, 0 to 1, once it has taken a moment; null while nothing is drawn. */
  share: number | null = null;
  private made: Record<string, readonly number[]> = {};
  /** How many seconds the peaks of a track stand for, where that is not `seconds`. */
  private lengths: Record<string, number> = {};
  private running: AbortController | null = null;
  private took = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly context: ViewContext, private readonly changed: () => void) {
    context.signal.addEventListener("abort", () => this.running?.abort());
  }

  peaks(track: string): readonly number[] | null {
    return this.made[track] ?? null;
  }

  /** How many seconds a track's peaks stand for. */
  length(track: string): number {
    return this.lengths[track] ?? this.seconds;
  }

  /** Draw no further; what is there stays. */
  stop(): void {
    this.running?.abort();
    this.running = null;
    this.share = null;
    this.waiting = true;
    this.changed();
  }

  /** The piece has changed; `now`: do not wait for a rest, and never mind how long it takes. */
  ask(now: boolean): void {
    this.stale = true;
    clearTimeout(this.timer);
    if (!this.context.host.channel) return;
    if (!now && this.took > QUICK_MS) {
      this.waiting = true;
      this.changed();
      return;
    }
    this.timer = setTimeout(() => void this.send(), now ? 0 : REST_MS);
  }

  private async send(): Promise<void> {
    const { store } = this.context;
    this.running?.abort();
    const stopper = (this.running = new AbortController());
    this.waiting = false;
    this.share = null;
    const began = performance.now();
    const soon = setTimeout(() => {
      this.share ??= 0;
      this.changed();
    }, MOMENT_MS);
    this.changed();
    try {
      const result = await store.job("waveforms", {}, stopper.signal, {
        progress: (progress) => {
          if (performance.now() - began < MOMENT_MS) return;
          this.share = progress.done ?? 0;
          this.changed();
        },
        // Each track as soon as it is there; how loud it is among the others only the end knows.
        partial: ({ peaks, seconds }) => {
          this.made = { ...this.made, ...peaks };
          for (const track of Object.keys(peaks)) this.lengths[track] = seconds;
          this.changed();
        },
      }).result;
      this.took = performance.now() - began;
      this.seconds = result.seconds;
      this.made = result.peaks;
      this.lengths = {};
      this.stale = result.revision !== store.revision;
    } catch (error) {
      if (isStopped(error)) return;
      this.waiting = true; // the person may ask again
    } finally {
      clearTimeout(soon);
      if (this.running === stopper) {
        this.running = null;
        this.share = null;
      }
    }
    this.changed();
  }
}
