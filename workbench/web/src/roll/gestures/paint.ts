/** Paint: drag to put one note into every step of the grid that is passed; drums are drawn like this. */
import { addNotes } from "../../document/edits.js";
import { freshIds, makeNote, type Note, type Track } from "../../document/types.js";
import { snapDown, stepTicks } from "../snap.js";
import { attempt, time, type RollState } from "../state.js";
import type { Gesture, Point } from "./gesture.js";

export function beginPaint(state: RollState, track: Track, begin: Point): Gesture {
  const { store, player } = state.context;
  const snap = store.view.snap || 4;
  const step = Math.round(stepTicks(time(state), snap));
  const notes = new Map<string, Note>();
  let last = begin;

  const put = (tick: number, pitch: number): void => {
    const start = snapDown(time(state), snap, tick);
    const name = `${start}/${pitch}`;
    const taken = state.index.between(track.id, start, start + 1).some((note) => note.pitch === pitch && note.start === start);
    if (notes.has(name) || taken) return;
    notes.set(name, makeNote({ id: "new", start, duration: step, pitch, velocity: state.drawVelocity }));
    if (!player.playing) player.audition(track.id, pitch, state.drawVelocity, 0.2);
  };
  const show = (): void => {
    state.preview = { hidden: new Set(), notes: [...notes.values()].map((note) => ({ track: track.id, note })) };
    state.redraw();
  };
  put(begin.tick, begin.pitch);
  show();
  return {
    move(point) {
      const parts = Math.max(1, Math.ceil(Math.abs(point.tick - last.tick) / (step / 2)));
      for (let i = 1; i <= parts; i++) {
        const share = i / parts;
        put(last.tick + (point.tick - last.tick) * share, Math.round(last.pitch + (point.pitch - last.pitch) * share));
      }
      last = point;
      show();
    },
    end() {
      state.preview = null;
      const ids = freshIds(track.notes.keys(), "n", notes.size);
      const made = [...notes.values()].map((note, i) => makeNote({ ...note, id: ids[i]! }));
      if (made.length) attempt(state, () => store.edit(addNotes(track.id, made)));
      state.redraw();
    },
    cancel() {
      state.preview = null;
      state.redraw();
    },
  };
}
