/** What was asked against what came of it, drawn: a line, notes, marks or steps. */
import { t } from "../strings/index.js";
import { h } from "../ui/dom.js";
import type { Line } from "./ideas.js";

const WIDTH = 600, HEIGHT = 120, EDGE = 8;
type Points = Line["asked"];

function svg(tag: string, attributes: Record<string, string | number>): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/** Null where there is nothing to draw. */
export function askedAndGot(line: Line): HTMLElement | null {
  const all = [...line.asked, ...line.got];
  if (!line.picture || !all.length) return null;
  const xs = all.map(([x]) => x), ys = all.map(([, y]) => y);
  const [x0, x1] = [Math.min(...xs), Math.max(...xs)];
  const [y0, y1] = line.picture === "marks" ? [0, 1] : [Math.min(...ys, line.picture === "curve" ? 0 : Infinity), Math.max(...ys)];
  const x = (value: number): number => EDGE + ((WIDTH - 2 * EDGE) * (value - x0)) / Math.max(1e-9, x1 - x0);
  const y = (value: number): number => HEIGHT - EDGE - ((HEIGHT - 2 * EDGE) * (value - y0)) / Math.max(1e-9, y1 - y0);
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": t("maker.pictureOf", { sentence: line.sentence }) });
  const draw = (points: Points, kind: string): void => {
    if (line.picture === "curve" || line.picture === "steps") picture.append(svg("path", { class: kind, d: pathOf(points, x, y, line.picture === "steps") }));
    else if (line.picture === "marks") points.forEach(([at]) => picture.append(svg("path", { class: kind, d: `M${x(at)} ${kind === "asked" ? 12 : HEIGHT / 2}V${kind === "asked" ? HEIGHT / 2 : HEIGHT - 12}` })));
    else if (line.picture === "bars") points.forEach(([at, value]) => {
      const width = Math.max(6, (WIDTH - 2 * EDGE) / Math.max(1, line.labels.length * 2.6));
      picture.append(svg("rect", { class: kind, x: x(at) + (kind === "asked" ? -width / 2 : width / 2) - (x(at) > WIDTH / 2 ? width : 0), y: y(value), width, height: Math.max(1, HEIGHT - EDGE - y(value)) }));
    });
    else points.forEach(([at, pitch]) => picture.append(svg("circle", { class: kind, cx: x(at), cy: y(pitch), r: kind === "asked" ? 5 : 3 })));
  };
  draw(line.asked, "asked");
  draw(line.got, "got");
  return h("div", { class: "asked-got" }, picture as unknown as Node,
    h("p", { class: "soft row" }, h("span", { class: "key asked" }, t("maker.asked")), h("span", { class: "key got" }, t("maker.got"))));
}

function pathOf(points: Points, x: (value: number) => number, y: (value: number) => number, steps: boolean): string {
  return points.map(([at, value], i) => {
    const to = `${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    if (!i) return `M${to}`;
    return steps ? `H${x(at).toFixed(1)}V${y(value).toFixed(1)}` : `L${to}`;
  }).join("");
}
