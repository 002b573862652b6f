/** A slider between two words. Until it is touched it has no place, so that nobody's answer is where it happened to be. */
import { t } from "../../strings/index.js";
import { h } from "../../ui/dom.js";
import type { Answer } from "../questions.js";
import type { Item } from "../types.js";
import { ends, type Input } from "./index.js";

const FULL = 100;

export function makeScale(item: Item, id: string, value: Answer, onchange: (value: Answer) => void): Input {
  const points = item.points && item.points > 1 ? item.points : FULL + 1;
  const hint = h("p", { class: "hint soft" }, t("study.sliderHint"));
  const input = h("input", {
    type: "range", id, min: 0, max: FULL, step: FULL / (points - 1), "aria-describedby": `${id}-missing`,
    oninput: () => set(),
    // A press on the very middle changes no value, and is an answer all the same.
    onpointerup: () => set(),
    onkeydown: (event: KeyboardEvent) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      set();
    },
  });
  const [low, high] = [String(item.low ?? ""), String(item.high ?? "")];
  const describe = (given: boolean): void => {
    input.classList.toggle("untouched", !given);
    hint.hidden = given;
    const share = Math.round(input.valueAsNumber);
    input.style.setProperty("--share", given ? `${share}%` : "0%");
    input.setAttribute("aria-valuetext", given ? t("study.sliderAt", { share, low, high }) : t("study.sliderNot"));
  };
  const set = (): void => {
    describe(true);
    onchange(Math.round(input.valueAsNumber * 100) / 100);
  };
  input.value = String(typeof value === "number" ? value : FULL / 2);
  describe(typeof value === "number");
  return { element: h("div", { class: "scale" }, input, ends(low, high), hint), focus: () => input.focus() };
}
