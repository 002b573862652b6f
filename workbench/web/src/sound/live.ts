/** Playback in the browser: a look-ahead scheduler over the engine and the mixer. */
import type { TimeMap } from "../document/timemap.js";
import { findTrack, type Score, type Track } from "../document/types.js";
import { importBytes, type AssetLoader } from "../host/assets.js";
import type { ViewState } from "../store/viewstate.js";
import { t } from "../strings/index.js";
import { BankFiles } from "./banks.js";
import type * as EngineModule from "./engine.js";
import { Metronome } from "./metronome.js";
import { Mixer } from "./mixer.js";
import type { Recordings } from "./recordings.js";
import type { Schedule } from "./schedule.js";
import type { Played } from "./sequence.js";

/** What playback needs to know; functions, because the document changes under it. */
export interface Piece {
  score(): Score;
  time(): TimeMap;
  view(): ViewState;
  readonly schedule: Schedule;
  readonly recordings: Recordings;
}

/** A sound that is no track of the score: live playing before there is one. */
export interface FreeSlot { readonly program: number; readonly isDrum: boolean }
export type Slot = string | FreeSlot;

/** A sound that is ready: keys are struck and let go with no waiting in between. `time`: seconds of the context. */
export interface Instrument {
  strike(key: number, velocity: number, time?: number): void;
  release(key: number, time?: number): void;
}

interface Anchor { readonly context: number; readonly song: number }
interface Sounding { track: string; place: EngineModule.Place; key: number; end: number; id: string }

const TICK_MS = 40;
const AHEAD = 0.18;
const AHEAD_HIDDEN = 1.6; // timers of hidden pages run once a second
const LEAD_IN = 0.05;
const MAKE_UP = 2.8; // linear gain
const WAKE_MS = 1_200;

export class LivePlayback {
  readonly context = new AudioContext({ latencyHint: "interactive" });
  readonly mixer: Mixer;
  private readonly metronome = new Metronome(this.context);
  private readonly banks: BankFiles;
  private engine: EngineModule.Engine | null = null;
  private preparing: Promise<EngineModule.Engine> | null = null;
  private readonly places = new Map<string, EngineModule.Place>();
  private readonly limiter: DynamicsCompressorNode;
  private timer: ReturnType<typeof setInterval> | undefined;
  private anchor: Anchor = { context: 0, song: 0 };
  private earlier: Anchor | null = null;
  private scheduled = 0;
  private sounding: Sounding[] = [];
  private generation = 0;
  playing = false;
  onEnd: () => void = () => {};

  constructor(private readonly piece: Piece, private readonly asset: AssetLoader) {
    this.banks = new BankFiles(asset);
    this.limiter = this.context.createDynamicsCompressor(); // only catches what would clip
    this.limiter.threshold.value = -2;
    this.limiter.knee.value = 0;
    this.limiter.ratio.value = 20;
    this.limiter.attack.value = 0.002;
    this.limiter.release.value = 0.12;
    this.limiter.connect(this.context.destination);
    // The export sets its loudness over the whole mix; here a fixed step up comes near it, and the limiter guards it.
    const makeUp = this.context.createGain();
    makeUp.gain.value = MAKE_UP;
    makeUp.connect(this.limiter);
    this.mixer = new Mixer(this.context, makeUp);
  }

  /** Load what is needed for the given tracks to sound. */
  async prepare(tracks: readonly Track[]): Promise<void> {
    if (this.context.state === "suspended") void this.context.resume();
    const engine = await (this.preparing ??= this.makeEngine());
    if (await this.piece.recordings.prepare(this.context)) this.piece.schedule.forget(null);
    await Promise.all(tracks.map(async (track) => {
      for (const program of this.piece.schedule.programs(track)) await this.loadVoice(engine, program, track.is_drum);
      await this.place(track.id, track.is_drum);
    }));
  }

  /** Browsers keep an audio context asleep until a click or a key: wait a moment, then say so. */
  private async awake(): Promise<void> {
    if (this.context.state === "running") return;
    await Promise.race([this.context.resume(), new Promise((resolve) => setTimeout(resolve, WAKE_MS))]);
    if ((this.context.state as string) !== "running") throw new Error(t("sound.asleep"));
  }

