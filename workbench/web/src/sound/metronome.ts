/** Clicks on the beats, the first of a bar higher. */
import type { TimeMap } from "../document/timemap.js";

/** A short click, as a sound that can be played again and again. */
export function click(context: AudioContext, frequency: number): AudioBuffer {
  const frames = Math.round(0.04 * context.sampleRate);
  const buffer = context.createBuffer(1, frames, context.sampleRate);
  const samples = buffer.getChannelData(0);
  for (let n = 0; n < frames; n++) {
    const t = n / context.sampleRate;
    samples[n] = 0.5 * Math.sin(2 * Math.PI * frequency * t) * Math.exp(-t * 120);
  }
  return buffer;
}

export class Metronome {
  private readonly high: AudioBuffer;
  private readonly low: AudioBuffer;

  constructor(private readonly context: AudioContext) {
    this.high = click(context, 1760);
    this.low = click(context, 1175);
  }

  /** Schedule the clicks of [from, to) song seconds; song time 0 is at context time `zero`. */
  schedule(time: TimeMap, from: number, to: number, zero: number): void {
    for (let bar = time.barAt(time.tick(from)); time.seconds(bar.start) < to; bar = time.barAt(bar.end)) {
      const step = (4 * time.ppq) / bar.denominator;
      for (let tick = bar.start; tick < bar.end; tick += step) {
        const seconds = time.seconds(tick);
        if (seconds < from || seconds >= to) continue;
        const source = this.context.createBufferSource();
        source.buffer = tick === bar.start ? this.high : this.low;
        source.connect(this.context.destination);
        source.start(Math.max(this.context.currentTime, zero + seconds));
      }
    }
  }
}
