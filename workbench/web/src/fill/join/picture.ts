/** A bar of a style's groove as a small drawing: its drums below as strokes, everything else above as a small roll. */
import type { TrackStyle } from "../../ui/palette.js";
import type { Style } from "./styles.js";

const WIDTH = 200;
const HEIGHT = 60;
/** Where the drums' strip begins, in a style that has both. */
const STRIP = 38;
const ROW = 6;
const SVG = "http://www.w3.org/2000/svg";

export interface Mark { readonly part: number; readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** The rectangles of a drawing, `part`: whose colour. */
export function marksOf(style: Style): Mark[] {
  const numbered = style.miniature.map((row) => ({ ...row, part: style.parts.findIndex((part) => part.name === row.part) }));
  const drums = numbered.filter((row) => row.is_drum);
  const tones = numbered.filter((row) => !row.is_drum);
  const floor = drums.length ? STRIP : HEIGHT;
  const ceiling = tones.length ? STRIP : 0;
  const heights = tones.flatMap((row) => row.notes.map(([, , height]) => height));
  const low = Math.min(...heights), high = Math.max(...heights);
  const thick = Math.max(2.5, Math.min(ROW, (floor - 6) / Math.max(8, high - low + 1)));
  const x = (thousandths: number): number => (WIDTH * thousandths) / 1000;
  return [
    ...tones.flatMap((row) => row.notes.map(([start, length, height]) => ({
      part: row.part, x: x(start), width: Math.max(2.5, x(length) - 1.5), height: thick,
      y: 3 + ((floor - 6 - thick) * (high - height)) / Math.max(1, high - low) }))),
    ...drums.flatMap((row) => row.notes.map(([start, , height]) => {
      const step = (HEIGHT - ceiling) / 3;
      return { part: row.part, x: x(start), width: 5, height: Math.min(5, step - 1.5), y: ceiling + step * (2 - height) + 1 };
    })),
  ];
}

/** `colors`: of the parts, in the order of the style's own. */
export function drawStyle(style: Style, colors: readonly TrackStyle[]): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true", class: "groove" })) {
    svg.setAttribute(name, value);
  }
  const [beats] = style.metre;
  for (let beat = 1; beat < beats; beat++) {
    svg.append(shape("line", { x1: (WIDTH * beat) / beats, x2: (WIDTH * beat) / beats, y1: 0, y2: HEIGHT, class: "beat" }));
  }
  for (const { part, ...box } of marksOf(style)) {
    svg.append(shape("rect", { ...box, rx: 1.5, fill: colors[part]?.fill ?? "currentColor" }));
  }
  return svg;
}

function shape(tag: "rect" | "line", attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, typeof value === "number" ? String(Math.round(value * 100) / 100) : value);
  }
  return element;
}
