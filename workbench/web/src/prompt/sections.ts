/** The form of the piece: blocks that can be moved and resized, by hand or by keys, and who plays in each. */
import { clock } from "../roll/speech.js";
import { t } from "../strings/index.js";
import { clamp, h } from "../ui/dom.js";
import { added, moved, removed, resized, withSections, type Brief, type Section } from "./brief.js";
import type { PlanDesk } from "./plan.js";
import { dragBlock } from "./sectiondrag.js";
import { drawPanel, kindName, LONGEST } from "./sectionpanel.js";

export function makeSections(plan: PlanDesk): { element: HTMLElement; update(brief: Brief): void } {
  const strip = h("div", { class: "strip", role: "group", "aria-label": t("plan.sections"), "aria-describedby": "plan-sections-hint" });
  const panel = h("div", { class: "section-panel" });
  let picked = 0, shown = "";

  const change = (sections: readonly Section[]): void => plan.change(withSections(plan.brief, sections));
  const edit = (index: number, part: Partial<Section>): void => change(plan.brief.sections.map((section, i) => (i === index ? { ...section, ...part } : section)));
  const say = (section: Section): void => plan.desk.said.say(t("plan.sectionSays", { kind: kindName(section.kind), first: section.first_bar, bars: section.bars }));

  function pick(index: number, focus = true): void {
    picked = clamp(index, 0, plan.brief.sections.length - 1);
    draw(plan.brief);
    if (focus) (strip.children[picked] as HTMLElement | undefined)?.focus();
  }
  function resize(index: number, bars: number): void {
    const next = resized(plan.brief, index, clamp(Math.round(bars), 1, LONGEST));
    if (!next) return void (draw(plan.brief, true), plan.desk.said.say(t("plan.noRoom")));
    change(next);
    say(plan.brief.sections[index]!);
  }
  function move(from: number, to: number): void {
    const { sections } = plan.brief, target = clamp(to, 0, sections.length - 1);
    if (target === from) return;
    picked = target;
    change(moved(sections, from, target));
    say(plan.brief.sections[target]!);
  }
  function remove(index: number): void {
    const { sections } = plan.brief;
    if (sections.length < 2) return;
    picked = Math.max(0, index - 1);
    change(removed(plan.brief, index));
  }
  function add(): void {
    const next = added(plan.brief, picked);
    if (!next) return plan.desk.said.say(t("plan.noRoom"));
    picked += 1;
    change(next);
  }

  function onkey(event: KeyboardEvent, index: number): void {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (event.key === "Delete" || event.key === "Backspace") remove(index);
    else if (!by) return;
    else if (event.shiftKey) resize(index, plan.brief.sections[index]!.bars + by);
    else if (event.altKey) move(index, index + by);
    else pick(index + by);
    event.preventDefault();
    event.stopPropagation();
    (strip.children[picked] as HTMLElement | undefined)?.focus();
  }

  function block(section: Section, index: number, brief: Brief): HTMLElement {
    const grip = h("i", { class: "grip", "aria-hidden": "true" });
    const made = h("div", {
      class: `block kind-${section.kind}`, tabindex: index === picked ? 0 : -1, role: "button", "aria-pressed": String(index === picked),
      style: `flex:${section.bars} 1 0; --energy:${section.energy / 100}`, "data-section": index,
      "aria-label": t("plan.sectionLabel", { kind: kindName(section.kind), first: section.first_bar, bars: section.bars, energy: section.energy }),
      onclick: () => pick(index), onkeydown: (event: KeyboardEvent) => onkey(event, index),
    }, h("b", {}, kindName(section.kind)), h("span", {}, t("plan.bars", { count: section.bars })),
    section.end > section.start ? h("small", {}, clock(section.start)) : null, grip);
    dragBlock(made, grip, section, index, {
      brief, barWidth: () => strip.clientWidth / Math.max(1, brief.bars), resize: (bars) => resize(index, bars), move: (to) => move(index, to), redraw: () => draw(plan.brief, true),
    });
    return made;
  }

  function draw(brief: Brief, again = false): void {
    const key = JSON.stringify([brief.sections, brief.instruments, picked]);
    if (key === shown && !again) return;
    shown = key;
    const root = strip.getRootNode(), active = root instanceof ShadowRoot ? root.activeElement : null;
    const held = active instanceof HTMLElement && strip.contains(active);
    picked = clamp(picked, 0, Math.max(0, brief.sections.length - 1));
    strip.replaceChildren(...brief.sections.map((section, i) => block(section, i, brief)));
    if (held) (strip.children[picked] as HTMLElement | undefined)?.focus();
    const within = active instanceof HTMLElement && panel.contains(active) ? (active.getAttribute("aria-label") ?? active.title) : "";
    drawPanel(panel, brief, picked, { edit: (part) => edit(picked, part), resize: (bars) => resize(picked, bars), move: (by) => move(picked, picked + by), add, remove: () => remove(picked) });
    if (within) [...panel.querySelectorAll<HTMLElement>("button, input, select")].find((each) => (each.getAttribute("aria-label") ?? each.title) === within)?.focus();
  }

  return {
    element: h("div", { class: "sections" }, h("h3", {}, t("plan.sections")), strip,
      h("p", { id: "plan-sections-hint", class: "soft" }, t("plan.sectionsHint")), panel),
    update: (brief) => draw(brief),
  };
}