  private async makeEngine(): Promise<EngineModule.Engine> {
    try {
      const [code, processor] = await Promise.all([
        this.asset("engine.js"), this.asset("processor.js"), this.banks.prepare()]);
      const module = (await importBytes(code)) as unknown as typeof EngineModule;
      await module.addProcessor(this.context, processor);
      return (this.engine = new module.Engine(this.context));
    } catch (error) {
      this.preparing = null; // a later attempt may succeed
      throw error;
    }
  }

  private async loadVoice(engine: EngineModule.Engine, program: number, isDrum: boolean): Promise<void> {
    const { file } = this.banks.voice(program, isDrum);
    await engine.addBank(file, await this.banks.load(file));
  }

  private async place(key: string, isDrum: boolean): Promise<EngineModule.Place> {
    const name = `${isDrum}:${key}`;
    const known = this.places.get(name);
    if (known) return known;
    const place = await this.engine!.open(key, isDrum, this.mixer.strip(key).input);
    this.places.set(name, place);
    return place;
  }

  async start(tick: number): Promise<void> {
    const generation = ++this.generation;
    await this.prepare(this.piece.schedule.tracks());
    await this.awake();
    if (generation !== this.generation) return; // stopped while loading
    this.silence();
    const song = this.piece.time().seconds(tick);
    this.anchor = { context: this.context.currentTime + LEAD_IN, song };
    this.earlier = null;
    this.scheduled = song;
    this.playing = true;
    this.mixer.update(this.mixed(), this.piece.time(), song, false, this.recorded);
    this.piece.recordings.start(this.context, this.inputOf, song, this.anchor.context);
    for (const track of this.piece.schedule.tracks()) {
      for (const note of this.piece.schedule.held(track, song)) this.strike(track, note, this.anchor.context);
    }
    clearInterval(this.timer);
    this.timer = setInterval(() => this.advance(), TICK_MS);
    this.advance();
  }

  stop(): void {
    this.generation++;
    clearInterval(this.timer);
    this.playing = false;
    this.silence();
  }

  private silence(): void {
    const now = this.context.currentTime;
    this.piece.recordings.stop(now);
    for (const item of this.sounding) this.engine?.noteOff(item.place, item.key, now);
    this.sounding = [];
    this.engine?.stopAll(false);
  }

  /** Where playback is heard now, in ticks. */
  position(): number {
    const heard = this.context.currentTime - (this.context.outputLatency || this.context.baseLatency || 0);
    const anchor = this.earlier && heard < this.anchor.context ? this.earlier : this.anchor;
    let song = Math.max(0, anchor.song + Math.max(0, heard - anchor.context));
    const loop = this.loopSeconds();
    // A page that was too busy to turn in time will: the loop goes on as if it had.
    if (loop && this.scheduled < loop[1] && song >= loop[1]) song = loop[0] + (song - loop[1]) % (loop[1] - loop[0]);
    return this.piece.time().exactTick(song);
  }

  private loopSeconds(): [number, number] | null {
    const loop = this.piece.view().loop;
    const time = this.piece.time();
    return loop && loop[1] > loop[0] ? [time.seconds(loop[0]), time.seconds(loop[1])] : null;
  }

  /** The piece with the tracks that only an idea on trial has: they sound as they will once they are kept. */
  private mixed(): Score {
    const score = this.piece.score();
    const solo = score.tracks.some((track) => track.solo);
    const tracks = this.piece.schedule.tracks().map((track) => (score.tracks.includes(track) ? track : { ...track, solo }));
    return { ...score, tracks };
  }

  /** Settings of tracks may have changed: follow without a click. */
  updateMixer(): void {
    const time = this.piece.time();
    this.mixer.update(this.mixed(), time, time.seconds(this.position()), true, this.recorded);
  }

  private readonly recorded = (track: string): boolean => this.piece.schedule.recorded(track);
  private readonly inputOf = (track: string): AudioNode => this.mixer.strip(track).input;

  /** Notes have changed: let go what is no longer there. */
  notesChanged(): void {
    if (!this.playing) return;
    void this.prepare(this.piece.schedule.tracks());
    const now = this.context.currentTime;
    const tracks = new Map(this.piece.schedule.tracks().map((track) => [track.id, track]));
    this.sounding = this.sounding.filter((item) => {
      const track = tracks.get(item.track);
      const note = track && this.piece.schedule.find(track, item.id);
      if (note && note.key === item.key) {
        item.end = note.end;
        return true;
      }
      this.engine?.noteOff(item.place, item.key, now);
      return false;
    });
  }

