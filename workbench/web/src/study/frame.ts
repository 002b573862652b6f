/** What stands around every step: the study's name and how far one is; whom to ask, what is kept, and the way out. */
import { t } from "../strings/index.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import type { Desk } from "./desk.js";
import { confirmation } from "./dialog.js";
import { isBefore, isOver } from "./types.js";

export function makeHeader(desk: Desk): HTMLElement {
  const title = h("p", { class: "study-title" });
  const where = h("p", { class: "where" });
  const track = h("div", { class: "track", "aria-hidden": "true" });
  const element = h("header", { class: "frame" }, title, where, track);
  desk.onChange(() => {
    const { state } = desk;
    if (!state) return;
    title.textContent = state.study.title;
    const shown = state.count > 1 && !["withdrawn", "closed"].includes(state.step.kind);
    where.hidden = track.hidden = !shown;
    const at = Math.min(state.count, state.index + 1);
    where.textContent = t("study.where", { at, of: state.count });
    track.style.setProperty("--share", `${Math.round((100 * at) / state.count)}%`);
  });
  return element;
}

type Attempt = (work: () => Promise<void>) => Promise<void>;

export function makeFooter(desk: Desk, attempt: Attempt, openKept: () => void): HTMLElement {
  const contact = h("p", { class: "contact" });
  const kept = button({ label: t("kept.title"), kind: "quiet", onclick: openKept });
  const other = button({ label: t("study.someoneElse"), kind: "quiet", onclick: () => void attempt(() => desk.anew()) });
  const out = button({
    label: t("study.stop"), kind: "quiet",
    onclick: () => confirmation(element, {
      title: t("study.stopTitle"), text: t("study.stopText"), yes: t("study.stopYes"), no: t("study.stopNo"),
      act: () => void attempt(() => desk.withdraw()),
    }),
  });
  const element = h("footer", { class: "frame" }, contact, h("div", { class: "links" }, kept, other, out));
  const update = (): void => {
    const { state } = desk;
    const step = state?.step;
    contact.textContent = state?.study.contact ? t("study.contact", { contact: state.study.contact }) : "";
    out.hidden = !step || isOver(step) || isBefore(step);
    // Who comes back by what this browser remembers may be somebody else.
    other.hidden = !step || !desk.returned;
  };
  desk.onChange(update);
  update();
  return element;
}
