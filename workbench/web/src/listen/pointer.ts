/** Hands on the picture: pick, drag, pan, zoom; on touch only what is picked already is dragged, all else pans. */
import { inside } from "../roll/viewport.js";
import { clamp } from "../ui/dom.js";
import { addNote, barAt, chordAt, moveBeat, moveNote, putChord, retimeNote } from "./corrections.js";
import type { Desk } from "./desk.js";
import { SHORTEST, nearestBeat } from "./heard.js";
import { drumRows } from "./paint.js";

export interface PointerHooks {
  seek(time: number): void;
  /** A chord was asked for by a second tap or click. */
  chordMenu(): void;
}

const EDGE = 7, NEAR = 9, NEAR_TOUCH = 16, SLOP = 4, AGAIN_MS = 420;

/** Index of the note of the shown layer under a point; the shortest where several lie over each other. */
function noteUnder(desk: Desk, x: number, y: number, air: number): number {
  const { scale, heard, layer } = desk;
  const rowOf = new Map(drumRows(heard.drums).map((pitch, row) => [pitch, row]));
  let best = -1, shortest = Infinity;
  heard[layer].forEach((note, i) => {
    const drum = layer === "drums";
    const left = scale.x(note.start), right = drum ? left + 6 : Math.max(left + 3, scale.x(note.end));
    const top = drum ? scale.drumY(rowOf.get(note.pitch) ?? 99) : scale.y(note.pitch);
    const bottom = top + (drum ? scale.drumHeight : scale.rowHeight);
    const grow = Math.max(0, air - (bottom - top)) / 2;
    if (x < left - air / 3 || x > right + air / 3 || y < top - grow || y > bottom + grow || right - left >= shortest) return;
    [best, shortest] = [i, right - left];
  });
  return best;
}

type Drag = (x: number, y: number) => void;

export function listenToPointers(desk: Desk, canvas: HTMLCanvasElement, hooks: PointerHooks): void {
  const { signal } = desk.context, { scale } = desk;
  const hands = new Hands(desk, hooks);
  const at = (event: MouseEvent): [number, number] => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const fingers = new Map<number, [number, number]>();
  let drag: Drag | null = null;
  let moved = false;
  let lastTap = { time: 0, x: 0, y: 0 };

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button > 0) return;
    const place = at(event);
    fingers.set(event.pointerId, place);
    canvas.setPointerCapture(event.pointerId);
    if (fingers.size === 1) {
      moved = false;
      drag = hands.begin(...place, event.pointerType === "touch");
    } else {
      drag = null; // two fingers zoom
      hands.show(null);
    }
  }, { signal });
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const [x, y] = at(event);
    if (fingers.size === 2) {
      const other = [...fingers].find(([id]) => id !== event.pointerId)![1];
      const was = Math.abs(before[0] - other[0]), now = Math.abs(x - other[0]);
      if (was > 10 && now > 10) scale.zoom(now / was, (x + other[0]) / 2);
      moved = true;
      fingers.set(event.pointerId, [x, y]);
      return desk.redraw();
    }
    if (!moved && Math.hypot(x - before[0], y - before[1]) < SLOP) return;
    moved = true;
    fingers.set(event.pointerId, [x, y]);
    drag?.(x, y);
  }, { signal });
  const end = (event: PointerEvent): void => {
    if (!fingers.delete(event.pointerId) || fingers.size) return;
    const [x, y] = at(event), { draft } = desk;
    drag = null;
    if (draft) return void desk.correct(draft);
    if (moved || event.type === "pointercancel") return;
    const again = event.timeStamp - lastTap.time < AGAIN_MS && Math.hypot(x - lastTap.x, y - lastTap.y) < 20;
    lastTap = { time: event.timeStamp, x, y };
    hands.tap(x, y, event.pointerType === "touch", again);
  };
  canvas.addEventListener("pointerup", end, { signal });
  canvas.addEventListener("pointercancel", end, { signal });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) scale.zoom(Math.exp(-event.deltaY * 0.004), at(event)[0]);
    else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) scale.scrollBy(event.deltaX, 0);
    else scale.scrollBy(event.deltaY, 0);
    desk.redraw();
  }, { signal, passive: false });
}

/** What a touch of each place means. */
class Hands {
  constructor(private readonly desk: Desk, private readonly hooks: PointerHooks) {}

  private get heard(): Desk["heard"] {
    return this.desk.book.heard;
  }

  /** Show a correction that is not made yet. */
  show(draft: Desk["draft"]): void {
    this.desk.draft = draft;
    this.desk.redraw();
  }

