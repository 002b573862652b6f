/** A few lines instead of a framework. */

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, unknown>;

/**
 * Make an element. `on...` values are listeners, `class`, `style` and the rest attributes; `true` sets an empty
 * attribute, `false`, null and undefined leave it out; `hidden`, `value`, `checked`, `disabled` are properties.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Attributes = {}, ...children: (Child | Child[])[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on") && typeof value === "function") {
      element.addEventListener(name.slice(2), value as EventListener);
    } else if (["hidden", "value", "checked", "disabled"].includes(name)) {
      (element as unknown as Attributes)[name] = value;
    } else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  for (const child of children.flat()) if (child) element.append(child);
  return element;
}

/** Throttle to one call a frame; `force` draws at once. */
export function everyFrame(draw: () => void): { request(): void; force(): void } {
  let wanted = 0;
  const run = (): void => {
    wanted = 0;
    draw();
  };
  return {
    request: () => void (wanted ||= requestAnimationFrame(run)),
    force: () => {
      if (wanted) cancelAnimationFrame(wanted);
      run();
    },
  };
}

/** Whether the event comes from a place where people type text. */
export function isTyping(event: Event): boolean {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["range", "checkbox", "radio", "button"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

export const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
