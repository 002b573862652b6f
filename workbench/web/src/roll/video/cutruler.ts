/**
 * The cuts of a video on the roll's ruler: filled where a beat falls on them, hollow where none does; dragged by hand,
 * moved by keys. A correction is one of the video's description, so the next plan follows it.
 */
import { moveMark, removeMark, frameClock, nearestMark, addMark, type Watched } from "../../prompt/cards/watched.js";
import { placeName } from "../speech.js";
import { time, type RollState } from "../state.js";
import { RULER } from "../viewport.js";
import { lastAtOrBelow } from "../../document/timemap.js";
import { scoreEnd } from "../../document/types.js";
import { t } from "../../strings/index.js";
import { h } from "../../ui/dom.js";
import { ON_BEAT } from "./sync.js";

const NUDGE = 0.1, SLOP = 3;

export interface CutRuler {
  readonly element: HTMLElement;
  show(seen: Watched | null): void;
  /** The roll has moved. */
  follow(): void;
}

/** Times of all beats of the piece, in seconds. */
export function beatTimes(state: Pick<RollState, "context">): number[] {
  const { store } = state.context, map = store.time;
  return map.bars(Math.max(1, scoreEnd(store.score))).flatMap((bar) => Array.from({ length: bar.numerator }, (_, i) =>
    map.seconds(bar.start + Math.round(((bar.end - bar.start) * i) / bar.numerator))));
}

export const nearestOf = (times: readonly number[], at: number): number => {
  const below = lastAtOrBelow(times, at), candidates = [times[below], times[below + 1]].filter((each): each is number => each !== undefined);
  return candidates.reduce((best, each) => (Math.abs(each - at) < Math.abs(best - at) ? each : best), Infinity);
};

/** A mark that is dragged; a hand that only shakes moves nothing. `end`: whether it was let go, not taken away. */
function drag(mark: HTMLElement, event: PointerEvent, move: (event: PointerEvent) => void, end: (dropped: boolean) => void): void {
  let moved = false;
  const follow = (next: PointerEvent): void => {
    moved ||= Math.abs(next.clientX - event.clientX) > SLOP;
    if (moved) move(next);
  };
  const stop = (next: PointerEvent): void => {
    mark.removeEventListener("pointermove", follow);
    mark.removeEventListener("pointerup", stop);
    mark.removeEventListener("pointercancel", stop);
    end(next.type === "pointerup");
  };
  mark.setPointerCapture(event.pointerId);
  mark.addEventListener("pointermove", follow);
  mark.addEventListener("pointerup", stop);
  mark.addEventListener("pointercancel", stop);
}

