/** Velocity: drag in the lane below the notes; where notes are selected, only those change. */
import { setVelocity } from "../../document/edits.js";
import { makeNote, type Note, type Track } from "../../document/types.js";
import { noteKey } from "../../store/viewstate.js";
import { clamp } from "../../ui/dom.js";
import { attempt, score, type RollState } from "../state.js";
import type { Gesture, Point } from "./gesture.js";

export function beginVelocity(state: RollState, track: Track, begin: Point): Gesture {
  const { store } = state.context;
  const { viewport } = state;
  const box = viewport.velocities;
  const values = new Map<string, number>();
  let last = begin;
  const chosen = (note: Note): boolean =>
    !store.view.selection.size || store.view.selection.has(noteKey(track.id, note.id));
  const level = (y: number): number => clamp(Math.round((127 * (box.y + box.height - 3 - y)) / (box.height - 14)), 1, 127);

  const stroke = (from: Point, to: Point): void => {
    const reach = 7 / viewport.pxPerTick;
    const [left, right] = [Math.min(from.tick, to.tick) - reach, Math.max(from.tick, to.tick) + reach];
    for (const note of state.index.between(track.id, left, right)) {
      if (note.start < left || note.start > right || !chosen(note)) continue;
      const share = to.tick === from.tick ? 1 : clamp((note.start - from.tick) / (to.tick - from.tick), 0, 1);
      values.set(note.id, level(from.y + (to.y - from.y) * share));
    }
    const notes = [...values].map(([id, velocity]) => makeNote({ ...track.notes.get(id)!, velocity }));
    state.preview = {
      hidden: new Set([...values.keys()].map((id) => noteKey(track.id, id))),
      notes: notes.map((note) => ({ track: track.id, note })),
    };
    state.redraw();
  };
  const finish = (): void => {
    state.preview = null;
    state.redraw();
  };
  stroke(begin, begin);
  return {
    move(point) {
      stroke(last, point);
      last = point;
    },
    end() {
      if (values.size) attempt(state, () => store.edit(setVelocity(score(state), track.id, values)));
      const only = values.size === 1 ? [...values.values()][0] : undefined;
      if (only !== undefined) state.drawVelocity = only;
      finish();
    },
    cancel: finish,
  };
}
