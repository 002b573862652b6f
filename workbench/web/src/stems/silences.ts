/** Muted stretches of a track: add one, take one away; they never overlap. */
import type { Silence } from "../document/lanes.js";

/** The lane with [start, end) muted as well; stretches that touch become one. */
export function mutedToo(lane: readonly Silence[], start: number, end: number): Silence[] {
  let from = start, to = end;
  const apart: Silence[] = [];
  for (const item of lane) {
    const itemEnd = item.tick + item.duration;
    if (itemEnd < from || item.tick > to) apart.push(item);
    else [from, to] = [Math.min(from, item.tick), Math.max(to, itemEnd)];
  }
  return [...apart, { tick: from, duration: to - from }].sort((a, b) => a.tick - b.tick);
}

/** The lane with nothing of [start, end) muted. */
export function heardAgain(lane: readonly Silence[], start: number, end: number): Silence[] {
  return lane.flatMap((item) => {
    const itemEnd = item.tick + item.duration;
    if (itemEnd <= start || item.tick >= end) return [item];
    const parts: Silence[] = [];
    if (item.tick < start) parts.push({ tick: item.tick, duration: start - item.tick });
    if (itemEnd > end) parts.push({ tick: end, duration: itemEnd - end });
    return parts;
  });
}

/** Whether every tick of [start, end) is muted. */
export function allMuted(lane: readonly Silence[], start: number, end: number): boolean {
  return lane.some((item) => item.tick <= start && item.tick + item.duration >= end);
}
