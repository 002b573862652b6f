/** One player a store: transport, audition, live notes; the browser's synthesiser or the server's sound behind it. */
import type { Host } from "../host/model.js";
import type { Store } from "../store/store.js";
import { t } from "../strings/index.js";
import type { Track } from "../document/types.js";
import { BankFiles } from "./banks.js";
import { needsFallback, ServerPlayback } from "./fallback.js";
import { LivePlayback, type Instrument, type Slot } from "./live.js";
import { Recordings } from "./recordings.js";
import { Schedule, tracksOf, type Overlay } from "./schedule.js";
import { sentenceOf } from "../strings/sentence.js";

const PREFETCH_AFTER_MS = 1_200;

export type PlayerEvent = "state" | "loading" | "seek";
type Subscriber = (event: PlayerEvent) => void;
export type { Instrument, Overlay, Slot };

export class Player {
  /** True while sounds are fetched before the first note. */
  loading = false;
  private live: LivePlayback | null = null;
  private server: ServerPlayback | null = null;
  private overlayNow: Overlay | null = null;
  private wanted = false;
  private readonly subscribers = new Set<Subscriber>();
  private readonly schedule: Schedule;
  private readonly recordings: Recordings;
  private readonly touched = new Map<string, Promise<() => void>>();
  private toldFallback = false;

  constructor(private readonly store: Store, private readonly host: Host) {
    this.recordings = new Recordings(store, host);
    this.schedule = new Schedule(() => store.score, () => store.time, () => this.overlayNow, this.recordings);
    // In a notebook files travel as messages: not before they are wanted.
    if (host.kind !== "jupyter" && !needsFallback()) void this.prefetch();
    store.subscribe((event) => {
      if (event.type === "open") {
        this.stop();
        this.overlayNow = null;
        this.schedule.forget(null);
      } else if (event.type === "change") this.changed(tracksOf(event.change.operation), event.change.operation.op);
      else if (event.type === "view" && event.keys.includes("loop")) this.emit("state");
    });
  }

  /** Fetch what the first sound will need while nothing else happens, so that Play sounds at once. */
  private async prefetch(): Promise<void> {
    await this.store.ready;
    await new Promise((resolve) => setTimeout(resolve, PREFETCH_AFTER_MS));
    try {
      const files = new BankFiles(this.host.asset);
      await Promise.all([this.host.asset("engine.js"), this.host.asset("processor.js"), files.prepare()]);
      for (const track of this.store.score.tracks.slice(0, 8)) {
        for (const program of this.schedule.programs(track)) await files.load(files.voice(program, track.is_drum).file);
      }
    } catch {
      // Not now; Play asks again and says what is wrong.
    }
  }

  /** Playing, or about to as soon as the sounds are there. */
  get playing(): boolean {
    return this.wanted;
  }

  /** Where playback is (while playing) or would begin, in ticks; not rounded. */
  get position(): number {
    const playback = this.live?.playing ? this.live : this.server?.playing ? this.server : null;
    return playback ? playback.position() : this.store.view.cursor;
  }

  /** The audio context, once there has been a gesture; for meters and tests. */
  get context(): AudioContext | null {
    return this.live?.context ?? null;
  }

  subscribe(subscriber: Subscriber, signal?: AbortSignal): () => void {
    this.subscribers.add(subscriber);
    const stop = (): void => void this.subscribers.delete(subscriber);
    signal?.addEventListener("abort", stop);
    return stop;
  }

  /** Play from a tick (default: the cursor). Call it in a user gesture: browsers allow sound only then. */
  async play(from: number = this.store.view.cursor): Promise<void> {
    this.wanted = true;
    this.loading = true;
    this.emit("state");
    this.emit("loading");
    this.store.log("transport", { action: "play", tick: Math.round(from) });
    try {
      const playback = this.playback();
      const start = this.startTick(from);
      await playback.start(start);
    } catch (error) {
      this.wanted = false;
      this.store.notice(sentenceOf(error));
    } finally {
      this.loading = false;
      this.emit("state");
      this.emit("loading");
    }
  }

  /** Behind the last note, playing means playing from the beginning. */
  private startTick(from: number): number {
    const loop = this.store.view.loop;
    if (loop && (from < loop[0] || from >= loop[1])) return loop[0];
    return this.store.time.seconds(from) >= this.schedule.end() ? 0 : Math.max(0, from);
  }

  /** Stop where it is; the cursor stays there. */
  stop(): void {
    if (!this.wanted) return;
    const tick = Math.max(0, Math.floor(this.position));
    this.wanted = false;
    this.live?.stop();
    this.server?.stop();
    this.store.setView({ cursor: tick });
    this.store.log("transport", { action: "stop", tick });
    this.emit("state");
  }

  toggle(): void {
    if (this.wanted) this.stop();
    else void this.play();
  }

