/** What can be done with the selected notes, at hand for those who know no keys. */
import { plural, t } from "../strings/index.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import type { IconName } from "../ui/icons.js";
import type { StringKey } from "../strings/index.js";
import * as commands from "./commands.js";
import { markExactly } from "./keyboard.js";
import type { RollState } from "./state.js";

export interface SelectionBar { readonly element: HTMLElement; update(): void }

export function makeSelectionBar(state: RollState): SelectionBar {
  const count = h("span", { class: "count" });
  const act = (key: StringKey, picture: IconName, keys: string, run: (state: RollState) => void, danger = false): HTMLElement =>
    button({ label: t(key), icon: picture, keys, ...(danger ? { kind: "danger" as const } : {}), onclick: () => {
      run(state);
      state.redraw();
    } });
  const element = h("div", { class: "selection-bar wb-card", role: "toolbar", "aria-label": t("menu.title"), hidden: true }, count,
    act("menu.duplicate", "plus", "Ctrl+D", commands.duplicate),
    act("menu.copy", "copy", "Ctrl+C", commands.copySelected),
    act("menu.octaveUp", "up", "", (roll) => commands.moveSelected(roll, 0, 12)),
    act("menu.octaveDown", "down", "", (roll) => commands.moveSelected(roll, 0, -12)),
    act("menu.quantise", "grid", "Q", commands.quantise),
    act("menu.gap", "gap", "Alt+G", markExactly),
    act("menu.lock", "lock", "K", commands.lockSelected),
    act("menu.delete", "trash", "Delete", commands.removeSelected, true));
  return {
    element,
    update() {
      const { size } = state.context.store.view.selection;
      // A note that was just drawn is selected too: no bar for that, it would flicker with every stroke.
      element.hidden = size === 0 || (size === 1 && state.tool === "draw");
      count.textContent = plural("track.notes", size);
    },
  };
}