  private dragNote(x: number, y: number): Drag {
    const { desk } = this, { scale } = desk;
    const index = desk.picked!.index, note = this.heard[desk.layer][index]!;
    const left = scale.x(note.start), right = scale.x(note.end);
    const edge = right - left > 3 * EDGE || Math.abs(x - right) < 3 || Math.abs(x - left) < 3;
    if (desk.layer === "drums") return (nx) => this.show(retimeNote(this.heard, desk.layer, index, note.start + (nx - x) / scale.pxPerSecond, note.end + (nx - x) / scale.pxPerSecond));
    if (edge && Math.abs(x - right) <= EDGE) return (nx) => this.show(retimeNote(this.heard, desk.layer, index, note.start, note.end + (nx - x) / scale.pxPerSecond));
    if (edge && Math.abs(x - left) <= EDGE) {
      return (nx) => this.show(retimeNote(this.heard, desk.layer, index, Math.min(note.end - SHORTEST, note.start + (nx - x) / scale.pxPerSecond), note.end));
    }
    let sounding = note.pitch;
    return (_, ny) => {
      const pitch = clamp(note.pitch - Math.round((ny - y) / scale.rowHeight), 0, 127);
      if (pitch === sounding) return;
      desk.audition(desk.layer, (sounding = pitch));
      this.show(pitch === note.pitch ? null : moveNote(this.heard, desk.layer, index, pitch));
    };
  }

  private pan(x: number, y: number): Drag {
    const { desk } = this, { scale } = desk;
    let [px, py] = [x, y];
    return (nx, ny) => {
      scale.scrollBy(px - nx, py - ny);
      [px, py] = [nx, ny];
      desk.redraw();
    };
  }

  private overview(x: number): void {
    const { desk } = this, { scale } = desk;
    const box = scale.overview;
    scale.time = ((x - box.x) / box.width) * scale.duration - scale.secondsVisible / 2;
    scale.hold();
    desk.redraw();
  }

  /** What a pointer that goes down begins. */
  begin(x: number, y: number, touch: boolean): Drag | null {
    const { desk } = this, { scale } = desk;
    const time = scale.timeAt(x);
    if (inside(scale.overview, x, y)) {
      this.overview(x);
      return (nx) => this.overview(nx);
    }
    if (inside(scale.ruler, x, y)) return (nx) => this.hooks.seek(clamp(scale.timeAt(nx), 0, scale.duration));
    if (inside(scale.beats, x, y)) {
      const beat = nearestBeat(this.heard, time);
      if (beat < 0 || Math.abs(scale.x(this.heard.beats[beat]!) - x) > (touch ? NEAR_TOUCH : NEAR)) return this.pan(x, y);
      const was = desk.picked?.lane === "beats" && desk.picked.index === beat;
      if (touch && !was) return this.pan(x, y);
      desk.pick({ lane: "beats", index: beat });
      return (nx) => this.show(moveBeat(this.heard, beat, this.heard.beats[beat]! + (nx - x) / scale.pxPerSecond));
    }
    if (inside(scale.grid, x, y) || inside(scale.drums, x, y)) {
      const index = noteUnder(desk, x, y, touch ? NEAR_TOUCH : 0);
      const was = index >= 0 && desk.picked?.lane === "notes" && desk.picked.index === index;
      if (index < 0 || (touch && !was)) return this.pan(x, y);
      desk.pick({ lane: "notes", index });
      if (!was) desk.audition(desk.layer, this.heard[desk.layer][index]!.pitch);
      return this.dragNote(x, y);
    }
    return this.pan(x, y);
  }

  /** A tap or click that dragged nothing. */
  tap(x: number, y: number, touch: boolean, again: boolean): void {
    const { desk } = this, { scale } = desk;
    const time = clamp(scale.timeAt(x), 0, scale.duration);
    if (inside(scale.chords, x, y)) {
      const index = chordAt(this.heard, time);
      if (index >= 0) desk.pick({ lane: "chords", index });
      else if (again) {
        const [start, end] = barAt(this.heard, time);
        desk.picked = { lane: "chords", index: 0 };
        desk.correct(putChord(this.heard, start, end, "C:maj"));
      }
      return this.hooks.chordMenu();
    }
    if (inside(scale.beats, x, y)) {
      const beat = nearestBeat(this.heard, time);
      if (beat >= 0 && Math.abs(scale.x(this.heard.beats[beat]!) - x) <= (touch ? NEAR_TOUCH : NEAR)) return desk.pick({ lane: "beats", index: beat });
    }
    if (inside(scale.grid, x, y) || inside(scale.drums, x, y)) {
      const index = noteUnder(desk, x, y, touch ? NEAR_TOUCH : 0);
      if (index >= 0) {
        const was = desk.picked?.lane === "notes" && desk.picked.index === index;
        desk.pick({ lane: "notes", index });
        if (touch || !was) desk.audition(desk.layer, this.heard[desk.layer][index]!.pitch);
        return;
      }
      if (again && desk.layer !== "drums") {
        desk.picked = { lane: "notes", index: 0 };
        desk.correct(addNote(this.heard, desk.layer, time, scale.pitchAt(y)));
        return desk.audition(desk.layer, scale.pitchAt(y));
      }
    }
    desk.pick(null);
    this.hooks.seek(time);
  }
}
