/** What can be done with the idea that is shown, behind one tap: a bar or a track again, and how sure the model was. */
import type { Region, Track } from "../document/types.js";
import { placeName, soundName, trackName } from "../roll/speech.js";
import { score, styleOf, time, type RollState } from "../roll/state.js";
import { t } from "../strings/index.js";
import { h } from "../ui/dom.js";
import { shapeIcon } from "../ui/palette.js";
import { noteCount, scoreWith, newTracksOf, sureClass, sureness, type Idea } from "./idea.js";
import { barsOf, trackAgain } from "./request.js";

/** The notes a model was least sure of, named in words: as many as one can keep in mind. */
const LEAST = 3;

export interface Closer {
  readonly element: HTMLDetailsElement;
  /** Draw the ghosts by how sure the model was of them. */
  readonly sure: boolean;
  update(idea: Idea | null, busy: boolean): void;
}

export function makeCloser(state: RollState, again: (idea: Idea, parts: Region[]) => void, changed: () => void): Closer {
  const title = h("summary");
  const parts = h("div", { class: "parts" });
  const toggle = h("input", { type: "checkbox", onchange: () => {
    closer.sure = toggle.checked;
    drawn = "";
    changed();
  } });
  const sureRow = h("label", { class: "check" }, toggle, h("span", {}, t("fill.sure")));
  const legend = h("div", { class: "legend" });
  const element = h("details", { class: "closer", hidden: true }, title, parts, sureRow, legend);
  let drawn = "";

  function rows(idea: Idea, busy: boolean): HTMLElement[] {
    const { regions } = idea.options;
    if (idea.request["task"] === "arrange") return []; // a band is asked for as a whole
    const tracks = scoreWith(score(state), newTracksOf(score(state), idea)).tracks
      .filter((track) => regions.some((region) => region.tracks.includes(track.id)) && !track.locked);
    const bars = barsOf(time(state), regions);
    const part = (label: string, say: string, areas: Region[], key: string, track?: Track): HTMLElement => {
      const style = track ? styleOf(state, track) : null;
      return h("button", { type: "button", class: "chip part", "data-key": key, disabled: busy, "aria-label": say, title: say,
        style: style ? `--deep:${style.deep}` : null, onclick: () => again(idea, areas) },
      style ? shapeIcon(style.shape, 11) as unknown as Node : null, h("span", {}, label));
    };
    const row = (label: string, items: HTMLElement[]): HTMLElement =>
      h("div", { class: "part-row" }, h("span", { class: "bars" }, label), h("div", { class: "chips", role: "group", "aria-label": label }, items));
    return [
      ...(bars.length > 1 ? [row(t("fill.againBar"), bars.map(({ number, again: areas }) =>
        part(String(number), t("fill.againBarOf", { number }), areas, `bar${number}`)))] : []),
      ...(tracks.length > 1 ? [row(t("fill.againTrack"), tracks.map((track) =>
        part(trackName(track, score(state)), t("fill.againTrackOf", { track: trackName(track, score(state)) }), trackAgain(regions, track.id), `track${track.id}`, track)))] : []),
    ];
  }

  /** The three looks of a ghost, and in words the notes that the model was least sure of. */
  function explain(idea: Idea): Node[] {
    const tracks = scoreWith(score(state), newTracksOf(score(state), idea)).tracks;
    const rated = tracks.flatMap((track) => (idea.notes[track.id] ?? []).flatMap((note) => {
      const percent = sureness(idea.confidence, track.id, note);
      return percent === null ? [] : [{ track, note, percent }];
    })).sort((a, b) => a.percent - b.percent);
    const least = rated.filter(({ percent }) => sureClass(percent) !== "sure").slice(0, LEAST).map(({ track, note, percent }) =>
      t("fill.sureNote", { place: placeName(time(state), note.start), note: soundName(score(state), track, note.pitch, note.start), percent }));
    return [
      h("ul", { class: "looks" }, (["sure", "half", "unsure"] as const).map((name) =>
        h("li", {}, h("span", { class: `look ${name}`, "aria-hidden": "true" }), t(`fill.sure.${name}`)))),
      h("p", { class: "hint" }, least.length ? t("fill.leastSure", { notes: least.join("; ") }) : t("fill.allSure")),
    ];
  }

  const closer = {
    element, sure: false,
    update(idea: Idea | null, busy: boolean): void {
      const ready = idea?.done ? idea : null;
      const signature = ready ? JSON.stringify([ready.number, noteCount(ready), busy, closer.sure,
        state.context.root.dataset["theme"], state.context.store.revision]) : "";
      if (signature === drawn && !element.hidden === !!ready) return;
      drawn = signature;
      const inner = ready ? rows(ready, busy) : [];
      element.hidden = !ready || (!inner.length && !ready.confidence);
      if (!ready || element.hidden) return;
      title.textContent = t(!inner.length ? "fill.closer.look" : ready.confidence ? "fill.closer" : "fill.closer.part", { number: ready.number });
      const focus = (element.getRootNode() as ShadowRoot).activeElement;
      const key = focus instanceof HTMLElement && parts.contains(focus) ? focus.dataset["key"] : undefined;
      parts.replaceChildren(...inner);
      if (key) parts.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus();
      sureRow.hidden = !ready.confidence;
      legend.hidden = !ready.confidence || !closer.sure;
      legend.replaceChildren(...(legend.hidden ? [] : explain(ready)));
    },
  };
  return closer;
}
