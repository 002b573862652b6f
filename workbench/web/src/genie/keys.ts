/** Computer keys as buttons: 1 to 8 and the home row by their place, whatever is printed on them; space is the pedal. */
import { isTyping } from "../ui/dom.js";
import type { ButtonCount } from "./rules.js";

const HOME = ["KeyA", "KeyS", "KeyD", "KeyF", "KeyJ", "KeyK", "KeyL", "Semicolon"];

/** The button of a key; -1 for none. With four buttons 1 to 4, A S D F and J K L ; all reach them. */
export function buttonOfKey(code: string, buttons: ButtonCount): number {
  const digit = /^(?:Digit|Numpad)([1-8])$/.exec(code);
  const place = digit ? Number(digit[1]) - 1 : HOME.indexOf(code);
  if (place < 0) return buttons === 1 && (code === "Space" || code === "Enter") ? 0 : -1;
  if (buttons === 1) return 0;
  return digit && place >= buttons ? -1 : place % buttons;
}

export interface KeyHooks {
  buttons(): ButtonCount;
  press(source: string, button: number, at: number): void;
  release(source: string, at: number): void;
  pedal(down: boolean, at: number): void;
  escape(): void;
}

/** Elements that do something of their own on Enter and Space. */
function isControl(event: Event): boolean {
  const target = event.composedPath()[0];
  return target instanceof HTMLElement && target.closest("button, input, select, summary, a, [role=switch], [role=tab]") !== null;
}

/**
 * Listen on the whole page while the view is visible, except where somebody types; in a notebook only while the
 * focus is inside the view, so that its own shortcuts keep working.
 */
export function listenToKeys(root: HTMLElement, focusNeeded: boolean, hooks: KeyHooks, signal: AbortSignal): void {
  const held = new Set<string>();
  const host = (root.getRootNode() as ShadowRoot).host;
  const ours = (event: KeyboardEvent): boolean => {
    if (root.offsetParent === null || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return false;
    return !focusNeeded || event.composedPath().includes(host);
  };
  document.addEventListener("keydown", (event) => {
    if (!ours(event)) return;
    const plainKey = event.code === "Space" || event.code === "Enter";
    if (plainKey && isControl(event)) return;
    const button = buttonOfKey(event.code, hooks.buttons());
    if (button >= 0 || event.code === "Space") {
      event.preventDefault();
      event.stopPropagation();
      if (event.repeat || held.has(event.code)) return;
      held.add(event.code);
      if (button >= 0) hooks.press(`key:${event.code}`, button, performance.now());
      else hooks.pedal(true, performance.now());
    } else if (event.code === "Escape") hooks.escape();
  }, { signal, capture: true });
  document.addEventListener("keyup", (event) => {
    if (!held.delete(event.code)) return;
    event.preventDefault();
    event.stopPropagation();
    hooks.release(`key:${event.code}`, performance.now());
    if (event.code === "Space") hooks.pedal(false, performance.now());
  }, { signal, capture: true });
  addEventListener("blur", () => held.clear(), { signal });
}
