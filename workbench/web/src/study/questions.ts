/** A questionnaire: its questions one below the other; what is missing is said beside the question that lacks it. */
import { plural, t, type StringKey } from "../strings/index.js";
import { h } from "../ui/dom.js";
import { makeInput } from "./items/index.js";
import { actions, article, onward } from "./reading.js";
import type { Desktop, Face } from "./study.js";
import type { Item, QuestionStep } from "./types.js";

export type Answer = string | number | null;

const MISSING: Partial<Record<Item["kind"], StringKey>> = { text: "study.missingText", number: "study.missingNumber" };

export function makeQuestions(desktop: Desktop, step: QuestionStep): Face {
  const { keep } = desktop.desk;
  const answers = keep.draft(step.id) as Record<string, Answer>;
  const summary = h("p", { class: "missing-count", role: "alert", hidden: true });
  const rows = step.items.map((item, i) => makeItem(item, i + 1, step.items.length, answers[item.id] ?? null, (value) => {
    if (value === null) delete answers[item.id];
    else answers[item.id] = value;
    keep.setDraft(step.id, answers);
    if (!summary.hidden) update();
  }));
  const update = (): number => {
    const missing = rows.filter((row) => row.problem()).length;
    summary.hidden = !missing;
    summary.textContent = missing ? plural("study.missing", missing) : "";
    return missing;
  };
  const go = onward(desktop, t("study.goOn"), () => {
    for (const row of rows) row.check();
    if (!update()) return { answers };
    rows.find((row) => row.problem())?.focus();
    return null;
  });
  return { element: article(step, h("div", { class: "items" }, rows.map((row) => row.element)), summary, actions(go)) };
}

interface Row {
  readonly element: HTMLElement;
  /** What is wrong with the answer; empty: nothing. */
  problem(): string;
  /** Show what is wrong, if anything is. */
  check(): void;
  focus(): void;
}

function makeItem(item: Item, number: number, of: number, first: Answer, onchange: (value: Answer) => void): Row {
  let value = first;
  let strict = false;
  const id = `q-${number}`;
  const error = h("p", { class: "missing", id: `${id}-missing`, hidden: true });
  const problem = (): string => {
    if (value === null || value === "") return item.optional ? "" : t(MISSING[item.kind] ?? "study.missingOne");
    return input.problem?.() ?? "";
  };
  const show = (): void => {
    const text = strict ? problem() : "";
    error.hidden = !text;
    error.textContent = text;
    element.classList.toggle("lacks", Boolean(text));
  };
  const input = makeInput(item, id, value, (next) => {
    value = next;
    show();
    onchange(next);
  });
  const optional = item.optional ? h("small", {}, t("study.optional")) : null;
  const many = item.kind === "likert" || item.kind === "choice" || item.kind === "pair";
  const label = h(many ? "legend" : "label", { class: "question", id: `${id}-text`, for: many ? null : id },
    of > 1 ? h("span", { class: "number", "aria-hidden": "true" }, String(number)) : null, h("span", {}, item.text), optional);
  const element = h(many ? "fieldset" : "div", { class: `item ${item.kind}`, "aria-describedby": many ? error.id : null }, label, input.element, error);
  return {
    element, problem,
    check: () => {
      strict = true;
      show();
    },
    focus: () => input.focus(),
  };
}
