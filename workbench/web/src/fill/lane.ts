/** "Draw it over time": a lane over the marked gaps, for pen, rubber and keys. What is drawn overrules its slider. */
import { placeName } from "../roll/speech.js";
import { time, type RollState } from "../roll/state.js";
import { t, type StringKey } from "../strings/index.js";
import { button, setPressed } from "../ui/controls.js";
import { clamp, everyFrame, h } from "../ui/dom.js";
import { cellsOf, CURVES, Curves, stroke, type CurveName } from "./curves.js";
import { cellAt, laneShape, paintLane, valueAt, type LaneShape } from "./lanepaint.js";

/** One press of an arrow key; a large one with Page Up and Page Down. */
const STEP = 5;
const LEAP = 20;

export interface CurveLane {
  readonly element: HTMLElement;
  readonly curves: Curves;
  /** Follow the marked gaps; says in words what became of what was drawn, or "". */
  follow(): string;
  clear(): void;
}

/** "more notes, 80", "as in the music around", "left to the model". */
export function curveWords(name: CurveName, value: number | null): string {
  if (value === null) return t("fill.curve.free");
  if (value === 50) return t("fill.asAround");
  return t("fill.curve.value", { end: t(`fill.curve.${name}.${value > 50 ? "high" : "low"}` as StringKey), value });
}

/** What is in hand: the curve, the pen or the rubber, and the keyboard's cursor (a cell). */
interface Pen {
  name: CurveName;
  rubber: boolean;
  cursor: number;
  keyed: boolean;
}

interface StrokeHooks {
  shape(): LaneShape;
  update(): void;
  done(): void;
}

/** Drawing by pointer; the right button rubs out. */
function listenToStrokes(canvas: HTMLCanvasElement, pen: Pen, curves: Curves, hooks: StrokeHooks, signal: AbortSignal): void {
  let hand: { cell: number; value: number | null } | null = null;
  /** This stroke rubs out: the rubber is in hand, or the right button is down. */
  let rubbing = false;

  /** Draw from the place of the hand before to where it is now; a fast hand leaves no holes. */
  function draw(event: PointerEvent, begin: boolean): void {
    const box = canvas.getBoundingClientRect();
    const now = hooks.shape();
    const cell = cellAt(now, event.clientX - box.left);
    const value = rubbing ? null : Math.round(valueAt(now, event.clientY - box.top) / STEP) * STEP;
    const from = begin || !hand ? { cell, value } : hand;
    curves.set(pen.name, stroke(curves.values(pen.name), from.cell, cell, from.value, value));
    hand = { cell, value };
    pen.cursor = cell;
    hooks.update();
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (!curves.cells.length || (event.button !== 0 && event.button !== 2)) return;
    canvas.setPointerCapture(event.pointerId);
    pen.keyed = false;
    rubbing = pen.rubber || event.button === 2;
    draw(event, true);
  }, { signal });
  canvas.addEventListener("pointermove", (event) => hand && draw(event, false), { signal });
  canvas.addEventListener("pointerup", (event) => {
    if (!hand) return;
    draw(event, false);
    hand = null;
    hooks.done();
  }, { signal });
  canvas.addEventListener("pointercancel", () => void (hand = null), { signal });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
}

/** Drawing by keys; false for a key that draws nothing. */
function drawByKey(pen: Pen, curves: Curves, event: KeyboardEvent): boolean {
  const { name, cursor } = pen;
  const values = curves.values(name);
  const last = curves.cells.length - 1;
  /** The nearest value drawn before the cursor, or the middle: where a first press of an arrow begins. */
  const nearby = (): number => values.slice(0, cursor + 1).findLast((value) => value !== null) ?? 50;
  const put = (value: number | null): void => curves.set(name, stroke(values, cursor, cursor, value, value));
  const raise = (by: number): void => put(clamp((values[cursor] ?? nearby()) + by, 0, 100));
  const go = (to: number): void => {
    const target = clamp(to, 0, last);
    // With Shift the value goes along, so that a stretch is drawn with a few presses.
    if (event.shiftKey) curves.set(name, stroke(values, cursor, target, values[cursor] ?? null, values[cursor] ?? null));
    pen.cursor = target;
  };
  const acts: Record<string, () => void> = {
    ArrowLeft: () => go(cursor - 1), ArrowRight: () => go(cursor + 1), Home: () => go(0), End: () => go(last),
    ArrowUp: () => raise(STEP), ArrowDown: () => raise(-STEP), PageUp: () => raise(LEAP), PageDown: () => raise(-LEAP),
    Delete: () => put(null), Backspace: () => put(null),
  };
  const act = acts[event.key];
  act?.();
  return act !== undefined;
}

