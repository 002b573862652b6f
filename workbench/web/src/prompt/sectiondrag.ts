/** Dragging a section: its right edge makes it longer or shorter; the rest is taken to another place. */
import { clamp } from "../ui/dom.js";
import type { Brief, Section } from "./brief.js";
import { LONGEST } from "./sectionpanel.js";

export interface DragHooks {
  readonly brief: Brief;
  /** Pixels. */
  barWidth(): number;
  resize(bars: number): void;
  move(to: number): void;
  redraw(): void;
}

const SHAKE = 6, FAR = 12;

function follow(event: PointerEvent, on: (dx: number) => void, end: (dx: number) => void, stopped: () => void): void {
  const from = event.clientX, target = event.currentTarget as HTMLElement;
  target.setPointerCapture(event.pointerId);
  const moving = (next: PointerEvent): void => on(next.clientX - from);
  const stop = (next: PointerEvent): void => {
    target.removeEventListener("pointermove", moving);
    target.removeEventListener("pointerup", stop);
    target.removeEventListener("pointercancel", stop);
    if (next.type === "pointerup") end(next.clientX - from);
    else stopped();
  };
  target.addEventListener("pointermove", moving);
  target.addEventListener("pointerup", stop);
  target.addEventListener("pointercancel", stop);
}

export function dragBlock(made: HTMLElement, grip: HTMLElement, section: Section, index: number, hooks: DragHooks): void {
  const { sections } = hooks.brief;
  grip.addEventListener("pointerdown", (event) => {
    event.stopPropagation();
    const bars = (dx: number): number => clamp(Math.round(section.bars + dx / hooks.barWidth()), 1, LONGEST);
    follow(event, (dx) => (made.style.flexGrow = String(bars(dx))), (dx) => hooks.resize(bars(dx)), hooks.redraw);
  });
  made.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    follow(event, (dx) => (made.style.transform = Math.abs(dx) > SHAKE ? `translateX(${dx}px)` : ""), (dx) => {
      made.style.transform = "";
      if (Math.abs(dx) < FAR) return;
      const middle = section.first_bar - 1 + section.bars / 2 + dx / hooks.barWidth();
      hooks.move(sections.filter((other, i) => i !== index && other.first_bar - 1 + other.bars / 2 < middle).length);
    }, hooks.redraw);
  });
}
