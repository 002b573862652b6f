/** The simple built-in groove: drums made of sines and noise, bass and chords on a second piano, clicks. */
import type { Instrument } from "../sound/player.js";
import { chordTones, type NamedChord } from "./chords.js";
import { BEATS_IN_BAR, type Backing, type GrooveStyle } from "./take.js";
import type { Event, Line } from "./transport.js";

type Drum = "kick" | "snare" | "hat" | "high" | "low";

/** Half a second at most of a drum, as samples. */
function drumSamples(drum: Drum, rate: number): Float32Array<ArrayBuffer> {
  const seconds = { kick: 0.28, snare: 0.2, hat: 0.06, high: 0.05, low: 0.05 }[drum];
  const out = new Float32Array(Math.round(seconds * rate));
  let noise = 22_222;
  let before = 0;
  let phase = 0;
  for (let n = 0; n < out.length; n++) {
    const t = n / rate;
    noise = (Math.imul(noise, 1_103_515_245) + 12_345) | 0;
    const white = noise / 2 ** 31;
    if (drum === "kick") {
      phase += (2 * Math.PI * (48 + 95 * Math.exp(-t * 38))) / rate;
      out[n] = 0.85 * Math.sin(phase) * Math.exp(-t * 13);
    } else if (drum === "snare") {
      out[n] = (0.3 * white + 0.25 * Math.sin(2 * Math.PI * 185 * t)) * Math.exp(-t * 22);
    } else if (drum === "hat") {
      out[n] = 0.16 * (white - before) * Math.exp(-t * 70);
      before = white;
    } else out[n] = 0.4 * Math.sin(2 * Math.PI * (drum === "high" ? 1760 : 1175) * t) * Math.exp(-t * 110);
  }
  return out;
}

export class Kit {
  private readonly buffers = new Map<Drum, AudioBuffer>();
  private sources = new Set<AudioBufferSourceNode>();

  constructor(readonly context: BaseAudioContext, private readonly output: AudioNode = context.destination) {}

  strike(drum: Drum, gain: number, at: number): void {
    let buffer = this.buffers.get(drum);
    if (!buffer) {
      const samples = drumSamples(drum, this.context.sampleRate);
      buffer = this.context.createBuffer(1, samples.length, this.context.sampleRate);
      buffer.copyToChannel(samples, 0);
      this.buffers.set(drum, buffer);
    }
    const source = this.context.createBufferSource();
    const volume = this.context.createGain();
    source.buffer = buffer;
    volume.gain.value = gain;
    source.connect(volume).connect(this.output);
    source.start(at);
    this.sources.add(source);
    source.onended = () => this.sources.delete(source);
  }

  stop(): void {
    for (const source of this.sources) source.stop();
    this.sources.clear();
  }
}

interface Hit { readonly beat: number; readonly drum?: Drum; readonly gain?: number; readonly part?: "bass" | "chord" | "fifth"; readonly beats?: number }

const drums = (drum: Drum, gain: number, ...beats: number[]): Hit[] => beats.map((beat) => ({ beat, drum, gain }));
const EIGHTHS = [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5];

/** One bar of each style. */
const BARS: Readonly<Record<GrooveStyle, readonly Hit[]>> = {
  none: [],
  beat: [
    ...drums("kick", 0.8, 0, 2, 2.5), ...drums("snare", 0.6, 1, 3), ...drums("hat", 0.6, ...EIGHTHS),
    { beat: 0, part: "bass", beats: 1.4 }, { beat: 1.5, part: "bass", beats: 0.4 }, { beat: 2, part: "bass", beats: 1.5 },
    { beat: 0, part: "chord", beats: 1.8 }, { beat: 2.5, part: "chord", beats: 1.3 },
  ],
  ballad: [
    ...drums("hat", 0.4, 1, 3),
    { beat: 0, part: "bass", beats: 1.9 }, { beat: 2, part: "fifth", beats: 1.9 }, { beat: 0, part: "chord", beats: 3.8 },
  ],
  bounce: [
    ...drums("kick", 0.7, 0, 2), ...drums("hat", 0.5, 0, 0.67, 1, 1.67, 2, 2.67, 3, 3.67), ...drums("snare", 0.35, 1, 3),
    { beat: 0, part: "bass", beats: 0.9 }, { beat: 2, part: "fifth", beats: 0.9 },
    { beat: 1, part: "chord", beats: 0.4 }, { beat: 3, part: "chord", beats: 0.4 },
  ],
};

/** Keys of a chord in close position from F3 (53) to E4, four at most. */
export function voicing(chord: NamedChord): number[] {
  const tones = [...chordTones({ ...chord, bass: -1 })].slice(0, 4);
  return tones.map((tone) => 53 + ((tone + 7) % 12)).sort((a, b) => a - b);
}

/** The bass note, from A1 (33) to G#2. */
export const bassKey = (chord: NamedChord): number => 33 + (((chord.bass >= 0 ? chord.bass : chord.root) + 3) % 12);

export class GrooveLine implements Line {
  private pending: { key: number; end: number }[] = [];

  /** `piano` is asked at every note, so that it may come later. */
  constructor(private readonly backing: () => Backing, private readonly kit: Kit, private readonly piano: () => Instrument | null) {}

  *events(from: number, to: number): Iterable<Event> {
    const { bpm, style, chords } = this.backing();
    const beat = 60 / bpm;
    const bar = beat * BEATS_IN_BAR;
    for (let number = Math.max(0, Math.floor(from / bar)); number * bar < to; number++) {
      for (const hit of BARS[style]) {
        const time = number * bar + hit.beat * beat;
        if (time < from || time >= to) continue;
        const chord = chords.length ? chords[number % chords.length]! : null;
        yield { time, fire: (at) => this.fire(hit, chord, at, beat) };
      }
    }
  }

  private fire(hit: Hit, chord: NamedChord | null, at: number, beat: number): void {
    if (hit.drum) return this.kit.strike(hit.drum, hit.gain!, at);
    const piano = this.piano();
    if (!piano || !chord?.quality) return;
    const root = bassKey(chord);
    const keys = hit.part === "chord" ? voicing(chord) : [hit.part === "fifth" ? root + 7 : root];
    const end = at + hit.beats! * beat;
    for (const key of keys) {
      piano.strike(key, hit.part === "chord" ? 44 : 62, at);
      piano.release(key, end);
      this.pending.push({ key, end });
    }
    this.pending = this.pending.filter((item) => item.end > this.kit.context.currentTime);
  }

  stop(horizon: number): void {
    this.kit.stop();
    for (const { key } of this.pending) this.piano()?.release(key, horizon);
    this.pending = [];
  }
}

/** Clicks: a bar before time 0 (count-in) and, if wanted, on every beat after. */
export class ClickLine implements Line {
  constructor(private readonly bpm: () => number, private readonly kit: Kit, private readonly on: () => boolean) {}

  *events(from: number, to: number): Iterable<Event> {
    const beat = 60 / this.bpm();
    for (let n = Math.ceil(from / beat - 1e-9); n * beat < to; n++) {
      if (n >= 0 && !this.on()) continue;
      const first = ((n % BEATS_IN_BAR) + BEATS_IN_BAR) % BEATS_IN_BAR === 0;
      yield { time: n * beat, fire: (at) => this.kit.strike(first ? "high" : "low", 0.7, at) };
    }
  }

  stop(): void {
    this.kit.stop();
  }
}
