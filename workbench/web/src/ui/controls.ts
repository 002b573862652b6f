/** Buttons, sliders, choices: labelled, focusable, 44 px where fingers are used (see theme.css). */
import { h } from "./dom.js";
import { icon, type IconName } from "./icons.js";

export interface ButtonOptions {
  label: string;
  icon?: IconName;
  /** Show the label beside the icon (otherwise it is the tooltip and the accessible name). */
  text?: boolean;
  kind?: "plain" | "primary" | "danger" | "quiet" | "outlined";
  /** A toggle: pressed or not. */
  pressed?: boolean;
  /** Key shortcut, shown in the tooltip. */
  keys?: string;
  onclick: (event: MouseEvent) => void;
}

export function button(options: ButtonOptions): HTMLButtonElement {
  const showText = options.text ?? !options.icon;
  return h("button", {
    type: "button",
    class: `wb-button ${options.kind ?? "plain"}${showText ? "" : " icon-only"}`,
    "aria-label": showText ? null : options.label,
    "aria-pressed": options.pressed === undefined ? null : String(options.pressed),
    "aria-keyshortcuts": options.keys ?? null,
    title: options.keys ? `${options.label} (${options.keys})` : options.label,
    onclick: options.onclick,
  }, options.icon ? icon(options.icon) as unknown as Node : null, showText ? h("span", {}, options.label) : null);
}

export function setPressed(element: HTMLElement, pressed: boolean): void {
  element.setAttribute("aria-pressed", String(pressed));
}

/** Change what an icon button shows and says. */
export function relabel(element: HTMLButtonElement, label: string, name: IconName): void {
  if (element.title.startsWith(label)) return;
  const keys = element.getAttribute("aria-keyshortcuts");
  element.title = keys ? `${label} (${keys})` : label;
  if (element.hasAttribute("aria-label")) element.setAttribute("aria-label", label);
  else element.querySelector("span")!.textContent = label;
  element.querySelector("svg")?.replaceWith(icon(name));
}

export interface SliderOptions {
  label: string;
  min: number;
  max: number;
  value: number;
  step?: number;
  /** Words at the two ends. */
  ends?: readonly [string, string];
  /** What a screen reader says instead of the number. */
  say?: (value: number) => string;
  hideLabel?: boolean;
  oninput?: (value: number) => void;
  onchange?: (value: number) => void;
}

export function slider(options: SliderOptions): HTMLLabelElement & { set(value: number): void } {
  const input = h("input", {
    type: "range", min: options.min, max: options.max, step: options.step ?? 1,
    "aria-label": options.label, title: options.label,
    oninput: () => {
      describe();
      options.oninput?.(input.valueAsNumber);
    },
    onchange: () => options.onchange?.(input.valueAsNumber),
  });
  const describe = (): void => {
    if (options.say) input.setAttribute("aria-valuetext", options.say(input.valueAsNumber));
    const share = (input.valueAsNumber - options.min) / (options.max - options.min);
    input.style.setProperty("--share", `${Math.round(share * 100)}%`);
  };
  input.value = String(options.value);
  describe();
  const label = h("label", { class: "wb-slider" },
    options.hideLabel ? null : h("span", { class: "wb-slider-label" }, options.label),
    input,
    options.ends ? h("span", { class: "wb-slider-ends", "aria-hidden": "true" },
      h("span", {}, options.ends[0]), h("span", {}, options.ends[1])) : null);
  return Object.assign(label, {
    set(value: number): void {
      if (input.valueAsNumber === value) return;
      input.value = String(value);
      describe();
    },
  });
}

export interface ChoiceOptions<T extends string> {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  hideLabel?: boolean;
  onchange: (value: T) => void;
}

export function choice<T extends string>(options: ChoiceOptions<T>): HTMLLabelElement & { set(value: T): void } {
  const select = h("select", {
    "aria-label": options.hideLabel ? options.label : null, title: options.label,
    onchange: () => options.onchange(select.value as T),
  }, options.options.map(([value, text]) => h("option", { value }, text)));
  select.value = options.value;
  const label = h("label", { class: "wb-choice" }, options.hideLabel ? null : h("span", {}, options.label), select);
  return Object.assign(label, { set: (value: T) => void (select.value = value) });
}
