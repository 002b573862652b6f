/** The mixer as Web Audio nodes; formulas and names of `workbench/sound/mixer.py`. */
import type { TimeMap } from "../document/timemap.js";
import type { Score, Track } from "../document/types.js";
import { roomImpulse } from "./room.js";
import { TABLE } from "./table.js";

export const VOLUME = 7;
export const PAN = 10;
export const EXPRESSION = 11;
/** The volume of a new track. */
const USUAL_VOLUME = 100;

export const gainOf = (value: number): number => (value / 127) ** 2;

/** Linear gains of the left and right channel for a pan value from 0 to 127. */
export function panGains(value: number): [number, number] {
  const x = Math.min(1, Math.max(-1, (value - 64) / 63));
  const angle = ((x + 1) * Math.PI) / 4;
  return [Math.SQRT2 * Math.cos(angle), Math.SQRT2 * Math.sin(angle)];
}

export function familyGain(track: Pick<Track, "program" | "is_drum">): number {
  const decibels = track.is_drum ? TABLE.drums_db : TABLE.family_db[Math.floor(track.program / 8)]!;
  return 10 ** (decibels / 20);
}

/** Ids of the tracks that sound. */
export function heard(score: Score): Set<string> {
  const solo = score.tracks.some((track) => track.solo);
  return new Set(score.tracks.filter((track) => !track.mute && (track.solo || !solo)).map((track) => track.id));
}

/** A line through points (seconds, gain): straight between, constant outside. */
export type Line = readonly (readonly [number, number])[];

/** The gain that a controller draws over the piece. */
export function automation(
  track: Track, number: number, start: number, convert: (value: number) => number, time: TimeMap,
): Line {
  const events = track.controls.filter((event) => event.number === number)
    .map((event) => [time.seconds(event.tick), event.value] as const);
  const points: [number, number][] = [[0, convert(start)]];
  events.forEach(([seconds, value], i) => {
    const following = events[i + 1]?.[0] ?? Infinity;
    const before = points.at(-1)![1];
    if (following <= seconds || convert(value) === before) return;
    const ramp = seconds > 0 ? TABLE.ramp_seconds : 0;
    if (ramp) points.push([seconds, before]);
    points.push([Math.min(seconds + ramp, following), convert(value)]);
  });
  return points;
}

/** Gain of a track's muted ranges: 0 inside, with short fades. */
export function silenceLine(track: Track, time: TimeMap): Line {
  const points: [number, number][] = [[0, 1]];
  for (const item of track.silences) {
    const start = time.seconds(item.tick);
    const end = time.seconds(item.tick + item.duration);
    const fade = Math.min(TABLE.silence_fade_seconds, (end - start) / 2);
    points.push([start, 1], [start + fade, 0], [end - fade, 0], [end, 1]);
  }
  return points;
}

export function lineAt(line: Line, seconds: number): number {
  let before = line[0]!;
  for (const point of line) {
    if (point[0] > seconds) {
      if (point[0] === before[0]) return point[1];
      const share = Math.max(0, (seconds - before[0]) / (point[0] - before[0]));
      return before[1] + (point[1] - before[1]) * share;
    }
    before = point;
  }
  return before[1];
}

/** One track's way through the mixer. */
export class Strip {
  readonly input: GainNode;
  readonly volume: GainNode;
  readonly expression: GainNode;
  readonly silence: GainNode;
  readonly family: GainNode;
  readonly audible: GainNode;
  readonly left: GainNode;
  readonly right: GainNode;
  readonly send: GainNode;
  readonly analyser: AnalyserNode;
  lines: readonly (readonly [AudioParam, Line])[] = [];
  private merger: ChannelMergerNode;

  constructor(context: BaseAudioContext, master: AudioNode, room: AudioNode) {
    const gain = (): GainNode => context.createGain();
    this.input = gain();
    [this.volume, this.expression, this.silence, this.family, this.audible] = [gain(), gain(), gain(), gain(), gain()];
    this.left = gain();
    this.right = gain();
    this.send = gain();
    this.analyser = context.createAnalyser();
    const splitter = context.createChannelSplitter(2);
    this.merger = context.createChannelMerger(2);
    this.input.channelCount = 2;
    this.input.channelCountMode = "explicit";
    this.send.channelCount = 1; // half the sum of both sides
    this.send.channelCountMode = "explicit";
    this.input.connect(this.volume).connect(this.expression).connect(this.silence).connect(this.family)
      .connect(this.audible);
    this.audible.connect(splitter);
    this.audible.connect(this.send).connect(room);
    splitter.connect(this.left, 0);
    splitter.connect(this.right, 1);
    this.left.connect(this.merger, 0, 0);
    this.right.connect(this.merger, 0, 1);
    this.merger.connect(master);
    this.merger.connect(this.analyser);
  }

