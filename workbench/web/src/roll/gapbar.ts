/** With the gap tool in hand and a gap marked: whether the next one stands beside it, for those who have no Ctrl key. */
import { t } from "../strings/index.js";
import { button, setPressed } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import type { RollState } from "./state.js";

export interface GapBar { readonly element: HTMLElement; update(): void }

export function makeGapBar(state: RollState): GapBar {
  const { store } = state.context;
  const more = button({ label: t("roll.moreGaps"), icon: "plus", text: true, pressed: false, onclick: () => {
    state.moreGaps = !state.moreGaps;
    setPressed(more, state.moreGaps);
  } });
  const none = button({ label: t("roll.noGaps"), icon: "trash", kind: "danger", onclick: () => {
    store.setView({ marks: [] });
    state.announcer.say(t("say.gapGone"));
  } });
  const element = h("div", { class: "selection-bar gap-bar wb-card", role: "toolbar", "aria-label": t("roll.gap"), hidden: true }, more, none);
  return {
    element,
    update() {
      element.hidden = state.tool !== "gap" || !store.view.marks.length;
      if (element.hidden) state.moreGaps = false;
      setPressed(more, state.moreGaps);
    },
  };
}