  private advance(): void {
    const ahead = document.hidden ? AHEAD_HIDDEN : AHEAD;
    const horizon = this.context.currentTime + ahead;
    const loopSeconds = this.loopSeconds();
    for (let turn = 0; turn < 100; turn++) {
      const until = this.anchor.song + (horizon - this.anchor.context);
      if (until <= this.scheduled) break;
      const turning = loopSeconds && this.scheduled < loopSeconds[1] && until >= loopSeconds[1];
      const to = turning ? loopSeconds[1] : until;
      this.scheduleWindow(this.scheduled, to);
      this.scheduled = to;
      if (turning) {
        const at = this.anchor.context + (to - this.anchor.song);
        for (const item of this.sounding) this.engine!.noteOff(item.place, item.key, at);
        this.sounding = [];
        this.piece.recordings.stop(at);
        this.piece.recordings.start(this.context, this.inputOf, loopSeconds[0], at);
        this.earlier = this.anchor;
        this.anchor = { context: at, song: loopSeconds[0] };
        this.scheduled = loopSeconds[0];
      }
    }
    const turns = loopSeconds !== null && this.scheduled < loopSeconds[1];
    const song = this.anchor.song + (this.context.currentTime - this.anchor.context);
    if (!turns && song > this.piece.schedule.end() + 0.4) {
      this.stop();
      this.onEnd();
    }
  }

  private scheduleWindow(from: number, to: number): void {
    const zero = this.anchor.context - this.anchor.song;
    for (const track of this.piece.schedule.tracks()) {
      for (const note of this.piece.schedule.starting(track, from, to)) this.strike(track, note, zero + note.start);
    }
    this.sounding = this.sounding.filter((item) => {
      if (item.end >= to) return true;
      this.engine!.noteOff(item.place, item.key, zero + Math.max(item.end, from));
      return false;
    });
    this.mixer.automate(this.piece.score(), from, to, zero);
    if (this.piece.view().metronome) this.metronome.schedule(this.piece.time(), from, to, zero);
  }

  private strike(track: Track, note: Played, at: number): void {
    const place = this.places.get(`${track.is_drum}:${track.id}`);
    if (!place || !this.engine) return;
    const key = this.banks.key(note.key, track.is_drum);
    for (const item of this.sounding) {
      if (item.track === track.id && item.key === key) this.engine.noteOff(item.place, key, at);
    }
    this.sounding = this.sounding.filter((item) => item.track !== track.id || item.key !== key);
    this.engine.noteOn(place, this.banks.voice(note.program, track.is_drum).program, key, note.velocity, at);
    this.sounding.push({ track: track.id, place, key, end: note.end, id: note.id });
  }

  private async resolve(slot: Slot): Promise<{ place: EngineModule.Place; program: number; isDrum: boolean }> {
    const { program, is_drum: isDrum, id } = typeof slot === "string"
      ? findTrack(this.piece.score(), slot)
      : { program: slot.program, is_drum: slot.isDrum, id: "live" };
    if (this.context.state === "suspended") void this.context.resume();
    const engine = await (this.preparing ??= this.makeEngine());
    await this.loadVoice(engine, program, isDrum);
    if (id !== "live" && !this.playing) this.updateMixer();
    return { place: await this.place(id, isDrum), program: this.banks.voice(program, isDrum).program, isDrum };
  }

  /** Strike a key now; resolves to a function that lets it go. */
  async touch(slot: Slot, key: number, velocity: number): Promise<() => void> {
    const { place, program, isDrum } = await this.resolve(slot);
    const sounding = this.banks.key(key, isDrum);
    this.engine!.noteOn(place, program, sounding, velocity);
    return () => this.engine?.noteOff(place, sounding);
  }

  /** Make a track that is not in the score ready to be played by hand. */
  async instrument(track: Track): Promise<Instrument> {
    const engine = await (this.preparing ??= this.makeEngine());
    await this.loadVoice(engine, track.program, track.is_drum);
    this.mixer.strip(track.id).set(track, true, this.piece.time(), 0, this.context.currentTime, false);
    const place = await this.place(track.id, track.is_drum);
    const { program } = this.banks.voice(track.program, track.is_drum);
    return {
      strike: (key, velocity, time) => engine.noteOn(place, program, key, velocity, time),
      release: (key, time) => engine.noteOff(place, key, time),
    };
  }

  async destroy(): Promise<void> {
    this.stop();
    this.engine?.destroy();
    await this.context.close();
  }
}
