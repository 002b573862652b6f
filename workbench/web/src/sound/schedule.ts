/** What sounds when: every track's notes in seconds, rebuilt track by track as the document changes. */
import type { Operation } from "../document/operations.js";
import { otherSounds } from "../document/recorded.js";
import { lastAtOrBelow, type TimeMap } from "../document/timemap.js";
import { compareNotes, inRegion, scoreEnd, type Note, type Region, type Score, type Track } from "../document/types.js";
import type { Recordings } from "./recordings.js";
import { playedNotes, type Played } from "./sequence.js";

/** Heard instead of what stands in a region (or, `around`, beside it): ideas on trial. */
export interface Overlay {
  readonly regions: readonly Region[];
  readonly around: boolean;
  /** New notes by track. Tracks that are not in the score are given in `tracks`. */
  readonly notes: Readonly<Record<string, readonly Note[]>>;
  readonly tracks?: readonly Track[];
}

interface Line { readonly notes: readonly Played[]; readonly starts: readonly number[]; readonly longest: number }
const EMPTY: Line = { notes: [], starts: [], longest: 0 };

/** Ids of the tracks whose notes, or whose notes' times, an operation touches; null: all of them. */
export function tracksOf(operation: Operation): Set<string> | null {
  if (operation.op === "compound") {
    const all = new Set<string>();
    for (const part of operation["ops"] as Operation[]) {
      const some = tracksOf(part);
      if (!some) return null;
      for (const id of some) all.add(id);
    }
    return all;
  }
  if (operation.op === "replace_region") return new Set((operation["region"] as Region).tracks);
  if (operation.op === "add_track" || operation.op === "remove_track") {
    return new Set([(operation["content"] as { id: string }).id]);
  }
  if (operation.op === "set_score") {
    const [old, now] = ["old", "new"].map((side) => (operation[side] as Partial<Score>).meta ?? {});
    return otherSounds(old!, now!) ? null : new Set();
  }
  if (operation.op === "move_track") return new Set();
  if (operation.op === "set_lane" && !operation["track"]) {
    return operation["lane"] === "tempos" ? null : new Set(); // only the tempo moves what sounds
  }
  const track = operation["track"];
  return typeof track === "string" && track ? new Set([track]) : null;
}

/** Notes of a track as they would be with the overlay. */
export function notesWith(track: Track, overlay: Overlay | null): Note[] {
  const regions = overlay?.regions.filter((region) => region.tracks.includes(track.id)) ?? [];
  const coming = overlay?.notes[track.id] ?? [];
  const stays = (note: Note): boolean => overlay!.around || track.locked || note.locked
    || !regions.some((region) => inRegion(region, track.id, note));
  const notes = [...track.notes.values()];
  return (regions.length ? notes.filter(stays).concat(coming) : notes).sort(compareNotes);
}

export class Schedule {
  private readonly lines = new Map<string, Line>();

  constructor(
    private readonly score: () => Score, private readonly time: () => TimeMap,
    private readonly overlay: () => Overlay | null, private readonly recordings: Pick<Recordings, "of" | "end"> | null = null,
  ) {}

  /** Forget what is known of these tracks (null: all). */
  forget(tracks: Set<string> | null): void {
    if (!tracks) this.lines.clear();
    else for (const id of tracks) this.lines.delete(id);
  }

  /** Tracks that can sound: the score's and the overlay's new ones. */
  tracks(): readonly Track[] {
    return [...this.score().tracks, ...(this.overlay()?.tracks ?? [])];
  }

  private line(track: Track): Line {
    let line = this.lines.get(track.id);
    if (!line) {
      const score = this.score();
      // A track that sounds as it was recorded plays no notes besides.
      const notes = this.recordings?.of(track.id) ? [] : playedNotes(track, this.time(), scoreEnd(score), notesWith(track, this.overlay()));
      line = notes.length === 0 ? EMPTY : {
        notes, starts: notes.map((note) => note.start),
        longest: notes.reduce((most, note) => Math.max(most, note.end - note.start), 0),
      };
      this.lines.set(track.id, line);
    }
    return line;
  }

  /** Notes that begin in [from, to) seconds. */
  starting(track: Track, from: number, to: number): Played[] {
    const line = this.line(track);
    const out: Played[] = [];
    for (let i = lastAtOrBelow(line.starts, from - 1e-9) + 1; i < line.notes.length; i++) {
      const note = line.notes[i]!;
      if (note.start >= to) break;
      if (note.start >= from) out.push(note);
    }
    return out;
  }

  /** Notes that already sound at `seconds`. */
  held(track: Track, seconds: number): Played[] {
    const line = this.line(track);
    const out: Played[] = [];
    for (let i = lastAtOrBelow(line.starts, seconds - 1e-9); i >= 0; i--) {
      const note = line.notes[i]!;
      if (note.start < seconds - line.longest) break;
      if (note.start < seconds && note.end > seconds + 0.02) out.push(note);
    }
    return out;
  }

  /** A note by id, as it is now. */
  find(track: Track, id: string): Played | undefined {
    return this.line(track).notes.find((note) => note.id === id);
  }

  /** Programs that a track plays, its own first. */
  programs(track: Track): number[] {
    return [...new Set([track.program, ...track.programs.map((event) => event.program)])];
  }

  /** Whether a track sounds as it was recorded. */
  recorded(track: string): boolean {
    return Boolean(this.recordings?.of(track));
  }

  /** Seconds at which the last note, or the last recording, ends. */
  end(): number {
    let end = this.recordings?.end ?? 0;
    for (const track of this.tracks()) for (const note of this.line(track).notes) end = Math.max(end, note.end);
    return end;
  }
}
