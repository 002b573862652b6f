/** Span: drag over bars to loop them (in the ruler) or to mark them as a gap to fill (with the gap tool). */
import { t } from "../../strings/index.js";
import { snapDown } from "../snap.js";
import { currentTrack, time, type RollState } from "../state.js";
import type { Gesture, Point } from "./gesture.js";

/** Mark bars [start, end) ticks as a gap in the edited track; `add`: beside the gaps that are marked already. */
export function markGap(state: RollState, start: number, end: number, add: boolean): void {
  const { store } = state.context;
  const track = currentTrack(state);
  if (!track) return;
  const tracks = store.view.marks[0]?.tracks ?? [track.id];
  const others = add ? store.view.marks.filter((mark) => mark.end <= start || mark.start >= end) : [];
  store.setView({ marks: [...others, { start, end, tracks }].sort((a, b) => a.start - b.start) });
  const [first, last] = [time(state).barAt(start).number, time(state).barAt(end - 1).number];
  state.announcer.say(t(first === last ? "say.gapBar" : "say.gapBars", { first, last }));
}

/** Take away the gap at a tick; false if there is none. */
function unmark(state: RollState, tick: number): boolean {
  const { store } = state.context;
  const rest = store.view.marks.filter((mark) => tick < mark.start || tick >= mark.end);
  if (rest.length === store.view.marks.length) return false;
  store.setView({ marks: rest });
  state.announcer.say(t("say.gapGone"));
  return true;
}

export function beginSpan(state: RollState, kind: "gap" | "loop", begin: Point): Gesture {
  const { store, player } = state.context;
  let moved = false;
  const finish = (): void => {
    state.span = null;
    state.redraw();
  };
  const cover = (point: Point): void => {
    const [a, b] = [Math.min(begin.tick, point.tick), Math.max(begin.tick, point.tick)];
    const first = time(state).barAt(Math.max(0, Math.floor(a)));
    const last = time(state).barAt(Math.max(0, Math.floor(b)));
    state.span = { kind, start: first.start, end: last.end };
    state.redraw();
  };
  if (kind === "gap") cover(begin);
  return {
    move(point) {
      if (!moved && Math.abs(point.x - begin.x) < 5) return;
      moved = true;
      cover(point);
    },
    end(point) {
      const span = state.span;
      if (kind === "loop" && !moved) player.seek(snapDown(time(state), point.alt ? 0 : store.view.snap, point.tick));
      else if (span && kind === "loop") store.setView({ loop: [span.start, span.end] });
      else if (kind === "gap" && !moved && unmark(state, begin.tick)) return finish();
      else if (span) markGap(state, span.start, span.end, point.ctrl || point.shift);
      finish();
    },
    cancel: finish,
  };
}
