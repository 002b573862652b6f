/** What was seen in a video: the twin of `Watched` in its JSON form, and putting its cuts and moments right. Seconds. */
import { isRecord } from "../../document/check.js";
import { t } from "../../strings/index.js";
import { served } from "../../strings/served.js";
import { clamp } from "../../ui/dom.js";

export type Points = readonly (readonly [number, number])[];
export interface Watched {
  readonly duration: number;
  readonly fps: number;
  readonly width: number;
  readonly height: number;
  readonly cuts: readonly number[];
  readonly moments: readonly number[];
  readonly motion: Points;
  readonly brightness: Points;
  readonly speech: Points;
  readonly mood: readonly (readonly [string, number])[];
  readonly remarks: readonly string[];
}
export const LANES = ["cuts", "moments"] as const;
export type Lane = (typeof LANES)[number];

/** Marks lie at least so far apart. */
export const APART = 0.04;

const numbers = (value: unknown): number[] => (Array.isArray(value) ? value.filter((each): each is number => typeof each === "number") : []);
const pairs = (value: unknown): [number, number][] => (Array.isArray(value) ? value.flatMap((each): [number, number][] => {
  const [a, b] = numbers(each);
  return a === undefined || b === undefined ? [] : [[a, b]];
}) : []);

export function watchedOf(data: unknown): Watched {
  if (!isRecord(data) || typeof data["duration"] !== "number") throw new Error(t("cards.video.unread"));
  const mood = isRecord(data["mood"]) ? Object.entries(data["mood"]).map(([name, value]) => [name, Number(value) || 0] as const) : [];
  return {
    duration: Math.max(0.04, data["duration"]), fps: Number(data["fps"]) || 25, width: Number(data["width"]) || 16, height: Number(data["height"]) || 9,
    cuts: numbers(data["cuts"]), moments: numbers(data["moments"]), motion: pairs(data["motion"]), brightness: pairs(data["brightness"]), speech: pairs(data["speech"]),
    mood: mood.toSorted((a, b) => b[1] - a[1]), remarks: Array.isArray(data["remarks"]) ? data["remarks"].map((line) => served(String(line))) : [],
  };
}

const round = (time: number): number => Math.round(time * 1_000) / 1_000;

/** A mark somewhere else, between its neighbours. */
export function moveMark(marks: readonly number[], index: number, time: number, duration: number): number[] {
  const low = (marks[index - 1] ?? -APART) + APART, high = (marks[index + 1] ?? duration + APART) - APART;
  return low > high ? [...marks] : marks.map((mark, i) => (i === index ? round(clamp(time, low, high)) : mark));
}

/** One mark more; the same list where another is too near. */
export function addMark(marks: readonly number[], time: number, duration: number): readonly number[] {
  const at = round(clamp(time, 0, duration));
  return marks.some((mark) => Math.abs(mark - at) < APART) ? marks : [...marks, at].sort((a, b) => a - b);
}

export const removeMark = (marks: readonly number[], index: number): number[] => marks.filter((_, i) => i !== index);

/** The mark nearest to a time, at most `within` away; -1 for none. */
export function nearestMark(marks: readonly number[], time: number, within = Infinity): number {
  let best = -1;
  marks.forEach((mark, i) => {
    if (Math.abs(mark - time) <= within && (best < 0 || Math.abs(mark - time) < Math.abs(marks[best]! - time))) best = i;
  });
  return best;
}

/** A curve thinned to about `most` points, the highest of each stretch kept: peaks are what matters. */
export function thinned(points: Points, most: number): Points {
  if (points.length <= most) return points;
  const step = points.length / most;
  return Array.from({ length: most }, (_, i) => points.slice(Math.floor(i * step), Math.max(Math.floor(i * step) + 1, Math.floor((i + 1) * step)))
    .reduce((best, point) => (point[1] > best[1] ? point : best)));
}

/** "1:02.40". */
export function frameClock(time: number): string {
  const hundredths = Math.round(time * 100);
  return `${Math.floor(hundredths / 6_000)}:${String(Math.floor(hundredths / 100) % 60).padStart(2, "0")}.${String(hundredths % 100).padStart(2, "0")}`;
}
