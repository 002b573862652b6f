/** What the parts of the listening page share while one recording is looked at: what is shown, edited and picked. */
import type { ViewContext } from "../host/view.js";
import type { Announcer } from "../ui/announce.js";
import type { Book } from "./book.js";
import { mirrored } from "./corrections.js";
import { LAYERS, type Heard, type HeardNote, type Layer } from "./heard.js";
import { Scale } from "./scale.js";

export type Lane = "notes" | "chords" | "beats";
export interface Picked { readonly lane: Lane; readonly index: number }

/** The recording under what was heard. */
export interface Backdrop {
  /** Loudest samples of the whole file, 0 to 255, and its length in seconds. */
  readonly peaks: readonly number[];
  readonly seconds: number;
  /** Where in the file the part begins that was listened to. */
  readonly offset: number;
  /** The spectrum: a row a semitone from `highest` down; null where it could not be had. */
  readonly picture: { readonly url: string; readonly lowest: number; readonly highest: number; readonly columnsPerSecond: number } | null;
}

export class Desk {
  readonly scale = new Scale();
  layer: Layer;
  picked: Picked | null = null;
  /** A correction that is being dragged and not made yet. */
  draft: Heard | null = null;
  private readonly painters = new Set<() => void>();

  constructor(
    readonly context: ViewContext, readonly book: Book, readonly backdrop: Backdrop, readonly said: Announcer,
    /** Hear one pitch of a layer. */
    readonly audition: (layer: Layer, pitch: number) => void,
  ) {
    this.layer = this.layers[0] ?? "notes";
    book.subscribe(() => this.redraw());
  }

  /** What is shown: the description, or the one being dragged. */
  get heard(): Heard {
    return this.draft ?? this.book.heard;
  }

  /** The layers that hold something; a melody that is all there is, is not shown twice. */
  get layers(): Layer[] {
    const { heard } = this;
    const same = heard.melody.length === heard.notes.length
      && heard.melody.every((note, i) => note.pitch === heard.notes[i]!.pitch && note.start === heard.notes[i]!.start);
    return LAYERS.filter((layer) => heard[layer].length && !(layer === "notes" && same));
  }

  onRedraw(painter: () => void): void {
    this.painters.add(painter);
  }

  redraw(): void {
    for (const painter of this.painters) painter();
  }

  pick(picked: Picked | null): void {
    this.picked = picked;
    if (picked?.lane === "notes") {
      const note = this.heard[this.layer][picked.index];
      if (note) this.scale.reveal(note.start, this.layer === "drums" ? undefined : note.pitch);
    } else if (picked) this.scale.reveal(this.timeOf(picked));
    this.redraw();
  }

  /** When something picked begins. */
  timeOf({ lane, index }: Picked): number {
    if (lane === "beats") return this.heard.beats[index] ?? 0;
    return (lane === "chords" ? this.heard.chords : this.heard[this.layer])[index]?.start ?? 0;
  }

  get note(): HeardNote | null {
    return this.picked?.lane === "notes" ? this.heard[this.layer][this.picked.index] ?? null : null;
  }

  /** Make a correction; what is picked then is what came new, or the nearest that is left. */
  correct(wanted: Heard): boolean {
    const before = this.book.heard, { picked } = this, next = mirrored(before, wanted);
    this.draft = null;
    if (next === before) {
      this.redraw();
      return false;
    }
    if (picked) {
      const lists: Record<Lane, (heard: Heard) => readonly unknown[]> = {
        notes: (heard) => heard[this.layer], chords: (heard) => heard.chords, beats: (heard) => heard.beats,
      };
      const list = lists[picked.lane](next), old = new Set(lists[picked.lane](before));
      const fresh = list.findIndex((item) => !old.has(item));
      this.picked = list.length ? { lane: picked.lane, index: fresh >= 0 ? fresh : Math.min(picked.index, list.length - 1) } : null;
    }
    return this.book.change(next);
  }
}
