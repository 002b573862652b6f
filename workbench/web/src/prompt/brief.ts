/**
 * The plan of a piece: the twin of `workbench/create/prompt/brief.py` in its JSON form, and what a person can change in
 * it. Bars and beats count from 1. Values are never changed in place.
 */
import { isRecord } from "../document/check.js";

export interface Section {
  readonly kind: string;
  readonly first_bar: number;
  readonly bars: number;
  readonly energy: number;
  readonly start: number;
  readonly end: number;
  readonly tune: readonly [number, number];
  readonly instruments: readonly string[];
  readonly label: string;
}
export interface Instrument { readonly part: string; readonly program: number; readonly drums: boolean }
export interface Conflict { readonly rule: string; readonly sentence: string }
export type ChordRow = readonly [bar: number, beat: number, symbol: string];
export type CurveRow = readonly [seconds: number, value: number];

export interface Brief {
  readonly seconds: number;
  readonly exact: boolean;
  readonly bars: number;
  readonly tempo: number;
  readonly metre: readonly [number, number];
  readonly tonic: number;
  readonly mode: "major" | "minor";
  readonly style: string;
  readonly melody: { readonly source: string; readonly how: "faithful" | "varied" | "new" };
  readonly sections: readonly Section[];
  readonly instruments: readonly Instrument[];
  readonly chords: readonly ChordRow[];
  readonly dynamics: readonly CurveRow[];
  readonly density: readonly CurveRow[];
  readonly sync: readonly (readonly [number, number, number])[];
  readonly conflicts: readonly Conflict[];
  readonly remarks: readonly string[];
  readonly alternatives: number;
  readonly seed: number;
}

const LISTS = ["sections", "instruments", "chords", "dynamics", "density", "sync", "conflicts", "remarks", "metre"];

/** The server's plan; it has checked it, so only its form is looked at. Null where there is none. */
export function readBrief(value: unknown): Brief | null {
  if (!isRecord(value) || typeof value["seconds"] !== "number" || LISTS.some((name) => !Array.isArray(value[name]))) return null;
  return value as unknown as Brief;
}

/** Sections one after the other from bar 1 on. */
export function placed(sections: readonly Section[]): Section[] {
  let bar = 1;
  return sections.map((section) => {
    const first_bar = bar;
    bar += section.bars;
    return { ...section, first_bar };
  });
}

export const barsOf = (sections: readonly Section[]): number => sections.reduce((sum, { bars }) => sum + bars, 0);

/**
 * What changes with the sections: where they lie, how many bars there are, and the chords, which go along with them. The
 * sections come in their new order with the first bars that they had; one that is longer than before repeats its chords.
 */
export function withSections(brief: Brief, sections: readonly Section[]): Partial<Brief> {
  const next = placed(sections);
  const chords = next.flatMap((section, i): ChordRow[] => {
    const old = brief.sections.find((other) => other.first_bar === sections[i]!.first_bar);
    if (!old) return [];
    return Array.from({ length: section.bars }, (_, k) => k).flatMap((k) => {
      const from = old.first_bar + (k % old.bars), own = brief.chords.filter(([bar]) => bar === from);
      // A chord goes on until the next: where the bars before it are others now, it is said again.
      const held = k % old.bars || own[0]?.[1] === 1 ? undefined : brief.chords.findLast(([bar]) => bar < from);
      return [...(held ? [[from, 1, held[2]] as const] : []), ...own].map(([, beat, symbol]): ChordRow => [section.first_bar + k, beat, symbol]);
    });
  });
  const told = next.map((section): Section => ({ ...section, tune: section.tune[1] > section.bars ? [section.tune[0], section.bars] : section.tune }));
  return { sections: told, bars: barsOf(next), chords };
}

/**
 * A section made longer or shorter. Where the length is fixed, as for a video, the bars come from the section beside it;
 * null where it has none to spare.
 */
