/** The stems of a recording, heard together to the sample: what is muted, alone, quieter, or silent for a while. */
import { encodeWav } from "../sound/wav.js";

export interface Part {
  mute: boolean;
  solo: boolean;
  /** 0 to 1, 1 as in the recording. */
  volume: number;
  /** Muted stretches in seconds, [from, to), in order, none of them touching. */
  silences: readonly (readonly [number, number])[];
}

/** Short fades keep a muted stretch from clicking, in seconds. */
const FADE = 0.01;
const LEAD = 0.05;

export class ApartSound {
  onState: () => void = () => {};
  private readonly context = new AudioContext();
  private sources: AudioBufferSourceNode[] = [];
  private gains: GainNode[] = [];
  /** Time of the context at which the recording's first sample would have sounded. */
  private zero = 0;
  private at = 0;

  private constructor(private readonly buffers: readonly AudioBuffer[], readonly parts: readonly Part[], readonly seconds: number) {}

  /** Fetch and decode the stems; rejects where a file cannot be had or read. */
  static async open(urls: readonly string[], parts: readonly Part[], seconds: number, signal: AbortSignal): Promise<ApartSound> {
    const offline = new OfflineAudioContext(1, 1, 44_100);
    const buffers: AudioBuffer[] = [];
    for (const url of urls) buffers.push(await offline.decodeAudioData(await (await fetch(url, { signal })).arrayBuffer()));
    return new ApartSound(buffers, parts, seconds);
  }

  get playing(): boolean {
    return this.sources.length > 0;
  }

  get now(): number {
    return this.playing ? Math.min(this.seconds, Math.max(0, this.context.currentTime - this.zero)) : this.at;
  }

  /** Begin where it is; call it in a gesture. */
  async play(): Promise<void> {
    await this.context.resume();
    this.stop();
    if (this.at >= this.seconds - 0.05) this.at = 0;
    const begin = this.context.currentTime + LEAD;
    this.zero = begin - this.at;
    this.gains = this.buffers.map(() => this.context.createGain());
    this.sources = this.buffers.map((buffer, i) => {
      const source = this.context.createBufferSource();
      source.buffer = buffer;
      source.connect(this.gains[i]!).connect(this.context.destination);
      source.start(begin, this.at);
      return source;
    });
    this.sources[0]!.onended = () => this.playing && this.now >= this.seconds - 0.05 && this.finish();
    this.update();
    this.onState();
  }

  stop(): void {
    this.at = this.now;
    for (const source of this.sources) {
      source.onended = null;
      source.stop();
      source.disconnect();
    }
    this.sources = [];
    this.onState();
  }

  private finish(): void {
    this.stop();
    this.at = 0;
    this.onState();
  }

  seek(time: number): void {
    const again = this.playing;
    this.stop();
    this.at = Math.min(this.seconds, Math.max(0, time));
    if (again) void this.play();
    else this.onState();
  }

  /** What the parts say now, from this moment on. */
  update(): void {
    this.gains.forEach((gain, i) => automate(gain.gain, levels(this.parts, i), this.zero, this.context.currentTime));
  }

  /** All that is to be heard as one file. */
  async mixed(): Promise<Blob> {
    const first = this.buffers[0]!;
    const context = new OfflineAudioContext(first.numberOfChannels, first.length, first.sampleRate);
    this.buffers.forEach((buffer, i) => {
      const source = context.createBufferSource(), gain = context.createGain();
      source.buffer = buffer;
      source.connect(gain).connect(context.destination);
      automate(gain.gain, levels(this.parts, i), 0, 0);
      source.start();
    });
    const made = await context.startRendering();
    const channels = Array.from({ length: made.numberOfChannels }, (_, side) => made.getChannelData(side));
    return new Blob([encodeWav(channels, made.sampleRate)], { type: "audio/wav" });
  }

  close(): void {
    this.stop();
    void this.context.close();
  }
}

/** How loud a part is from which second on: [second, gain] in the order of time, the first at 0. */
export function levels(parts: readonly Part[], index: number): [number, number][] {
  const part = parts[index]!, alone = parts.some((other) => other.solo);
  const gain = part.mute || (alone && !part.solo) ? 0 : part.volume;
  return [[0, gain], ...part.silences.flatMap(([from, to]): [number, number][] => [[from, 0], [to, gain]])];
}

function automate(param: AudioParam, changes: readonly [number, number][], zero: number, now: number): void {
  param.cancelScheduledValues(0);
  const current = changes.filter(([second]) => zero + second <= now).at(-1) ?? changes[0]!;
  param.setTargetAtTime(current[1], now, FADE / 3);
  for (const [second, value] of changes) if (zero + second > now) param.setTargetAtTime(value, zero + second, FADE / 3);
}

/** The stretches with [from, to) muted as well, or heard again where all of it is muted already. */
export function toggled(silences: Part["silences"], from: number, to: number): Part["silences"] {
  if (silences.some(([start, end]) => start <= from && end >= to)) {
    return silences.flatMap(([start, end]) => (end <= from || start >= to ? [[start, end] as const]
      : [[start, from] as const, [to, end] as const].filter(([a, b]) => b - a > 1e-3)));
  }
  let [first, last] = [from, to];
  const apart = silences.filter(([start, end]) => {
    if (end < from || start > to) return true;
    [first, last] = [Math.min(first, start), Math.max(last, end)];
    return false;
  });
  return [...apart, [first, last] as const].sort((a, b) => a[0] - b[0]);
}
