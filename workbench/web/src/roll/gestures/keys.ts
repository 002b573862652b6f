/** Keys: the keyboard at the left sounds under the pointer, also while it slides. */
import type { Track } from "../../document/types.js";
import type { RollState } from "../state.js";
import type { Gesture, Point } from "./gesture.js";

export function beginKeys(state: RollState, track: Track, begin: Point, struck: (pitch: number) => void): Gesture {
  const { player } = state.context;
  let pitch = -1;
  const release = (): void => {
    if (pitch < 0) return;
    player.noteOff(track.id, pitch);
    state.pressed.delete(pitch);
    pitch = -1;
  };
  const press = (point: Point): void => {
    if (point.pitch === pitch) return;
    release();
    pitch = point.pitch;
    state.pressed.add(pitch);
    player.noteOn(track.id, pitch, 60 + Math.round((60 * point.x) / state.viewport.keys));
    struck(pitch);
    state.redraw();
  };
  const finish = (): void => {
    release();
    state.redraw();
  };
  press(begin);
  return { move: press, end: finish, cancel: finish };
}