  /** Take over a track's settings, `recorded`: it sounds as it was recorded; `seconds`: where playback stands (controllers before it hold). */
  set(track: Track, audible: boolean, time: TimeMap, seconds: number, now: number, smooth: boolean, recorded = false): void {
    const pans = [0, 1].map((side) => automation(track, PAN, track.pan, (value) => panGains(value)[side]!, time));
    this.lines = [
      [this.volume.gain, automation(track, VOLUME, track.volume, gainOf, time)],
      [this.expression.gain, automation(track, EXPRESSION, 127, gainOf, time)],
      [this.silence.gain, silenceLine(track, time)],
      [this.left.gain, pans[0]!],
      [this.right.gain, pans[1]!],
    ];
    const put = (param: AudioParam, value: number): void => {
      param.cancelScheduledValues(now);
      if (smooth) param.setTargetAtTime(value, now, 0.01);
      else param.setValueAtTime(value, now);
    };
    for (const [param, line] of this.lines) put(param, lineAt(line, seconds));
    // A recording has its room already, and at a track's usual volume it is as it is.
    put(this.family.gain, recorded ? 1 / gainOf(USUAL_VOLUME) : familyGain(track));
    put(this.audible.gain, audible ? 1 : 0);
    put(this.send.gain, recorded ? 0 : (Math.SQRT2 * track.room) / 127);
  }

  /** Draw the lines from song time `from` to `to`; song time 0 would be at context time `zero`. */
  automate(from: number, to: number, zero: number): void {
    for (const [param, line] of this.lines) {
      line.forEach((point, i) => {
        if (i === 0 || point[0] < from || point[0] >= to) return;
        const before = line[i - 1]!;
        const at = Math.max(0, zero + point[0]);
        if (point[0] > before[0] && before[0] >= 0) {
          param.setValueAtTime(before[1], Math.max(0, zero + Math.max(before[0], from)));
          param.linearRampToValueAtTime(point[1], at);
        } else param.setValueAtTime(point[1], at);
      });
    }
  }

  disconnect(): void {
    this.merger.disconnect();
    this.send.disconnect();
    this.input.disconnect();
  }
}

export class Mixer {
  readonly master: GainNode;
  readonly analyser: AnalyserNode;
  private readonly room: ConvolverNode;
  private readonly strips = new Map<string, Strip>();

  constructor(readonly context: BaseAudioContext, destination: AudioNode = context.destination) {
    this.master = context.createGain();
    this.analyser = context.createAnalyser();
    this.room = context.createConvolver();
    this.room.normalize = false;
    const [left, right] = roomImpulse(context.sampleRate);
    const impulse = context.createBuffer(2, left.length, context.sampleRate);
    impulse.copyToChannel(left, 0);
    impulse.copyToChannel(right, 1);
    this.room.buffer = impulse;
    this.room.connect(this.master);
    this.master.connect(destination);
    this.master.connect(this.analyser);
  }

  strip(id: string): Strip {
    let strip = this.strips.get(id);
    if (!strip) this.strips.set(id, (strip = new Strip(this.context, this.master, this.room)));
    return strip;
  }

  has(id: string): boolean {
    return this.strips.has(id);
  }

  /** Settings of every track of the score, as heard at `seconds`. */
  update(score: Score, time: TimeMap, seconds: number, smooth: boolean, recorded: (track: string) => boolean = () => false): void {
    const audible = heard(score);
    const now = this.context.currentTime;
    for (const track of score.tracks) {
      this.strip(track.id).set(track, audible.has(track.id), time, seconds, now, smooth, recorded(track.id));
    }
  }

  automate(score: Score, from: number, to: number, zero: number): void {
    for (const track of score.tracks) this.strips.get(track.id)?.automate(from, to, zero);
  }
}
