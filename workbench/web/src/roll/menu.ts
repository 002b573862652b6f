/** The menu of selected notes: long press, right key, or the menu key. */
import { t, type StringKey } from "../strings/index.js";
import { button } from "../ui/controls.js";
import { clamp, h } from "../ui/dom.js";
import type { IconName } from "../ui/icons.js";
import * as commands from "./commands.js";
import { stepTicks } from "./snap.js";
import { time, type RollState } from "./state.js";

export interface NoteMenu { readonly element: HTMLElement; open(clientX: number, clientY: number): void }

export function makeMenu(state: RollState, back: () => void): NoteMenu {
  const step = (): number => Math.round(stepTicks(time(state), state.context.store.view.snap || 4));
  const items: readonly [StringKey, IconName, () => void][] = [
    ["menu.delete", "trash", () => commands.removeSelected(state)],
    ["menu.copy", "copy", () => commands.copySelected(state)],
    ["menu.paste", "paste", () => commands.paste(state)],
    ["menu.duplicate", "plus", () => commands.duplicate(state)],
    ["menu.octaveUp", "up", () => commands.moveSelected(state, 0, 12)],
    ["menu.octaveDown", "down", () => commands.moveSelected(state, 0, -12)],
    ["menu.longer", "right", () => commands.resizeSelected(state, step())],
    ["menu.shorter", "left", () => commands.resizeSelected(state, -step())],
    ["menu.quantise", "tracks", () => commands.quantise(state)],
    ["menu.lock", "lock", () => commands.lockSelected(state)],
  ];
  const close = (): void => {
    element.hidden = true;
    back();
  };
  const element = h("div", {
    class: "menu wb-card", role: "group", "aria-label": t("menu.title"), hidden: true,
    onkeydown: (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close();
    },
  }, items.map(([key, picture, run]) => button({
    label: t(key), icon: picture, text: true,
    onclick: () => {
      run();
      close();
      state.redraw();
    },
  })));
  document.addEventListener("pointerdown", (event) => {
    if (!event.composedPath().includes(element)) element.hidden = true;
  }, { signal: state.context.signal, capture: true });
  return {
    element,
    open(clientX, clientY) {
      element.hidden = false;
      const box = (element.offsetParent ?? element.parentElement!).getBoundingClientRect();
      element.style.left = `${clamp(clientX - box.left, 6, Math.max(6, box.width - element.offsetWidth - 6))}px`;
      element.style.top = `${clamp(clientY - box.top, 6, Math.max(6, box.height - element.offsetHeight - 6))}px`;
      element.querySelector("button")?.focus();
    },
  };
}
