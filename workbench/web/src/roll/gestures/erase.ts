/** Erase: every note that the pointer touches goes; one step of undo for the whole stroke. */
import { removeNotes } from "../../document/edits.js";
import type { Track } from "../../document/types.js";
import { noteKey } from "../../store/viewstate.js";
import { plural } from "../../strings/index.js";
import { attempt, score, type RollState } from "../state.js";
import { noteUnder, type Gesture, type Point } from "./gesture.js";

export function beginErase(state: RollState, track: Track, begin: Point): Gesture {
  const gone = new Set<string>();
  let last = begin;
  const touch = (point: Point): void => {
    const found = noteUnder(state, point);
    if (!found || gone.has(found.note.id)) return;
    gone.add(found.note.id);
    state.preview = { hidden: new Set([...gone].map((id) => noteKey(track.id, id))), notes: [] };
    state.redraw();
  };
  const finish = (): void => {
    state.preview = null;
    state.redraw();
  };
  touch(begin);
  return {
    move(point) {
      const parts = Math.max(1, Math.ceil(Math.hypot(point.x - last.x, point.y - last.y) / 4));
      for (let i = 1; i <= parts; i++) {
        const x = last.x + ((point.x - last.x) * i) / parts;
        const y = last.y + ((point.y - last.y) * i) / parts;
        touch({ ...point, x, y, tick: state.viewport.tickAt(x), pitch: state.viewport.pitchAt(y) });
      }
      last = point;
    },
    end() {
      if (gone.size && attempt(state, () => state.context.store.edit(removeNotes(score(state), track.id, gone)))) {
        state.announcer.say(plural("say.removed", gone.size));
      }
      finish();
    },
    cancel: finish,
  };
}
