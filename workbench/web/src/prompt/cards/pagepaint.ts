/** The notes that were read, drawn over the picture of their page. */
import { trackStyle } from "../../ui/palette.js";
import { svg } from "../../ui/svg.js";
import { clefAt, isDoubtful, keyOf, placedOn, stepOf, type Box, type Placed, type ReadPage, type ReadScore, type StaffPlace } from "./scoreread.js";
import { alterIn, heightOf, naturalOf } from "./staffsteps.js";

/** Signs of accidentals that the key does not give. */
const SIGNS: Readonly<Record<string, string>> = { "-2": "♭♭", "-1": "♭", "0": "♮", "1": "♯", "2": "𝄪" };

export interface Picked { readonly id: string | null; readonly staff: StaffPlace | null; readonly head: number }

const same = (a: StaffPlace | null, b: StaffPlace): boolean => a !== null && a.every((part, i) => part === b[i]);
const rect = ([x, y, width, height]: Box, name: string, grow = 0): SVGRectElement =>
  svg("rect", { class: name, x: x - grow, y: y - grow, width: width + 2 * grow, height: height + 2 * grow, rx: Math.max(2, grow) });

/** Height of the gap between two lines of a staff, in pixels of the page. */
export const spaceOf = ({ staff }: Placed): number => Math.max(3, staff.box[3] / 4);

/** Where the head of each pitch of an event is drawn, and the sign before it where the key has another. */
export function headsOf(placed: Placed): { x: number; y: number; sign: string }[] {
  const { event, staff } = placed, key = keyOf(placed), clef = clefAt(staff, event);
  return event.pitches.map((pitch, i) => {
    const step = stepOf(event, i, key), alter = pitch - naturalOf(step);
    return { x: event.box[0] + event.box[2] / 2, y: heightOf(step, clef, staff.box), sign: alter === alterIn(step, key) ? "" : SIGNS[alter] ?? "" };
  });
}

function eventMark(placed: Placed, picked: Picked): SVGGElement {
  const { event } = placed, space = spaceOf(placed), style = trackStyle(placed.staff.part, false);
  const [left, top, width, height] = event.box, mine = event.id === picked.id;
  const doubtful = isDoubtful(event);
  const marks: SVGElement[] = headsOf(placed).flatMap(({ x, y, sign }, head) => [
    svg("ellipse", {
      class: mine && head === picked.head % event.pitches.length ? "head now" : "head", cx: x, cy: y, rx: space * 0.68, ry: space * 0.5,
      transform: `rotate(-20 ${x} ${y})`, style: `--fill:${style.fill};--deep:${style.deep}`, "stroke-width": space * 0.16,
    }),
    // What stands on the picture needs no sign of ours; what a person changed does.
    ...(sign && (mine || event.changed) ? [svg("text", { class: "sign", x: x - space * 0.9, y: y + space * 0.55, "font-size": space * 2, "text-anchor": "end" }, sign)] : []),
  ]);
  if (event.rest) marks.push(rect(event.box, "rest"));
  if (doubtful) {
    const x = left + width / 2, y = Math.min(top, ...headsOf(placed).map((head) => head.y)) - space * 1.5, size = space * 0.95;
    marks.push(svg("path", { class: "flag", d: `M${x} ${y + size}l${-size} ${-size * 1.75}h${2 * size}z` }),
      svg("text", { class: "flag-sign", x, y: y + size * 0.2, "font-size": size * 1.2, "text-anchor": "middle" }, "?"));
  }
  if (mine) {
    const ys = headsOf(placed).map((head) => head.y), high = Math.min(top, ...ys.map((y) => y - space / 2)), low = Math.max(top + height, ...ys.map((y) => y + space / 2));
    const wide = Math.max(width, space * 1.4);
    marks.push(rect([left + width / 2 - wide / 2, high, wide, low - high], "ring", space * 0.45));
  }
  return svg("g", { class: doubtful ? "event doubtful" : "event", "data-id": event.id }, marks);
}

/** Everything over the picture; the picked one last, so that it lies above the others. */
export function overlay(score: ReadScore, page: number, picked: Picked): SVGElement[] {
  const systems = (score.pages[page] as ReadPage).systems;
  const staffs = systems.flatMap((system, s) => [
    rect(system.box, "system"),
    ...system.staves.flatMap((staff, n) => rect(staff.box, same(picked.staff, [page, s, n]) ? "staff now" : "staff", staff.box[3] / 12))]);
  const events = placedOn(score, page);
  return [...staffs, ...events.filter(({ event }) => event.id !== picked.id).map((item) => eventMark(item, picked)),
    ...events.filter(({ event }) => event.id === picked.id).map((item) => eventMark(item, picked))];
}
