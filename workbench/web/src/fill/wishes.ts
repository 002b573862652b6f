/** The sliders in plain words; 50 is "as around" and is no wish at all. */
import { t, type StringKey } from "../strings/index.js";
import { slider } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import type { Controls } from "./session.js";

const FIRST = ["wildness", "density", "surprise"] as const;
const MORE = ["loudness", "register", "richness"] as const;

export interface Wishes { readonly element: HTMLElement; controls(): Controls; overhang(): boolean; seed(): number | null }

export function makeWishes(): Wishes {
  const values: Record<string, number> = {};
  const one = (name: string): HTMLElement => {
    const ends = [t(`fill.${name}.low` as StringKey), t(`fill.${name}.high` as StringKey)] as const;
    return slider({
      label: t(`fill.${name}` as StringKey), min: 0, max: 100, value: 50, step: 5, ends,
      say: (value) => (value === 50 ? t("fill.asAround") : t("fill.wish", { low: ends[0], high: ends[1], value })),
      oninput: (value) => {
        if (value === 50) delete values[name];
        else values[name] = value;
      },
    });
  };
  const box = (label: string, onchange?: () => void): [HTMLInputElement, HTMLLabelElement] => {
    const input = h("input", { type: "checkbox", ...(onchange ? { onchange } : {}) });
    return [input, h("label", { class: "check" }, input, h("span", {}, label))];
  };
  const [rhythm, rhythmLabel] = box(t("fill.keepRhythm"), () => void (rhythm.checked && (pitches.checked = false)));
  const [pitches, pitchesLabel] = box(t("fill.keepPitches"), () => void (pitches.checked && (rhythm.checked = false)));
  const seed = h("input", { type: "number", min: 0, max: Number.MAX_SAFE_INTEGER, step: 1, placeholder: t("fill.seedNew") });
  const seedLabel = h("label", { class: "check", title: t("fill.seedWhy") }, h("span", {}, t("fill.seed")), seed);
  const [overhang, overhangLabel] = box(t("fill.overhang"));
  return {
    element: h("div", { class: "wishes" }, FIRST.map(one),
      h("details", {}, h("summary", {}, t("fill.more")),
        h("div", { class: "more" }, MORE.map(one), rhythmLabel, pitchesLabel, overhangLabel, seedLabel))),
    controls: () => ({
      ...values, ...(rhythm.checked ? { keep_rhythm: true } : {}), ...(pitches.checked ? { keep_pitches: true } : {}) }),
    overhang: () => overhang.checked,
    seed: () => (Number.isSafeInteger(seed.valueAsNumber) && seed.valueAsNumber >= 0 ? seed.valueAsNumber : null),
  };
}
