/**
 * Playing: presses come in from any input, notes go out to any number of sinks, and everything is recorded from the
 * first press. All of it is synchronous: between a press and its note nothing waits.
 */
import { NO_CHORD, type PlayChord } from "./chords.js";
import type { Decoder } from "./decoder.js";
import { GeniePlayer } from "./geniePlayer.js";
import { DEFAULTS, type GenieSettings } from "./rules.js";
import type { Layer, Take, TakePress } from "./take.js";

/** Where notes go: a sound, a MIDI port, the screen. */
export interface Sink {
  on(pitch: number, velocity: number, place: number): void;
  off(pitch: number): void;
  pedal?(down: boolean): void;
}

/** What plays along: where time 0 of a take lies that begins at `at` (milliseconds), and the chord then. */
export interface Companion {
  origin(at: number): number;
  chord(at: number): PlayChord;
}

export const ALONE: Companion = { origin: (at) => at, chord: () => NO_CHORD };

export interface Played {
  readonly pitch: number;
  readonly velocity: number;
  /** One of the eight buttons. */
  readonly place: number;
  readonly button: number;
}

export type SessionEvent =
  | { type: "press"; source: string; played: Played; at: number }
  | { type: "release"; source: string; played: Played }
  | { type: "pedal"; down: boolean }
  | { type: "begin" }
  | { type: "end"; layer: Layer; origin: number };

const milliseconds = (ms: number): number => Math.max(0, Math.round(ms)) / 1_000;

export function drawSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!;
}

export class Session {
  companion: Companion = ALONE;
  readonly sinks = new Set<Sink>();
  readonly listeners = new Set<(event: SessionEvent) => void>();
  private player: GeniePlayer | null = null;
  private decoder: Decoder | null = null;
  private current: GenieSettings = DEFAULTS;
  private layer: Layer | null = null;
  private origin = 0;
  private readonly held = new Map<string, { press: TakePress; played: Played }>();
  /** Presses that came before the weights did. */
  private early: { source: string; button: number; velocity: number; at: number; released?: number }[] = [];
  private readonly counts = new Map<number, number>();
  private readonly deferred = new Set<number>();
  private pedalDown = false;
  private seed = drawSeed();
  /** A seed to use for every take instead of a new one each time; null: a new one. */
  fixedSeed: number | null = null;

  /** The weights are here; what was pressed meanwhile sounds now, in order. */
  ready(decoder: Decoder): void {
    this.decoder = decoder;
    this.player = this.fresh();
    const early = this.early;
    this.early = [];
    for (const item of early) {
      this.press(item.source, item.button, item.velocity, item.at);
      if (item.released !== undefined) this.release(item.source, item.released);
    }
  }

  private fresh(): GeniePlayer {
    this.seed = this.fixedSeed ?? drawSeed();
    return new GeniePlayer(this.decoder!, this.current, this.seed);
  }

  get settings(): GenieSettings {
    return this.current;
  }

  change(part: Partial<GenieSettings>): void {
    this.current = { ...this.current, ...part };
    if (this.player) this.player.settings = this.current;
    if (this.layer) this.layer.changes.push({ from: this.layer.presses.length, settings: this.current });
  }

  /** Seconds of the take so far; null while nothing is recorded. */
  elapsed(at: number): number | null {
    return this.layer ? milliseconds(at - this.origin) : null;
  }

  get pressCount(): number {
    return this.layer?.presses.length ?? 0;
  }

  get lastPressAt(): number {
    const last = this.layer?.presses.at(-1);
    return last ? this.origin + last.time * 1_000 : -Infinity;
  }

  get holding(): boolean {
    return this.held.size > 0;
  }

  get pedal(): boolean {
    return this.pedalDown;
  }

