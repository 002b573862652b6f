/** The two sides of a blind comparison: one plays at a time, equally loud; how long each was heard is counted. */
import { t } from "../strings/index.js";
import { equalGains, loudness } from "./level.js";

export type Side = "a" | "b";

/** One side's sound. */
interface Sound {
  readonly buffer: AudioBuffer;
  gain: number;
  /** Where it goes on, in seconds. */
  at: number;
  heard: number;
}

export class Sides {
  private readonly sounds = new Map<Side, Sound>();
  private context: AudioContext | null = null;
  private source: AudioBufferSourceNode | null = null;
  private startedAt = 0;
  playing: Side | null = null;

  constructor(private readonly onChange: () => void, signal: AbortSignal) {
    signal.addEventListener("abort", () => {
      this.stop();
      void this.context?.close();
    });
  }

  /** Fetch both and make them equally loud; rejects with one sentence. */
  async load(addresses: Readonly<Record<Side, string>>, signal: AbortSignal): Promise<void> {
    const decoder = new OfflineAudioContext(2, 1, 44_100); // needs no gesture of the person's
    for (const side of ["a", "b"] as const) {
      const reply = await fetch(addresses[side], { signal }).catch((error: unknown) => {
        if (signal.aborted) throw error;
        throw new Error(t("study.soundFailed"));
      });
      if (!reply.ok) throw new Error(t("study.soundFailed"));
      const buffer = await decoder.decodeAudioData(await reply.arrayBuffer()).catch(() => {
        throw new Error(t("study.soundFailed"));
      });
      this.sounds.set(side, { buffer, gain: 1, at: 0, heard: 0 });
    }
    const [a, b] = [this.sounds.get("a")!, this.sounds.get("b")!];
    const measured = [a, b].map(({ buffer }) =>
      loudness(Array.from({ length: buffer.numberOfChannels }, (_, i) => buffer.getChannelData(i)), buffer.sampleRate));
    [a.gain, b.gain] = equalGains(measured[0]!, measured[1]!);
  }

  duration(side: Side): number {
    return this.sounds.get(side)?.buffer.duration ?? 0;
  }

  /** Where it is, in seconds. */
  position(side: Side): number {
    const sound = this.sounds.get(side);
    if (!sound) return 0;
    return Math.min(sound.buffer.duration, sound.at + this.elapsed(side));
  }

  /** Seconds of it that were played so far. */
  heard(side: Side): number {
    return (this.sounds.get(side)?.heard ?? 0) + Math.min(this.elapsed(side), this.duration(side));
  }

  private elapsed(side: Side): number {
    return this.playing === side && this.context ? Math.max(0, this.context.currentTime - this.startedAt) : 0;
  }

  async toggle(side: Side): Promise<void> {
    const was = this.playing;
    this.stop();
    if (was !== side) await this.play(side);
  }

  /** From where it was left, or from the start where it had ended. */
  private async play(side: Side): Promise<void> {
    const sound = this.sounds.get(side);
    if (!sound) return;
    this.context ??= new AudioContext();
    await this.context.resume();
    if (sound.at >= sound.buffer.duration - 0.05) sound.at = 0;
    const source = this.context.createBufferSource();
    const gain = this.context.createGain();
    source.buffer = sound.buffer;
    gain.gain.value = sound.gain;
    source.connect(gain).connect(this.context.destination);
    source.onended = () => this.source === source && this.stop();
    source.start(0, sound.at);
    this.source = source;
    this.startedAt = this.context.currentTime;
    this.playing = side;
    this.onChange();
  }

  stop(): void {
    const side = this.playing;
    if (!side) return;
    const sound = this.sounds.get(side)!;
    const elapsed = this.elapsed(side);
    sound.heard += Math.min(elapsed, sound.buffer.duration - sound.at);
    sound.at = Math.min(sound.buffer.duration, sound.at + elapsed);
    this.playing = null;
    const { source } = this;
    this.source = null;
    source?.stop();
    this.onChange();
  }
}
