/** The description that a card shows, what a person puts right in it, and taking that back. */
import type { CardHost } from "./card.js";

/** Most steps that can be taken back. */
const STEPS = 60;

export class Told<T> {
  value: T;
  private readonly before: unknown[] = [];

  /** `read` checks the JSON form; it throws a sentence where that makes no sense. */
  constructor(private readonly host: CardHost, private json: unknown, private readonly read: (json: unknown) => T) {
    this.value = read(json);
  }

  update(json: unknown): void {
    this.value = this.read(json);
    this.json = json;
  }

  correct(changes: object): void {
    if (this.before.at(-1) !== this.json) this.before.push(this.json);
    if (this.before.length > STEPS) this.before.shift();
    this.host.correct(changes);
  }

  get canUndo(): boolean {
    return this.host.restore !== undefined && this.before.length > 0;
  }

  undo(): void {
    if (this.canUndo) this.host.restore!(this.before.pop());
  }
}
