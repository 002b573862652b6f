/** State that the views of one document share: it is no part of the document and never undone. */
import type { Region, Score } from "../document/types.js";

/** Grid in fractions of a quarter: `parts` to the quarter (0: no snap); 3 and 6 are triplets. */
export type Snap = 0 | 0.25 | 0.5 | 1 | 2 | 3 | 4 | 6 | 8;

export interface ViewState {
  /** The track that is edited; "" while there is none. */
  track: string;
  /** Selected notes as `track/note`. */
  selection: ReadonlySet<string>;
  /** Ticks [start, end) that playback repeats. */
  loop: readonly [number, number] | null;
  /** Gaps to fill. */
  marks: readonly Region[];
  /** Where the next note goes and playback starts, in ticks. */
  cursor: number;
  follow: boolean;
  metronome: boolean;
  /** Show the notes of the other tracks behind those of the edited one. */
  ghostNotes: boolean;
  snap: Snap;
  /** The file of the shelf that the listening page is asked to listen to; "" while there is none. */
  listen: string;
  /** How often a recording was asked to be played along with: the Genie then goes with the piece. */
  playAlong: number;
}

export function firstView(): ViewState {
  return {
    track: "", selection: new Set(), loop: null, marks: [], cursor: 0, follow: true, metronome: false,
    ghostNotes: true, snap: 4, listen: "", playAlong: 0,
  };
}

/** The track that a piece opens on: the first, unless it is silent for long and another is not. */
export function firstTrack(score: Score): string {
  const begin = (track: Score["tracks"][number]): number =>
    [...track.notes.values()].reduce((least, note) => Math.min(least, note.start), Infinity);
  const [first] = score.tracks;
  if (!first) return "";
  const starts = score.tracks.map(begin);
  if (starts[0]! < 16 * score.ppq) return first.id;
  return score.tracks[starts.indexOf(Math.min(...starts))]!.id;
}

export const noteKey = (track: string, note: string): string => `${track}/${note}`;

/** Selected note ids by track. */
export function selectionByTrack(selection: ReadonlySet<string>): Map<string, string[]> {
  const out = new Map<string, string[]>();
  for (const key of selection) {
    const cut = key.indexOf("/");
    const track = key.slice(0, cut);
    out.set(track, [...(out.get(track) ?? []), key.slice(cut + 1)]);
  }
  return out;
}
