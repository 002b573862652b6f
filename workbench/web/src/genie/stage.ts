/** The picture: a keyboard that lights in the button's colour, notes rising from it, and the model's probabilities. */
import { h } from "../ui/dom.js";
import { shapePoints, trackStyle, type TrackStyle } from "../ui/palette.js";
import { isDark } from "../ui/root.js";
import { BUTTONS, LOWEST_PITCH } from "./decoder.js";

interface Rising { readonly pitch: number; readonly place: number; readonly velocity: number; readonly start: number; end: number | null }
interface Key { readonly pitch: number; readonly x: number; readonly width: number; readonly black: boolean }

const BLACK = [false, true, false, true, false, false, true, false, true, false, true, false];
const COLORS = ["--wb-roll-grid", "--wb-sunken", "--wb-key-black", "--wb-key-white", "--wb-line-strong"];
const SPEED = 110; // pixels a second
const ROW = 13; // height of a row of probabilities

export class Stage {
  readonly element: HTMLElement;
  /** The keyboard at rest, drawn only when sizes or colours change; what moves is drawn over it. */
  private readonly still = h("canvas", { "aria-hidden": "true" });
  private readonly canvas = h("canvas", { "aria-hidden": "true" });
  private notes: Rising[] = [];
  private keys: Key[] = [];
  private styles: TrackStyle[] = [];
  private frame = 0;
  private readonly colors = new Map<string, string>();
  private low = LOWEST_PITCH;
  private high = 108;
  private chance: readonly Float64Array[] | null = null;
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)");

  constructor(private readonly root: HTMLElement, private readonly signal: AbortSignal) {
    this.element = h("div", { class: "g-stage" }, this.still, this.canvas);
    const sizes = new ResizeObserver(() => this.layout());
    sizes.observe(this.element);
    signal.addEventListener("abort", () => sizes.disconnect());
    root.addEventListener("themechange", () => this.layout(), { signal });
  }

  /** Show the keys from `low` to `high` (MIDI pitches). */
  range(low: number, high: number): void {
    this.low = low;
    this.high = high;
    this.layout();
  }

  /** Probabilities to show, [8] of [88]; null: none. */
  inside(rows: readonly Float64Array[] | null): void {
    this.chance = rows;
    this.request();
  }

  on(pitch: number, velocity: number, place: number): void {
    this.notes.push({ pitch, place, velocity, start: performance.now(), end: null });
    if (this.notes.length > 400) this.notes.splice(0, this.notes.length - 400);
    this.request();
  }

  off(pitch: number): void {
    for (const note of this.notes) if (note.pitch === pitch) note.end ??= performance.now();
    this.request();
  }

  private layout(): void {
    const width = this.element.clientWidth;
    const height = this.element.clientHeight;
    if (!width || !height) return;
    const ratio = Math.min(2, devicePixelRatio || 1);
    for (const canvas of [this.still, this.canvas]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.getContext("2d")!.setTransform(ratio, 0, 0, ratio, 0, 0);
    }
    const look = getComputedStyle(this.root);
    for (const name of COLORS) this.colors.set(name, look.getPropertyValue(name));
    this.styles = Array.from({ length: BUTTONS }, (_, place) => trackStyle(place, isDark(this.root)));
    let whites = 0;
    for (let pitch = this.low; pitch <= this.high; pitch++) if (!BLACK[pitch % 12]) whites++;
    const white = width / whites;
    this.keys = [];
    let x = 0;
    for (let pitch = this.low; pitch <= this.high; pitch++) {
      const black = BLACK[pitch % 12]!;
      this.keys.push(black ? { pitch, black, x: x - white * 0.31, width: white * 0.62 } : { pitch, black, x, width: white });
      if (!black) x += white;
    }
    const still = this.still.getContext("2d")!;
    this.guides(still, height - this.keyboard);
    this.drawKeys(still, height - this.keyboard, height, null);
    this.draw();
  }

  private color(name: string): string {
    return this.colors.get(name)!;
  }

  private request(): void {
    if (!this.frame && !this.signal.aborted) {
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.draw();
      });
    }
  }

  /** Height of the keyboard in pixels. */
  private get keyboard(): number {
    return Math.min(130, Math.max(64, this.element.clientHeight * 0.3));
  }

  private draw(): void {
    const context = this.canvas.getContext("2d");
    if (!context || !this.keys.length) return;
    const now = performance.now();
    const [width, height] = [this.element.clientWidth, this.element.clientHeight];
    context.clearRect(0, 0, width, height);
    const top = height - this.keyboard;
    const floor = top - (this.chance ? ROW * BUTTONS + 8 : 0);
    this.rise(context, floor, now);
    if (this.chance) this.rows(context, floor + 4);
    const lit = new Map<number, TrackStyle>();
    for (const note of this.notes) if (note.end === null) lit.set(note.pitch, this.styles[note.place]!);
    if (lit.size) this.drawKeys(context, top, height, lit);
    this.notes = this.notes.filter((note) => note.end === null || floor - ((now - note.end) / 1_000) * SPEED > -20);
    if (this.calm.matches) this.notes = this.notes.filter((note) => note.end === null);
    if (this.notes.length && !this.calm.matches) this.request();
  }

  /** A faint line at every C. */
  private guides(context: CanvasRenderingContext2D, floor: number): void {
    context.fillStyle = this.color("--wb-roll-grid");
    for (const key of this.keys) if (key.pitch % 12 === 0) context.fillRect(Math.round(key.x), 0, 1, floor);
  }

  private rise(context: CanvasRenderingContext2D, floor: number, now: number): void {
    for (const note of this.notes) {
      const key = this.keys[note.pitch - this.low];
      const style = this.styles[note.place];
      if (!key || !style) continue;
      const wide = Math.max(8, this.keys[0]!.width * 0.8);
      const middle = key.x + key.width / 2;
      let top = floor - ((now - note.start) / 1_000) * SPEED;
      let bottom = note.end === null ? floor : floor - ((now - note.end) / 1_000) * SPEED;
      if (this.calm.matches) {
        if (note.end !== null) continue;
        [top, bottom] = [floor - 60, floor];
      }
      top = Math.min(top, bottom - 6);
      context.globalAlpha = (0.55 + 0.45 * (note.velocity / 127)) * Math.min(1, Math.max(0.15, bottom / floor + 0.25));
      context.fillStyle = style.fill;
      context.beginPath();
      context.roundRect(middle - wide / 2, top, wide, bottom - top, Math.min(wide / 2, 7));
      context.fill();
      this.mark(context, style, middle, top + wide * 0.6, wide * 0.26);
      if (note.end === null) {
        const glow = context.createLinearGradient(0, floor - 70, 0, floor);
        glow.addColorStop(0, `${style.fill}00`);
        glow.addColorStop(1, style.fill);
        context.globalAlpha = 0.35;
        context.fillStyle = glow;
        context.fillRect(middle - wide, floor - 70, wide * 2, 70);
      }
    }
    context.globalAlpha = 1;
  }

  /** The button's shape on a note, so that colour is never alone. */
  private mark(context: CanvasRenderingContext2D, style: TrackStyle, x: number, y: number, size: number): void {
    if (size < 2.5) return;
    context.fillStyle = style.on;
    context.beginPath();
    for (const [px, py] of shapePoints(style.shape)) context.lineTo(x + px * size, y + py * size);
    context.closePath();
    context.fill();
  }

  private rows(context: CanvasRenderingContext2D, top: number): void {
    context.fillStyle = this.color("--wb-sunken");
    context.fillRect(0, top - 4, this.element.clientWidth, ROW * BUTTONS + 8);
    this.chance!.forEach((row, place) => {
      const y = top + place * ROW;
      context.fillStyle = this.styles[place]!.fill;
      for (const key of this.keys) {
        const value = row[key.pitch - LOWEST_PITCH]!;
        if (value < 0.002) continue;
        context.globalAlpha = Math.min(1, 0.12 + Math.sqrt(value));
        const size = ROW - 3;
        context.fillRect(key.x + key.width * 0.08, y + (size - size * Math.min(1, 0.35 + value)) / 2, key.width * 0.84, size * Math.min(1, 0.35 + value));
      }
      context.globalAlpha = 1;
    });
  }

  /** All keys (`lit` null), or those that are lit with the black keys beside them. */
  private drawKeys(
    context: CanvasRenderingContext2D, top: number, bottom: number, lit: ReadonlyMap<number, TrackStyle> | null,
  ): void {
    for (const black of [false, true]) {
      const length = (bottom - top) * (black ? 0.62 : 1);
      for (const key of this.keys) {
        if (key.black !== black) continue;
        const style = lit?.get(key.pitch);
        if (lit && !style && !(black && (lit.has(key.pitch - 1) || lit.has(key.pitch + 1)))) continue;
        context.fillStyle = style?.fill ?? this.color(black ? "--wb-key-black" : "--wb-key-white");
        context.strokeStyle = this.color("--wb-line-strong");
        context.lineWidth = 1;
        context.beginPath();
        context.roundRect(key.x + 0.5, top - (black ? 0 : 1), key.width - 1, length, [0, 0, 4, 4]);
        context.fill();
        if (!black) context.stroke();
        if (style) this.mark(context, style, key.x + key.width / 2, top + length - Math.min(16, length * 0.2), Math.min(6, key.width * 0.3));
        else if (!black && key.pitch % 12 === 0 && key.width > 15) {
          context.fillStyle = "#787484";
          context.font = "11px ui-sans-serif, system-ui, sans-serif";
          context.textAlign = "center";
          context.fillText(`C${key.pitch / 12 - 1}`, key.x + key.width / 2, bottom - 8);
        }
      }
    }
  }
}
