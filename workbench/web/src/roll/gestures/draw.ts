/** Draw: press where a note should begin, drag to make it longer; it sounds at once. */
import { makeNote, type Note, type Track } from "../../document/types.js";
import { noteKey } from "../../store/viewstate.js";
import { addNote } from "../commands.js";
import { snapDown, snapNear, stepTicks } from "../snap.js";
import { select, time, type RollState } from "../state.js";
import type { Gesture, Point } from "./gesture.js";

export function beginDraw(state: RollState, track: Track, begin: Point): Gesture {
  const { store, player } = state.context;
  const { snap } = store.view;
  const start = snapDown(time(state), begin.alt ? 0 : snap, begin.tick);
  const least = Math.round(stepTicks(time(state), snap || 8));
  let { pitch } = begin;
  let duration = state.drawLength || least;
  let dragged = false;
  if (!player.playing) player.audition(track.id, pitch, state.drawVelocity);

  const show = (): void => {
    const note: Note = makeNote({ id: "new", start, duration, pitch, velocity: state.drawVelocity });
    state.preview = { hidden: new Set(), notes: [{ track: track.id, note }] };
    state.redraw();
  };
  show();
  return {
    move(point) {
      if (Math.abs(point.x - begin.x) > 6) dragged = true;
      if (dragged) {
        const end = snapNear(time(state), point.alt ? 0 : snap, point.tick);
        duration = Math.max(least, end - start);
      }
      if (point.pitch !== pitch) {
        pitch = point.pitch;
        if (!player.playing) player.audition(track.id, pitch, state.drawVelocity);
      }
      show();
    },
    end() {
      state.preview = null;
      const note = addNote(state, track, { start, duration, pitch });
      if (note) {
        state.drawLength = duration;
        select(state, [noteKey(track.id, note.id)]);
      }
      state.redraw();
    },
    cancel() {
      state.preview = null;
      state.redraw();
    },
  };
}
