/** From pointers to gestures: which one begins depends on the place, the tool, the button and the number of fingers. */
import { beginBox } from "./gestures/box.js";
import { beginDraw } from "./gestures/draw.js";
import { beginErase } from "./gestures/erase.js";
import { noteUnder, type Gesture, type Point } from "./gestures/gesture.js";
import { beginKeys } from "./gestures/keys.js";
import { beginMove } from "./gestures/move.js";
import { beginPaint } from "./gestures/paint.js";
import { beginPan } from "./gestures/pan.js";
import { Pinch } from "./gestures/pinch.js";
import { beginResize } from "./gestures/resize.js";
import { beginSpan } from "./gestures/span.js";
import { beginVelocity } from "./gestures/velocity.js";
import { noteKey } from "../store/viewstate.js";
import { t } from "../strings/index.js";
import { foundAt } from "./found.js";
import { ghostAt, ghostLabel } from "./ghosts.js";
import { currentTrack, select, type RollState } from "./state.js";
import { inside } from "./viewport.js";

const LONG_PRESS_MS = 480;

export interface PointerHooks {
  /** A key of the keyboard at the left was struck (step recording listens). */
  struck(pitch: number): void;
  /** Long press (or the menu key) at a place of the page. */
  menu(x: number, y: number): void;
}

/** The gesture that a press begins; null where there is nothing to do. */
function start(state: RollState, point: Point, button: number, hooks: PointerHooks): Gesture | null {
  const { viewport, context } = state;
  const track = currentTrack(state);
  if (button === 1) return beginPan(state, point);
  if (inside(viewport.ruler, point.x, point.y)) return beginSpan(state, state.tool === "gap" ? "gap" : "loop", point);
  if (inside(viewport.chords, point.x, point.y)) return beginSpan(state, state.tool === "gap" ? "gap" : "loop", point);
  if (!track) return null;
  if (inside(viewport.keyboard, point.x, point.y)) return beginKeys(state, track, point, hooks.struck);
  if (inside(viewport.velocities, point.x, point.y)) return beginVelocity(state, track, point);
  if (!inside(viewport.grid, point.x, point.y)) return null;
  if (button === 2 || state.tool === "erase") return beginErase(state, track, point);
  if (state.tool === "gap") return beginSpan(state, "gap", point);
  const found = noteUnder(state, point);
  if (found?.edge) return beginResize(state, track, found.note, found.edge, point);
  if (found) return beginMove(state, track, found.note, point);
  if (state.tool === "select") return point.touch ? beginPan(state, point) : beginBox(state, track, point);
  context.store.setView({ selection: new Set() });
  if (track.is_drum || point.shift) return beginPaint(state, track, point);
  return beginDraw(state, track, point);
}

