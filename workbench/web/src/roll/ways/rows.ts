/** The rows of the panel of other chords: one way a row, bar by bar, with what can be done with it. */
import { chordName, keyAt } from "../speech.js";
import { score, time, type RollState } from "../state.js";
import { t } from "../../strings/index.js";
import { button, relabel } from "../../ui/controls.js";
import { h } from "../../ui/dom.js";
import { chordBars, type BarChord, type ChordBar, type Way } from "./ways.js";

export interface RowHooks {
  hear(at: number): void;
  keep(at: number): void;
}

export interface Row {
  readonly element: HTMLElement;
  readonly hear: HTMLButtonElement;
  update(heard: boolean): void;
}

export const nameOf = (at: number): string => (at ? t("ways.row", { number: at }) : t("ways.now"));

const spelled = (state: RollState, { chord }: BarChord): string => chordName(chord, keyAt(score(state), chord.tick));

/** "bar 3: C, G yours": a row for the ear. */
export function spokenBars(state: RollState, bars: readonly ChordBar[]): string {
  return bars.map((bar) => t("ways.bar", { bar: bar.number,
    chords: bar.chords.map((item) => spelled(state, item) + (item.own ? ` (${t("ways.own")})` : "")).join(", ") })).join("; ");
}

/** One way; what differs from how it is now (`now`) stands out. */
export function makeRow(state: RollState, at: number, way: Way, now: Way, bars: readonly [number, number], hooks: RowHooks): Row {
  const name = nameOf(at);
  const shown = chordBars(way, time(state), bars);
  const usual = chordBars(now, time(state), bars);
  const words = (bar: ChordBar | undefined): string => (bar?.chords ?? []).map((item) => spelled(state, item)).join(" ");
  const cells = shown.map((bar, i) => h("li", { class: `way-bar${at && words(bar) !== words(usual[i]) ? " other" : ""}` },
    h("small", {}, String(bar.number)),
    bar.chords.map((item) => h("span", { class: item.own ? "own" : "found" }, spelled(state, item)))));
  const hear = button({ label: t("ways.hear", { name }), icon: "play", kind: "outlined", onclick: () => hooks.hear(at) });
  // What the piece goes by can be written down too, unless all of it is the person's own.
  const keep = button({ label: t(at ? "ways.take" : "ways.write"), icon: "check", text: true, kind: at ? "primary" : "plain",
    onclick: () => hooks.keep(at) });
  keep.setAttribute("aria-label", t("ways.keep", { name }));
  keep.hidden = !way.found.length;
  const element = h("li", { class: "way" }, hear, h("span", { class: "name" }, name),
    h("ol", { class: "way-bars", tabindex: 0, role: "img", "aria-label": spokenBars(state, shown) }, cells), keep);
  return {
    element, hear,
    update(heard) {
      element.classList.toggle("heard", heard);
      relabel(hear, t(heard ? "ways.stop" : "ways.hear", { name }), heard ? "stop" : "play");
    },
  };
}
