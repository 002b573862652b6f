/** What the parts of the roll share: the document's view, the screen, the tool in hand, and what is being drawn. */
import type { ViewContext } from "../host/view.js";
import type { Chord } from "../document/lanes.js";
import type { Note, Score, Track } from "../document/types.js";
import type { TimeMap } from "../document/timemap.js";
import { noteKey } from "../store/viewstate.js";
import type { Announcer } from "../ui/announce.js";
import { trackStyle, type TrackStyle } from "../ui/palette.js";
import { isDark } from "../ui/root.js";
import { NoteIndex } from "./noteindex.js";
import { Viewport } from "./viewport.js";

export type Tool = "draw" | "select" | "erase" | "gap";

/** A gesture under way, before it becomes one operation. */
export interface Preview {
  /** Keys of notes that are drawn elsewhere or not at all. */
  readonly hidden: ReadonlySet<string>;
  readonly notes: readonly { readonly track: string; readonly note: Note }[];
}

/** Notes of an idea, drawn as ghosts. */
export interface Ghosts {
  readonly notes: Readonly<Record<string, readonly Note[]>>;
  /** Keys of notes that the idea would replace. */
  readonly replaced: ReadonlySet<string>;
  /** Tracks that the idea would add. */
  readonly tracks: readonly Track[];
  /** Percent that the model was sure of a note, where that is to be seen; else null. */
  readonly sure: ((track: string, note: Note) => number | null) | null;
}

/** Copied notes: from tick `start`, `length` ticks long. */
export interface Clip {
  readonly start: number;
  readonly length: number;
  readonly notes: readonly { readonly track: string; readonly note: Note }[];
}

export interface RollState {
  readonly context: ViewContext;
  readonly viewport: Viewport;
  readonly index: NoteIndex;
  announcer: Announcer;
  tool: Tool;
  /** Pitch of the keyboard's cursor; its tick is the store's cursor. */
  cursorPitch: number;
  /** Show the keyboard's cursor: keys were used last. */
  cursorShown: boolean;
  /** The person has scrolled away while it plays: do not turn the page until the next Play or jump. */
  scrolledAway: boolean;
  /** Length of the next drawn note in ticks. */
  drawLength: number;
  drawVelocity: number;
  preview: Preview | null;
  /** Selection box in ticks and pitches. */
  box: { readonly start: number; readonly end: number; readonly low: number; readonly high: number } | null;
  /** A gap or a loop being dragged, in ticks. */
  span: { readonly kind: "gap" | "loop"; readonly start: number; readonly end: number } | null;
  ghosts: Ghosts | null;
  clip: Clip | null;
  /** Chords that the piece goes by where nobody has written any. */
  found: readonly Chord[];
  /** They are heard in the piece; else they were found for its tune. */
  foundHeard: boolean;
  /** Chords of a style or of another way to set the tune that is heard just now; they are shown instead of those found. */
  fitted: readonly Chord[];
  /** Keys pressed on a MIDI keyboard or on the screen. */
  readonly pressed: Set<number>;
  /** Words beside the pointer, about the idea's note under it. */
  hint: { readonly x: number; readonly y: number; readonly text: string } | null;
  /** The next marked gap stands beside those that are there, instead of replacing them. */
  moreGaps: boolean;
  hover: { readonly key: string; readonly edge: "start" | "end" | null } | null;
  /** Draw everything soon; `light`: the moving layer alone. */
  redraw(light?: boolean): void;
}

export const score = (state: RollState): Score => state.context.store.score;
export const time = (state: RollState): TimeMap => state.context.store.time;

/** The track that is edited; undefined in an empty piece. */
export function currentTrack(state: RollState): Track | undefined {
  const { store } = state.context;
  return store.score.tracks.find((track) => track.id === store.view.track) ?? store.score.tracks[0];
}

export function styleOf(state: RollState, track: Pick<Track, "color">): TrackStyle {
  return trackStyle(track.color, isDark(state.context.root));
}

/** Selected notes of the tracks that exist, with their tracks. */
export function selectedNotes(state: RollState): { track: Track; note: Note }[] {
  const { store } = state.context;
  const out: { track: Track; note: Note }[] = [];
  for (const track of store.score.tracks) {
    if (!store.view.selection.size) break;
    for (const note of track.notes.values()) {
      if (store.view.selection.has(noteKey(track.id, note.id))) out.push({ track, note });
    }
  }
  return out;
}

export function select(state: RollState, keys: Iterable<string>): void {
  state.context.store.setView({ selection: new Set(keys) });
}

/** Say the message of an error to the person; anything that is no sentence of ours goes on. */
export function attempt(state: RollState, action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (!(error instanceof Error) || !["BadOperation", "BadDocument"].includes(error.name)) throw error;
    state.context.store.notice(error.message);
    return false;
  }
}
