/** The whole piece in small above the roll: where one is in it, and a way to anywhere else. */
import { scoreEnd } from "../document/types.js";
import { t } from "../strings/index.js";
import { clamp, everyFrame, h } from "../ui/dom.js";
import { HEIGHT, paintSigns, paintSmallNotes } from "./paint/overview.js";
import { score, time, type RollState } from "./state.js";

export interface Overview {
  readonly element: HTMLElement;
  /** Notes, marks or colours have changed. */
  update(): void;
  /** The roll shows another part, or the playhead has moved. */
  follow(): void;
}

/** A shorter piece is seen whole as it is. */
const BARS = 12;
/** The picture follows edits when the hands rest for so long: it shows every note of the piece. */
const REST_MS = 150;

export function makeOverview(state: RollState): Overview {
  const { viewport, context } = state;
  const { player, signal } = context;
  const canvas = h("canvas", { "aria-hidden": "true" });
  const frame = h("div", { class: "window" });
  const head = h("div", { class: "head" });
  const element = h("div", {
    class: "overview wb-card", role: "slider", tabindex: 0, hidden: true, "aria-label": t("overview.name"),
    "aria-orientation": "horizontal", title: t("overview.why"),
    onkeydown: (event: KeyboardEvent) => byKey(event),
  }, canvas, frame, head);
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** The last tick of the last bar with a note in it. */
  const end = (): number => {
    const last = scoreEnd(score(state));
    return last ? time(state).barAt(last - 1).end : 0;
  };
  const lastBar = (): number => time(state).barAt(Math.max(0, end() - 1)).number;
  const x = (tick: number): number => (element.clientWidth * tick) / Math.max(1, end());

  /** Show the part that begins at a tick. */
  function go(tick: number): void {
    viewport.tick = clamp(tick, 0, Math.max(0, end() - viewport.ticksVisible * 0.5));
    state.scrolledAway = true;
    state.redraw();
  }

  function byKey(event: KeyboardEvent): void {
    const bar = time(state).barAt(Math.max(0, Math.round(viewport.tick)));
    const page = Math.max(1, time(state).barAt(Math.max(0, Math.floor(viewport.lastTick))).number - bar.number);
    const steps: Record<string, number> = {
      ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity,
    };
    const step = steps[event.key];
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const first = time(state).barAt(0).number;
    go(step === Infinity ? end() - viewport.ticksVisible * 0.9 : time(state).bar(Math.max(first, bar.number + step)).start);
  }

  /** Take the window where it is, or bring it under the pointer. */
  function byPointer(): void {
    let grip = 0;
    const tickAt = (event: PointerEvent): number =>
      ((event.clientX - element.getBoundingClientRect().left) / Math.max(1, element.clientWidth)) * end();
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      const tick = tickAt(event);
      element.setPointerCapture(event.pointerId);
      const held = tick >= viewport.tick && tick <= viewport.lastTick;
      grip = held ? tick - viewport.tick : viewport.ticksVisible / 2;
      if (!held) go(tick - grip);
    }, { signal });
    element.addEventListener("pointermove", (event) => {
      if (element.hasPointerCapture(event.pointerId)) go(tickAt(event) - grip);
    }, { signal });
  }

  const paint = everyFrame(() => {
    const ratio = Math.min(3, devicePixelRatio || 1);
    const width = element.clientWidth;
    const ink = canvas.getContext("2d");
    if (!width || !ink) return;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(HEIGHT * ratio);
    ink.scale(ratio, ratio);
    paintSmallNotes(ink, state, x);
    paintSigns(ink, state, width, x);
    moved.force();
  });

  const moved = everyFrame(() => {
    if (element.hidden) return;
    const left = clamp(x(viewport.tick), 0, element.clientWidth - 8);
    const right = clamp(x(viewport.lastTick), left + 8, element.clientWidth);
    frame.style.transform = `translateX(${left}px)`;
    frame.style.width = `${right - left}px`;
    head.style.transform = `translateX(${x(Math.max(0, player.position))}px)`;
    if (player.playing) return; // nothing is spoken over the music
    const [from, to] = [time(state).barAt(Math.max(0, Math.round(viewport.tick))).number,
      Math.min(lastBar(), time(state).barAt(Math.max(0, Math.floor(viewport.lastTick) - 1)).number)];
    const words = t("overview.bars", { from, to: Math.max(from, to), last: lastBar() });
    if (element.getAttribute("aria-valuetext") === words) return;
    element.setAttribute("aria-valuemin", String(time(state).barAt(0).number));
    element.setAttribute("aria-valuemax", String(Math.max(from, lastBar())));
    element.setAttribute("aria-valuenow", String(from));
    element.setAttribute("aria-valuetext", words);
  });

  byPointer();
  const sizes = new ResizeObserver(() => paint.request());
  sizes.observe(element);
  signal.addEventListener("abort", () => sizes.disconnect());
  return {
    element,
    update() {
      element.hidden = lastBar() <= BARS;
      if (element.hidden) return;
      clearTimeout(timer);
      timer = setTimeout(() => paint.request(), REST_MS);
      moved.request();
    },
    follow: () => moved.request(),
  };
}
