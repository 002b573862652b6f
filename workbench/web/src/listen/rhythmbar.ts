/** Tempo, metre and the one: half, double, shift, tap along. */
import { t } from "../strings/index.js";
import { button, choice, relabel } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { doubleTime, ENOUGH_TAPS, halfTime, setMetre, shiftOne, tapped } from "./corrections.js";
import type { Desk } from "./desk.js";
import type { Heard } from "./heard.js";

export interface RhythmBar { readonly element: HTMLElement; update(): void }

export interface RhythmHooks {
  /** Play from the beginning, to be tapped to. */
  play(): void;
  pause(): void;
  now(): number;
  readonly playing: boolean;
}

const METRES = [2, 3, 4, 5, 6, 7] as const;

export function makeRhythmBar(desk: Desk, hooks: RhythmHooks): RhythmBar {
  const { book, said } = desk;
  let taps: number[] | null = null;
  const facts = h("b", { class: "tempo" });
  const change = (next: Heard): void => {
    if (desk.correct(next)) said.say(factsOf(book.heard));
  };
  const metre = choice({ label: t("listen.metre"), hideLabel: true, value: "4", onchange: (value) => change(setMetre(book.heard, Number(value))),
    options: METRES.map((count) => [String(count), t("listen.metreOf", { count })] as const) });
  const half = button({ label: t("listen.half"), onclick: () => change(halfTime(book.heard)) });
  const twice = button({ label: t("listen.double"), onclick: () => change(doubleTime(book.heard)) });
  const back = button({ label: t("listen.oneEarlier"), icon: "left", onclick: () => change(shiftOne(book.heard, -1)) });
  const on = button({ label: t("listen.oneLater"), icon: "right", onclick: () => change(shiftOne(book.heard, 1)) });
  const one = h("span", { class: "group" }, back, h("span", { class: "soft" }, t("listen.one")), on);
  const tapping = button({ label: t("listen.tapAlong"), icon: "metronome", text: true, onclick: () => (taps ? finish() : begin()) });
  const pad = button({ label: t("listen.tap"), kind: "primary", onclick: () => {} });
  pad.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    tap();
  });
  pad.addEventListener("keydown", (event) => {
    if (event.repeat || (event.key !== " " && event.key !== "Enter")) return;
    event.preventDefault();
    tap();
  });
  const help = h("span", { class: "soft", role: "status" });
  const element = h("div", { class: "rhythm", role: "group", "aria-label": t("listen.rhythm") }, facts, metre, half, twice, one, tapping, pad, help);

  function begin(): void {
    taps = [];
    hooks.play();
    update();
    pad.focus();
  }

  function tap(): void {
    taps?.push(hooks.now());
    update();
  }

  function finish(): void {
    const made = taps ?? [];
    taps = null;
    hooks.pause();
    if (made.length >= ENOUGH_TAPS) change(tapped(book.heard, made));
    else said.say(t("listen.tooFewTaps"));
    update();
    tapping.focus();
  }

  function update(): void {
    const { heard } = desk, some = heard.beats.length > 1;
    facts.textContent = factsOf(heard);
    metre.set(String(heard.metre));
    const select = metre.querySelector("select")!;
    if (!METRES.some((count) => count === heard.metre)) {
      if (select.options.length === METRES.length) select.append(h("option", { value: String(heard.metre) }, t("listen.metreOf", { count: heard.metre })));
      metre.set(String(heard.metre));
    }
    for (const item of [half, twice, one, metre]) item.hidden = taps !== null || !some;
    relabel(tapping, taps ? t("listen.tapDone") : t("listen.tapAlong"), taps ? "check" : "metronome");
    pad.hidden = help.hidden = taps === null;
    if (taps) help.textContent = taps.length ? t("listen.taps", { count: taps.length }) : t("listen.tapHelp");
  }

  update();
  return { element, update };
}

/** "92 a minute, 4 beats a bar, A minor". */
export function factsOf(heard: Heard): string {
  if (heard.beats.length < 2) return t("listen.noBeats");
  return t("listen.tempoIs", { tempo: Math.round(heard.tempo) });
}
