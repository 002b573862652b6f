/** Span: drag over bars to loop them (in the ruler) or to mark them as a gap to fill (with the gap tool). */
import type { Region } from "../../document/types.js";
import { t } from "../../strings/index.js";
import { snapDown, stepTicks } from "../snap.js";
import { trackName } from "../speech.js";
import { currentTrack, time, type RollState } from "../state.js";
import type { Gesture, Point } from "./gesture.js";

/**
 * Mark ticks [start, end) as a gap in the edited track; `add`: beside the gaps that are marked already. A gap that has
 * the edited track among its tracks lends them all to the next one; other tracks begin a set of their own.
 */
export function markGap(state: RollState, start: number, end: number, add: boolean): void {
  const { store } = state.context;
  const track = currentTrack(state);
  if (!track) return;
  const tracks = store.view.marks.findLast((mark) => mark.tracks.includes(track.id))?.tracks ?? [track.id];
  const others = add ? withoutTracks(store.view.marks, tracks, start, end) : [];
  store.setView({ marks: [...others, { start, end, tracks }].sort((a, b) => a.start - b.start) });
  const [first, last] = [time(state).barAt(start).number, time(state).barAt(end - 1).number];
  state.announcer.say([t(first === last ? "say.gapBar" : "say.gapBars", { first, last }),
    ...(others.length ? [t("say.gapCount", { count: others.length + 1, name: trackName(track, store.score) })] : [])].join(". "));
}

/** Gaps as they are once [start, end) of these tracks belongs to another one: no track is in two gaps at once. */
function withoutTracks(marks: readonly Region[], tracks: readonly string[], start: number, end: number): Region[] {
  return marks.map((mark) => (mark.end <= start || mark.start >= end ? mark
    : { ...mark, tracks: mark.tracks.filter((id) => !tracks.includes(id)) })).filter((mark) => mark.tracks.length);
}

/** Take away the gap at a tick, the edited track's first; false if there is none. */
function unmark(state: RollState, tick: number): boolean {
  const { store } = state.context;
  const here = store.view.marks.filter((mark) => tick >= mark.start && tick < mark.end);
  const gone = here.find((mark) => mark.tracks.includes(currentTrack(state)?.id ?? "")) ?? here[0];
  if (!gone) return false;
  const rest = store.view.marks.filter((mark) => mark !== gone);
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
    if (kind === "gap" && point.alt) { // from the bars to the grid: an upbeat, a few notes
      const start = snapDown(time(state), store.view.snap || 4, a);
      const end = snapDown(time(state), store.view.snap || 4, b) + Math.round(stepTicks(time(state), store.view.snap || 4));
      state.span = { kind, start, end };
      return state.redraw();
    }
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
      else if (span) markGap(state, span.start, span.end, state.moreGaps || point.ctrl || point.shift);
      finish();
    },
    cancel: finish,
  };
}
