/** The timeline of a video: cuts and moments to be dragged, curves of motion and light, where somebody speaks, a needle. */
import { clock } from "../../roll/speech.js";
import { t } from "../../strings/index.js";
import { clamp, everyFrame, h } from "../../ui/dom.js";
import { pathThrough, svg } from "../../ui/svg.js";
import type { VideoDesk } from "./videodesk.js";
import { nearestMark, thinned, type Lane, type Points } from "./watched.js";

const RULER = 22, CUTS = 44, MOMENTS = 36, CURVES = 72, SPEECH = 22;
const TOPS: Readonly<Record<Lane, number>> = { cuts: RULER, moments: RULER + CUTS };
const CURVE_TOP = RULER + CUTS + MOMENTS, SPEECH_TOP = CURVE_TOP + CURVES, HEIGHT = SPEECH_TOP + SPEECH;
/** How near a touch has to be to a mark, in pixels. */
const NEAR = 12, NEAR_TOUCH = 22;
const CLOSEST = 400;

/** Seconds between two numbers of the ruler, so that they do not touch. */
export function rulerStep(pxPerSecond: number): number {
  return [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600].find((step) => step * pxPerSecond >= 48) ?? 1_200;
}

export interface VideoLine {
  readonly element: HTMLElement;
  draw(): void;
  needle(time: number, playing: boolean): void;
  zoom(factor: number): void;
}