export function listenToPointers(
  state: RollState, surface: HTMLElement, hooks: PointerHooks, signal: AbortSignal,
): void {
  const fingers = new Map<number, { x: number; y: number }>();
  let gesture: Gesture | null = null;
  let pinch: Pinch | null = null;
  let begin: Point | null = null;
  let hold: ReturnType<typeof setTimeout> | undefined;

  const pointOf = (event: PointerEvent | MouseEvent): Point => {
    const box = surface.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    return {
      x, y, tick: Math.max(0, state.viewport.tickAt(x)), pitch: state.viewport.pitchAt(y), shift: event.shiftKey,
      alt: event.altKey, ctrl: event.ctrlKey || event.metaKey,
      touch: "pointerType" in event && event.pointerType === "touch",
    };
  };

  const stop = (): void => {
    gesture?.cancel();
    gesture = null;
    clearTimeout(hold);
  };

  surface.addEventListener("pointerdown", (event) => {
    surface.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    if (event.pointerType === "touch" && fingers.size === 2) {
      stop();
      const [a, b] = [...fingers.values()];
      pinch = new Pinch(state, a!, b!);
      return;
    }
    if (fingers.size > 1) return;
    state.cursorShown = false;
    begin = pointOf(event);
    if (event.button === 2 && state.tool === "select" && inside(state.viewport.grid, begin.x, begin.y)) {
      return longPress(event);
    }
    gesture = start(state, begin, event.button, hooks);
    if (event.pointerType === "touch" && inside(state.viewport.grid, begin.x, begin.y)) {
      hold = setTimeout(() => longPress(event), LONG_PRESS_MS);
    }
  }, { signal });

  /** On a note: its menu. On nothing: a selection box. */
  const longPress = (event: PointerEvent): void => {
    const track = currentTrack(state);
    if (!begin || !track) return;
    gesture?.cancel();
    gesture = null;
    navigator.vibrate?.(12);
    const found = noteUnder(state, begin);
    if (found) {
      const key = noteKey(track.id, found.note.id);
      if (!state.context.store.view.selection.has(key)) select(state, [key]);
      hooks.menu(event.clientX, event.clientY);
    } else gesture = beginBox(state, track, begin);
  };

  surface.addEventListener("pointermove", (event) => {
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    if (pinch && fingers.size >= 2) {
      const [a, b] = [...fingers.values()];
      return pinch.move(a!, b!);
    }
    const point = pointOf(event);
    if (begin && Math.hypot(point.x - begin.x, point.y - begin.y) > 10) clearTimeout(hold);
    if (gesture) return gesture.move(point);
    if (!fingers.size) hover(state, surface, point);
  }, { signal });

  const finish = (event: PointerEvent, cancelled: boolean): void => {
    fingers.delete(event.pointerId);
    clearTimeout(hold);
    if (pinch) {
      if (fingers.size === 0) pinch = null;
      return;
    }
    if (gesture && !cancelled) gesture.end(pointOf(event));
    else gesture?.cancel();
    gesture = null;
    begin = null;
  };
  surface.addEventListener("pointerup", (event) => finish(event, false), { signal });
  surface.addEventListener("pointercancel", (event) => finish(event, true), { signal });
  surface.addEventListener("pointerleave", () => {
    state.hint = null;
    state.redraw(true);
    if (!state.hover) return;
    state.hover = null;
    state.redraw();
  }, { signal });
  surface.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
  document.addEventListener("keydown", (event) => event.key === "Escape" && stop(), { signal });

  listenToWheel(state, surface, signal);
}

/** What lies under a pointer that is not pressed. */
function hover(state: RollState, surface: HTMLElement, point: Point): void {
  const { viewport } = state;
  const inGrid = inside(viewport.grid, point.x, point.y);
  const found = inGrid && state.tool !== "gap" ? noteUnder(state, point) : null;
  const cursors = { draw: "crosshair", select: "default", erase: "cell", gap: "col-resize" } as const;
  if (inGrid) surface.style.cursor = found?.edge ? "ew-resize" : found && state.tool !== "erase" ? "grab" : cursors[state.tool];
  else surface.style.cursor = inside(viewport.velocities, point.x, point.y) ? "ns-resize" : "pointer";
  surface.title = inside(viewport.chords, point.x, point.y) && foundAt(state, point.tick)
    ? t(state.foundHeard && !state.fitted.length ? "roll.found" : "roll.foundTune") : "";
  hint(state, point, inGrid);
  const track = currentTrack(state);
  const key = found && track ? noteKey(track.id, found.note.id) : null;
  if (key === (state.hover?.key ?? null)) return;
  state.hover = key ? { key, edge: found!.edge } : null;
  state.redraw();
}

/** Say beside the pointer what an idea's note is. */
function hint(state: RollState, point: Point, inGrid: boolean): void {
  const ghost = inGrid && state.ghosts ? ghostAt(state, point.tick, point.pitch, 2 / state.viewport.pxPerTick) : null;
  if (!ghost && !state.hint) return;
  state.hint = ghost ? { x: point.x, y: point.y, text: ghostLabel(state, ghost) } : null;
  state.redraw(true);
}

function listenToWheel(state: RollState, surface: HTMLElement, signal: AbortSignal): void {
  surface.addEventListener("wheel", (event) => {
    event.preventDefault();
    state.scrolledAway = true;
    const { viewport } = state;
    const x = event.offsetX;
    const unit = event.deltaMode === 1 ? 30 : 1;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    if (event.ctrlKey || event.metaKey) viewport.zoomTime(Math.exp(-dy * 0.004), x);
    else if (event.altKey) viewport.zoomPitch(Math.exp(-dy * 0.004), event.offsetY);
    else if (event.shiftKey) viewport.scrollBy(dy + dx, 0);
    else viewport.scrollBy(dx, dy);
    state.redraw();
  }, { passive: false, signal });
}
