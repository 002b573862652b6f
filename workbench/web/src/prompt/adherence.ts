/** The adherence card: everything that was asked, how far the piece does it, and a way to try harder. */
import { t, type StringKey } from "../strings/index.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import type { Line } from "./ideas.js";
import { askedAndGot } from "./askedgot.js";

export function makeAdherence(lines: readonly Line[], harder: (line: Line) => void): HTMLElement {
  if (!lines.length) return h("p", { class: "soft" }, t("maker.nothingMeasured"));
  const slots = [...new Set(lines.map((line) => line.slot))];
  return h("div", { class: "adherence" }, slots.map((slot) => h("div", { class: "asked" },
    h("h4", {}, t(`prompt.slot.${slot}` as StringKey)),
    h("ul", {}, lines.filter((line) => line.slot === slot).map((line) => lineOf(line, harder))))));
}

function lineOf(line: Line, harder: (line: Line) => void): HTMLElement {
  const percent = Math.round(100 * line.value), picture = askedAndGot(line);
  const more = picture ? h("details", {}, h("summary", {}, t("maker.see")), picture) : null;
  return h("li", { class: line.met ? "met" : "missed" },
    h("div", { class: "row" },
      h("span", { class: "mark", "aria-hidden": "true" }, line.met ? "✓" : "○"),
      h("span", { class: "words-of" }, line.sentence),
      h("span", { class: "value" }, t("prompt.strengthSays", { percent })),
      line.met ? null : button({ label: t("maker.harder"), text: true, kind: "outlined", onclick: () => harder(line) })),
    h("div", { class: "bar", role: "img", "aria-label": t("maker.valueOf", { percent, target: Math.round(100 * line.target) }) },
      h("i", { style: `width:${percent}%` }), h("b", { style: `left:${Math.round(100 * line.target)}%` })), more);
}
