/** The stretch of a track that is chosen, to be muted, heard again or looped. */
import { setLaneTo } from "../document/edits.js";
import { findTrack, scoreEnd } from "../document/types.js";
import { placeName, trackName } from "../roll/speech.js";
import type { Store } from "../store/store.js";
import { t } from "../strings/index.js";
import { allMuted, heardAgain, mutedToo } from "./silences.js";

/** Ticks of a track. */
export interface Chosen { readonly track: string; readonly start: number; readonly end: number }

export class Stretch {
  chosen: Chosen | null = null;
  /** Where choosing by keys began and where it is now, in ticks. */
  private anchor = 0;
  private head = 0;

  constructor(private readonly store: Store) {}

  /** What is chosen of a track, or null. */
  of(track: string): Chosen | null {
    return this.chosen?.track === track ? this.chosen : null;
  }

  /** Choose from one tick to another; it snaps outwards to beats. */
  choose(track: string, from: number, to: number): void {
    const start = Math.max(0, this.snap(Math.min(from, to), Math.floor)), end = this.snap(Math.max(from, to), Math.ceil);
    this.chosen = end > start ? { track, start, end } : null;
    [this.anchor, this.head] = [start, end];
  }

  /** Go or choose by beats from where the keys are; returns where to seek, or null while choosing. */
  step(track: string, beats: number, extend: boolean): number | null {
    const { store } = this;
    const last = store.time.barAt(Math.max(0, scoreEnd(store.score) - 1)).end;
    if (!extend || this.chosen?.track !== track) this.anchor = this.head = Math.min(last, store.view.cursor);
    const { anchor, head } = this;
    let next = 0;
    if (beats === Infinity) next = last;
    else if (beats > 0) next = Math.min(last, this.snap(head + 1, Math.ceil));
    else if (beats !== -Infinity && head > 0) next = this.snap(head - 1, Math.floor);
    this.head = next;
    this.chosen = !extend || anchor === next ? null : { track, start: Math.min(anchor, next), end: Math.max(anchor, next) };
    return extend ? null : next;
  }

  private snap(tick: number, round: (value: number) => number): number {
    const { time, score } = this.store;
    const bar = time.barAt(tick);
    const beat = (4 * score.ppq) / bar.denominator;
    return Math.min(bar.end, bar.start + Math.round(round((tick - bar.start) / beat) * beat));
  }

  /** Whether all that is chosen is muted already. */
  get muted(): boolean {
    const { chosen } = this;
    return chosen !== null && allMuted(findTrack(this.store.score, chosen.track).silences, chosen.start, chosen.end);
  }

  /** Mute what is chosen, or let it be heard again; returns what happened in words. */
  mute({ track: id, start, end }: Chosen): string {
    const { store } = this;
    const track = findTrack(store.score, id);
    const all = this.muted;
    const next = all ? heardAgain(track.silences, start, end) : mutedToo(track.silences, start, end);
    store.edit(setLaneTo(store.score, "silences", next, id));
    const words = { from: placeName(store.time, start), to: placeName(store.time, end), name: trackName(track, store.score) };
    return all ? t("stems.heard", words) : t("stems.muted", words);
  }
}
