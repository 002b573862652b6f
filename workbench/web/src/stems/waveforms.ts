/** The tracks' peaks, made by the server, which renders the very sound that is exported. */
import type { ViewContext } from "../host/view.js";
import { isStopped } from "../store/jobs.js";

/** Ask by itself only while rendering is quick; longer pieces wait for the person. */
const QUICK_MS = 4_000;
const REST_MS = 1_200;

export class Waveforms {
  seconds = 0;
  /** What is shown is older than the piece. */
  stale = false;
  /** The piece has changed and is too long to be drawn again without being asked. */
  waiting = false;
  private made: Record<string, readonly number[]> = {};
  private running: AbortController | null = null;
  private took = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly context: ViewContext, private readonly changed: () => void) {
    context.signal.addEventListener("abort", () => this.running?.abort());
  }

  peaks(track: string): readonly number[] | null {
    return this.made[track] ?? null;
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
    const began = performance.now();
    this.changed();
    try {
      const result = await store.job("waveforms", {}, stopper.signal).result;
      this.took = performance.now() - began;
      this.seconds = result.seconds;
      this.made = result.peaks;
      this.stale = result.revision !== store.revision;
    } catch (error) {
      if (isStopped(error)) return;
      this.waiting = true; // the person may ask again
    } finally {
      if (this.running === stopper) this.running = null;
    }
    this.changed();
  }
}