  /** Go to a tick, playing on if it plays. */
  seek(tick: number): void {
    const target = Math.max(0, Math.round(tick));
    this.store.setView({ cursor: target });
    if (this.wanted) void this.play(target);
    this.emit("seek");
  }

  /** Hear these notes instead of what stands in their regions; null: the document again. */
  setOverlay(overlay: Overlay | null): void {
    const tracks = new Set([...Object.keys(this.overlayNow?.notes ?? {}), ...Object.keys(overlay?.notes ?? {})]);
    for (const region of [...(this.overlayNow?.regions ?? []), ...(overlay?.regions ?? [])]) {
      for (const id of region.tracks) tracks.add(id);
    }
    this.overlayNow = overlay;
    this.schedule.forget(tracks);
    this.live?.notesChanged();
    if (overlay?.tracks?.length) this.live?.updateMixer();
  }

  get overlay(): Overlay | null {
    return this.overlayNow;
  }

  /** One note in the sound of a track (or of a program), for `seconds`. */
  audition(slot: Slot, key: number, velocity = 90, seconds = 0.35): void {
    if (this.silentHere()) return;
    void this.withLive(async (live) => {
      const release = await live.touch(slot, key, velocity);
      setTimeout(release, seconds * 1_000);
    });
  }

  /** Live playing: the note sounds until `noteOff`. */
  noteOn(slot: Slot, key: number, velocity = 90): void {
    if (this.silentHere()) return;
    const name = slotName(slot, key);
    void this.withLive(async (live) => {
      const struck = live.touch(slot, key, velocity);
      this.touched.set(name, struck);
      await struck;
    });
  }

  noteOff(slot: Slot, key: number): void {
    const name = slotName(slot, key);
    void this.touched.get(name)?.then((release) => release());
    this.touched.delete(name);
  }

  /** Load the sounds of the piece ahead of the first note; call it in a gesture. */
  async warm(): Promise<void> {
    if (!needsFallback()) await this.withLive((live) => live.prepare(this.schedule.tracks()));
  }

  /** A sound for playing by hand, ready to be struck; rejects with one sentence where it cannot be had. */
  instrument(track: Track): Promise<Instrument> {
    if (needsFallback()) return Promise.reject(new Error(t("sound.insecure")));
    return (this.playback() as LivePlayback).instrument(track);
  }

  /** Meter of a track (or of the whole mix); null before the first sound. */
  analyser(trackId?: string): AnalyserNode | null {
    if (!this.live) return null;
    return trackId ? this.live.mixer.strip(trackId).analyser : this.live.mixer.analyser;
  }

  private changed(tracks: Set<string> | null, op: string): void {
    const everything = tracks === null;
    this.schedule.forget(tracks);
    if (!this.live) return;
    if (everything && this.live.playing) {
      // The tempo has changed, or what is a recording: go on from the same place in the music.
      void this.live.start(this.position);
      return;
    }
    this.live.notesChanged();
    if (["set_track", "set_lane", "compound", "add_track", "remove_track"].includes(op)) this.live.updateMixer();
  }

  private async withLive(use: (live: LivePlayback) => Promise<void>): Promise<void> {
    try {
      await use(this.playback() as LivePlayback);
    } catch (error) {
      this.store.notice(sentenceOf(error));
    }
  }

  private silentHere(): boolean {
    if (!needsFallback()) return false;
    this.tellFallback();
    return true;
  }

  private tellFallback(): void {
    if (!this.toldFallback) this.store.notice(t("sound.insecure"));
    this.toldFallback = true;
  }

  private playback(): LivePlayback | ServerPlayback {
    if (needsFallback()) {
      this.tellFallback();
      if (!this.server) {
        this.server = new ServerPlayback({
          time: () => this.store.time, revision: () => this.store.revision, loop: () => this.store.view.loop,
          render: async (revision) => {
            await this.store.flush();
            return this.store.call({ type: "render", revision });
          },
        });
        this.server.onEnd = () => this.ended();
      }
      return this.server;
    }
    if (!this.live) {
      const { store, schedule } = this;
      this.live = new LivePlayback({
        score: () => store.score, time: () => store.time, view: () => store.view, schedule, recordings: this.recordings,
      }, this.host.asset);
      this.live.onEnd = () => this.ended();
    }
    return this.live;
  }

  private ended(): void {
    this.wanted = false;
    this.store.setView({ cursor: 0 });
    this.emit("state");
  }

  private emit(event: PlayerEvent): void {
    for (const subscriber of [...this.subscribers]) subscriber(event);
  }
}

const slotName = (slot: Slot, key: number): string =>
  `${typeof slot === "string" ? slot : `${slot.isDrum}:${slot.program}`}/${key}`;

/** The player of a store; shared by every bundle on the page. */
export function getPlayer(store: Store, host: Host): Player {
  const shared = window as unknown as { __musicWorkbenchPlayers?: Record<string, Player> };
  const players = (shared.__musicWorkbenchPlayers ??= {});
  return (players[store.key] ??= new Player(store, host));
}
