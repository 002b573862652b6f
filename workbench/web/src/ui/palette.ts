/**
 * One colour and one shape a track, everywhere. The eight colours differ in lightness as well as in hue, so that they
 * stay apart in the three common colour-vision deficiencies (tests/palette.test.ts measures it), and never carry
 * meaning without the shape.
 */

export interface TrackStyle {
  /** Fill of notes and waveforms. */
  readonly fill: string;
  /** Outline, and text on the page's background. */
  readonly deep: string;
  /** Text and shape on the fill. */
  readonly on: string;
  readonly shape: Shape;
  readonly name: string;
}

export const SHAPES = ["circle", "square", "triangle", "diamond", "star", "hexagon", "cross", "bar"] as const;
export type Shape = (typeof SHAPES)[number];

type Row = readonly [name: string, fill: string, deep: string, on: string];
const LIGHT: readonly Row[] = [
  ["blue", "#466ed4", "#2b4ea8", "#ffffff"],
  ["orange", "#f2a33a", "#8f5200", "#2a1800"],
  ["teal", "#12806a", "#0b5f4e", "#ffffff"],
  ["rose", "#e58fb6", "#9c3767", "#3b0d22"],
  ["violet", "#6a3aa0", "#54298a", "#ffffff"],
  ["sky", "#86c8ec", "#1c668f", "#06283a"],
  ["brick", "#b5402c", "#93301f", "#ffffff"],
  ["olive", "#c9cf5a", "#626800", "#24270a"],
];
const DARK: readonly Row[] = [
  ["blue", "#6f93f0", "#a9c0fb", "#0a1638"],
  ["orange", "#f4ae52", "#f8c986", "#2a1800"],
  ["teal", "#2fa58a", "#74d3bd", "#04231c"],
  ["rose", "#eda3c3", "#f5c3d9", "#3b0d22"],
  ["violet", "#8659c2", "#c3a5ee", "#ffffff"],
  ["sky", "#9bd6f5", "#bfe5fa", "#06283a"],
  ["brick", "#d1604b", "#f0a193", "#2b0a04"],
  ["olive", "#d6db75", "#e4e8a0", "#24270a"],
];

export const PALETTE = { light: LIGHT, dark: DARK };

/** Style of colour index `color` (any whole number from 0). */
export function trackStyle(color: number, dark: boolean): TrackStyle {
  const row = (dark ? DARK : LIGHT)[color % LIGHT.length]!;
  return { name: row[0], fill: row[1], deep: row[2], on: row[3], shape: SHAPES[color % SHAPES.length]! };
}

/** The colour of a new track: the first one that no track has, else the one used least. */
export function freeColor(used: readonly number[]): number {
  const counts = LIGHT.map((_, color) => used.filter((item) => item % LIGHT.length === color).length);
  return counts.indexOf(Math.min(...counts));
}

/** Points of a shape around the origin, within radius 1; the circle is given as a polygon too. */
export function shapePoints(shape: Shape): readonly (readonly [number, number])[] {
  return POINTS[shape];
}

const around = (corners: number, turn: number, radius: (i: number) => number): [number, number][] =>
  Array.from({ length: corners }, (_, i) => {
    const angle = ((i + turn) / corners) * 2 * Math.PI - Math.PI / 2;
    return [Math.cos(angle) * radius(i), Math.sin(angle) * radius(i)];
  });

const POINTS: Record<Shape, readonly (readonly [number, number])[]> = {
  circle: around(20, 0, () => 0.9),
  square: [[-0.8, -0.8], [0.8, -0.8], [0.8, 0.8], [-0.8, 0.8]],
  triangle: [[0, -0.95], [0.95, 0.8], [-0.95, 0.8]],
  diamond: [[0, -1], [1, 0], [0, 1], [-1, 0]],
  star: around(10, 0, (i) => (i % 2 ? 0.45 : 1.05)),
  hexagon: around(6, 0.5, () => 0.98),
  cross: [
    [-0.35, -0.95], [0.35, -0.95], [0.35, -0.35], [0.95, -0.35], [0.95, 0.35], [0.35, 0.35], [0.35, 0.95],
    [-0.35, 0.95], [-0.35, 0.35], [-0.95, 0.35], [-0.95, -0.35], [-0.35, -0.35],
  ],
  bar: [[-1, -0.4], [1, -0.4], [1, 0.4], [-1, 0.4]],
};

/** The shape as an SVG element, in the colour of the text around it. */
export function shapeIcon(shape: Shape, size = 12): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "-1.1 -1.1 2.2 2.2");
  svg.setAttribute("width", String(size));
  svg.setAttribute("height", String(size));
  svg.setAttribute("aria-hidden", "true");
  const polygon = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
  polygon.setAttribute("points", POINTS[shape].map((point) => point.map((v) => v.toFixed(3)).join(",")).join(" "));
  polygon.setAttribute("fill", "currentColor");
  svg.append(polygon);
  return svg;
}
