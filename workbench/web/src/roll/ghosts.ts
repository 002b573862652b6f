/** The notes of an idea on the roll: which are seen, which one is under a place, and what is said of it. */
import type { Note, Track } from "../document/types.js";
import { noteEnd } from "../document/types.js";
import { t } from "../strings/index.js";
import { lengthName, soundName, trackName } from "./speech.js";
import { currentTrack, score, type RollState } from "./state.js";

export interface Ghost { readonly track: Track; readonly note: Note }

/** Tracks with ghosts, those to be added among them. */
function ghostTracks(state: RollState): Track[] {
  const { ghosts } = state;
  return ghosts ? [...score(state).tracks, ...ghosts.tracks].filter((track) => ghosts.notes[track.id]?.length) : [];
}

/**
 * Tracks whose ghosts are drawn. Pitches mean drums in one kind of track and tones in the other: beside the edited
 * track only its own kind is worth seeing, unless the idea has nothing of that kind.
 */
export function shownGhosts(state: RollState): Track[] {
  const all = ghostTracks(state);
  const drums = currentTrack(state)?.is_drum ?? false;
  const own = all.filter((track) => track.is_drum === drums);
  return own.length ? own : all;
}

/** The ghost at a place; that of the edited track where several are. `slack`: ticks of tolerance. */
export function ghostAt(state: RollState, tick: number, pitch: number, slack = 0): Ghost | null {
  const current = currentTrack(state)?.id;
  const tracks = shownGhosts(state).sort((a, b) => Number(b.id === current) - Number(a.id === current));
  for (const track of tracks) {
    const note = state.ghosts!.notes[track.id]!.find((item) => item.pitch === pitch
      && item.start - slack <= tick && tick < Math.max(noteEnd(item), item.start + 1) + slack);
    if (note) return { track, note };
  }
  return null;
}

const sureWords = (state: RollState, { track, note }: Ghost): string[] => {
  const percent = state.ghosts?.sure?.(track.id, note) ?? null;
  return percent === null ? [] : [t("fill.surePercent", { percent })];
};

/** For the ear: "idea: Bass, E2, quarter, 80 % sure". */
export function ghostWords(state: RollState, ghost: Ghost): string {
  const { track, note } = ghost;
  return t("fill.ghost", { words: [trackName(track, score(state)), soundName(score(state), track, note.pitch, note.start, true),
    lengthName(note.duration, score(state).ppq), ...sureWords(state, ghost)].join(", ") });
}

/** For the eye, beside the pointer: "Bass, E2, 80 % sure". */
export function ghostLabel(state: RollState, ghost: Ghost): string {
  const { track, note } = ghost;
  return [trackName(track, score(state)), soundName(score(state), track, note.pitch, note.start), ...sureWords(state, ghost)].join(", ");
}
