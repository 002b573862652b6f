/** The grid that notes snap to. */
import type { TimeMap } from "../document/timemap.js";
import type { Snap } from "../store/viewstate.js";

export const SNAPS: readonly Snap[] = [0, 0.25, 0.5, 1, 2, 3, 4, 6, 8];

/** Ticks of one step; 1 without a grid. */
export function stepTicks(time: TimeMap, snap: Snap): number {
  return snap ? Math.max(1, time.ppq / snap) : 1;
}

/** The grid line at or before a tick; lines count from the bar's start. */
export function snapDown(time: TimeMap, snap: Snap, tick: number): number {
  if (!snap) return Math.max(0, Math.floor(tick));
  const bar = time.barAt(Math.max(0, Math.floor(tick)));
  const step = stepTicks(time, snap);
  return Math.round(bar.start + Math.floor((tick - bar.start) / step + 1e-6) * step);
}

/** The grid line nearest to a tick; a bar line counts as one. */
export function snapNear(time: TimeMap, snap: Snap, tick: number): number {
  if (!snap) return Math.max(0, Math.round(tick));
  const bar = time.barAt(Math.max(0, Math.floor(tick)));
  const step = stepTicks(time, snap);
  const line = Math.round(bar.start + Math.round((tick - bar.start) / step) * step);
  return Math.max(0, Math.abs(bar.end - tick) < Math.abs(line - tick) ? bar.end : Math.min(line, bar.end));
}
