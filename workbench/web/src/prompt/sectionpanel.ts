/** What can be changed in the section that is picked: its kind, its length, its energy, its place, and who plays. */
import { programName } from "../roll/speech.js";
import { givenName } from "../strings/given.js";
import { t, type StringKey } from "../strings/index.js";
import { button, choice, slider } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import type { Brief, Section } from "./brief.js";

export const KINDS = ["intro", "verse", "build", "chorus", "bridge", "break", "ending"] as const;
/** Most bars of one section. */
export const LONGEST = 64;

export const kindName = (kind: string): string => t(`plan.kind.${kind}` as StringKey);

export interface PanelHooks {
  edit(part: Partial<Section>): void;
  resize(bars: number): void;
  /** So many places later. */
  move(by: number): void;
  add(): void;
  remove(): void;
}

export function drawPanel(panel: HTMLElement, brief: Brief, picked: number, hooks: PanelHooks): void {
  const section = brief.sections[picked], last = brief.sections.length - 1;
  if (!section) return panel.replaceChildren();
  const number = h("input", {
    type: "number", min: 1, max: LONGEST, "aria-label": t("plan.howManyBars"), onchange: () => hooks.resize(number.valueAsNumber || section.bars),
  });
  number.value = String(section.bars);
  const earlier = button({ label: t("plan.earlier"), icon: "left", onclick: () => hooks.move(-1) });
  const later = button({ label: t("plan.later"), icon: "right", onclick: () => hooks.move(1) });
  const remove = button({ label: t("plan.removeSection"), icon: "trash", onclick: () => hooks.remove() });
  [earlier.disabled, later.disabled, remove.disabled] = [picked === 0, picked === last, last === 0];
  panel.replaceChildren(
    h("div", { class: "row" },
      choice<string>({ label: t("plan.kind"), value: section.kind, options: KINDS.map((kind) => [kind, kindName(kind)] as const), onchange: (kind) => hooks.edit({ kind }) }),
      h("label", { class: "wb-choice" }, number, h("span", {}, t("plan.barsUnit"))),
      slider({ label: t("plan.energy"), min: 0, max: 100, step: 5, value: section.energy, onchange: (energy) => hooks.edit({ energy }) }),
      h("span", { class: "row" }, earlier, later, button({ label: t("plan.addSection"), icon: "plus", onclick: () => hooks.add() }), remove)),
    h("div", { class: "row players", role: "group", "aria-label": t("plan.plays") }, h("span", { class: "soft" }, t("plan.plays")), players(brief, section, hooks)));
}

function players(brief: Brief, section: Section, hooks: PanelHooks): HTMLElement[] {
  const parts = brief.instruments.map((each) => each.part), names = playerNames(brief);
  return brief.instruments.map((instrument, i) => {
    const on = section.instruments.includes(instrument.part);
    return button({
      label: names[i]!, text: true, kind: "outlined", pressed: on,
      onclick: () => hooks.edit({ instruments: parts.filter((part) => (part === instrument.part ? !on : section.instruments.includes(part))) }),
    });
  });
}

/** What the parts play on; two on the same instrument are told apart by what they play ("Nylon guitar: Rhythm guitar"). */
export function playerNames({ instruments }: Pick<Brief, "instruments">): string[] {
  const names = instruments.map(({ drums, program }) => (drums ? t("plan.drums") : programName({ program, is_drum: false })));
  return names.map((name, i) => {
    const part = givenName(instruments[i]!.part);
    return part !== name && names.filter((other) => other === name).length > 1 ? t("plan.player", { instrument: name, part }) : name;
  });
}
