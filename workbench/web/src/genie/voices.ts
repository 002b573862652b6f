/** The Genie's own sound: a plain electric piano at once, the sampled grand as soon as it has been fetched. */
import { makeTrack } from "../document/types.js";
import { needsFallback } from "../sound/fallback.js";
import type { Instrument, Player } from "../sound/player.js";
import type { Sink } from "./session.js";

/** Additive tones on oscillators: works everywhere and at once, also where there is no synthesiser. */
class PlainPiano implements Instrument {
  private readonly sounding = new Map<number, { gain: GainNode; oscillator: OscillatorNode }>();
  private readonly wave: PeriodicWave;

  constructor(private readonly context: AudioContext) {
    const partials = new Float32Array([0, 1, 0.42, 0.16, 0.1, 0.05, 0.03]);
    this.wave = context.createPeriodicWave(new Float32Array(partials.length), partials);
  }

  strike(key: number, velocity: number): void {
    this.release(key);
    const { context } = this;
    const now = context.currentTime;
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    oscillator.setPeriodicWave(this.wave);
    oscillator.frequency.value = 440 * 2 ** ((key - 69) / 12);
    const decay = 3.2 * 2 ** ((60 - key) / 24);
    gain.gain.setValueAtTime(0, now);
    gain.gain.linearRampToValueAtTime(0.3 * (velocity / 127) ** 1.5, now + 0.004);
    gain.gain.setTargetAtTime(0, now + 0.004, decay / 3);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(now);
    oscillator.stop(now + decay * 2.5);
    this.sounding.set(key, { gain, oscillator });
  }

  release(key: number): void {
    const voice = this.sounding.get(key);
    if (!voice) return;
    const now = this.context.currentTime;
    voice.gain.gain.setTargetAtTime(0, now, 0.06);
    voice.oscillator.stop(now + 0.5);
    this.sounding.delete(key);
  }
}

/** Tracks of the Genie that are not in the score: the person's, and the one that plays along. */
export const OWN = "genie-own";
const BAND = "genie-band";

export class Voices implements Sink {
  /** False while a MIDI instrument plays instead. */
  audible = true;
  private piano: Instrument | null = null;
  private band: Instrument | null = null;
  private plain: PlainPiano | null = null;
  private ownContext: AudioContext | null = null;
  private asked = false;
  private readonly sounding = new Map<number, Instrument>();
  onReady: () => void = () => {};
  onTrouble: () => void = () => {};

  constructor(private readonly player: Player) {}

  get context(): AudioContext | null {
    return this.player.context ?? this.ownContext;
  }

  /** The grand piano is there. */
  get ready(): boolean {
    return this.piano !== null;
  }

  /** Fetch the piano; sound itself still waits for a gesture. */
  load(): void {
    if (this.asked || needsFallback()) return;
    this.asked = true;
    const own = makeTrack(OWN, { program: 0, volume: 112, room: 44 });
    const band = makeTrack(BAND, { program: 0, volume: 88, room: 30 });
    const loading = this.player.instrument(own);
    const { context } = this.player;
    if (context) this.plain ??= new PlainPiano(context); // made now, so that the first press need not make it
    loading
      .then(async (piano) => {
        this.piano = piano;
        this.onReady();
        this.band = await this.player.instrument(band);
      })
      .catch(() => this.onTrouble()); // the plain piano goes on
  }

  /** Inside a gesture: let sound out. Returns the context. */
  unlock(): AudioContext {
    // Where the platform has it (iOS), music is heard although the phone is set to silent.
    const session = (navigator as { audioSession?: { type: string } }).audioSession;
    if (session) session.type = "playback";
    this.load();
    const context = this.player.context ?? (this.ownContext ??= new AudioContext({ latencyHint: "interactive" }));
    if (context.state !== "running") void context.resume();
    return context;
  }

  private now(): Instrument {
    return this.piano ?? (this.plain ??= new PlainPiano(this.unlock()));
  }

  on(pitch: number, velocity: number): void {
    if (!this.audible) return;
    if (this.context?.state !== "running") this.unlock();
    const instrument = this.now();
    instrument.strike(pitch, velocity);
    this.sounding.set(pitch, instrument);
  }

  off(pitch: number): void {
    this.sounding.get(pitch)?.release(pitch);
    this.sounding.delete(pitch);
  }

  /** For takes: the sampled piano with times of the context, or null until it is there. */
  get own(): Instrument | null {
    return this.piano;
  }

  get accompaniment(): Instrument | null {
    return this.band;
  }
}
