/** Which part of a recording is to be heard: its waveform with two handles, for hands and for keys. */
import { clock } from "../roll/speech.js";
import { t } from "../strings/index.js";
import { button } from "../ui/controls.js";
import { clamp, everyFrame, h } from "../ui/dom.js";

export interface PartChooser {
  readonly element: HTMLElement;
  /** Another recording: its peaks (0 to 255) and its length in seconds. */
  show(peaks: readonly number[], seconds: number): void;
  readonly part: readonly [number, number];
}

/** The shortest part, in seconds. */
const LEAST = 0.5;
const STEP = 0.5, LEAP = 5;

/** "1:02.5". */
export function preciseClock(seconds: number): string {
  return `${clock(Math.floor(seconds * 10) / 10)}.${Math.floor(seconds * 10 + 1e-6) % 10}`;
}

export function makePartChooser(signal: AbortSignal, changed: () => void): PartChooser {
  let peaks: readonly number[] = [], seconds = 1;
  let part: [number, number] = [0, 1];
  const canvas = h("canvas", { "aria-hidden": "true" });
  const handles = [0, 1].map((side) => h("div", {
    class: "handle", role: "slider", tabindex: 0, "aria-label": t(side ? "listen.partEnd" : "listen.partStart"),
    onkeydown: (event: KeyboardEvent) => key(side, event),
  }, h("i", {})));
  const words = h("span", { class: "words" });
  const all = button({ label: t("listen.partAll"), kind: "quiet", onclick: () => set(0, seconds) });
  const stage = h("div", { class: "part-stage", onpointerdown: (event: PointerEvent) => grab(event) }, canvas, ...handles);
  const element = h("div", { class: "part", role: "group", "aria-label": t("listen.part") }, stage,
    h("div", { class: "row" }, words, all));

  const paint = everyFrame(() => {
    drawPart(canvas, peaks, part, seconds);
    handles.forEach((handle, side) => {
      handle.style.left = `${(100 * part[side]!) / seconds}%`;
      handle.setAttribute("aria-valuemin", "0");
      handle.setAttribute("aria-valuemax", seconds.toFixed(1));
      handle.setAttribute("aria-valuenow", part[side]!.toFixed(1));
      handle.setAttribute("aria-valuetext", preciseClock(part[side]!));
    });
    const whole = part[0] === 0 && part[1] === seconds;
    all.hidden = whole;
    words.textContent = whole ? t("listen.partWhole", { length: clock(seconds) })
      : t("listen.partWords", { from: preciseClock(part[0]), to: preciseClock(part[1]), length: clock(part[1] - part[0]) });
  });

  function set(from: number, to: number): void {
    part = [from, to];
    paint.request();
    changed();
  }

  function move(side: number, time: number): void {
    const least = Math.min(LEAST, seconds);
    if (side) set(part[0], clamp(time, part[0] + least, seconds));
    else set(clamp(time, 0, part[1] - least), part[1]);
  }

  function key(side: number, event: KeyboardEvent): void {
    const step = event.shiftKey ? LEAP : STEP, now = part[side]!;
    const to: Record<string, number> = {
      ArrowLeft: now - step, ArrowDown: now - step, ArrowRight: now + step, ArrowUp: now + step,
      PageDown: now - LEAP, PageUp: now + LEAP, Home: 0, End: seconds,
    };
    if (to[event.key] === undefined) return;
    event.preventDefault();
    move(side, to[event.key]!);
  }

  /** Drag the nearer handle from wherever the waveform is touched. */
  function grab(event: PointerEvent): void {
    const box = stage.getBoundingClientRect();
    const at = (x: number): number => clamp((x - box.left) / box.width, 0, 1) * seconds;
    const time = at(event.clientX);
    const side = Math.abs(time - part[0]) <= Math.abs(time - part[1]) ? 0 : 1;
    event.preventDefault();
    handles[side]!.focus();
    stage.setPointerCapture(event.pointerId);
    const follow = (moved: PointerEvent): void => move(side, at(moved.clientX));
    const leave = (): void => stage.removeEventListener("pointermove", follow);
    follow(event);
    stage.addEventListener("pointermove", follow);
    stage.addEventListener("pointerup", leave, { once: true });
    stage.addEventListener("pointercancel", leave, { once: true });
  }

  const sizes = new ResizeObserver(() => paint.request());
  sizes.observe(stage);
  signal.addEventListener("abort", () => sizes.disconnect());
  return {
    element,
    show(next, length) {
      [peaks, seconds] = [next, Math.max(0.01, length)];
      set(0, seconds);
    },
    get part() {
      return part;
    },
  };
}

function drawPart(canvas: HTMLCanvasElement, peaks: readonly number[], part: readonly [number, number], seconds: number): void {
  const ratio = Math.min(3, devicePixelRatio || 1), width = canvas.clientWidth, height = canvas.clientHeight;
  if (!width || !height) return;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const ink = canvas.getContext("2d");
  if (!ink) return;
  ink.setTransform(ratio, 0, 0, ratio, 0, 0);
  const look = getComputedStyle(canvas);
  const [left, right] = part.map((time) => (time * width) / seconds) as [number, number];
  ink.fillStyle = look.getPropertyValue("--wb-accent-soft");
  ink.fillRect(left, 0, right - left, height);
  for (let x = 0; x < width; x += 3) {
    const from = Math.floor((x * peaks.length) / width), to = Math.max(from + 1, Math.floor(((x + 3) * peaks.length) / width));
    let peak = 0;
    for (let i = from; i < to && i < peaks.length; i++) peak = Math.max(peak, peaks[i]!);
    const half = Math.max(0.5, Math.sqrt(peak / 255) * (height / 2 - 3));
    ink.fillStyle = look.getPropertyValue(x >= left - 1.5 && x <= right ? "--wb-accent" : "--wb-line-strong");
    ink.fillRect(x, height / 2 - half, 2, 2 * half);
  }
}
