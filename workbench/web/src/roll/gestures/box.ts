/** Box: drag over notes to select them; Shift adds to what is selected. A click on nothing selects nothing. */
import type { Track } from "../../document/types.js";
import { noteKey } from "../../store/viewstate.js";
import { plural } from "../../strings/index.js";
import { select, time, type RollState } from "../state.js";
import { snapDown } from "../snap.js";
import type { Gesture, Point } from "./gesture.js";

export function beginBox(state: RollState, track: Track, begin: Point): Gesture {
  const { store } = state.context;
  const before = begin.shift || begin.ctrl ? [...store.view.selection] : [];
  let moved = false;
  return {
    move(point) {
      if (!moved && Math.hypot(point.x - begin.x, point.y - begin.y) < 4) return;
      moved = true;
      const [start, end] = [Math.min(begin.tick, point.tick), Math.max(begin.tick, point.tick)];
      const [low, high] = [Math.min(begin.pitch, point.pitch), Math.max(begin.pitch, point.pitch)];
      state.box = { start, end, low, high };
      const found = state.index.between(track.id, start, end).filter((note) => note.pitch >= low && note.pitch <= high);
      select(state, [...before, ...found.map((note) => noteKey(track.id, note.id))]);
      state.redraw();
    },
    end() {
      if (!moved) {
        select(state, before);
        store.setView({ cursor: snapDown(time(state), store.view.snap, begin.tick) });
        state.cursorPitch = begin.pitch;
      } else state.announcer.say(plural("say.selected", store.view.selection.size));
      state.box = null;
      state.redraw();
    },
    cancel() {
      select(state, before);
      state.box = null;
      state.redraw();
    },
  };
}
