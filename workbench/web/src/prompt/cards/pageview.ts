/** Which part of a page is seen: a window of the page's picture that can be moved and made smaller or larger. */
import { clamp } from "../../ui/dom.js";

/** The smallest window, as a share of the page's width. */
const CLOSEST = 0.12;

export class PageView {
  /** Left and top edge, and width, in pixels of the page's picture. */
  x = 0;
  y = 0;
  width = 1;
  /** Size of the page's picture, and of the window on the screen. */
  private page: readonly [number, number] = [1, 1];
  private screen: readonly [number, number] = [1, 1];

  get height(): number {
    return (this.width * this.screen[1]) / this.screen[0];
  }

  /** Pixels of the picture to one of the screen. */
  get scale(): number {
    return this.width / this.screen[0];
  }

  /** Whether the whole width of the page is seen. */
  get whole(): boolean {
    return this.width >= this.page[0] * 0.999;
  }

  resize(width: number, height: number): void {
    this.screen = [Math.max(1, width), Math.max(1, height)];
    this.hold();
  }

  /** Another page: its whole width, or the share of it that is given, from the top of its first line on. */
  open(width: number, height: number, share = 1, left = 0, top = 0): void {
    this.page = [width, height];
    [this.x, this.y, this.width] = [left, top, width * share];
    this.hold();
  }

  hold(): void {
    const [width, height] = this.page;
    this.width = clamp(this.width, width * CLOSEST, width);
    this.x = clamp(this.x, 0, Math.max(0, width - this.width));
    this.y = clamp(this.y, 0, Math.max(0, height - this.height));
  }

  /** Pixels of the screen to pixels of the page. */
  at(x: number, y: number): [number, number] {
    return [this.x + x * this.scale, this.y + y * this.scale];
  }

  /** Move the page with the hand, by pixels of the screen; whether it moved. */
  panBy(dx: number, dy: number): boolean {
    const before = [this.x, this.y];
    this.x -= dx * this.scale;
    this.y -= dy * this.scale;
    this.hold();
    return before[0] !== this.x || before[1] !== this.y;
  }

  /** Closer by `factor`, around a place of the screen. */
  zoom(factor: number, x = this.screen[0] / 2, y = this.screen[1] / 2): void {
    const [px, py] = this.at(x, y);
    this.width /= factor;
    this.hold();
    this.x = px - x * this.scale;
    this.y = py - y * this.scale;
    this.hold();
  }

  /** Move as little as needed to show a box with some air around it. */
  reveal(left: number, top: number, width: number, height: number): void {
    const air = Math.min(this.width, this.height) / 6;
    this.x = clamp(this.x, left + width + air - this.width, left - air);
    this.y = clamp(this.y, top + height + air - this.height, top - air);
    this.hold();
  }
}

export interface PageHands {
  /** Something was touched; `air`: how far beside it a finger may be, in pixels of the page. */
  tap(x: number, y: number, air: number): void;
  moved(): void;
}

const SLOP = 5, AIR = 5, AIR_TOUCH = 18;

/** Drag to move, two fingers or Ctrl and the wheel to come closer; while the whole page is seen, fingers scroll the page around it. */
export function listenToPage(element: HTMLElement, view: PageView, hands: PageHands, signal: AbortSignal): void {
  const fingers = new Map<number, [number, number]>();
  let dragged = false;
  const at = (event: MouseEvent): [number, number] => {
    const box = element.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.button > 0) return;
    if (!fingers.size) dragged = false;
    fingers.set(event.pointerId, at(event));
  }, { signal });
  element.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const [x, y] = at(event);
    if (!dragged && fingers.size === 1 && Math.hypot(x - before[0], y - before[1]) < SLOP) return;
    if (!dragged) element.setPointerCapture(event.pointerId);
    dragged = true;
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const was = Math.hypot(before[0] - other[0], before[1] - other[1]), now = Math.hypot(x - other[0], y - other[1]);
      if (was > 10) view.zoom(now / was, (x + other[0]) / 2, (y + other[1]) / 2);
    } else view.panBy(x - before[0], y - before[1]);
    fingers.set(event.pointerId, [x, y]);
    hands.moved();
  }, { signal });
  const end = (event: PointerEvent): void => {
    if (!fingers.delete(event.pointerId) || fingers.size || dragged || event.type === "pointercancel") return;
    hands.tap(...view.at(...at(event)), (event.pointerType === "touch" ? AIR_TOUCH : AIR) * view.scale);
  };
  element.addEventListener("pointerup", end, { signal });
  element.addEventListener("pointercancel", end, { signal });
  element.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) view.zoom(Math.exp(-event.deltaY * 0.004), ...at(event));
    // What cannot be moved any further lets the page around it scroll.
    else if (!view.panBy(-event.deltaX, -event.deltaY)) return;
    event.preventDefault();
    hands.moved();
  }, { signal, passive: false });
}
