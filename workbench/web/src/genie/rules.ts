/**
 * Which keys a press may sound, and which one it does; the twin of `workbench/create/genie/rules.py`, where the rules
 * are described down to the order of additions. Same seed, same presses, same keys.
 */
import { BUTTONS, KEYS, LOWEST_PITCH } from "./decoder.js";

export type Mode = "steady" | "replayable";
export type ChordRule = "off" | "hint" | "soft" | "hard";
export type ButtonCount = 8 | 4 | 1;

/** Fields and their meaning as in Python's `GenieSettings`. */
export interface GenieSettings {
  readonly temperature: number;
  readonly mode: Mode;
  readonly direction: boolean;
  readonly loyal: boolean;
  readonly max_leap: number;
  readonly low: number;
  readonly high: number;
  readonly scale: readonly number[];
  readonly chords: ChordRule;
  readonly buttons: ButtonCount;
}

export const DEFAULTS: GenieSettings = {
  temperature: 0.6, mode: "steady", direction: true, loyal: true, max_leap: 12, low: LOWEST_PITCH,
  high: LOWEST_PITCH + KEYS - 1, scale: [], chords: "soft", buttons: 8,
};

/** Where the buttons of a smaller instrument lie among the eight. */
export const LAYOUTS: Readonly<Record<ButtonCount, readonly number[]>> = {
  8: [0, 1, 2, 3, 4, 5, 6, 7], 4: [0, 2, 5, 7], 1: [0],
};

const SOFT_BIAS = -2;
const COLDEST = 0.01;

/** Tommy Ettinger's 32-bit generator (public domain). */
export class Mulberry32 {
  private state: number;

  constructor(seed: number) {
    this.state = (((seed % 2 ** 32) + 2 ** 32) % 2 ** 32) | 0;
  }

  /** The next number in [0, 1). */
  draw(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let x = this.state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  }
}

const pitchClass = (key: number): number => (key + LOWEST_PITCH) % 12;

/** Keys inside range, scale and, with hard chords, chord; ascending, never empty. */
export function allowedKeys(settings: GenieSettings, chordTones: ReadonlySet<number>): number[] {
  const reach: number[] = [];
  for (let pitch = settings.low; pitch <= settings.high; pitch++) reach.push(pitch - LOWEST_PITCH);
  if (settings.chords === "hard" && chordTones.size) {
    const found = reach.filter((key) => chordTones.has(pitchClass(key)));
    if (found.length) return found;
  }
  if (settings.scale.length) {
    const found = reach.filter((key) => settings.scale.includes(pitchClass(key)));
    if (found.length) return found;
  }
  return reach;
}

/** Keys that may sound now, ascending, never empty. */
export function legalKeys(
  settings: GenieSettings, allowed: readonly number[], button: number, lastButton: number, lastKey: number,
): number[] {
  const count = allowed.length;
  const room = count >= BUTTONS ? allowed.slice(button, count - BUTTONS + 1 + button) : [...allowed];
  if (lastKey < 0) return room;
  let nearest = allowed[0]!;
  for (const key of allowed) if (Math.abs(key - lastKey) < Math.abs(nearest - lastKey)) nearest = key;
  if (button === lastButton && settings.loyal) return [nearest];
  let side: readonly number[] = allowed;
  if (settings.direction && button > lastButton) side = allowed.filter((key) => key > lastKey);
  else if (settings.direction && button < lastButton) side = allowed.filter((key) => key < lastKey);
  const near = side.filter((key) => !settings.max_leap || Math.abs(key - lastKey) <= settings.max_leap);
  const roomy = new Set(room);
  for (const keys of [near.filter((key) => roomy.has(key)), side.filter((key) => roomy.has(key)), near, [...side]]) {
    if (keys.length) return keys;
  }
  return [nearest];
}

/** What is added to the logits of `keys`. */
export function bias(settings: GenieSettings, chordTones: ReadonlySet<number>, keys: readonly number[]): number[] {
  const soft = settings.chords === "soft" && chordTones.size > 0;
  return keys.map((key) => (!soft || chordTones.has(pitchClass(key)) ? 0 : SOFT_BIAS));
}

/** Weights of `keys`, not normalised. */
export function weigh(
  logits: Float32Array, keys: readonly number[], biases: readonly number[], temperature: number,
): number[] {
  const scores = keys.map((key, i) => logits[key]! + biases[i]!);
  const best = Math.max(...scores);
  if (temperature < COLDEST) {
    const first = scores.indexOf(best);
    return scores.map((_, i) => (i === first ? 1 : 0));
  }
  return scores.map((score) => Math.exp((score - best) / temperature));
}

/** The key at which the running sum of weights first exceeds `draw` times their total. */
export function choose(keys: readonly number[], weights: readonly number[], draw: number): number {
  let total = 0;
  for (const weight of weights) total += weight;
  const bound = draw * total;
  let running = 0;
  for (let i = 0; i < keys.length; i++) {
    running += weights[i]!;
    if (running > bound) return keys[i]!;
  }
  return keys.at(-1)!;
}

/** Replayable mode: the same buttons bring back the same tune. */
export class PhraseMemory {
  private static readonly LENGTH = 256;
  private static readonly CONTEXT = 4;
  private readonly played: (readonly [button: number, key: number])[] = [];
  private readonly starts: number[] = [];
  private followers: number[] = [];

  /** The remembered key for this press, or -1. Must be followed by `remember`. */
  recall(button: number, afterPause: boolean): number {
    const oldest = Math.max(0, this.played.length - PhraseMemory.LENGTH);
    const fits = (place: number): boolean => place >= oldest && this.played[place]![0] === button;
    const starts = this.starts.filter(fits);
    let found: number[];
    if (afterPause) {
      found = starts;
      this.starts.push(this.played.length);
    } else {
      found = this.followers.filter(fits);
      if (!found.length) found = this.sameContext(button, oldest);
      if (!found.length) found = starts;
    }
    this.followers = found;
    return found.length ? this.played[found[0]!]![1] : -1;
  }

  private sameContext(button: number, oldest: number): number[] {
    const back = PhraseMemory.CONTEXT - 1;
    if (this.played.length < back) return [];
    const recent = [...this.played.slice(-back).map((item) => item[0]), button];
    const out: number[] = [];
    for (let place = oldest + back; place < this.played.length; place++) {
      if (recent.every((wanted, i) => this.played[place - back + i]![0] === wanted)) out.push(place);
    }
    return out;
  }

  remember(button: number, key: number): void {
    this.played.push([button, key]);
    this.followers = this.followers.map((place) => place + 1);
  }
}
