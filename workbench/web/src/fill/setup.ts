/** What to fill and how: the gaps and their tracks, what becomes of what is there, the wishes, new instruments. */
import type { Region } from "../document/types.js";
import type { RollState } from "../roll/state.js";
import { t } from "../strings/index.js";
import { isWithheld, named } from "../ui/conditions.js";
import { choice } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { makeEnsembleChoice } from "./ensemble.js";
import { makeModelChoice } from "./filledby.js";
import { makeGapRows } from "./gaps.js";
import { makeCurveLane } from "./lane.js";
import { withEnsemble, type FillOptions } from "./request.js";
import { makeWishes } from "./wishes.js";

type Mode = "replace" | "vary" | "around";

export interface Setup {
  /** The gaps, and the choices that stand beside them. */
  readonly what: HTMLElement;
  readonly wishes: HTMLElement;
  /** True once everything that a request needs is known; a promise of false where it cannot be had (and that was said). */
  ready(): true | Promise<boolean>;
  options(): FillOptions;
  update(busy: boolean): void;
  /** The panel closes; `filled`: the gaps are filled, and what was drawn belonged to them. */
  rest(filled: boolean): void;
}

export function makeSetup(state: RollState, changed: () => void, tell: (text: string) => void): Setup {
  const { store } = state.context;
  const marks = (): readonly Region[] => store.view.marks;
  let mode: Mode = "replace";
  let count = 3;
  const lane = makeCurveLane(state, () => wishes?.overrule(lane.curves.names()));
  const ensemble = makeEnsembleChoice(store, changed, tell);
  const wishes = makeWishes([named("curves", lane.element), ensemble.element]);
  const gaps = makeGapRows(state, ensemble);
  const model = makeModelChoice(state.context, tell);
  const modes = choice<Mode>({
    label: t("fill.mode"), value: "replace", hideLabel: true, onchange: (value) => setMode(value),
    options: [["replace", t("fill.replace")], ["vary", t("fill.vary")], ["around", t("fill.around")]] });
  const vary = modes.querySelector<HTMLOptionElement>("option[value=vary]")!;
  const counts = choice({
    label: t("fill.count"), value: "3", options: ["1", "2", "3", "4", "6", "8"].map((n) => [n, n] as const),
    onchange: (value) => void (count = Number(value)) });

  function setMode(next: Mode): void {
    mode = next;
    modes.set(next);
    wishes.vary(next === "vary");
  }

  /** Whether anything begins in the marked gaps, so that there is something to vary. */
  const holdsNotes = (): boolean => marks().some((mark) => mark.tracks.some((id) =>
    state.index.between(id, mark.start, mark.end).some((note) => note.start >= mark.start)));

  return {
    what: h("div", { class: "what" }, gaps.element, h("div", { class: "choices" }, modes, named("alternatives", counts), model.element)),
    wishes: named("sliders", wishes.element),
    ready() {
      model.look();
      return ensemble.ready();
    },
    options() {
      const curves = lane.curves.toControls();
      const options: FillOptions = {
        regions: marks(), around: mode === "around", overhang: wishes.overhang(), count: isWithheld("alternatives") ? 1 : count, seed: wishes.seed(), model: model.current(),
        controls: { ...wishes.controls(), ...(Object.keys(curves).length ? { curves } : {}) } };
      const added = ensemble.current();
      return added ? withEnsemble(options, added) : options;
    },
    update(busy) {
      const news = lane.follow();
      const adds = ensemble.tracks().length > 0;
      modes.hidden = adds; // new tracks are empty: nothing there to replace, vary or keep
      const offered = holdsNotes() && !adds;
      vary.hidden = vary.disabled = !offered;
      if (!offered && mode === "vary") setMode("replace");
      gaps.update(busy);
      if (news) tell(news);
    },
    rest(filled) {
      if (filled) lane.clear();
      ensemble.reset(); // the next gap is filled, not accompanied, unless it is asked for again
    },
  };
}
