/** The bar on top of the Genie: with whom one plays, how sure and how wild it is, a look inside, more. */
import { t } from "../strings/index.js";
import { button, setPressed, slider } from "../ui/controls.js";
import { named } from "../ui/conditions.js";
import { h } from "../ui/dom.js";
import type { With } from "./accompaniment.js";

export interface TopBarHooks {
  choose(way: With): void;
  sure(on: boolean): void;
  /** 0 to 1.5. */
  mood(temperature: number): void;
  inside(on: boolean): void;
  /** Open or close the settings; returns whether they are open now. */
  more(): boolean;
}

export interface TopBar {
  readonly element: HTMLElement;
  show(way: With): void;
}

/** `project`: there is an open piece to play with. */
export function makeTopBar(hooks: TopBarHooks, temperature: number, project: boolean): TopBar {
  const ways: [With, string][] = [["alone", t("genie.alone")], ["chords", t("genie.chords")]];
  if (project) ways.push(["project", t("genie.project")]);
  const wayButtons = ways.map(([way, label]) => {
    const made = button({ label, pressed: way === "alone", onclick: () => hooks.choose(way) });
    made.dataset["way"] = way;
    return way === "alone" ? made : named("chords", made);
  });
  const toggled = (element: HTMLElement): boolean => {
    const on = element.getAttribute("aria-pressed") !== "true";
    setPressed(element, on);
    return on;
  };
  const sure = button({
    label: t("genie.sure"), icon: "check", text: true, pressed: false, kind: "outlined", onclick: () => hooks.sure(toggled(sure)),
  });
  sure.title = t("genie.sureWhy");
  const mood = slider({
    label: t("genie.mood"), min: 0, max: 150, step: 5, value: temperature * 100, hideLabel: true,
    ends: [t("genie.calmer"), t("genie.wilder")], say: (value) => t("genie.percent", { share: value }),
    oninput: (value) => hooks.mood(value / 100),
  });
  mood.title = t("genie.moodWhy");
  const inside = button({
    label: t("genie.inside"), icon: "zoomIn", text: true, pressed: false, kind: "quiet", onclick: () => hooks.inside(toggled(inside)),
  });
  inside.title = t("genie.insideWhy");
  inside.setAttribute("aria-label", t("genie.inside")); // on phones the icon stands alone
  const more = button({ label: t("genie.more"), icon: "more", pressed: false, onclick: () => setPressed(more, hooks.more()) });
  return {
    element: h("div", { class: "g-bar" },
      h("div", { class: "ways", role: "group", "aria-label": t("genie.with") },
        h("span", { class: "soft", "aria-hidden": "true" }, t("genie.with")), wayButtons),
      sure, mood, h("div", { class: "end" }, inside, more)),
    show(way) {
      for (const item of wayButtons) setPressed(item, item.dataset["way"] === way);
    },
  };
}

/** The pedal as a button: held down, or pressed by a key to go down and up. */
export function makePedal(set: (down: boolean) => void, down: () => boolean): HTMLButtonElement {
  const pedal = h("button", {
    type: "button", class: "wb-button outlined pedal", "aria-pressed": "false", title: t("genie.pedalWhy"),
  }, t("genie.pedal"));
  pedal.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    pedal.setPointerCapture(event.pointerId);
    set(true);
  });
  for (const name of ["pointerup", "pointercancel"]) pedal.addEventListener(name, () => set(false));
  pedal.addEventListener("click", (event) => event.detail === 0 && set(!down()));
  return pedal;
}

export interface Recorder {
  readonly element: HTMLElement;
  recording(on: boolean): void;
  show(time: string): void;
}

export function makeRecorder(finish: () => void): Recorder {
  const time = h("span", { class: "rec-time" }, "0:00");
  const done = button({ label: t("genie.done"), icon: "stop", text: true, kind: "outlined", onclick: finish });
  const element = h("div", { class: "recorder idle" },
    h("span", { class: "dot", role: "img", "aria-label": t("genie.recording") }), time, done);
  done.disabled = true;
  return {
    element,
    recording(on) {
      element.classList.toggle("idle", !on);
      done.disabled = !on;
      if (!on) time.textContent = "0:00";
    },
    show: (text) => void (time.textContent = text),
  };
}
