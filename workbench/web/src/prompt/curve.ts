/** How loud or how full the piece is from beginning to end, as a line that can be pulled; each handle is a slider for keys. */
import { clock } from "../roll/speech.js";
import { t, type StringKey } from "../strings/index.js";
import { clamp, h } from "../ui/dom.js";
import { handles, pulled, valueAt, type Brief, type CurveRow } from "./brief.js";
import type { PlanDesk } from "./plan.js";

const COUNT = 7;
const STEP = 0.05;
const WIDTH = 1_000, HEIGHT = 120, EDGE = 12;

/** The curves of a plan, and what each is called, as a whole and at one of its handles. */
const NAMES = {
  dynamics: ["plan.dynamics", "plan.loudAt"],
  density: ["plan.density", "plan.fullAt"],
} as const satisfies Partial<Record<keyof Brief, readonly [StringKey, StringKey]>>;

export function makeCurve(plan: PlanDesk, field: keyof typeof NAMES): { element: HTMLElement; update(brief: Brief): void } {
  const [name, at] = NAMES[field];
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const area = document.createElementNS("http://www.w3.org/2000/svg", "path");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  area.setAttribute("class", "area");
  line.setAttribute("class", "line");
  line.setAttribute("vector-effect", "non-scaling-stroke");
  svg.append(area, line);
  const dots = Array.from({ length: COUNT }, (_, i) => h("div", {
    class: "dot", role: "slider", tabindex: 0, "aria-orientation": "vertical", "aria-valuemin": 0, "aria-valuemax": 100,
    onkeydown: (event: KeyboardEvent) => onkey(event, i), onpointerdown: (event: PointerEvent) => grab(event, i),
  }));
  const place = h("div", { class: "curve", role: "group", "aria-label": t(name) }, svg as unknown as Node, dots);
  const element = h("div", { class: `dynamics ${field}` }, h("h3", {}, t(name)), place,
    h("div", { class: "row soft ends" }, h("span", {}, t("plan.beginning")), h("span", {}, t("plan.end"))));
  let draft: readonly CurveRow[] | null = null;

  const set = (index: number, value: number): void => {
    const { brief } = plan;
    plan.change({ [field]: pulled(brief[field], brief.seconds, COUNT, index, clamp(value, 0, 1)) });
  };

  function onkey(event: KeyboardEvent, index: number): void {
    const { brief } = plan, now = handles(brief[field], brief.seconds, COUNT)[index]![1];
    const to: Record<string, number> = {
      ArrowUp: now + STEP, ArrowRight: now + STEP, ArrowDown: now - STEP, ArrowLeft: now - STEP, PageUp: now + 4 * STEP, PageDown: now - 4 * STEP, Home: 0, End: 1,
    };
    const next = to[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    set(index, next);
  }

  function grab(event: PointerEvent, index: number): void {
    if (event.button) return;
    event.preventDefault();
    const dot = event.currentTarget as HTMLElement;
    dot.focus();
    dot.setPointerCapture(event.pointerId);
    const value = (at: PointerEvent): number => {
      const box = place.getBoundingClientRect();
      return clamp(1 - (at.clientY - box.top - EDGE) / (box.height - 2 * EDGE), 0, 1);
    };
    const move = (next: PointerEvent): void => {
      const { brief } = plan;
      draft = pulled(brief[field], brief.seconds, COUNT, index, value(next));
      draw({ ...brief, [field]: draft });
    };
    const end = (next: PointerEvent): void => {
      dot.removeEventListener("pointermove", move);
      draft = null;
      if (next.type === "pointerup") set(index, value(next));
    };
    dot.addEventListener("pointermove", move);
    dot.addEventListener("pointerup", end, { once: true });
    dot.addEventListener("pointercancel", end, { once: true });
  }

  function draw(brief: Brief): void {
    const points = brief[field].length ? brief[field] : handles([], brief.seconds, COUNT);
    const x = (seconds: number): number => (WIDTH * seconds) / Math.max(brief.seconds, 1e-3);
    const y = (value: number): number => EDGE + (1 - value) * (HEIGHT - 2 * EDGE);
    const ends = [[0, valueAt(points, 0)] as const, ...points, [brief.seconds, valueAt(points, brief.seconds)] as const];
    const path = ends.map(([time, value], i) => `${i ? "L" : "M"}${x(Math.min(time, brief.seconds)).toFixed(1)} ${y(value).toFixed(1)}`).join("");
    line.setAttribute("d", path);
    area.setAttribute("d", `${path}L${WIDTH} ${HEIGHT}L0 ${HEIGHT}Z`);
    handles(points, brief.seconds, COUNT).forEach(([time, value], i) => {
      const dot = dots[i]!, percent = Math.round(100 * value);
      dot.style.left = `${(100 * i) / (COUNT - 1)}%`;
      dot.style.top = `${(100 * y(value)) / HEIGHT}%`;
      dot.setAttribute("aria-label", t(at, { time: clock(time) }));
      dot.setAttribute("aria-valuenow", String(percent));
      dot.setAttribute("aria-valuetext", t("prompt.strengthSays", { percent }));
    });
  }
  return { element, update: (brief) => draft ?? draw(brief) };
}
