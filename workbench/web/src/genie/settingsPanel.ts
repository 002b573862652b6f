/** Settings behind "More": how the Genie listens to the hand, keys, MIDI. */
import { decimals, t } from "../strings/index.js";
import { button, choice, setPressed, slider } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { languageSwitch } from "../ui/languages.js";
import { NAMES, type PlayKey } from "./accompaniment.js";
import type { Midi } from "./midi.js";
import type { ButtonCount, GenieSettings } from "./rules.js";
import type { Session } from "./session.js";

export interface SettingsHooks {
  /** The person's key: null is any. */
  key(key: PlayKey | null): void;
  buttons(count: ButtonCount): void;
  midiOut(id: string): void;
  fail(text: string): void;
}

export interface SettingsPanel {
  readonly element: HTMLElement;
  ports(): void;
  latency(compute: number, output: number): void;
}

type Flag = "direction" | "loyal";

export function settingsPanel(session: Session, midi: Midi, hooks: SettingsHooks): SettingsPanel {
  const flag = (label: string, get: () => boolean, set: (on: boolean) => void): HTMLButtonElement => {
    const made = button({
      label, pressed: get(), kind: "outlined",
      onclick: () => {
        set(!get());
        setPressed(made, get());
      },
    });
    return made;
  };
  const rule = (name: Flag, label: string): HTMLButtonElement =>
    flag(label, () => session.settings[name], (on) => session.change({ [name]: on } as Partial<GenieSettings>));
  const count = choice<"8" | "4" | "1">({
    label: t("genie.howMany"), value: "8", options: [["8", t("genie.eight")], ["4", t("genie.four")], ["1", t("genie.one")]],
    onchange: (value) => hooks.buttons(Number(value) as ButtonCount),
  });
  const keys: [string, string][] = [["", t("genie.keyAny")]];
  NAMES.forEach((name, tonic) => {
    keys.push([`${tonic}`, t("genie.major", { name })]);
    keys.push([`${tonic}m`, t("genie.minor", { name })]);
  });
  const key = choice({
    label: t("genie.key"), value: "", options: keys,
    onchange: (value) => hooks.key(value ? { tonic: parseInt(value, 10), minor: value.endsWith("m") } : null),
  });
  const leapWords = (value: number): string => (value > 24 ? t("genie.leapAny") : t("genie.leapSteps", { count: value }));
  const leap = slider({
    label: t("genie.leap"), min: 2, max: 25, value: session.settings.max_leap, ends: [leapWords(2), t("genie.leapAny")], say: leapWords,
    oninput: (value) => session.change({ max_leap: value > 24 ? 0 : value }),
  });
  const seed = h("input", {
    type: "number", min: 0, max: 4_294_967_295, step: 1, class: "seed", inputmode: "numeric",
    onchange: () => (session.fixedSeed = seed.value === "" || !(seed.valueAsNumber >= 0) ? null : Math.floor(seed.valueAsNumber) % 2 ** 32),
  });
  const ports = h("div", { class: "ports" });
  const delays = h("p", { class: "soft" });

  const drawPorts = (): void => {
    if (!midi.connected) {
      ports.replaceChildren(button({
        label: t("genie.midiConnect"), kind: "outlined", icon: "keyboard", text: true,
        onclick: () => void midi.connect().then(drawPorts, (error: unknown) => hooks.fail(error instanceof Error ? error.message : String(error))),
      }));
      return;
    }
    const names = midi.inputs.map((port) => port.name).join(", ");
    const out = choice({
      label: t("genie.midiOut"), value: "", onchange: (id) => hooks.midiOut(id),
      options: [["", t("genie.midiOutHere")], ...midi.outputs.map((port) => [port.id, port.name] as const)],
    });
    ports.replaceChildren(h("p", { class: "soft" }, names ? t("genie.midiIn", { names }) : t("genie.midiInNone")), out);
  };
  drawPorts();

  const element = h("section", { class: "settings wb-card", hidden: true, "aria-label": t("genie.more") },
    h("div", { class: "settings-grid" },
      h("div", { class: "group" }, count, key, leap),
      h("div", { class: "group" },
        flag(t("genie.replayable"), () => session.settings.mode === "replayable", (on) => session.change({ mode: on ? "replayable" : "steady" })),
        rule("direction", t("genie.direction")), rule("loyal", t("genie.loyal"))),
      h("div", { class: "group" }, h("h3", {}, t("genie.midi")), ports, h("label", { class: "wb-choice" }, h("span", {}, t("genie.seed")), seed), languageSwitch())),
    h("p", { class: "soft" }, t("genie.help")), delays);
  return {
    element, ports: drawPorts,
    latency(compute, output) {
      if (compute > 0) delays.textContent = t("genie.latency", { compute: decimals(compute, 1, 1), output: Math.round(output) });
    },
  };
}
