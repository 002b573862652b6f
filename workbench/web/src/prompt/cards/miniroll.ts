/** A small piano roll: what was heard or given at a glance, with bar lines, doubtful notes hollow, and a moving needle. */
import { clamp, everyFrame, h } from "../../ui/dom.js";
import { trackStyle } from "../../ui/palette.js";
import { svg } from "../../ui/svg.js";

/** Times in seconds. */
export interface MiniNote { readonly start: number; readonly end: number; readonly pitch: number; readonly color: number; readonly doubtful: boolean }
export interface MiniPiece { readonly duration: number; readonly notes: readonly MiniNote[]; readonly bars: readonly number[] }

export interface MiniRoll {
  readonly element: HTMLElement;
  show(piece: MiniPiece): void;
  /** Move the needle; null hides it. */
  needle(time: number | null): void;
}

/** More notes than this are thinned: they would lie over each other. */
const MOST = 2_500;
const AIR = 6;

/** Lowest and highest pitch with a little air; at least an octave. */
export function spanOf(notes: readonly MiniNote[]): [number, number] {
  const pitches = notes.map((note) => note.pitch);
  const low = pitches.length ? pitches.reduce((a, b) => Math.min(a, b)) : 60, high = pitches.length ? pitches.reduce((a, b) => Math.max(a, b)) : 72;
  const grow = Math.max(0, 12 - (high - low)) / 2;
  return [Math.floor(low - grow), Math.ceil(high + grow)];
}

/** `seek` is called with the time that was touched. */
export function makeMiniRoll(signal: AbortSignal, seek?: (time: number) => void): MiniRoll {
  const needle = h("i", { class: "needle", hidden: true });
  const drawing = svg("svg", { "aria-hidden": "true" });
  const element = h("div", { class: "mini-roll" }, drawing, needle);
  let piece: MiniPiece = { duration: 1, notes: [], bars: [] };
  let at: number | null = null;

  const draw = everyFrame(() => {
    const { clientWidth: width, clientHeight: height } = element;
    if (!width || !height) return;
    const [low, high] = spanOf(piece.notes), row = (height - 2 * AIR) / (high - low + 1), scale = width / Math.max(0.1, piece.duration);
    const dark = element.closest<HTMLElement>(".wb")?.dataset["theme"] === "dark";
    const each = Math.ceil(piece.notes.length / MOST);
    drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const lines = piece.bars.length * 6 < width ? piece.bars : [];
    drawing.replaceChildren(
      ...lines.map((time) => svg("rect", { class: "bar", x: Math.round(time * scale), y: 0, width: 1, height })),
      ...piece.notes.filter((_, i) => i % each === 0).map((note) => svg("rect", {
        class: note.doubtful ? "note doubtful" : "note", style: `--fill:${trackStyle(note.color, dark).fill}`, x: note.start * scale + 0.5, y: AIR + (high - note.pitch) * row + 0.5,
        width: Math.max(2.5, (note.end - note.start) * scale - 1), height: clamp(row - 1, 2, 12), rx: Math.min(3, row / 3),
      })));
    place();
  });

  function place(): void {
    needle.hidden = at === null;
    if (at !== null) needle.style.transform = `translateX(${(clamp(at, 0, piece.duration) * element.clientWidth) / Math.max(0.1, piece.duration)}px)`;
  }

  if (seek) {
    element.classList.add("seekable");
    element.addEventListener("click", (event) => {
      const box = element.getBoundingClientRect();
      seek(clamp((event.clientX - box.left) / box.width, 0, 1) * piece.duration);
    }, { signal });
  }
  let themed = false;
  const sizes = new ResizeObserver(() => {
    if (!themed) element.closest(".wb")?.addEventListener("themechange", () => draw.request(), { signal });
    themed = true;
    draw.request();
  });
  sizes.observe(element);
  signal.addEventListener("abort", () => sizes.disconnect());
  return {
    element,
    show(next) {
      piece = next;
      draw.request();
    },
    needle(time) {
      at = time;
      place();
    },
  };
}
