/** Pan: the picture follows the pointer. */
import type { RollState } from "../state.js";
import type { Gesture, Point } from "./gesture.js";

export function beginPan(state: RollState, begin: Point): Gesture {
  let last = begin;
  const follow = (point: Point): void => {
    state.scrolledAway = true;
    state.viewport.scrollBy(last.x - point.x, last.y - point.y);
    last = point;
    state.redraw();
  };
  return { move: follow, end: follow, cancel: () => {} };
}
