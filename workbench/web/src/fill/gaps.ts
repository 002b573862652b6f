/** Which tracks are filled where: one row of tracks a gap, or the instruments that are to be added. */
import type { Region } from "../document/types.js";
import { programName, trackName } from "../roll/speech.js";
import { score, styleOf, time, type RollState } from "../roll/state.js";
import { givenName } from "../strings/given.js";
import { plural, t } from "../strings/index.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { freeColor, shapeIcon, type TrackStyle } from "../ui/palette.js";
import type { EnsembleChoice } from "./ensemble.js";

export interface GapRows { readonly element: HTMLElement; update(busy: boolean): void }

/** "Bar 2", "Bars 2–4", "Bars 2, 5–6". */
export function barWords(state: RollState, marks: readonly Region[]): string {
  const bars = marks.map((mark) => {
    const [first, last] = [time(state).barAt(mark.start).number, time(state).barAt(mark.end - 1).number];
    return first === last ? String(first) : `${first}–${last}`;
  });
  const unique = [...new Set(bars)];
  return unique.length ? plural("fill.where", unique.length === 1 && !unique[0]!.includes("–") ? 1 : 2, { bars: unique.join(", ") }) : "";
}

export function makeGapRows(state: RollState, ensemble: EnsembleChoice): GapRows {
  const { store } = state.context;
  const element = h("div", { class: "gaps" });
  const marks = (): readonly Region[] => store.view.marks;

  function chip(key: string, style: TrackStyle, name: string, pressed: boolean, disabled: boolean, onclick: () => void, taken = false): HTMLElement {
    return h("button", { type: "button", class: taken ? "chip taken" : "chip", "data-key": key, "aria-pressed": String(pressed), disabled,
      style: `--fill:${style.fill};--on:${style.on};--deep:${style.deep}`, onclick },
    shapeIcon(style.shape, 11) as unknown as Node, h("span", {}, name));
  }

  /** Another gap of the same time has this track already. */
  const elsewhere = (at: number, id: string): boolean => marks().some((mark, i) => i !== at && mark.tracks.includes(id)
    && mark.start < marks()[at]!.end && marks()[at]!.start < mark.end);

  function toggle(at: number, id: string): void {
    const now = new Set(marks()[at]!.tracks);
    if (now.has(id) && now.size > 1) now.delete(id);
    else now.add(id);
    const tracks = score(state).tracks.map((track) => track.id).filter((item) => now.has(item));
    store.setView({ marks: marks().map((mark, i) => (i === at ? { ...mark, tracks } : mark)) });
  }

  function row(mark: Region, at: number, busy: boolean): HTMLElement {
    const single = marks().length === 1;
    const whole = time(state).barAt(mark.start).start === mark.start && time(state).barAt(mark.end - 1).end === mark.end;
    const bars = whole ? barWords(state, [mark]) : t("fill.partOf", { bars: barWords(state, [mark]) });
    const chips = h("div", { class: "chips", role: "group", "aria-label": single ? t("fill.which") : t("fill.whichIn", { bars }) },
      score(state).tracks.map((track) => chip(`${at}/${track.id}`, styleOf(state, track), trackName(track, score(state)),
        mark.tracks.includes(track.id), busy || elsewhere(at, track.id), () => toggle(at, track.id), elsewhere(at, track.id))));
    if (single) return chips;
    return h("div", { class: "gap-row" }, h("span", { class: "bars" }, bars), chips,
      button({ label: t("fill.dropGap", { bars }), icon: "close", kind: "quiet",
        onclick: () => store.setView({ marks: marks().filter((_, i) => i !== at) }) }));
  }

  /** The instruments to be added, instead of the tracks that stand and are accompanied. */
  function instruments(busy: boolean): HTMLElement {
    const used = score(state).tracks.map((track) => track.color);
    return h("div", { class: "chips", role: "group", "aria-label": t("fill.ensemble.which") },
      h("span", { class: "mix" }, t("fill.ensemble.adds")),
      ensemble.tracks().map(({ track, wanted }) => {
        const color = freeColor(used);
        used.push(color);
        return chip(`new/${track.id}`, styleOf(state, { color }), givenName(track.name.trim()) || programName(track), wanted, busy,
          () => ensemble.toggle(track.id));
      }));
  }

  let drawn = "";
  return {
    element,
    update(busy) {
      const signature = JSON.stringify([busy, marks(), state.context.root.dataset["theme"], ensemble.tracks(),
        score(state).tracks.map((track) => [track.id, track.name, track.program, track.color])]);
      if (signature === drawn) return;
      drawn = signature;
      const focus = (element.getRootNode() as ShadowRoot).activeElement;
      const key = focus instanceof HTMLElement && element.contains(focus) ? focus.dataset["key"] : undefined;
      element.replaceChildren(...(ensemble.tracks().length ? [instruments(busy)] : marks().map((mark, i) => row(mark, i, busy))));
      if (key) element.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus();
    },
  };
}
