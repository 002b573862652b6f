/** The big buttons: many fingers, the mouse, gliding from one to the next; Enter and screen readers press them too. */
import { t } from "../strings/index.js";
import { clamp, h } from "../ui/dom.js";
import { shapeIcon, trackStyle } from "../ui/palette.js";
import { isDark } from "../ui/root.js";
import { LAYOUTS, type ButtonCount } from "./rules.js";

export interface PadHooks {
  press(source: string, button: number, velocity: number, at: number): void;
  release(source: string, at: number): void;
  /** Anywhere on the pads: the view takes the keyboard. */
  touched(): void;
}

const SOFTEST = 45;
const LOUDEST = 115;

export class Pads {
  readonly element: HTMLElement;
  private pads: HTMLButtonElement[] = [];
  /** Button under each pointer; -1: down, but beside the pads. */
  private readonly pointers = new Map<number, number>();
  private readonly down = new Map<number, number>();

  constructor(private readonly root: HTMLElement, private readonly hooks: PadHooks, signal: AbortSignal) {
    this.element = h("div", { class: "pads", role: "group", "aria-label": t("genie.pads") });
    const options = { signal };
    this.element.addEventListener("pointerdown", (event) => this.pointerDown(event), options);
    // Fingers leave pads without lifting: follow them on the whole page.
    addEventListener("pointermove", (event) => this.pointerMove(event), options);
    for (const name of ["pointerup", "pointercancel"] as const) {
      addEventListener(name, (event) => this.pointerUp(event), options);
    }
    this.element.addEventListener("contextmenu", (event) => event.preventDefault(), options);
    this.element.addEventListener("mousedown", (event) => event.preventDefault(), options); // the mouse moves no focus
  }

  /** Draw the buttons that the person has. */
  show(buttons: ButtonCount): void {
    this.pads = LAYOUTS[buttons].map((place, button) => this.pad(button, place, buttons));
    this.element.replaceChildren(...this.pads);
    this.element.dataset["buttons"] = String(buttons);
    this.recolor();
  }

  private pad(button: number, place: number, buttons: ButtonCount): HTMLButtonElement {
    const pad = h("button", {
      type: "button", class: "pad", "data-button": button, "data-place": place,
      "aria-label": buttons === 1 ? t("genie.oneButton") : t("genie.button", { number: button + 1, count: buttons }),
    }, h("span", { class: "pad-shape", "aria-hidden": "true" }), h("span", { class: "pad-key", "aria-hidden": "true" }, buttons === 1 ? "" : String(button + 1)),
    h("span", { class: "pad-note", "aria-hidden": "true" }));
    const source = `focus:${button}`;
    pad.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      if (!event.repeat) this.hooks.press(source, button, 84, performance.now());
    });
    pad.addEventListener("keyup", () => this.hooks.release(source, performance.now()));
    pad.addEventListener("blur", () => this.hooks.release(source, performance.now()));
    pad.addEventListener("click", (event) => {
      // A click without a pointer: a screen reader or a switch.
      if (event.detail !== 0 || (event as PointerEvent).pointerType) return;
      this.hooks.press(source, button, 84, performance.now());
      setTimeout(() => this.hooks.release(source, performance.now()), 320);
    });
    return pad;
  }

  recolor(): void {
    const dark = isDark(this.root);
    for (const pad of this.pads) {
      const style = trackStyle(Number(pad.dataset["place"]), dark);
      pad.style.setProperty("--fill", style.fill);
      pad.style.setProperty("--deep", style.deep);
      pad.style.setProperty("--on", style.on);
      pad.querySelector(".pad-shape")!.replaceChildren(shapeIcon(style.shape, 26));
    }
  }

  private at(event: PointerEvent): HTMLButtonElement | null {
    for (const pad of this.pads) {
      const box = pad.getBoundingClientRect();
      if (event.clientX >= box.left - 2 && event.clientX <= box.right + 2 && event.clientY >= box.top && event.clientY <= box.bottom) return pad;
    }
    return null;
  }

  private velocity(event: PointerEvent, pad: HTMLElement): number {
    const box = pad.getBoundingClientRect();
    const depth = clamp((event.clientY - box.top) / Math.max(1, box.height), 0, 1);
    return Math.round(SOFTEST + depth * (LOUDEST - SOFTEST));
  }

  private pointerDown(event: PointerEvent): void {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    const pad = this.at(event);
    if (!pad) return;
    if (pad.hasPointerCapture?.(event.pointerId)) pad.releasePointerCapture(event.pointerId);
    const button = Number(pad.dataset["button"]);
    this.pointers.set(event.pointerId, button);
    this.hooks.press(`pointer:${event.pointerId}`, button, this.velocity(event, pad), performance.now());
    this.hooks.touched();
  }

  private pointerMove(event: PointerEvent): void {
    const before = this.pointers.get(event.pointerId);
    if (before === undefined) return;
    const pad = this.at(event);
    const button = pad ? Number(pad.dataset["button"]) : -1;
    if (button === before) return;
    this.pointers.set(event.pointerId, button);
    const source = `pointer:${event.pointerId}`;
    if (pad) this.hooks.press(source, button, this.velocity(event, pad), performance.now());
    else this.hooks.release(source, performance.now());
  }

  private pointerUp(event: PointerEvent): void {
    if (!this.pointers.delete(event.pointerId)) return;
    this.hooks.release(`pointer:${event.pointerId}`, performance.now());
  }

  /** Forget what fingers were doing: everything has been let go. */
  forget(): void {
    this.pointers.clear();
    this.down.clear();
    for (const pad of this.pads) pad.classList.remove("down");
  }

  /** Light a button while something holds it. */
  light(button: number, on: boolean): void {
    const count = Math.max(0, (this.down.get(button) ?? 0) + (on ? 1 : -1));
    this.down.set(button, count);
    this.pads[button]?.classList.toggle("down", count > 0);
  }

  /** What each button would play, in words; null takes it away. */
  label(texts: readonly string[] | null): void {
    for (const pad of this.pads) pad.querySelector(".pad-note")!.textContent = texts?.[Number(pad.dataset["place"])] ?? "";
  }
}
