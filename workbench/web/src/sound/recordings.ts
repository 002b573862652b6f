/** The recordings behind a piece's tracks: fetched and decoded once, then played from any place in time with the notes. */
import { soundOf, type RecordedSound } from "../document/recorded.js";
import type { Host } from "../host/model.js";
import type { Store } from "../store/store.js";
import { t } from "../strings/index.js";

/** Longer recordings are too large to be decoded whole in a browser, in seconds. */
const LONGEST = 900;
/** Short fades keep the ends of what is cut off from clicking, in seconds. */
const FADE = 0.006;

interface Playing { readonly source: AudioBufferSourceNode; readonly gain: GainNode }

export class Recordings {
  private readonly buffers = new Map<string, AudioBuffer>();
  private loading: Promise<boolean> | null = null;
  private readonly told = new Set<string>();
  private playing: Playing[] = [];

  constructor(private readonly store: Store, private readonly host: Host) {}

  /** The recording that a track sounds as now; null: its notes sound, also where the recording cannot be had. */
  of(track: string): RecordedSound | null {
    const sound = soundOf(this.store.score, track);
    return sound?.heard && this.buffers.has(sound.sha256) ? sound : null;
  }

  /** The last second of any recording that is heard. */
  get end(): number {
    return this.wanted().reduce((end, { sound }) => Math.max(end, sound.seconds), 0);
  }

  private wanted(): { track: string; name: string; sound: RecordedSound }[] {
    return this.store.score.tracks.flatMap((track) => {
      const sound = soundOf(this.store.score, track.id);
      return sound?.heard ? [{ track: track.id, name: track.name, sound }] : [];
    });
  }

  /** Fetch what the piece needs; resolves to whether anything has come that was not there. */
  async prepare(context: BaseAudioContext): Promise<boolean> {
    while (this.loading) await this.loading;
    if (this.wanted().every(({ sound }) => this.buffers.has(sound.sha256))) return false;
    this.loading = this.fetchAll(context);
    try {
      return await this.loading;
    } finally {
      this.loading = null;
    }
  }

  private async fetchAll(context: BaseAudioContext): Promise<boolean> {
    const { host, store } = this;
    const gone = new AbortController();
    let came = false;
    try {
      const { items } = host.media ? await store.call({ type: "media" }) : { items: [] };
      for (const { name, sound } of this.wanted()) {
        if (this.buffers.has(sound.sha256)) continue;
        const item = items.find((file) => file.sha256 === sound.sha256);
        try {
          if (!item || sound.seconds > LONGEST) throw new Error(name);
          const url = await host.media!.address(item, gone.signal);
          this.buffers.set(sound.sha256, await context.decodeAudioData(await (await fetch(url)).arrayBuffer()));
          came = true;
        } catch {
          if (!this.told.has(sound.sha256)) store.notice(t("sound.recordingGone", { name }));
          this.told.add(sound.sha256);
        }
      }
    } finally {
      gone.abort();
    }
    return came;
  }

  /** Let every recording sound from second `song` of the piece on, at second `at` of the context. */
  start(context: AudioContext, input: (track: string) => AudioNode, song: number, at: number): void {
    for (const { track, sound } of this.wanted()) {
      const buffer = this.buffers.get(sound.sha256);
      if (!buffer || song >= sound.seconds) continue;
      const source = context.createBufferSource(), gain = context.createGain();
      source.buffer = buffer;
      gain.gain.setValueAtTime(song > 0 ? 0 : sound.gain, at);
      if (song > 0) gain.gain.linearRampToValueAtTime(sound.gain, at + FADE);
      source.connect(gain).connect(input(track));
      source.start(at, sound.start + song, sound.seconds - song);
      const mine = { source, gain };
      this.playing.push(mine);
      source.onended = () => {
        gain.disconnect();
        this.playing = this.playing.filter((other) => other !== mine);
      };
    }
  }

  /** Fall silent at second `at` of the context. */
  stop(at: number): void {
    for (const { source, gain } of this.playing) {
      gain.gain.cancelScheduledValues(at);
      gain.gain.setTargetAtTime(0, at, FADE / 3);
      source.stop(at + FADE);
    }
    this.playing = [];
  }
}
