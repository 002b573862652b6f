/** The two canvases of the roll: what stands still, and what moves over it. */
import { everyFrame, h } from "../ui/dom.js";
import { readColors, type Colors } from "./paint/colors.js";
import { paintChords, paintKeyboard, paintLines, paintRows, paintRuler, visibleBars } from "./paint/grid.js";
import { paintNotes, paintVelocities } from "./paint/notes.js";
import { paintOverlay } from "./paint/overlay.js";
import type { RollState } from "./state.js";
import { CHORDS, RULER } from "./viewport.js";

export interface RollCanvas {
  readonly element: HTMLElement;
  readonly surface: HTMLCanvasElement;
  redraw(light?: boolean): void;
  /** Draw everything now; returns how long it took in milliseconds. */
  drawNow(): number;
  onresize: () => void;
}

export function makeCanvas(state: () => RollState, signal: AbortSignal): RollCanvas {
  const still = h("canvas", { class: "still", "aria-hidden": "true" });
  const moving = h("canvas", { class: "moving", "aria-hidden": "true" });
  const element = h("div", { class: "canvases" }, still, moving);
  const inkStill = still.getContext("2d", { alpha: false })!;
  const inkMoving = moving.getContext("2d")!;
  let colors: Colors | null = null;
  let ratio = 1;

  const drawMoving = (): void => {
    if (!colors) return;
    inkMoving.setTransform(ratio, 0, 0, ratio, 0, 0);
    paintOverlay(inkMoving, state(), colors);
  };
  const draw = (): void => {
    const roll = state();
    const { viewport, context } = roll;
    colors ??= readColors(context.root);
    if (viewport.width < 2) return;
    inkStill.setTransform(ratio, 0, 0, ratio, 0, 0);
    const bars = visibleBars(roll);
    paintRows(inkStill, roll, colors);
    paintLines(inkStill, roll, colors, bars);
    paintNotes(inkStill, roll, colors);
    paintVelocities(inkStill, roll, colors);
    paintRuler(inkStill, roll, colors, bars);
    paintChords(inkStill, roll, colors);
    paintKeyboard(inkStill, roll, colors);
    inkStill.fillStyle = colors.surface;
    inkStill.fillRect(0, 0, viewport.keys, RULER + CHORDS);
    inkStill.fillRect(0, viewport.velocities.y, viewport.keys, viewport.velocities.height);
    inkStill.fillStyle = colors.line;
    inkStill.fillRect(0, viewport.velocities.y, viewport.keys, 1);
    inkStill.fillRect(0, RULER + CHORDS - 1, viewport.keys, 1);
    drawMoving();
  };
  const all = everyFrame(draw);
  const light = everyFrame(drawMoving);

  const canvas: RollCanvas = {
    element,
    surface: moving,
    redraw: (onlyMoving) => (onlyMoving ? light : all).request(),
    drawNow() {
      const begin = performance.now();
      all.force();
      inkStill.getImageData(0, 0, 1, 1); // waits until it is drawn
      return performance.now() - begin;
    },
    onresize: () => {},
  };
  const observer = new ResizeObserver(() => {
    const { width, height } = element.getBoundingClientRect();
    if (!width || !height) return;
    ratio = Math.min(3, devicePixelRatio || 1);
    for (const layer of [still, moving]) {
      layer.width = Math.round(width * ratio);
      layer.height = Math.round(height * ratio);
    }
    const { viewport } = state();
    viewport.width = width;
    viewport.height = height;
    viewport.clampRows();
    canvas.onresize();
    all.force();
  });
  observer.observe(element);
  signal.addEventListener("abort", () => observer.disconnect());
  queueMicrotask(() => state().context.root.addEventListener("themechange", () => {
    colors = null;
    all.request();
  }));
  return canvas;
}