export function resized(brief: Brief, index: number, bars: number): Section[] | null {
  const { sections } = brief, beside = index + 1 < sections.length ? index + 1 : index - 1;
  const by = bars - sections[index]!.bars;
  if (!brief.exact) return sections.map((section, i) => (i === index ? { ...section, bars } : section));
  if (beside < 0 || sections[beside]!.bars - by < 1) return null;
  return sections.map((section, i) => (i === index ? { ...section, bars } : i === beside ? { ...section, bars: section.bars - by } : section));
}

/** A section taken out; where the length is fixed, the one beside it takes its bars. */
export function removed(brief: Brief, index: number): Section[] {
  const { sections } = brief, beside = index > 0 ? index - 1 : 1;
  return sections.map((section, i) => (brief.exact && i === beside ? { ...section, bars: section.bars + sections[index]!.bars } : section))
    .filter((_, i) => i !== index);
}

/** Another section after one; where the length is fixed, it takes half of that one's bars. Null where there are none. */
export function added(brief: Brief, index: number): Section[] | null {
  const { sections } = brief, before = sections[index]!, half = Math.floor(before.bars / 2);
  if (brief.exact && half < 1) return null;
  const fresh: Section = { ...before, kind: "verse", bars: brief.exact ? half : Math.min(8, before.bars), tune: [0, 0] };
  return [...sections.slice(0, index), { ...before, bars: brief.exact ? before.bars - half : before.bars }, fresh, ...sections.slice(index + 1)];
}

/** A section moved to another place. */
export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  const out = [...items], [item] = out.splice(from, 1);
  out.splice(Math.max(0, Math.min(out.length, to)), 0, item!);
  return out;
}

/** Chords as a person writes them: a bar between two strokes, its chords evenly in it. */
export function chordText(brief: Brief): string {
  const bars: string[] = [];
  for (let bar = 1; bar <= brief.bars; bar++) {
    bars.push(brief.chords.filter(([at]) => at === bar).map(([, , symbol]) => symbol).join(" "));
  }
  return bars.join(" | ");
}

/** Chords from that text. A chord that stood on its own beat, and still stands in its place, keeps it. */
export function readChords(text: string, brief: Brief): ChordRow[] {
  const beats = brief.metre[0];
  return text.replace(/\n/g, " ").split("|").slice(0, brief.bars).flatMap((words, i): ChordRow[] => {
    const symbols = words.trim().split(/\s+/).filter(Boolean).slice(0, beats);
    const before = brief.chords.filter(([bar]) => bar === i + 1);
    return symbols.map((symbol, n): ChordRow => [i + 1, before.length === symbols.length ? before[n]![1] : 1 + Math.floor((n * beats) / symbols.length), symbol]);
  });
}

/** A curve's value at a time, straight between its rows; 0.5 where there are none. */
export function valueAt(curve: readonly CurveRow[], seconds: number): number {
  if (!curve.length) return 0.5;
  const after = curve.findIndex(([at]) => at >= seconds);
  if (after === 0) return curve[0]![1];
  if (after < 0) return curve.at(-1)![1];
  const [t0, v0] = curve[after - 1]!, [t1, v1] = curve[after]!;
  return t1 > t0 ? v0 + ((v1 - v0) * (seconds - t0)) / (t1 - t0) : v1;
}

/** Where a curve is taken hold of: so many places evenly over the piece. */
export function handles(curve: readonly CurveRow[], seconds: number, count: number): CurveRow[] {
  return Array.from({ length: count }, (_, i): CurveRow => {
    const at = (seconds * i) / (count - 1);
    return [at, valueAt(curve, at)];
  });
}

/** A curve with one handle pulled to a value: what lies between its neighbours follows, the finer shape stays. */
export function pulled(curve: readonly CurveRow[], seconds: number, count: number, index: number, value: number): CurveRow[] {
  const grid = handles(curve, seconds, count), by = value - grid[index]![1], step = seconds / (count - 1);
  const rows = curve.length >= 2 * count ? curve : grid;
  const round = (number: number): number => Math.round(number * 1e4) / 1e4;
  return rows.map(([at, old]): CurveRow => {
    const near = Math.max(0, 1 - Math.abs(at - index * step) / step);
    return [round(at), round(Math.min(1, Math.max(0, old + by * near)))];
  });
}
