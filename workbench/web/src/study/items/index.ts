/** The six ways to answer a question. Each is a plain form control, so that every keyboard and screen reader knows it. */
import { t } from "../../strings/index.js";
import { h } from "../../ui/dom.js";
import type { Answer } from "../questions.js";
import type { Item } from "../types.js";
import { makeScale } from "./scale.js";

export interface Input {
  readonly element: HTMLElement;
  focus(): void;
  /** What is wrong with an answer that was given. */
  problem?(): string;
}

/** `id`: of the control that the question's label belongs to; the label itself has `id-text`, what is missing `id-missing`. */
export function makeInput(item: Item, id: string, value: Answer, onchange: (value: Answer) => void): Input {
  switch (item.kind) {
    case "likert": return makeLikert(item, id, value, onchange);
    case "slider": return makeScale(item, id, value, onchange);
    case "text": return makeText(id, value, onchange);
    case "number": return makeNumber(item, id, value, onchange);
    case "choice": return makeChoice(item, id, value, onchange);
    case "pair": return makeChoice(item, id, value, onchange);
  }
}

interface Option {
  readonly value: string | number;
  readonly face: (Node | string)[];
  /** What is said of it, if more than what is shown. */
  readonly said?: string;
}

/** One of several, as radio buttons: one stop of the Tab key, arrows within. */
function makeOptions(id: string, options: readonly Option[], value: Answer, onchange: (value: Answer) => void): { element: HTMLElement; focus(): void } {
  const inputs = options.map((option) => {
    const input = h("input", {
      type: "radio", name: id, value: String(option.value), "aria-label": option.said ?? null, "aria-describedby": `${id}-missing`,
      onchange: () => onchange(option.value),
    });
    input.checked = option.value === value;
    return input;
  });
  const element = h("div", { class: "options" }, options.map((option, i) => h("label", { class: "option" }, inputs[i]!, h("span", {}, ...option.face))));
  return { element, focus: () => (inputs.find((input) => input.checked) ?? inputs[0])?.focus() };
}

function makeLikert(item: Item, id: string, value: Answer, onchange: (value: Answer) => void): Input {
  const points = Math.min(11, Math.max(2, item.points ?? 7));
  const [low, high] = [String(item.low ?? ""), String(item.high ?? "")];
  const options = Array.from({ length: points }, (_, i) => {
    const end = i === 0 ? low : i === points - 1 ? high : "";
    return { value: i + 1, face: [String(i + 1)], said: end ? t("study.pointEnd", { point: i + 1, of: points, end }) : t("study.point", { point: i + 1, of: points }) };
  });
  const made = makeOptions(id, options, value, onchange);
  made.element.style.setProperty("--points", String(points));
  return { focus: made.focus, element: h("div", { class: "scale" }, made.element, ends(low, high)) };
}

export const ends = (low: string, high: string): HTMLElement =>
  h("div", { class: "ends", "aria-hidden": "true" }, h("span", {}, low), h("span", {}, high));

function makeChoice(item: Item, id: string, value: Answer, onchange: (value: Answer) => void): Input {
  return makeOptions(id, (item.choices ?? []).map((choice) => ({ value: choice, face: [choice] })), value, onchange);
}

function makeText(id: string, value: Answer, onchange: (value: Answer) => void): Input {
  const area = h("textarea", { id, rows: 4, maxlength: 10_000, "aria-describedby": `${id}-missing`, oninput: () => onchange(area.value.trim() ? area.value : null) });
  area.value = String(value ?? "");
  return { element: area, focus: () => area.focus() };
}

function makeNumber(item: Item, id: string, value: Answer, onchange: (value: Answer) => void): Input {
  const [low, high] = [numberOf(item.low), numberOf(item.high)];
  const input = h("input", {
    type: "number", id, min: low, max: high, step: "any", inputmode: "decimal", "aria-describedby": `${id}-missing`,
    oninput: () => onchange(input.value && Number.isFinite(input.valueAsNumber) ? input.valueAsNumber : null),
  });
  input.value = value === null ? "" : String(value);
  return {
    element: input, focus: () => input.focus(),
    problem: () => {
      const given = input.valueAsNumber;
      if (!Number.isFinite(given)) return t("study.missingNumber");
      const fine = (low === null || given >= low) && (high === null || given <= high);
      if (fine) return "";
      if (low !== null && high !== null) return t("study.between", { low, high });
      return low !== null ? t("study.atLeast", { low }) : t("study.atMost", { high: high! });
    },
  };
}

/** A bound of a number: a number, or text that is one. */
function numberOf(bound: Item["low"]): number | null {
  if (typeof bound === "number") return bound;
  return bound && Number.isFinite(Number(bound)) ? Number(bound) : null;
}
