/** Resize: drag either end of a note; all selected notes follow by the same amount. */
import { compound, resizeNotes } from "../../document/edits.js";
import { makeNote, noteEnd, type Note, type Track } from "../../document/types.js";
import { noteKey } from "../../store/viewstate.js";
import { snapNear } from "../snap.js";
import { attempt, score, select, selectedNotes, time, type RollState } from "../state.js";
import type { Gesture, Point } from "./gesture.js";

const LEAST = 1;

export function beginResize(
  state: RollState, track: Track, grabbed: Note, edge: "start" | "end", begin: Point,
): Gesture {
  const { store } = state.context;
  const key = noteKey(track.id, grabbed.id);
  if (!store.view.selection.has(key)) select(state, [key]);
  const notes = selectedNotes(state);
  const hidden = new Set(notes.map((item) => noteKey(item.track.id, item.note.id)));
  let shift = 0;

  /** New start and duration: an end never passes the other one. */
  const span = (note: Note): [number, number] => {
    if (edge === "end") return [note.start, Math.max(LEAST, note.duration + shift)];
    const start = Math.max(0, Math.min(noteEnd(note) - LEAST, note.start + shift));
    return [start, noteEnd(note) - start];
  };
  const finish = (): void => {
    state.preview = null;
    state.redraw();
  };
  return {
    move(point) {
      const from = edge === "end" ? noteEnd(grabbed) : grabbed.start;
      const grid = point.alt ? 0 : store.view.snap;
      const wanted = snapNear(time(state), grid, from + point.tick - begin.tick);
      shift = Math.abs(point.x - begin.x) < 3 ? 0 : wanted - from;
      state.preview = {
        hidden,
        notes: notes.map(({ track: { id }, note }) => {
          const [start, duration] = span(note);
          return { track: id, note: makeNote({ ...note, start, duration }) };
        }),
      };
      state.redraw();
    },
    end() {
      if (shift) {
        const spans = new Map<string, Map<string, [number, number]>>();
        for (const item of notes) {
          const map = spans.get(item.track.id) ?? new Map<string, [number, number]>();
          spans.set(item.track.id, map.set(item.note.id, span(item.note)));
        }
        const parts = [...spans].map(([id, map]) => resizeNotes(score(state), id, map));
        attempt(state, () => store.edit(parts.length === 1 ? parts[0]! : compound("resize", parts)));
        state.drawLength = span(grabbed)[1];
      }
      finish();
    },
    cancel: finish,
  };
}
