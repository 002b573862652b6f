/** What the parts of the video card share: what was seen, what is picked, where the player is, and putting it right. */
import { t } from "../../strings/index.js";
import { clamp } from "../../ui/dom.js";
import type { CardHost } from "./card.js";
import { Told } from "./told.js";
import { addMark, frameClock, LANES, moveMark, nearestMark, removeMark, watchedOf, type Lane, type Watched } from "./watched.js";

export interface Picked { readonly lane: Lane; readonly index: number }

export class VideoDesk {
  readonly told: Told<Watched>;
  picked: Picked | null = null;
  lane: Lane = "cuts";
  /** Where the player is. */
  now = 0;
  /** Set by the player: go there. */
  onSeek: (time: number) => void = () => {};
  private draft: readonly number[] | null = null;
  private readonly painters = new Set<() => void>();

  constructor(readonly host: CardHost) {
    this.told = new Told(host, host.json, watchedOf);
    if (!this.seen.cuts.length && this.seen.moments.length) this.lane = "moments";
  }

  get seen(): Watched {
    return this.told.value;
  }

  /** The times of a lane, as they are or as they are being dragged. */
  marks(lane: Lane): readonly number[] {
    return this.draft && this.picked?.lane === lane ? this.draft : this.seen[lane];
  }

  onChange(painter: () => void): void {
    this.painters.add(painter);
  }

  redraw(): void {
    for (const painter of this.painters) painter();
  }

  seek(time: number): void {
    this.now = clamp(time, 0, this.seen.duration);
    this.onSeek(this.now);
  }

  pick(picked: Picked | null): void {
    this.picked = picked;
    this.draft = null;
    if (picked) {
      this.lane = picked.lane;
      this.seek(this.marks(picked.lane)[picked.index] ?? 0);
      this.host.say?.(this.words(picked));
    }
    this.redraw();
  }

  /** By keys: to the next or the last one of the lane, from what is picked or from the player's place. */
  step(by: number): void {
    const marks = this.marks(this.lane);
    if (!marks.length) return;
    const next = this.picked?.lane === this.lane ? this.picked.index + by
      : by > 0 ? marks.findIndex((mark) => mark > this.now + 1e-3) : marks.findLastIndex((mark) => mark < this.now - 1e-3);
    this.pick({ lane: this.lane, index: clamp(next < 0 && by > 0 ? marks.length - 1 : next, 0, marks.length - 1) });
  }

  switchLane(): void {
    this.lane = LANES[1 - LANES.indexOf(this.lane)]!;
    const nearest = nearestMark(this.marks(this.lane), this.now);
    if (nearest >= 0) this.pick({ lane: this.lane, index: nearest });
    else this.host.say?.(t(`cards.video.${this.lane}`));
  }

  /** Drag what is picked; nothing is told before it is let go. */
  dragTo(time: number): void {
    if (!this.picked) return;
    const { lane, index } = this.picked;
    this.draft = moveMark(this.seen[lane], index, time, this.seen.duration);
    this.seek(this.draft[index]!);
    this.redraw();
  }

  drop(done: boolean): void {
    const { draft, picked } = this;
    this.draft = null;
    if (draft && picked && done && draft[picked.index] !== this.seen[picked.lane][picked.index]) this.tell(picked.lane, draft);
    else if (draft) this.redraw();
  }

  private tell(lane: Lane, marks: readonly number[]): void {
    if (marks !== this.seen[lane]) this.told.correct({ [lane]: marks });
  }

  nudge(by: number): void {
    if (!this.picked) return;
    const { lane, index } = this.picked;
    const marks = moveMark(this.seen[lane], index, this.seen[lane][index]! + by, this.seen.duration);
    this.seek(marks[index]!);
    this.tell(lane, marks);
  }

  /** Seconds of one picture of the video. */
  get frame(): number {
    return 1 / this.seen.fps;
  }

  set(lane: Lane, index: number, time: number): boolean {
    if (!Number.isFinite(time)) return false;
    this.tell(lane, moveMark(this.seen[lane], index, time, this.seen.duration));
    return true;
  }

  add(lane: Lane, time = this.now): void {
    const marks = addMark(this.seen[lane], time, this.seen.duration);
    this.lane = lane;
    this.picked = { lane, index: nearestMark(marks, time) };
    this.host.say?.(t("cards.video.added", { what: t(`cards.video.${lane === "cuts" ? "cut" : "moment"}`), time: frameClock(time) }));
    this.tell(lane, marks);
    this.redraw();
  }

  remove(lane = this.picked?.lane, index = this.picked?.index): void {
    if (lane === undefined || index === undefined || this.seen[lane][index] === undefined) return;
    const left = removeMark(this.seen[lane], index);
    this.picked = left.length && this.picked ? { lane, index: Math.min(index, left.length - 1) } : null;
    this.host.say?.(t("cards.video.removed"));
    this.tell(lane, left);
  }

  words({ lane, index }: Picked): string {
    const marks = this.marks(lane);
    return t("cards.video.markWords", { what: t(`cards.video.${lane === "cuts" ? "cut" : "moment"}`), number: index + 1, count: marks.length, time: frameClock(marks[index] ?? 0) });
  }
}