export function makeCutRuler(state: RollState, correct: (cuts: readonly number[]) => void, look: (seconds: number) => void): CutRuler {
  const element = h("div", { class: "cuts", role: "group", "aria-label": t("roll.video.cuts"), hidden: true });
  let seen: Watched | null = null, draft: readonly number[] | null = null, chosen = 0, marks: HTMLElement[] = [], placed = "";
  let beats: { readonly revision: number; readonly times: readonly number[] } = { revision: -1, times: [] };

  const cuts = (): readonly number[] => draft ?? seen?.cuts ?? [];
  const tickOf = (seconds: number): number => time(state).exactTick(seconds);
  const secondsAt = (x: number): number => time(state).seconds(Math.max(0, Math.round(state.viewport.tickAt(x))));

  function beatNear(seconds: number): number {
    if (beats.revision !== state.context.store.revision) beats = { revision: state.context.store.revision, times: beatTimes(state) };
    return nearestOf(beats.times, seconds);
  }

  function words(index: number): string {
    const at = cuts()[index]!;
    return t(Math.abs(beatNear(at) - at) <= ON_BEAT ? "roll.video.cutOn" : "roll.video.cutOff", { time: frameClock(at), place: placeName(time(state), Math.max(0, Math.round(tickOf(at)))) });
  }

  function tell(next: readonly number[], index: number): void {
    if (!seen || next === seen.cuts) return;
    seen = { ...seen, cuts: next };
    chosen = Math.max(0, Math.min(index, next.length - 1));
    correct(next);
    build();
    if (next.length) state.announcer.say(words(chosen));
  }

  function byKey(event: KeyboardEvent, index: number): void {
    if (!seen || event.ctrlKey || event.metaKey || event.altKey) return;
    const { cuts: now, duration, fps } = seen, by = event.shiftKey ? NUDGE : 1 / fps;
    const go = (to: number): void => {
      chosen = Math.max(0, Math.min(to, now.length - 1));
      look(now[chosen]!);
      state.viewport.reveal(tickOf(now[chosen]!));
      state.redraw();
      focus();
    };
    const move = (to: number): void => {
      tell(moveMark(now, index, to, duration), index);
      look(cuts()[chosen]!);
      focus();
    };
    const acts: Record<string, () => void> = {
      ArrowRight: () => move(now[index]! + by), ArrowLeft: () => move(now[index]! - by), ArrowUp: () => go(index + 1), ArrowDown: () => go(index - 1),
      Home: () => go(0), End: () => go(Infinity), Enter: () => move(beatNear(now[index]!)), Delete: () => tell(removeMark(now, index), index), Backspace: () => tell(removeMark(now, index), index),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  const focus = (): void => marks[chosen]?.focus();

  function grab(event: PointerEvent, index: number): void {
    if (event.button > 0 || !seen) return;
    event.preventDefault();
    event.stopPropagation();
    const mark = event.currentTarget as HTMLElement, { cuts: now, duration } = seen;
    const box = element.getBoundingClientRect();
    chosen = index;
    mark.focus();
    look(now[index]!);
    drag(mark, event, (next) => {
      draft = moveMark(now, index, secondsAt(next.clientX - box.left), duration);
      look(draft[index]!);
      place();
    }, (dropped) => {
      const made = draft;
      draft = null;
      if (made && dropped) tell(made, index);
      place();
    });
  }

  function build(): void {
    element.hidden = !seen?.cuts.length;
    const held = marks.some((mark) => mark.matches(":focus"));
    marks = (seen?.cuts ?? []).map((_, i) => h("div", {
      class: "cut", role: "slider", tabindex: i === chosen ? 0 : -1, "aria-valuemin": 0, "aria-valuemax": seen!.duration, title: t("roll.video.cutWhy"),
      onkeydown: (event: KeyboardEvent) => byKey(event, i), onpointerdown: (event: PointerEvent) => grab(event, i),
    }, h("i", {})));
    element.replaceChildren(...marks);
    place();
    if (held) focus();
  }

  function place(again = true): void {
    const { viewport, context } = state;
    const now = `${viewport.tick} ${viewport.pxPerTick} ${viewport.width} ${context.store.revision}`;
    if (element.hidden || (!again && now === placed)) return; // asked at every frame while it plays
    placed = now;
    element.style.setProperty("--ruler", `${RULER}px`);
    cuts().forEach((at, i) => {
      const mark = marks[i], x = viewport.x(tickOf(at));
      if (!mark) return;
      mark.hidden = x < viewport.keys - 2 || x > viewport.width;
      mark.style.transform = `translateX(${x}px)`;
      mark.classList.toggle("off", Math.abs(beatNear(at) - at) > ON_BEAT);
      mark.tabIndex = i === chosen ? 0 : -1;
      mark.setAttribute("aria-label", t("roll.video.cut", { number: i + 1, count: cuts().length }));
      mark.setAttribute("aria-valuenow", at.toFixed(3));
      mark.setAttribute("aria-valuetext", words(i));
    });
  }

  return {
    element,
    show(next) {
      seen = next;
      build();
    },
    follow: () => place(false),
  };
}

/** A cut more at a time; the same list where one is already. */
export const withCut = (cuts: readonly number[], at: number, duration: number): { readonly cuts: readonly number[]; readonly index: number } => {
  const next = addMark(cuts, at, duration);
  return { cuts: next, index: nearestMark(next, at) };
};
