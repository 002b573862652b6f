/** The description as a person has put it right: every step can be taken back, and the server follows. */
import type { Store } from "../store/store.js";
import { changesBetween, type Change, type Heard } from "./heard.js";

/** The server hears of corrections when the hands have rested for so long. */
const REST_MS = 150;
const MOST_STEPS = 500;

export class Book {
  private past: Heard[] = [];
  private future: Heard[] = [];
  /** What the server has. */
  private told: Heard;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private sending: Promise<void> = Promise.resolve();
  private readonly subscribers = new Set<() => void>();

  /** `id`: the listening's name at the server. */
  constructor(private readonly store: Store, readonly id: string, private current: Heard) {
    this.told = current;
  }

  get heard(): Heard {
    return this.current;
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  subscribe(subscriber: () => void): void {
    this.subscribers.add(subscriber);
  }

  /** One step of undo; false where it changes nothing. */
  change(next: Heard): boolean {
    if (next === this.current) return false;
    this.past = [...this.past, this.current].slice(-MOST_STEPS);
    this.future = [];
    this.show(next);
    return true;
  }

  undo(): void {
    const last = this.past.pop();
    if (!last) return;
    this.future.push(this.current);
    this.show(last);
  }

  redo(): void {
    const next = this.future.pop();
    if (!next) return;
    this.past.push(this.current);
    this.show(next);
  }

  private show(next: Heard): void {
    this.current = next;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush().catch(() => {}), REST_MS); // away: it is told again when it is used
    for (const subscriber of this.subscribers) subscriber();
  }

  /** Resolves when the server has everything; rejects with one sentence. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.sending = this.sending.catch(() => {}).then(() => this.send());
    return this.sending;
  }

  private async send(): Promise<void> {
    const next = this.current;
    const changes: readonly Change[] = changesBetween(this.told, next);
    if (!changes.length) return;
    const reply = await this.store.call({ type: "listen.correct", id: this.id, changes });
    // A server that was started anew, or has forgotten: the whole of it.
    if (!reply.known) await this.keep(next);
    this.told = next;
  }

  private async keep(heard: Heard): Promise<void> {
    await this.store.call({ type: "listen.keep", id: this.id, heard: heard as unknown as Record<string, unknown> });
  }

  /** Do something with the description at the server; where it knows nothing of it, it is told the whole first. */
  async use<T extends { readonly known: boolean }>(ask: () => Promise<T>): Promise<T> {
    await this.flush();
    const reply = await ask();
    if (reply.known) return reply;
    await this.keep(this.current);
    return ask();
  }
}
