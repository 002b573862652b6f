/** Keys that work beyond the instrument itself: undo in the whole view, Space where nothing has the focus. */
import { isTyping } from "../ui/dom.js";
import { redo, undo } from "./commands.js";
import { keyName } from "./keyboard.js";
import type { RollState } from "./state.js";

export function listenToPageKeys(state: RollState, stage: HTMLElement): void {
  const { root, host, player, signal } = state.context;
  const steps: Record<string, (state: RollState) => void> = { "Ctrl+z": undo, "Ctrl+y": redo, "Ctrl+Shift+z": redo };
  // Where nothing has the focus, Space plays and undo works too; a notebook keeps its keys.
  if (host.kind !== "jupyter") {
    document.addEventListener("keydown", (event) => {
      if (event.target !== document.body || stage.offsetParent === null || event.defaultPrevented) return;
      const act = keyName(event) === "Space" ? () => player.toggle() : steps[keyName(event)];
      if (!act) return;
      event.preventDefault();
      act(state);
    }, { signal });
  }
  // Undo works wherever the focus is in the view, outside text fields; no key reaches the page around.
  root.addEventListener("keydown", (event) => {
    event.stopPropagation();
    const act = steps[keyName(event)];
    if (!act || isTyping(event) || event.defaultPrevented) return;
    event.preventDefault();
    act(state);
  }, { signal });
}
