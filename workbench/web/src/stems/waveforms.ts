/** The tracks' peaks, made by the server, which renders the very sound that is exported. */
import type { ViewContext } from "../host/view.js";

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
  private job = "";
  private count = 0;
  private began = 0;
  private took = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly context: ViewContext, private readonly changed: () => void) {
    context.store.subscribe((event) => {
      if (event.type !== "message" || event.message["id"] !== this.job) return;
      const { message } = event;
      if (message.type === "waveforms.result") {
        this.took = performance.now() - this.began;
        this.seconds = Number(message["seconds"]) || 0;
        this.made = message["peaks"] as Record<string, readonly number[]>;
        this.stale = message["revision"] !== context.store.revision;
        this.job = "";
        this.changed();
      } else if (message.type === "waveforms.error") {
        this.job = "";
        this.waiting = true;
        this.changed();
      }
    }, context.signal);
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
    if (this.job) void this.context.store.call({ type: "stop", id: this.job }).catch(() => {});
    this.count += 1;
    this.waiting = false;
    this.job = `waveforms-${this.count}`;
    this.began = performance.now();
    try {
      await this.context.store.send({ type: "waveforms", id: this.job });
    } catch {
      this.waiting = true; // the store says that the server is away
    }
    this.changed();
  }
}
