/** One take from the microphone: a bar of count-in, clicks in the headphones, and the finished file. */
import { click } from "../sound/metronome.js";
import { encodeWav } from "../sound/wav.js";
import { t } from "../strings/index.js";
import type { Microphone } from "./microphone.js";

/** Clicks that were heard while it was recorded; `first`: seconds into the file at which the first bar begins. */
export interface Click { readonly tempo: number; readonly metre: number; readonly first: number }
export interface CaptureOptions { readonly tempo: number; readonly metre: number; readonly clicks: boolean }
export interface Taken { readonly file: File; readonly seconds: number; readonly click: Click | null }

/** What is kept of the count-in, so that an early first note is whole, in seconds. */
const LEAD = 0.3;
/** What a quiet recording is raised to, and by how much at most. */
const PEAK = 0.9, MOST_GAIN = 60;
const AHEAD_MS = 150;
/** The longest take, in seconds. */
export const LONGEST = 600;

/** "hum at 14.05" is easier to find again than a number. */
function nameNow(now = new Date()): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return t("listen.takeName", { time: `${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}` });
}

/** The samples so loud that nothing is lost by writing them with 16 bits. */
export function raised(samples: Float32Array): Float32Array {
  let peak = 0;
  for (const value of samples) peak = Math.max(peak, Math.abs(value));
  const gain = peak > 0 && peak < PEAK ? Math.min(MOST_GAIN, PEAK / peak) : 1;
  return gain === 1 ? samples : samples.map((value) => value * gain);
}

export class Capture {
  /** Time of the context at which the first bar begins; without clicks: at which recording began. */
  readonly begin: number;
  private next = 0;
  private readonly timer: ReturnType<typeof setInterval> | undefined;
  private readonly high: AudioBuffer;
  private readonly low: AudioBuffer;

  constructor(private readonly microphone: Microphone, private readonly options: CaptureOptions) {
    const { context } = microphone;
    this.high = click(context, 1760);
    this.low = click(context, 1175);
    microphone.keep();
    this.begin = context.currentTime + (options.clicks ? 0.15 + options.metre * this.beat : 0);
    if (!options.clicks) return;
    this.next = -options.metre;
    this.schedule();
    this.timer = setInterval(() => this.schedule(), AHEAD_MS / 3);
  }

  private get beat(): number {
    return 60 / this.options.tempo;
  }

  /** Beats left of the count-in (0: the first bar has begun). */
  get countIn(): number {
    if (!this.options.clicks) return 0;
    return Math.max(0, Math.ceil((this.begin - this.microphone.context.currentTime) / this.beat - 1e-6));
  }

  /** Seconds since the first bar began, below zero in the count-in. */
  get seconds(): number {
    return this.microphone.context.currentTime - this.begin;
  }

  private schedule(): void {
    const { context } = this.microphone;
    for (;; this.next++) {
      const at = this.begin + this.next * this.beat;
      if (at > context.currentTime + (2 * AHEAD_MS) / 1_000) return;
      const source = context.createBufferSource();
      source.buffer = this.next % this.options.metre === 0 ? this.high : this.low;
      source.connect(context.destination);
      source.start(Math.max(context.currentTime, at));
    }
  }

  /** End the take; null where nothing was recorded after the count-in. */
  finish(): Taken | null {
    clearInterval(this.timer);
    const { clicks, tempo, metre } = this.options;
    // What was sung on the first beat came in a little after the click went out.
    const first = this.begin + (clicks ? this.microphone.latency : 0);
    const from = clicks ? Math.max(0, first - LEAD) : 0;
    const { samples, rate } = this.microphone.kept(from);
    if (samples.length < 0.1 * rate) return null;
    const file = new File([encodeWav([raised(samples)], rate)], nameNow(), { type: "audio/wav" });
    return { file, seconds: samples.length / rate, click: clicks ? { tempo, metre, first: first - from } : null };
  }

  /** Throw it away. */
  drop(): void {
    clearInterval(this.timer);
    this.microphone.kept();
  }
}
