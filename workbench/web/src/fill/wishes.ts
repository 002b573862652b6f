/** The sliders in plain words; 50 is "as around" and is no wish at all. What is drawn over time overrules its slider. */
import { t, type StringKey } from "../strings/index.js";
import { slider } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import type { CurveName } from "./curves.js";
import type { Controls } from "./request.js";

const FIRST = ["wildness", "density", "surprise"] as const;
const MORE = ["loudness", "register", "richness", "syncopation"] as const;
/** Where the slider of closeness begins: what is there is still heard, and something has happened to it. */
const CLOSENESS = 60;
/** More notes than this in one track nobody counts. */
const MOST_NOTES = 999;

export interface Wishes {
  readonly element: HTMLElement;
  controls(): Controls;
  overhang(): boolean;
  seed(): number | null;
  /** Vary what is there: a slider for how closely, instead of keeping rhythm or notes. */
  vary(on: boolean): void;
  /** Show which sliders do not count, because their wish is drawn over time. */
  overrule(drawn: readonly CurveName[]): void;
}

/** `further`: what else stands behind "More wishes". */
export function makeWishes(further: readonly HTMLElement[]): Wishes {
  const values: Record<string, number> = {};
  const sliders = new Map<string, HTMLElement>();
  let overruled: readonly string[] = [];
  let varying = false;
  let closeness = CLOSENESS;
  const one = (name: string): HTMLElement => {
    const ends = [t(`fill.${name}.low` as StringKey), t(`fill.${name}.high` as StringKey)] as const;
    const element = slider({
      label: t(`fill.${name}` as StringKey), min: 0, max: 100, value: 50, step: 5, ends,
      say: (value) => (value === 50 ? t("fill.asAround") : t("fill.wish", { low: ends[0], high: ends[1], value })),
      oninput: (value) => {
        if (value === 50) delete values[name];
        else values[name] = value;
      },
    });
    sliders.set(name, element);
    return element;
  };
  const near = slider({
    label: t("fill.closeness"), min: 0, max: 100, value: CLOSENESS, step: 5,
    ends: [t("fill.closeness.low"), t("fill.closeness.high")],
    say: (value) => t("fill.wish", { low: t("fill.closeness.low"), high: t("fill.closeness.high"), value }),
    oninput: (value) => void (closeness = value),
  });
  near.classList.add("closeness");
  near.hidden = true;
  const box = (label: string, onchange?: () => void): [HTMLInputElement, HTMLLabelElement] => {
    const input = h("input", { type: "checkbox", ...(onchange ? { onchange } : {}) });
    return [input, h("label", { class: "check" }, input, h("span", {}, label))];
  };
  const [rhythm, rhythmLabel] = box(t("fill.keepRhythm"), () => void (rhythm.checked && (pitches.checked = false)));
  const [pitches, pitchesLabel] = box(t("fill.keepPitches"), () => void (pitches.checked && (rhythm.checked = false)));
  const seed = h("input", { type: "number", min: 0, max: Number.MAX_SAFE_INTEGER, step: 1, placeholder: t("fill.seedNew") });
  const seedLabel = h("label", { class: "check", title: t("fill.seedWhy") }, h("span", {}, t("fill.seed")), seed);
  const [overhang, overhangLabel] = box(t("fill.overhang"));
  const [strict, strictLabel] = box(t("fill.strict"));
  const exactly = h("input", { type: "number", min: 1, max: MOST_NOTES, step: 1, placeholder: t("fill.exactlyAny") });
  const exactlyLabel = h("label", { class: "check", title: t("fill.exactlyWhy") }, h("span", {}, t("fill.exactly")), exactly);
  const wanted = (): number | null => {
    const value = exactly.valueAsNumber;
    return Number.isSafeInteger(value) && value >= 1 && value <= MOST_NOTES ? value : null;
  };
  return {
    element: h("div", { class: "wishes" }, near, FIRST.map(one),
      h("details", {}, h("summary", {}, t("fill.more")),
        h("div", { class: "more" }, MORE.map(one), rhythmLabel, pitchesLabel, strictLabel, overhangLabel, exactlyLabel, seedLabel), ...further)),
    controls: () => ({
      ...Object.fromEntries(Object.entries(values).filter(([name]) => !overruled.includes(name))),
      ...(varying ? { closeness } : {}),
      ...(strict.checked ? { harmony: "strict" } : {}),
      ...(wanted() === null ? {} : { max_notes: wanted(), min_notes: wanted() }),
      ...(rhythm.checked && !varying ? { keep_rhythm: true } : {}),
      ...(pitches.checked && !varying ? { keep_pitches: true } : {}) }),
    overhang: () => overhang.checked,
    seed: () => (Number.isSafeInteger(seed.valueAsNumber) && seed.valueAsNumber >= 0 ? seed.valueAsNumber : null),
    vary(on) {
      varying = on;
      near.hidden = !on;
      for (const input of [rhythm, pitches]) input.disabled = on; // either of them is another way to keep what is there
    },
    overrule(drawn) {
      overruled = drawn;
      for (const [name, element] of sliders) {
        const off = overruled.includes(name);
        element.classList.toggle("overruled", off);
        element.title = off ? t("fill.drawnOver") : "";
        const input = element.querySelector("input")!;
        input.disabled = off;
        const label = t(`fill.${name}` as StringKey);
        element.querySelector(".wb-slider-label")!.textContent = off ? `${label}: ${t("fill.drawn")}` : label;
      }
    },
  };
}
