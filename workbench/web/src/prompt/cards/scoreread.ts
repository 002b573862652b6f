/** What was read in a picture of a score: the twin of `ReadScore` in its JSON form, and finding one's way in it. */
import { isRecord } from "../../document/check.js";
import { t } from "../../strings/index.js";
import { served } from "../../strings/served.js";
import { SURE } from "./card.js";
import { heightOf, spell, stepOfName } from "./staffsteps.js";

/** [x, y, width, height] in pixels of the page's picture. */
export type Box = readonly [number, number, number, number];

/** A chord (one note is a chord too) or a rest. */
export interface ReadEvent {
  readonly id: string;
  readonly voice: number;
  readonly measure: number;
  /** Quarters from 1. */
  readonly beat: number;
  /** MIDI, rising; their names, such as F#4. */
  readonly pitches: readonly number[];
  readonly names: readonly string[];
  /** Quarters. */
  readonly duration: number;
  readonly rest: boolean;
  readonly tie: boolean;
  readonly grace: boolean;
  readonly confidence: number;
  readonly box: Box;
  readonly changed: boolean;
}
export interface ReadStaff {
  /** `G`, `F`, `C3` and the like; it holds at the beginning, `clefs` change it: [measure, beat, clef]. */
  readonly clef: string;
  readonly clefs: readonly (readonly [number, number, string])[];
  /** Sharps, or flats below 0. */
  readonly key: number;
  readonly time: readonly [number, number];
  readonly box: Box;
  readonly part: number;
  readonly events: readonly ReadEvent[];
}
export interface ReadBar { readonly measure: number; readonly length: number; readonly key: number; readonly box: Box }
export interface ReadSystem { readonly box: Box; readonly bars: readonly ReadBar[]; readonly staves: readonly ReadStaff[] }
export interface ReadPage { readonly width: number; readonly height: number; readonly systems: readonly ReadSystem[] }
export interface ReadScore {
  readonly pages: readonly ReadPage[];
  /** Names of the players. */
  readonly parts: readonly string[];
  readonly remarks: readonly string[];
}

/** Where something stands: page, system and staff from 0. */
export type StaffPlace = readonly [page: number, system: number, staff: number];
export interface Placed { readonly event: ReadEvent; readonly staff: ReadStaff; readonly system: ReadSystem; readonly place: StaffPlace }

type Json = Record<string, unknown>;
const records = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const numbers = (value: unknown): number[] => (Array.isArray(value) ? value.filter((each): each is number => typeof each === "number") : []);
const numberOf = (value: unknown, otherwise: number): number => (typeof value === "number" ? value : otherwise);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function boxOf(value: unknown): Box {
  const found = numbers(value);
  return found.length === 4 ? (found as unknown as Box) : [0, 0, 0, 0];
}

function timeOf(value: unknown): readonly [number, number] {
  const [top, bottom] = numbers(value);
  return top && bottom ? [top, bottom] : [4, 4];
}

function eventOf(data: Json, otherwise: string): ReadEvent {
  const pitches = numbers(data["pitches"]);
  const names = Array.isArray(data["names"]) ? data["names"].map(textOf) : [];
  return {
    id: textOf(data["id"]) || otherwise, voice: numberOf(data["voice"], 1), measure: numberOf(data["measure"], 1), beat: numberOf(data["beat"], 1),
    pitches, names: names.length === pitches.length ? names : pitches.map(() => ""), duration: numberOf(data["duration"], 1),
    rest: data["rest"] === true || !pitches.length, tie: data["tie"] === true, grace: data["grace"] === true,
    confidence: numberOf(data["confidence"], 1), box: boxOf(data["box"]), changed: data["changed"] === true,
  };
}

function staffOf(data: Json, where: string): ReadStaff {
  const clefs = (Array.isArray(data["clefs"]) ? data["clefs"] : []) as unknown[];
  return {
    clef: textOf(data["clef"]) || "G", key: numberOf(data["key"], 0), time: timeOf(data["time"]), box: boxOf(data["box"]), part: numberOf(data["part"], 0),
    clefs: clefs.flatMap((item): [number, number, string][] => (Array.isArray(item) ? [[numberOf(item[0], 1), numberOf(item[1], 1), textOf(item[2])]] : [])),
    events: records(data["events"]).map((event, e) => eventOf(event, `${where}/${e}`)),
  };
}

