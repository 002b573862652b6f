/** Before a task begins: what is to be done, how long it may take; the clock starts with the button. */
import { t } from "../strings/index.js";
import { h } from "../ui/dom.js";
import { actions, article, onward } from "./reading.js";
import type { Desktop, Face } from "./study.js";
import { clockText, paragraphs } from "./text.js";
import type { TaskStep } from "./types.js";

export function makeIntroduction(desktop: Desktop, step: TaskStep): Face {
  const time = step.seconds ? h("p", { class: "when" }, t("study.taskTime", { time: clockText(step.seconds) })) : null;
  const element = article(step, ...paragraphs(step.instructions ?? ""), time,
    actions(onward(desktop, t(step.kind === "practice" ? "study.startPractice" : "study.startTask"), () => ({ begin: true }))));
  element.prepend(h("p", { class: "for-whom" }, t(step.kind === "practice" ? "study.practice" : "study.task")));
  return { element };
}