  /**
   * A button goes down. `source` names the finger, key or pad that holds it; each source holds one note.
   * `at`: milliseconds of `performance.now()`.
   */
  press(source: string, button: number, velocity: number, at: number): Played | null {
    if (!this.player) {
      this.early.push({ source, button, velocity, at });
      return null;
    }
    this.release(source, at);
    if (!this.layer) this.begin(at);
    const layer = this.layer!;
    const time = milliseconds(at - this.origin);
    const chord = { ...this.companion.chord(at), time: 0 };
    const pitch = this.player.press(button, time, chord);
    const place = this.player.place;
    this.strike(pitch, velocity, place);
    const press: TakePress = { time, button, place, velocity, pitch, chord, release: time };
    layer.presses.push(press);
    const played = { pitch, velocity, place, button };
    this.held.set(source, { press, played });
    this.tell({ type: "press", source, played, at });
    return played;
  }

  release(source: string, at: number): void {
    const waiting = this.early.findLast((item) => item.source === source && item.released === undefined);
    if (waiting) waiting.released = Math.max(at, waiting.at + 60);
    const item = this.held.get(source);
    if (!item) return;
    this.held.delete(source);
    item.press.release = Math.max(item.press.time + 0.02, milliseconds(at - this.origin));
    const { pitch } = item.played;
    const left = (this.counts.get(pitch) ?? 1) - 1;
    if (left > 0) this.counts.set(pitch, left);
    else {
      this.counts.delete(pitch);
      if (this.pedalDown) this.deferred.add(pitch);
      else for (const sink of this.sinks) sink.off(pitch);
    }
    this.tell({ type: "release", source, played: item.played });
  }

  private strike(pitch: number, velocity: number, place: number): void {
    const again = this.counts.has(pitch) || this.deferred.has(pitch);
    for (const sink of this.sinks) {
      if (again) sink.off(pitch);
      sink.on(pitch, velocity, place);
    }
    this.deferred.delete(pitch);
    this.counts.set(pitch, (this.counts.get(pitch) ?? 0) + 1);
  }

  setPedal(down: boolean, at: number): void {
    if (down === this.pedalDown) return;
    this.pedalDown = down;
    if (this.layer) this.layer.pedals.push({ time: milliseconds(at - this.origin), down });
    if (!down) {
      for (const pitch of this.deferred) for (const sink of this.sinks) sink.off(pitch);
      this.deferred.clear();
    }
    for (const sink of this.sinks) sink.pedal?.(down);
    this.tell({ type: "pedal", down });
  }

  /** Let go of everything: the page is left, or the input has gone. */
  releaseAll(at: number): void {
    for (const item of this.early) item.released ??= Math.max(at, item.at + 60);
    for (const source of [...this.held.keys()]) this.release(source, at);
    this.setPedal(false, at);
  }

  private begin(at: number): void {
    this.origin = this.companion.origin(at);
    this.layer = {
      model: this.decoder!.model, seed: this.seed, changes: [{ from: 0, settings: this.current }], presses: [],
      pedals: this.pedalDown ? [{ time: milliseconds(at - this.origin), down: true }] : [],
    };
    this.tell({ type: "begin" });
  }

  /** End the take; the next press begins a new one. */
  finish(at: number): void {
    this.releaseAll(at);
    const { layer } = this;
    if (!layer) return;
    this.layer = null;
    this.player = this.fresh();
    this.tell({ type: "end", layer, origin: this.origin });
  }

  /** Chance of each key under each button now; null until the weights are there. */
  inside(at: number): Float64Array[] | null {
    const time = this.layer ? milliseconds(at - this.origin) : 0;
    return this.player?.probabilities(time, { ...this.companion.chord(at), time: 0 }) ?? null;
  }

  private tell(event: SessionEvent): void {
    for (const listener of [...this.listeners]) listener(event);
  }
}

/** A take of one layer, or one more layer over another take. */
export function makeTake(number: number, layer: Layer, options: Partial<Take> & { over?: Take | null } = {}): Take {
  const { over } = options;
  return {
    number,
    layers: [...(over?.layers ?? []), layer],
    backing: over?.backing ?? options.backing ?? null,
    song: over ? over.song : options.song ?? null,
    tidy: over?.tidy ?? null,
  };
}