function systemOf(data: Json, where: string): ReadSystem {
  const system: ReadSystem = {
    box: boxOf(data["box"]),
    bars: records(data["bars"]).map((bar) => ({ measure: numberOf(bar["measure"], 1), length: numberOf(bar["length"], 4), key: numberOf(bar["key"], 0), box: boxOf(bar["box"]) })),
    staves: records(data["staves"]).map((staff, n) => staffOf(staff, `${where}/${n}`)),
  };
  return { ...system, staves: system.staves.map((staff) => ({ ...staff, events: staff.events.map((event) => withBox(system, staff, event)) })) };
}

/** The server's description; it has checked it, so only its form is looked at. */
export function readScoreOf(data: unknown): ReadScore {
  if (!isRecord(data) || !Array.isArray(data["pages"])) throw new Error(t("cards.picture.unread"));
  return {
    pages: records(data["pages"]).map((page, p) => ({
      width: numberOf(page["width"], 0) || 1_000, height: numberOf(page["height"], 0) || 1_414,
      systems: records(page["systems"]).map((system, s) => systemOf(system, `${p}/${s}`)),
    })),
    parts: records(data["parts"]).map((part) => textOf(part["name"])),
    remarks: Array.isArray(data["remarks"]) ? data["remarks"].map((line) => served(textOf(line))) : [],
  };
}

export const middle = ([x, , width]: Box): number => x + width / 2;

/** A note that a person added stands nowhere on the picture: it gets the place that its beat has. */
function withBox(system: ReadSystem, staff: ReadStaff, event: ReadEvent): ReadEvent {
  if (event.box[2] > 0) return event;
  const space = staff.box[3] / 4 || 10, width = 1.3 * space;
  const x = xOfBeat(system, event.measure, event.beat);
  const heights = event.pitches.map((_, i) => heightOf(stepOf(event, i, staff.key), clefAt(staff, event), staff.box));
  const high = Math.min(...heights, staff.box[1] + 2 * space), low = Math.max(...heights, high);
  return { ...event, box: [x - width / 2, (heights.length ? Math.min(...heights) : high) - space / 2, width, low - (heights.length ? Math.min(...heights) : high) + space] };
}

/** Where on the page a beat of a measure lies, by the notes around it and the bar's lines. */
export function xOfBeat(system: ReadSystem, measure: number, beat: number): number {
  const bar = system.bars.find((item) => item.measure === measure);
  const known = system.staves.flatMap((staff) => staff.events)
    .filter((event) => event.measure === measure && event.box[2] > 0 && !event.grace)
    .map((event): [number, number] => [event.beat, middle(event.box)]).sort((a, b) => a[0] - b[0]);
  if (bar) known.push([1 + bar.length, bar.box[0] + bar.box[2]]);
  const before = known.findLast(([at]) => at <= beat), after = known.find(([at]) => at > beat);
  if (before && after) return before[1] + ((after[1] - before[1]) * (beat - before[0])) / (after[0] - before[0]);
  return before?.[1] ?? after?.[1] ?? (bar ? bar.box[0] + bar.box[2] / 2 : middle(system.box));
}

/** The clef that holds where a note stands. */
export function clefAt(staff: ReadStaff, event: Pick<ReadEvent, "measure" | "beat">): string {
  const changed = staff.clefs.findLast(([measure, beat]) => measure < event.measure || (measure === event.measure && beat <= event.beat));
  return changed?.[2] ?? staff.clef;
}

/** The step of one of an event's pitches, as it is written. */
export function stepOf(event: ReadEvent, index: number, key: number): number {
  return stepOfName(event.names[index] ?? "") ?? spell(event.pitches[index]!, key).step;
}

/** Sharps of the key that holds at an event. */
export const keyOf = ({ system, staff, event }: Placed): number =>
  system.bars.find((bar) => bar.measure === event.measure)?.key ?? staff.key;

