/** The adherence card: everything that was asked, how far the piece does it, and a way to try harder. */
import { t, type StringKey } from "../strings/index.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import type { Line } from "./ideas.js";
import { askedAndGot } from "./askedgot.js";

/** `harder`: null where nothing can be tried; `ours`: lines of another piece that asked the same, told beside these. */
export function makeAdherence(lines: readonly Line[], harder: ((line: Line) => void) | null, ours: readonly Line[] = []): HTMLElement {
  if (!lines.length) return h("p", { class: "soft" }, t("maker.nothingMeasured"));
  const slots = [...new Set(lines.map((line) => line.slot))];
  return h("div", { class: "adherence" }, slots.map((slot) => h("div", { class: "asked" },
    h("h4", {}, t(`prompt.slot.${slot}` as StringKey)),
    h("ul", {}, lines.filter((line) => line.slot === slot).map((line) => lineOf(line, harder, ours.find((other) => other.slot === slot && other.measure === line.measure)))))));
}

function lineOf(line: Line, harder: ((line: Line) => void) | null, own?: Line): HTMLElement {
  const percent = Math.round(100 * line.value), picture = askedAndGot(line);
  const more = picture ? h("details", {}, h("summary", {}, t("maker.see")), picture) : null;
  return h("li", { class: line.met ? "met" : "missed" },
    h("div", { class: "row" },
      h("span", { class: "mark", "aria-hidden": "true" }, line.met ? "✓" : "○"),
      h("span", { class: "words-of" }, line.sentence),
      h("span", { class: "value" }, t("prompt.strengthSays", { percent })),
      own ? h("span", { class: "soft" }, t("takes.ours", { percent: Math.round(100 * own.value) })) : null,
      line.met || !harder ? null : button({ label: t("maker.harder"), text: true, kind: "outlined", onclick: () => harder(line) })),
    h("div", { class: "bar", role: "img", "aria-label": t("maker.valueOf", { percent, target: Math.round(100 * line.target) }) },
      h("i", { style: `width:${percent}%` }), h("b", { style: `left:${Math.round(100 * line.target)}%` })), more);
}
