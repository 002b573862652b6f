/**
 * With the gap tool in hand: going on behind the end of the piece, and once a gap is marked, whether the next one stands
 * beside it, for those who have no Ctrl key.
 */
import { scoreEnd } from "../document/types.js";
import { t } from "../strings/index.js";
import { isWithheld } from "../ui/conditions.js";
import { button, setPressed } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { score, time, type RollState } from "./state.js";

export interface GapBar { readonly element: HTMLElement; update(): void }

/** Bars that a piece goes on for at once. */
const BARS = 4;

/** `fill`: ask for ideas for what is marked. */
export function makeGapBar(state: RollState, fill: () => void): GapBar {
  const { store } = state.context;

  /** The tracks that play, but for protected ones. */
  const playing = (): string[] => score(state).tracks.filter((track) => track.notes.size && !track.locked).map((track) => track.id);

  const onward = button({ label: t("roll.onward"), icon: "right", text: true, onclick: () => {
    const last = time(state).barAt(Math.max(0, scoreEnd(score(state)) - 1));
    store.setView({ marks: [{ start: last.end, end: time(state).bar(last.number + BARS).end, tracks: playing() }] });
    fill();
  } });
  const more = button({ label: t("roll.moreGaps"), icon: "plus", text: true, pressed: false, onclick: () => {
    state.moreGaps = !state.moreGaps;
    setPressed(more, state.moreGaps);
  } });
  const none = button({ label: t("roll.noGaps"), icon: "trash", kind: "danger", onclick: () => {
    store.setView({ marks: [] });
    state.announcer.say(t("say.gapGone"));
  } });
  const element = h("div", { class: "selection-bar gap-bar wb-card", role: "toolbar", "aria-label": t("roll.gap"), hidden: true }, onward, more, none);
  return {
    element,
    update() {
      const marked = store.view.marks.length > 0;
      onward.hidden = marked || isWithheld("ideas") || !playing().length;
      more.hidden = none.hidden = !marked;
      element.hidden = state.tool !== "gap" || (onward.hidden && !marked);
      if (element.hidden || !marked) state.moreGaps = false;
      setPressed(more, state.moreGaps);
    },
  };
}