/** Notes and rests in the order in which one reads them: down the staffs of the page, along each. */
export function placedOn(score: ReadScore, page: number): Placed[] {
  return (score.pages[page]?.systems ?? []).flatMap((system, s) => system.staves.flatMap((staff, n) =>
    [...staff.events].sort((a, b) => middle(a.box) - middle(b.box) || a.voice - b.voice)
      .map((event): Placed => ({ event, staff, system, place: [page, s, n] }))));
}

export const allPlaced = (score: ReadScore): Placed[] => score.pages.flatMap((_, page) => placedOn(score, page));

export const isDoubtful = (event: ReadEvent): boolean => event.confidence < SURE;

export const find = (score: ReadScore, id: string): Placed | null => allPlaced(score).find(({ event }) => event.id === id) ?? null;

/** The next doubtful one after `id` (all pages, then from the beginning), or from a page on; null where none is left. */
export function nextDoubtful(score: ReadScore, id: string | null, page: number): Placed | null {
  const all = allPlaced(score);
  const start = Math.max(0, id === null ? all.findIndex((item) => item.place[0] >= page) : all.findIndex((item) => item.event.id === id) + 1);
  return [...all.slice(start), ...all.slice(0, start)].find((item) => isDoubtful(item.event)) ?? null;
}

/** The note or rest at a place of the page: inside its box grown by `air` pixels; the nearest where several are. */
export function eventAt(score: ReadScore, page: number, x: number, y: number, air: number): Placed | null {
  let best: Placed | null = null, least = Infinity;
  for (const item of placedOn(score, page)) {
    const [left, top, width, height] = item.event.box;
    const dx = Math.max(0, left - x, x - left - width), dy = Math.max(0, top - y, y - top - height);
    if (dx > air || dy > air) continue;
    const away = Math.hypot(dx, dy) * 1_000 + Math.hypot(x - left - width / 2, y - top - height / 2);
    if (away < least) [best, least] = [item, away];
  }
  return best;
}

/** Which head of a chord is nearest to a height of the page. */
export function headAt(placed: Placed, y: number): number {
  const heights = placed.event.pitches.map((_, i) => heightOf(stepOf(placed.event, i, keyOf(placed)), clefAt(placed.staff, placed.event), placed.staff.box));
  return heights.reduce((best, height, i) => (Math.abs(height - y) < Math.abs(heights[best]! - y) ? i : best), 0);
}

/** The staff at a place of the page: the one whose middle line is nearest; null beside all of them. */
export function staffAt(score: ReadScore, page: number, x: number, y: number): StaffPlace | null {
  let best: StaffPlace | null = null, least = Infinity;
  score.pages[page]?.systems.forEach((system, s) => system.staves.forEach((staff, n) => {
    const [left, top, width, height] = staff.box;
    const away = Math.abs(y - top - height / 2);
    if (x < left || x > left + width || away > 2 * height || away >= least) return;
    [best, least] = [[page, s, n], away];
  }));
  return best;
}

export const staffOfPlace = (score: ReadScore, [page, system, staff]: StaffPlace): { system: ReadSystem; staff: ReadStaff } | null => {
  const found = score.pages[page]?.systems[system];
  return found?.staves[staff] ? { system: found, staff: found.staves[staff]! } : null;
};

/** The measure and the beat (quarters from 1, to the half) of a place on a system. */
export function placeOfNew(system: ReadSystem, x: number): { measure: number; beat: number } {
  const events = system.staves.flatMap((staff) => staff.events);
  const bar = system.bars.find(({ box }) => box[2] > 0 && x >= box[0] && x < box[0] + box[2])
    ?? system.bars.toSorted((a, b) => Math.abs(middle(a.box) - x) - Math.abs(middle(b.box) - x))[0];
  const measure = bar?.measure ?? events.toSorted((a, b) => Math.abs(middle(a.box) - x) - Math.abs(middle(b.box) - x))[0]?.measure ?? 1;
  const length = bar?.length ?? 4;
  let beat = 1, least = Infinity;
  for (let half = 0; half < 2 * length; half++) {
    const away = Math.abs(xOfBeat(system, measure, 1 + half / 2) - x);
    if (away < least) [beat, least] = [1 + half / 2, away];
  }
  return { measure, beat };
}
