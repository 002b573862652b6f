/** Notes of each track in order of time, so that a frame looks only at what is on the screen. */
import { lastAtOrBelow } from "../document/timemap.js";
import { noteEnd, sortedNotes, type Note, type Score } from "../document/types.js";

interface Line { readonly notes: readonly Note[]; readonly starts: readonly number[]; readonly longest: number }

export class NoteIndex {
  private readonly lines = new Map<string, Line>();

  constructor(private readonly score: () => Score) {}

  /** Forget these tracks (null: all). */
  forget(tracks: ReadonlySet<string> | null): void {
    if (!tracks) this.lines.clear();
    else for (const id of tracks) this.lines.delete(id);
  }

  private line(id: string): Line {
    let line = this.lines.get(id);
    if (!line) {
      const track = this.score().tracks.find((item) => item.id === id);
      const notes = track ? sortedNotes(track) : [];
      line = {
        notes, starts: notes.map((note) => note.start),
        longest: notes.reduce((most, note) => Math.max(most, note.duration), 0),
      };
      this.lines.set(id, line);
    }
    return line;
  }

  all(track: string): readonly Note[] {
    return this.line(track).notes;
  }

  /** Notes that touch [from, to) ticks, in order of time. */
  between(track: string, from: number, to: number): Note[] {
    const line = this.line(track);
    const out: Note[] = [];
    for (let i = lastAtOrBelow(line.starts, from - line.longest - 1) + 1; i < line.notes.length; i++) {
      const note = line.notes[i]!;
      if (note.start >= to) break;
      if (noteEnd(note) > from || note.start >= from) out.push(note);
    }
    return out;
  }

  /** The note under a point; the one that begins last where several overlap. `slack`: ticks of tolerance. */
  at(track: string, tick: number, pitch: number, slack = 0): Note | undefined {
    const found = this.between(track, tick - slack, tick + slack + 1).filter((note) => note.pitch === pitch
      && note.start - slack <= tick && tick < Math.max(noteEnd(note), note.start + 1) + slack);
    return found.at(-1);
  }

  /** First note after a place in the order of time and pitch (or last one before it). */
  step(track: string, tick: number, pitch: number, direction: 1 | -1): Note | undefined {
    const { notes } = this.line(track);
    if (direction > 0) return notes.find((note) => note.start > tick || (note.start === tick && note.pitch > pitch));
    return notes.findLast((note) => note.start < tick || (note.start === tick && note.pitch < pitch));
  }
}