export function makeCurveLane(state: RollState, changed: () => void): CurveLane {
  const { signal } = state.context;
  const curves = new Curves();
  const pen: Pen = { name: "density", rubber: false, cursor: 0, keyed: false };

  const canvas = h("canvas", { "aria-hidden": "true" });
  const lane = h("div", {
    class: "lane", tabindex: 0, role: "application", "aria-roledescription": t("fill.curve.lane"), onkeydown: (event: KeyboardEvent) => keys(event),
  }, canvas);
  const which = CURVES.map((item) => [item, h("button", {
    type: "button", class: "wb-button", "aria-pressed": "false", onclick: () => pick(item) }, t(`fill.${item}` as StringKey))] as const);
  const draw = button({ label: t("fill.curve.pen"), icon: "draw", text: true, pressed: true, onclick: () => hold(false) });
  const erase = button({ label: t("fill.curve.rubber"), icon: "erase", text: true, pressed: false, onclick: () => hold(true) });
  const clear = button({ label: t("fill.curve.clear"), icon: "trash", kind: "quiet", onclick: () => {
    curves.clear(pen.name);
    update();
    state.announcer.say(t("fill.curve.cleared"));
  } });
  const element = h("details", { class: "drawing", ontoggle: () => paint.request() }, h("summary", {}, t("fill.curve.title")),
    h("div", { class: "tools" },
      h("div", { class: "segments", role: "group", "aria-label": t("fill.curve.which") }, which.map(([, item]) => item)),
      h("div", { class: "segments", role: "group", "aria-label": t("fill.curve.tool") }, draw, erase), clear),
    lane, h("p", { class: "hint" }, t("fill.curve.hint")));

  function pick(next: CurveName): void {
    pen.name = next;
    update();
  }

  function hold(next: boolean): void {
    pen.rubber = next;
    update();
  }

  const shape = (): LaneShape => laneShape(curves.cells, canvas.clientWidth, canvas.clientHeight);

  const paint = everyFrame(() => {
    if (!canvas.clientWidth) return;
    paintLane(canvas, shape(), time(state), curves.values(pen.name), {
      high: t(`fill.curve.${pen.name}.high` as StringKey), low: t(`fill.curve.${pen.name}.low` as StringKey),
      middle: t("fill.curve.middle"), free: t("fill.curve.free"), cursor: pen.keyed ? pen.cursor : null });
  });

  function update(): void {
    for (const [item, element] of which) {
      setPressed(element, item === pen.name);
      element.classList.toggle("drawn", curves.names().includes(item));
    }
    setPressed(draw, !pen.rubber);
    setPressed(erase, pen.rubber);
    clear.disabled = !curves.names().includes(pen.name);
    const curve = t(`fill.${pen.name}` as StringKey);
    lane.setAttribute("aria-label", t("fill.curve.describe", { curve }));
    paint.request();
    changed();
  }

  listenToStrokes(canvas, pen, curves, { shape, update, done: () => state.announcer.say(here()) }, signal);

  /** "bar 3, beat 1: more notes, 80". */
  function here(): string {
    const cell = curves.cells[pen.cursor];
    if (!cell) return t("fill.noMark");
    return t("fill.curve.at", { place: placeName(time(state), cell.start), what: curveWords(pen.name, curves.values(pen.name)[pen.cursor] ?? null) });
  }

  function keys(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || !curves.cells.length) return;
    if (drawByKey(pen, curves, event)) {
      pen.keyed = true;
      update();
      state.announcer.say(here());
    } else if (event.key === "Escape") which.find(([item]) => item === pen.name)![1].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  lane.addEventListener("focus", () => {
    pen.keyed = lane.matches(":focus-visible");
    paint.request();
    state.announcer.say(here());
  }, { signal });
  lane.addEventListener("blur", () => {
    pen.keyed = false;
    paint.request();
  }, { signal });
  const observer = new ResizeObserver(() => paint.request());
  observer.observe(canvas);
  signal.addEventListener("abort", () => observer.disconnect());
  state.context.root.addEventListener("themechange", () => paint.request(), { signal });
  queueMicrotask(update);

  let followed: unknown = null;
  return {
    element, curves,
    follow() {
      const { marks } = state.context.store.view;
      if (followed === marks) return "";
      followed = marks;
      const what = curves.follow(cellsOf(time(state), marks));
      pen.cursor = clamp(pen.cursor, 0, Math.max(0, curves.cells.length - 1));
      update();
      return what === "same" ? "" : t(what === "fitted" ? "fill.curve.fitted" : "fill.curve.dropped");
    },
    clear() {
      curves.clear();
      update();
    },
  };
}
