/** Two fingers: their middle pans, their distance zooms, across and along by itself. */
import { inside } from "../viewport.js";
import type { RollState } from "../state.js";

interface Spot { readonly x: number; readonly y: number }

export class Pinch {
  constructor(private readonly state: RollState, private a: Spot, private b: Spot) {}

  move(a: Spot, b: Spot): void {
    const { viewport } = this.state;
    this.state.scrolledAway = true;
    const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    viewport.scrollBy((this.a.x + this.b.x) / 2 - middle.x, (this.a.y + this.b.y) / 2 - middle.y);
    const across = (p: Spot, q: Spot): number => Math.abs(p.x - q.x);
    const along = (p: Spot, q: Spot): number => Math.abs(p.y - q.y);
    if (across(this.a, this.b) > 40 && across(a, b) > 20) {
      viewport.zoomTime(across(a, b) / across(this.a, this.b), middle.x);
    }
    if (along(this.a, this.b) > 60 && along(a, b) > 30 && inside(viewport.grid, middle.x, middle.y)) {
      viewport.zoomPitch(along(a, b) / along(this.a, this.b), middle.y);
    }
    [this.a, this.b] = [a, b];
    this.state.redraw();
  }
}
