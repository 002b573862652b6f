/** The dimensions of a style as a person sees them: where each lies, in plain words; the twin of `DIMENSIONS` in `style.py`. */
import { isRecord } from "../../document/check.js";
import { pitchName } from "../../roll/speech.js";
import { decimals, plural, t, type StringKey } from "../../strings/index.js";
import { clamp } from "../../ui/dom.js";

export interface Style {
  readonly tempo: number;
  readonly metre: number;
  readonly mode: string;
  readonly density: number;
  readonly strokes: number;
  readonly voices: number;
  readonly low: number;
  readonly middle: number;
  readonly high: number;
  readonly loudness: number;
  readonly dynamics: number;
  readonly swing: number;
  readonly chord_beats: number;
  readonly sevenths: number;
  readonly instruments: readonly string[];
}
export type Figure = Exclude<keyof Style, "mode" | "instruments">;

/** Names that can be locked, in the order in which they are shown. */
export const DIMENSIONS = ["tempo", "metre", "mode", "density", "strokes", "voices", "register", "dynamics", "swing", "chords", "instruments"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

const FIGURES: readonly Figure[] = ["tempo", "metre", "density", "strokes", "voices", "low", "middle", "high", "loudness", "dynamics", "swing", "chord_beats", "sevenths"];

export function styleOf(data: unknown): Style {
  if (!isRecord(data)) throw new Error(t("cards.style.unread"));
  const figures = Object.fromEntries(FIGURES.map((name) => [name, Number(data[name]) || 0])) as Record<Figure, number>;
  return { ...figures, mode: String(data["mode"] ?? ""), instruments: Array.isArray(data["instruments"]) ? data["instruments"].map(String) : [] };
}

/** A slider: its ends, the step of the keyboard, and whether equal steps are equal ratios. */
export interface Range { readonly low: number; readonly high: number; readonly step: number; readonly ratio?: boolean }
export const RANGES: Readonly<Partial<Record<Figure, Range>>> = {
  tempo: { low: 40, high: 220, step: 1, ratio: true },
  density: { low: 0.25, high: 8, step: 0.05, ratio: true },
  strokes: { low: 0, high: 10, step: 0.1 },
  voices: { low: 1, high: 8, step: 0.1 },
  middle: { low: 36, high: 90, step: 1 },
  loudness: { low: 20, high: 120, step: 1 },
  dynamics: { low: 0, high: 80, step: 1 },
  swing: { low: 0.5, high: 0.72, step: 0.01 },
  chord_beats: { low: 0.5, high: 16, step: 0.5, ratio: true },
  sevenths: { low: 0, high: 1, step: 0.05 },
};
/** Positions of a slider. */
export const NOTCHES = 200;

/** Where a value lies on its slider, 0 to `NOTCHES`. */
export function notchOf(value: number, { low, high, ratio }: Range): number {
  const held = clamp(value, low, high);
  return Math.round(NOTCHES * (ratio ? Math.log(held / low) / Math.log(high / low) : (held - low) / (high - low)));
}

/** The value of a place on a slider, in whole steps. */
export function valueAtNotch(notch: number, { low, high, step, ratio }: Range): number {
  const share = notch / NOTCHES, exact = ratio ? low * (high / low) ** share : low + share * (high - low);
  return Number(clamp(Math.round(exact / step) * step, low, high).toFixed(4));
}

/** What is to be changed when a slider is set; the register moves as a whole. */
export function changeOf(style: Style, figure: Figure, value: number): Partial<Record<Figure, number>> {
  if (figure !== "middle") return { [figure]: value };
  const by = value - (style.middle || 60);
  const half = style.high > style.low ? 0 : 6; // nothing was heard: an octave around it
  const moved = (pitch: number): number => clamp(pitch + by, 0, 127);
  return { low: moved((style.middle ? style.low : 60) - half), middle: value, high: moved((style.middle ? style.high : 60) + half) };
}

/** The first of `names` whose bound lies above the value. */
function among(value: number, bounds: readonly number[], names: readonly StringKey[]): string {
  const at = bounds.findIndex((bound) => value < bound);
  return t(names[at < 0 ? names.length - 1 : at]!);
}

/** One dimension in plain words: "117 beats a minute, lively". */
export function wordsOf(style: Style, dimension: Dimension): string {
  const none = t("cards.style.unknown");
  switch (dimension) {
    case "tempo":
      return style.tempo ? t("cards.style.tempoIs", { tempo: Math.round(style.tempo), pace: among(style.tempo, [76, 104, 140], ["cards.style.slow", "cards.style.easy", "cards.style.lively", "cards.style.fast"]) }) : none;
    case "metre":
      return t("cards.style.metreIs", { count: style.metre });
    case "mode":
      return style.mode === "major" ? t("cards.style.major") : style.mode === "minor" ? t("cards.style.minor") : none;
    case "density":
      return style.density ? t("cards.style.densityIs", { count: decimals(style.density, 1, 1), how: among(style.density, [1, 2.5, 4.5], ["cards.style.sparse", "cards.style.airy", "cards.style.full", "cards.style.dense"]) }) : none;
    case "strokes":
      return style.strokes ? t("cards.style.strokesIs", { count: decimals(style.strokes, 1, 1), how: among(style.strokes, [1.5, 4], ["cards.style.calmDrums", "cards.style.steadyDrums", "cards.style.busyDrums"]) }) : t("cards.style.noDrums");
    case "voices":
      return style.voices ? among(style.voices, [1.3, 2.6, 4.5], ["cards.style.oneLine", "cards.style.twoLines", "cards.style.chords", "cards.style.thick"]) : none;
    case "register":
      return style.middle ? t("cards.style.registerIs", { low: pitchName(Math.round(style.low)), high: pitchName(Math.round(style.high)), how: among(style.middle, [52, 60, 68, 76], ["cards.style.deep", "cards.style.low", "cards.style.mid", "cards.style.high", "cards.style.veryHigh"]) }) : none;
    case "dynamics":
      return style.loudness ? [among(style.loudness, [45, 64, 84, 104], ["cards.style.verySoft", "cards.style.soft", "cards.style.medium", "cards.style.loud", "cards.style.veryLoud"]),
        among(style.dynamics, [15, 40], ["cards.style.even", "cards.style.shaped", "cards.style.wide"])].join(", ") : none;
    case "swing":
      return among(style.swing, [0.53, 0.6, 0.66], ["cards.style.straight", "cards.style.lightSwing", "cards.style.swung", "cards.style.hardSwing"]);
    case "chords":
      return style.chord_beats ? [plural("cards.style.chordsEvery", Number(style.chord_beats.toFixed(1))),
        among(style.sevenths, [0.15, 0.5], ["cards.style.plainChords", "cards.style.someSevenths", "cards.style.richChords"])].join(", ") : none;
    case "instruments":
      return style.instruments.length ? style.instruments.join(", ") : none;
  }
}