export function makeVideoLine(desk: VideoDesk, keys: (event: KeyboardEvent) => void): VideoLine {
  const { signal } = desk.host;
  const drawing = svg("svg", { "aria-hidden": "true", height: HEIGHT });
  const needle = h("i", { class: "needle" });
  const inner = h("div", { class: "inner" }, drawing, needle);
  const element = h("div", {
    class: "video-line", tabindex: 0, role: "application", "aria-roledescription": t("cards.video.line"), "aria-label": t("cards.video.lineLabel"),
    "aria-description": t("cards.video.keys"), onkeydown: keys, style: `height:${HEIGHT + 16}px`,
  }, inner);
  let zoom = 1, now = 0;

  const width = (): number => Math.max(1, element.clientWidth * zoom);
  const x = (time: number): number => (time / desk.seen.duration) * width();
  const timeAt = (px: number): number => clamp((px / width()) * desk.seen.duration, 0, desk.seen.duration);

  const draw = everyFrame(() => {
    if (!element.clientWidth) return;
    const w = width();
    inner.style.width = `${w}px`;
    drawing.setAttribute("width", String(w));
    drawing.setAttribute("viewBox", `0 0 ${w} ${HEIGHT}`);
    drawing.replaceChildren(...ruler(), ...speech(), ...curve(desk.seen.motion, "motion"), ...curve(desk.seen.brightness, "brightness"), ...marks("moments"), ...marks("cuts"));
    place();
  });

  function ruler(): SVGElement[] {
    const step = rulerStep(width() / desk.seen.duration);
    return Array.from({ length: Math.floor(desk.seen.duration / step) + 1 }, (_, i) => i * step).flatMap((time) => [
      svg("rect", { class: "tick", x: x(time), y: 0, width: 1, height: HEIGHT }),
      ...(x(time) < width() - 20 ? [svg("text", { class: "number", x: x(time) + 4, y: 15 }, step < 1 ? time.toFixed(1) : clock(time))] : [])]);
  }

  function curve(points: Points, name: string): SVGElement[] {
    if (points.length < 2) return [];
    const line = thinned(points, 700).map(([time, value]): [number, number] => [x(time), CURVE_TOP + 4 + (1 - clamp(value, 0, 1)) * (CURVES - 8)]);
    const area = `${pathThrough(line)}L${line.at(-1)![0]} ${CURVE_TOP + CURVES}L${line[0]![0]} ${CURVE_TOP + CURVES}Z`;
    return [...(name === "motion" ? [svg("path", { class: "area", d: area })] : []), svg("path", { class: `curve ${name}`, d: pathThrough(line) })];
  }

  function speech(): SVGElement[] {
    return desk.seen.speech.map(([start, end]) => svg("rect", { class: "speech", x: x(start), y: SPEECH_TOP + 6, width: Math.max(3, x(end) - x(start)), height: 10, rx: 5 }));
  }

  function marks(lane: Lane): SVGElement[] {
    const top = TOPS[lane];
    return desk.marks(lane).map((time, i) => {
      const at = x(time), picked = desk.picked?.lane === lane && desk.picked.index === i;
      const shape = lane === "cuts" ? `M${at} ${top + 8}l11 13l-11 13l-11 -13z` : `M${at} ${top + 6}l10 18h-20z`;
      return svg("g", { class: `mark ${lane}${picked ? " now" : ""}` },
        svg("rect", { class: "stem", x: at - 0.75, y: top + 20, width: lane === "cuts" ? 2 : 1.5, height: CURVE_TOP + CURVES - top - 20 }), svg("path", { class: "shape", d: shape }),
        svg("rect", { class: "grip", x: at - 22, y: top, width: 44, height: lane === "cuts" ? CUTS : MOMENTS }));
    });
  }

  function place(): void {
    needle.style.transform = `translateX(${x(now)}px)`;
  }

  function laneAt(y: number): Lane | null {
    return y >= TOPS.cuts && y < TOPS.moments ? "cuts" : y >= TOPS.moments && y < CURVE_TOP ? "moments" : null;
  }

  let drag: ((px: number) => void) | null = null;
  const at = (event: MouseEvent): [number, number] => {
    const box = drawing.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  drawing.addEventListener("pointerdown", (event) => {
    if (event.button > 0) return;
    const [px, py] = at(event), lane = laneAt(py), touch = event.pointerType === "touch";
    const near = lane ? nearestMark(desk.marks(lane), timeAt(px), ((touch ? NEAR_TOUCH : NEAR) / width()) * desk.seen.duration) : -1;
    element.focus({ preventScroll: true });
    if (lane && near >= 0) {
      const offset = px - x(desk.marks(lane)[near]!);
      desk.pick({ lane, index: near });
      drag = (to) => desk.dragTo(timeAt(to - offset));
    } else {
      desk.pick(null);
      desk.seek(timeAt(px));
      drag = touch ? null : (to) => desk.seek(timeAt(to)); // on touch what is empty scrolls
    }
    if (drag) drawing.setPointerCapture(event.pointerId);
  }, { signal });
  drawing.addEventListener("pointermove", (event) => drag?.(at(event)[0]), { signal });
  const end = (event: PointerEvent): void => {
    drag = null;
    desk.drop(event.type === "pointerup");
  };
  drawing.addEventListener("pointerup", end, { signal });
  drawing.addEventListener("pointercancel", end, { signal });
  drawing.addEventListener("dblclick", (event) => {
    const [px, py] = at(event), lane = laneAt(py);
    if (lane) desk.add(lane, timeAt(px));
  }, { signal });
  const sizes = new ResizeObserver(() => draw.request());
  sizes.observe(element);
  signal.addEventListener("abort", () => sizes.disconnect());

  function show(time: number): void {
    const px = x(time), left = element.scrollLeft, wide = element.clientWidth;
    if (px < left || px > left + wide) element.scrollLeft = px - wide / 4;
  }
  return {
    element, draw: () => draw.request(),
    needle(time, playing) {
      now = time;
      place();
      if (playing || desk.picked) show(time);
    },
    zoom(factor) {
      zoom = clamp(zoom * factor, 1, Math.max(1, (CLOSEST * desk.seen.duration) / Math.max(1, element.clientWidth)));
      draw.force();
      element.scrollLeft = x(now) - element.clientWidth / 2;
    },
  };
}
