/** Consent, and a child's assent in its own words: boxes, what is missing beside them, and a way to say no. */
import { t } from "../strings/index.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { actions, article, onward } from "./reading.js";
import type { Desktop, Face } from "./study.js";
import type { Box, ConsentStep } from "./types.js";

export function makeConsent(desktop: Desktop, step: ConsentStep): Face {
  const { desk } = desktop;
  const child = step.kind === "assent";
  const rows = step.boxes.map((box) => makeBox(box, child));
  const yes = onward(desktop, t(child ? "study.assentYes" : "study.agree"), () => {
    const missing = rows.filter((row) => !row.check());
    missing[0]?.input.focus();
    if (missing.length) return null;
    return { agreed: Object.fromEntries(rows.map((row) => [row.box.id, row.input.checked])), version: step.version };
  });
  const no = button({ label: t(child ? "study.assentNo" : "study.disagree"), kind: "outlined", onclick: () => void desktop.attempt(() => desk.withdraw()) });
  no.classList.add("large");
  const element = article(step,
    rows.length ? h("fieldset", { class: "boxes" }, h("legend", { class: "wb-spoken" }, t("study.boxes")), rows.map((row) => row.element)) : null,
    actions(yes, no));
  if (step.guardian && !child) element.prepend(h("p", { class: "for-whom" }, t("study.guardian")));
  return { element };
}

function makeBox(box: Box, child: boolean): { box: Box; input: HTMLInputElement; element: HTMLElement; check(): boolean } {
  const error = h("span", { class: "missing", id: `missing-${box.id}`, role: "alert", hidden: true });
  const input = h("input", {
    type: "checkbox", id: `box-${box.id}`, "aria-describedby": `missing-${box.id}`, "aria-required": box.required ? "true" : null,
    onchange: () => check(false),
  });
  const check = (strict = true): boolean => {
    const fine = !box.required || input.checked;
    if (fine || strict) {
      error.hidden = fine;
      error.textContent = fine ? "" : t(child ? "study.boxMissingChild" : "study.boxMissing");
      input.setAttribute("aria-invalid", String(!fine));
    }
    return fine;
  };
  const element = h("div", { class: "box" }, h("label", {}, input, h("span", { class: "tick", "aria-hidden": "true" }),
    h("span", {}, box.text, box.required ? null : h("small", {}, t("study.optional")))), error);
  return { box, input, element, check };
}
