/** One stem of a recording that was taken apart: its waveform, its buttons, a stretch of it muted by keys or by hand. */
import type { JobResults } from "../host/messages.js";
import { preciseClock } from "../listen/part.js";
import { known, t } from "../strings/index.js";
import { button, relabel, setPressed, slider } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { shapeIcon, trackStyle } from "../ui/palette.js";
import { isDark } from "../ui/root.js";
import { toggled, type Part } from "./apartsound.js";

type Stem = JobResults["separate"]["stems"][number];

export const stemName = (name: string): string => (known(`apart.stem.${name}`) ? t(`apart.stem.${name}` as "apart.stem.drums") : name);

interface RowHooks {
  changed(): void;
  seek(time: number): void;
  write(): void;
  save(): void;
  /** Let an instrument play in the stem's place, or the stem sound again. */
  replace(): void;
  /** Whether an instrument does; null: the stem is no track of the piece. */
  replaced(): boolean | null;
}

export function partRow(
  stem: Stem, index: number, seconds: number, part: Part, root: HTMLElement, hooks: RowHooks,
): { element: HTMLElement; draw(now: number, pale: boolean): void } {
  const name = stemName(stem.name);
  let chosen: [number, number] | null = null;
  let head = 0;
  const mute = button({ label: t("stems.mute", { name }), icon: "mute", pressed: false, onclick: () => set({ mute: !part.mute }) });
  const solo = button({ label: t("stems.solo", { name }), icon: "solo", pressed: false, onclick: () => set({ solo: !part.solo }) });
  const volume = slider({ label: t("stems.volume", { name }), hideLabel: true, min: 0, max: 100, value: 100, oninput: (value) => set({ volume: value / 100 }) });
  const replace = button({ label: t("apart.replace"), icon: "band", text: true, kind: "outlined", pressed: false, onclick: hooks.replace });
  const muteHere = button({ label: t("stems.muteHere"), icon: "mute", text: true, onclick: () => silence() });
  muteHere.hidden = true;
  const canvas = h("canvas", { class: "wave", "aria-hidden": "true" });
  const needle = h("div", { class: "needle" });
  const box = h("div", {
    class: "wave-box", tabindex: 0, role: "slider", "aria-label": t("stems.wave", { name }), "aria-valuemin": 0, "aria-valuemax": Math.round(seconds),
    title: t("apart.keys"), onkeydown: (event: KeyboardEvent) => key(event), onpointerdown: (event: PointerEvent) => drag(event),
  }, canvas, needle);
  const badge = h("i", { class: "badge", "aria-hidden": "true" });
  const element = h("div", { class: "row wb-card", role: "group", "aria-label": name },
    h("div", { class: "head" }, h("span", { class: "name" }, badge, h("b", {}, name)), h("span", { class: "buttons" }, mute, solo),
      h("span", { class: "sliders apart-tools" }, volume, button({ label: t("apart.write"), kind: "outlined", onclick: hooks.write }),
        button({ label: t("apart.save", { name }), icon: "down", onclick: hooks.save }), replace, muteHere)), box);

  function set(values: Partial<Part>): void {
    Object.assign(part, values);
    setPressed(mute, part.mute);
    setPressed(solo, part.solo);
    hooks.changed();
  }

  function silence(): void {
    if (!chosen) return;
    set({ silences: toggled(part.silences, ...chosen) });
  }

  function choose(from: number, to: number): void {
    const [a, b] = [Math.max(0, Math.min(from, to)), Math.min(seconds, Math.max(from, to))];
    chosen = b - a > 0.05 ? [a, b] : null;
    muteHere.hidden = !chosen;
    hooks.changed();
  }

  function key(event: KeyboardEvent): void {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (event.key === "Enter") silence();
    else if (event.key === "Escape") choose(0, 0);
    else if (step) {
      const from = event.shiftKey ? (chosen ? (head === chosen[1] ? chosen[0] : chosen[1]) : head) : null;
      head = Math.min(seconds, Math.max(0, head + step));
      if (from !== null) choose(from, head);
      else {
        choose(0, 0);
        hooks.seek(head);
      }
    } else return;
    event.preventDefault();
  }

  function drag(event: PointerEvent): void {
    const area = box.getBoundingClientRect();
    const at = (x: number): number => ((x - area.left) / area.width) * seconds;
    const from = at(event.clientX);
    box.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent): void => choose(from, at(moved.clientX));
    box.addEventListener("pointermove", move);
    box.addEventListener("pointerup", (up) => {
      box.removeEventListener("pointermove", move);
      if (Math.abs(up.clientX - event.clientX) < 4) {
        choose(0, 0);
        hooks.seek((head = from));
      }
    }, { once: true });
  }

  return {
    element,
    draw(now, pale) {
      const style = trackStyle(index, isDark(root));
      badge.style.color = style.deep;
      if (!badge.firstChild) badge.append(shapeIcon(style.shape, 16));
      drawPart(canvas, stem.peaks, { seconds, color: style.fill, pale, chosen, silences: part.silences });
      setPressed(replace, hooks.replaced() === true);
      needle.style.transform = `translateX(${(canvas.clientWidth * now) / seconds}px)`;
      box.setAttribute("aria-valuenow", String(Math.round(now)));
      box.setAttribute("aria-valuetext", chosen ? t("stems.chosen", { from: preciseClock(chosen[0]), to: preciseClock(chosen[1]) }) : preciseClock(head));
      if (!chosen) return;
      const all = part.silences.some(([start, end]) => start <= chosen![0] && end >= chosen![1]);
      relabel(muteHere, all ? t("stems.hearHere") : t("stems.muteHere"), all ? "sound" : "mute");
    },
  };
}

interface DrawOptions {
  readonly seconds: number;
  readonly color: string;
  readonly pale: boolean;
  readonly chosen: readonly [number, number] | null;
  readonly silences: Part["silences"];
}

function drawPart(canvas: HTMLCanvasElement, peaks: readonly number[], options: DrawOptions): void {
  const ratio = Math.min(3, devicePixelRatio || 1), width = canvas.clientWidth, height = canvas.clientHeight;
  const ink = canvas.getContext("2d");
  if (!width || !height || !ink) return;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  ink.setTransform(ratio, 0, 0, ratio, 0, 0);
  const look = getComputedStyle(canvas), x = (second: number): number => (second / options.seconds) * width;
  if (options.chosen) {
    ink.fillStyle = look.getPropertyValue("--wb-accent-soft");
    ink.fillRect(x(options.chosen[0]), 0, x(options.chosen[1]) - x(options.chosen[0]), height);
  }
  ink.fillStyle = options.color;
  for (let left = 0; left < width; left += 3) {
    const second = ((left + 1.5) / width) * options.seconds;
    const silent = options.pale || options.silences.some(([from, to]) => from <= second && second < to);
    const from = Math.floor((left * peaks.length) / width), to = Math.max(from + 1, Math.floor(((left + 3) * peaks.length) / width));
    let peak = 0;
    for (let i = from; i < to && i < peaks.length; i++) peak = Math.max(peak, peaks[i]!);
    const half = Math.max(0.5, Math.sqrt(peak / 255) * (height / 2 - 4));
    ink.globalAlpha = silent ? 0.22 : 1;
    ink.fillRect(left, height / 2 - half, 2, 2 * half);
  }
  ink.globalAlpha = 1;
}
