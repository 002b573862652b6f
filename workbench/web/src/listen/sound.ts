/** Hearing the recording, and over it what was heard in it, played by the app's own sounds. */
import type { ViewContext } from "../host/view.js";
import { makeTrack, type Track } from "../document/types.js";
import type { Instrument } from "../sound/live.js";
import { needsFallback } from "../sound/fallback.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { clamp, h } from "../ui/dom.js";
import { readLabel, stepsOf } from "./chords.js";
import type { Heard, HeardNote, Layer } from "./heard.js";

/** What is played by itself: instruments of the General MIDI list, 0 to 127. */
const PROGRAMS: Readonly<Record<Layer, number>> = { notes: 0, melody: 73, drums: 0 };
const AHEAD = 0.25, TICK_MS = 40;
/** A jump of the recording larger than this, in seconds, is a seek. */
const JUMP = 0.15;

interface Struck { readonly slot: Layer; readonly key: number; readonly end: number }

export class Sound {
  /** How loud the recording is beside what was heard: 0 only the recording, 1 only the notes. */
  balance = 0;
  onState: () => void = () => {};
  private readonly audio = h("audio", { preload: "auto" });
  private readonly instruments = new Map<Layer, Instrument>();
  private timer: ReturnType<typeof setInterval> | undefined;
  /** Seconds up to which notes are scheduled. */
  private done = 0;
  private sounding: Struck[] = [];
  private failed = false;

  /** `offset`: where in the file the part begins that was listened to. */
  constructor(
    private readonly context: ViewContext, url: string, private readonly offset: number, private readonly heard: () => Heard,
    private readonly layers: () => readonly Layer[],
  ) {
    this.audio.src = url;
    this.audio.addEventListener("ended", () => this.pause());
    this.audio.addEventListener("error", () => (this.failed = true));
    this.audio.currentTime = offset;
    context.signal.addEventListener("abort", () => this.close());
    context.player.subscribe(() => context.player.playing && this.pause(), context.signal);
  }

  get playing(): boolean {
    return this.timer !== undefined;
  }

  /** Where it is, in seconds of the part. */
  get now(): number {
    return clamp(this.audio.currentTime - this.offset, 0, this.heard().duration);
  }

  seek(time: number): void {
    this.audio.currentTime = this.offset + clamp(time, 0, this.heard().duration);
    this.silence();
    this.done = this.now;
    this.onState();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else void this.play();
  }

  async play(): Promise<void> {
    const { player, store } = this.context;
    player.stop();
    if (this.failed) return store.notice(t("listen.cannotPlay"));
    if (this.now >= this.heard().duration - 0.05) this.seek(0);
    this.mix();
    this.timer ??= setInterval(() => this.step(), TICK_MS);
    this.done = this.now;
    this.onState();
    try {
      if (this.balance > 0) await this.prepare();
      await this.audio.play();
      this.done = this.now;
    } catch (error) {
      this.pause();
      if (!(error instanceof DOMException && error.name === "AbortError")) {
        store.notice(error instanceof DOMException ? t("listen.cannotPlay") : sentenceOf(error));
      }
    }
  }

  pause(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.audio.pause();
    this.silence();
    this.onState();
  }

  /** Change the balance while it plays or rests. */
  async mixTo(balance: number): Promise<void> {
    const began = this.balance === 0 && balance > 0;
    this.balance = balance;
    this.mix();
    if (!balance) this.silence();
    if (!began || !this.playing) return;
    try {
      await this.prepare();
      this.done = this.now;
    } catch (error) {
      this.context.store.notice(sentenceOf(error));
    }
  }

  /** One pitch of a layer, at once. */
  audition(layer: Layer, pitch: number): void {
    if (this.playing) return;
    this.context.player.audition({ program: PROGRAMS[layer], isDrum: layer === "drums" }, pitch, 90, 0.4);
  }

  /** A chord, at once. */
  auditionChord(label: string): void {
    const parts = readLabel(label);
    if (!parts || this.playing) return;
    for (const step of stepsOf(parts.kind)) this.context.player.audition({ program: 0, isDrum: false }, 48 + parts.root + step, 80, 0.9);
  }

  private mix(): void {
    this.audio.volume = clamp(2 * (1 - this.balance), 0, 1);
  }

  private async prepare(): Promise<void> {
    if (needsFallback()) throw new Error(t("sound.insecure"));
    void this.context.player.context?.resume();
    for (const layer of this.layers()) {
      if (this.instruments.has(layer)) continue;
      const track: Track = makeTrack(`listen-${layer}`, { program: PROGRAMS[layer], is_drum: layer === "drums" });
      this.instruments.set(layer, await this.context.player.instrument(track));
    }
  }

  /** Schedule what comes next: the recording's clock leads, the notes follow. */
  private step(): void {
    const { context } = this.context.player, now = this.now;
    if (now >= this.heard().duration - 1e-3) return this.pause();
    this.onState();
    if (this.balance === 0 || !context || this.audio.paused) return;
    if (Math.abs(now - this.done) > AHEAD + JUMP) {
      this.silence();
      this.done = now;
    }
    const until = now + AHEAD, zero = context.currentTime - now, velocity = clamp(2 * this.balance, 0, 1);
    for (const layer of this.layers()) {
      const instrument = this.instruments.get(layer);
      if (instrument) for (const note of this.heard()[layer]) this.strike(instrument, layer, note, zero, until, velocity);
    }
    this.done = until;
    this.sounding = this.sounding.filter((note) => note.end > context.currentTime);
  }

  private strike(instrument: Instrument, layer: Layer, note: HeardNote, zero: number, until: number, loud: number): void {
    if (note.start < this.done || note.start >= until) return;
    const end = zero + Math.max(note.end, note.start + 0.06);
    instrument.strike(note.pitch, Math.max(1, Math.round(note.velocity * loud)), zero + note.start);
    instrument.release(note.pitch, end);
    this.sounding.push({ slot: layer, key: note.pitch, end });
  }

  private silence(): void {
    for (const { slot, key } of this.sounding) this.instruments.get(slot)?.release(key);
    this.sounding = [];
  }

  close(): void {
    this.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
  }
}
