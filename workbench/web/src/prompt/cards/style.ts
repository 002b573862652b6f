/** A style to look at: every dimension with a bar that shows and changes it, in words, and a lock that keeps it. */
import { t, type StringKey } from "../../strings/index.js";
import { served } from "../../strings/served.js";
import { button, choice, setPressed, slider } from "../../ui/controls.js";
import { clamp, h } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import type { Card, CardHost } from "./card.js";
import { changeOf, DIMENSIONS, NOTCHES, notchOf, RANGES, styleOf, valueAtNotch, wordsOf, type Dimension, type Figure, type Style } from "./styledims.js";
import { Told } from "./told.js";

/** Which sliders a dimension has. */
const SLIDERS: Readonly<Partial<Record<Dimension, readonly Figure[]>>> = {
  tempo: ["tempo"], density: ["density"], strokes: ["strokes"], voices: ["voices"], register: ["middle"], dynamics: ["loudness", "dynamics"],
  swing: ["swing"], chords: ["chord_beats", "sevenths"],
};
/** Families that can be added; the names of `FAMILIES` in `nets/colour.py`. */
export const FAMILIES = [
  "piano", "guitar", "bass", "drums", "strings", "harp", "voices", "brass", "woodwind", "organ", "mallets", "synthesizer",
] as const;

interface Row { readonly element: HTMLElement; update(): void }

export function styleCard(host: CardHost): Card {
  const told = new Told(host, host.json, styleOf);
  let locked = new Set(host.locked ?? []);
  const undo = button({ label: t("cards.undo"), icon: "undo", text: true, kind: "quiet", onclick: () => told.undo() });
  const rows = DIMENSIONS.map((dimension) => makeRow(host, told, dimension, () => locked.has(dimension)));
  const element = h("div", { class: "wb-style" }, h("p", { class: "soft hint" }, t("cards.style.hint")),
    h("div", { class: "dims" }, rows.map((row) => row.element)), undo);
  const update = (): void => {
    rows.forEach((row) => row.update());
    undo.hidden = !told.canUndo;
  };
  update();
  return {
    element,
    update(json, now) {
      told.update(json);
      if (now) locked = new Set(now);
      update();
    },
  };
}

function makeRow(host: CardHost, told: Told<Style>, dimension: Dimension, isLocked: () => boolean): Row {
  const name = t(`cards.style.dim.${dimension}` as StringKey);
  const words = h("span", { class: "words" });
  const lock = button({ label: t("cards.style.lock", { what: name }), icon: "lock", pressed: false, onclick: () => host.lock?.(dimension, !isLocked()) });
  lock.replaceChildren(icon("lock"), h("span", { class: "wb-spoken" }, t("cards.style.lock", { what: name })));
  lock.removeAttribute("aria-label");
  const control = dimension === "instruments" ? instrumentControl(told) : dimension === "metre" || dimension === "mode" ? choiceControl(told, dimension, name) : sliderControl(told, dimension, name);
  const element = h("div", { class: "dim", role: "group", "aria-label": name, "data-dimension": dimension },
    h("div", { class: "name" }, h("b", {}, name), words), h("div", { class: "control" }, control.element), lock);
  return {
    element,
    update() {
      words.textContent = dimension === "instruments" ? "" : wordsOf(told.value, dimension);
      control.update();
      setPressed(lock, isLocked());
      lock.hidden = !host.lock;
      element.classList.toggle("locked", isLocked());
    },
  };
}

function sliderControl(told: Told<Style>, dimension: Dimension, name: string): Row {
  const made = SLIDERS[dimension]!.map((figure) => {
    const range = RANGES[figure]!;
    const now = (): number => notchOf(told.value[figure], range);
    const control = slider({
      label: figure === "tempo" || dimension === figure ? name : t(`cards.style.figure.${figure}` as StringKey), hideLabel: true, min: 0, max: NOTCHES, value: now(),
      ends: [t(`cards.style.${figure}.low` as StringKey), t(`cards.style.${figure}.high` as StringKey)],
      say: (notch) => wordsOf({ ...told.value, ...changeOf(told.value, figure, valueAtNotch(notch, range)) }, dimension),
      onchange: (notch) => told.correct(changeOf(told.value, figure, valueAtNotch(notch, range))),
    });
    const strip = dimension === "register" ? keyStrip(told) : null;
    return {
      element: strip ? h("div", { class: "register" }, strip.element, control) : control,
      update() {
        control.set(now());
        strip?.update();
      },
    };
  });
  return { element: h("div", { class: "sliders" }, made.map((each) => each.element)), update: () => made.forEach((each) => each.update()) };
}

/** Where the notes lie: a bar from the lowest to the highest of them. */
function keyStrip(told: Told<Style>): Row {
  const bar = h("i", {}), { low, high } = RANGES.middle!;
  const at = (pitch: number): number => clamp((100 * (pitch - low)) / (high - low), 0, 100);
  return {
    element: h("span", { class: "span", "aria-hidden": "true" }, bar),
    update() {
      const { value } = told;
      bar.style.left = `${at(value.low)}%`;
      bar.style.right = `${100 - at(value.high)}%`;
      bar.hidden = !value.middle;
    },
  };
}

function choiceControl(told: Told<Style>, dimension: "metre" | "mode", name: string): Row {
  const metres = [2, 3, 4, 5, 6, 7, 9, 12].map((count) => [String(count), String(count)] as const);
  const control = choice({
    label: name, hideLabel: true, value: String(told.value[dimension]),
    options: dimension === "metre" ? metres : [["major", t("cards.style.major")], ["minor", t("cards.style.minor")], ["", t("cards.style.unknown")]],
    onchange: (value) => told.correct(dimension === "metre" ? { metre: Number(value) } : { mode: value }),
  });
  return { element: control, update: () => control.set(String(told.value[dimension])) };
}

function instrumentControl(told: Told<Style>): Row {
  const chips = h("ul", { class: "chips" });
  const add = choice({
    label: t("cards.style.addInstrument"), hideLabel: true, value: "", options: [["", t("cards.style.addInstrument")], ...FAMILIES.map((name) => [name, served(name)] as const)],
    onchange: (name) => {
      if (name && !told.value.instruments.includes(name)) told.correct({ instruments: [...told.value.instruments, name] });
      add.set("");
    },
  });
  return {
    element: h("div", { class: "instruments" }, chips, add),
    update() {
      const { instruments } = told.value;
      chips.replaceChildren(...instruments.map((name) => h("li", { class: "chip who" }, h("span", {}, served(name)),
        button({ label: t("cards.style.removeInstrument", { name: served(name) }), icon: "close", kind: "quiet", onclick: () => told.correct({ instruments: instruments.filter((each) => each !== name) }) }))));
    },
  };
}
