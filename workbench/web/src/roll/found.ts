/** Chords that the server heard in the piece, or found for a lone tune, shown where nobody has written any; they are no part of the document. */
import { readLane, type Chord } from "../document/lanes.js";
import { isStopped } from "../store/jobs.js";
import type { RollState } from "./state.js";

/** Asked for when the hands have rested for so long. */
const REST_MS = 1_500;

export interface FoundChords {
  /** The piece is another one, or has changed. */
  update(): void;
}

export function makeFoundChords(state: RollState): FoundChords {
  const { store, signal } = state.context;
  let stopper: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = "";

  async function ask(): Promise<void> {
    const now = `${store.revision} ${store.score.title}`;
    if (asked === now || signal.aborted || !store.hasServer) return;
    asked = now;
    stopper?.abort();
    const own = (stopper = new AbortController());
    try {
      const { chords, heard } = await store.job("chords", {}, own.signal).result;
      state.found = readLane<Chord>("chords", chords);
      state.foundHeard = heard;
      state.redraw();
    } catch (error) {
      if (!isStopped(error) && stopper === own) asked = ""; // the lane stays as it was; the next change asks again
    }
  }

  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    stopper?.abort();
  });
  return {
    update() {
      clearTimeout(timer);
      timer = setTimeout(() => void ask(), REST_MS);
    },
  };
}

/** Found chords, with those that a style was fitted to where it was. */
export function withFitted(found: readonly Chord[], fitted: readonly Chord[]): readonly Chord[] {
  if (!fitted.length) return found;
  const start = fitted[0]!.tick, last = fitted.at(-1)!;
  const end = last.tick + last.duration;
  return [...found.flatMap((chord) => {
    if (chord.tick >= end || chord.tick + chord.duration <= start) return [chord];
    return [
      ...(chord.tick < start ? [{ ...chord, duration: start - chord.tick }] : []),
      ...(chord.tick + chord.duration > end ? [{ ...chord, tick: end, duration: chord.tick + chord.duration - end }] : [])];
  }), ...fitted].sort((a, b) => a.tick - b.tick);
}

/** The found chords that no chord of the person's own touches. */
export function shownChords(state: RollState): readonly Chord[] {
  const { chords } = state.context.store.score;
  const found = withFitted(state.found, state.fitted);
  if (!chords.length || !found.length) return found;
  const next = (i: number): number => chords[i + 1]?.tick ?? Infinity;
  const ends = chords.map((chord, i) => (chord.duration ? Math.min(chord.tick + chord.duration, next(i)) : next(i)));
  return found.filter((chord) =>
    !chords.some((own, i) => own.tick < chord.tick + chord.duration && chord.tick < ends[i]!));
}

export const foundAt = (state: RollState, tick: number): Chord | undefined =>
  shownChords(state).find((chord) => chord.tick <= tick && tick < chord.tick + chord.duration);
