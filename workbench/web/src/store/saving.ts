/** When the piece is saved: changes soon and always within a second, the whole piece now and then. */
import { dumps } from "../document/canonical.js";
import type { Change, Document } from "../document/history.js";
import { readScore } from "../document/types.js";
import { Autosave, type SavedChange } from "./autosave.js";

/** `off`: the host keeps the document; `blocked`: this browser forbids storage here. */
export type SavingState = "off" | "saving" | "saved" | "blocked";

/** A change waits at most this long; it is not put off by those that follow. */
const WRITE_MS = 300;
/** The whole piece is written when the hands have rested for so long ... */
const REST_MS = 2_500;
/** ... and so many changes have come since, or without a rest after very many: a long list is slow to restore. */
const WORTH = 40;
const MANY = 3_000;
/** Steps of undo that come back after a restart. */
const STEPS = 200;

export class Saving {
  state: SavingState = "off";
  private storage: Autosave | null = null;
  private waiting: SavedChange[] = [];
  private whole = true; // until the piece itself stands in the storage
  private since = 0;
  private writing = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private rest: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly piece: Document, private readonly onState: () => void) {
    addEventListener("pagehide", () => this.write());
    document.addEventListener("visibilitychange", () => document.hidden && this.write());
  }

  /** Bring back what was saved for this app, into the document; false if there is nothing that can be read. */
  async restore(app: string): Promise<boolean> {
    this.storage = new Autosave(app);
    const saved = await this.storage.restore();
    this.state = this.storage.blocked ? "blocked" : "saved";
    if (!saved) return false;
    try {
      const { score, revision, undo, redo } = saved.project;
      this.piece.reset(readScore(JSON.parse(score)), revision, undo, redo);
    } catch {
      return false; // a record of an older form: begin with the given piece
    }
    this.whole = !this.storage.owns(saved.project);
    try {
      for (const { kind, operation, source } of saved.changes) {
        this.piece.follow(kind, operation, source);
        this.since += 1;
      }
    } catch {
      this.whole = true; // go on from what could be brought back
    }
    return true;
  }

  /** A change was made. */
  note(change: Change): void {
    const { kind, operation, revision, source } = change;
    this.waiting.push({ kind, operation, revision, source });
    this.since += 1;
    this.soon();
    clearTimeout(this.rest);
    this.rest = setTimeout(() => this.tidy(), REST_MS);
  }

  /** Another document took the place of the one before. */
  renew(): void {
    this.whole = true;
    this.soon();
  }

  private soon(): void {
    if (!this.storage || this.storage.blocked) {
      this.waiting = [];
      return;
    }
    if (this.state !== "saving") {
      this.state = "saving";
      this.onState();
    }
    this.timer ??= setTimeout(() => this.write(), WRITE_MS);
  }

  /** The hands rest: a good moment for what takes longer. */
  private tidy(): void {
    if (this.since < WORTH) return;
    this.whole = true;
    this.soon();
  }

  /** Begin to write what is waiting; what has begun is finished even if the page goes away. */
  private write(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.storage || !(this.waiting.length || this.whole) || this.state !== "saving") return;
    const whole = this.whole || this.since > MANY;
    const done = whole ? this.storage.save(this.project()) : this.storage.append(this.waiting);
    this.waiting = [];
    this.whole = false;
    if (whole) this.since = 0;
    this.writing += 1;
    void done.then((kept) => {
      this.writing -= 1;
      if (!kept) this.state = "blocked";
      else if (!this.writing && !this.waiting.length && !this.whole) this.state = "saved";
      this.onState();
    });
  }

  private project(): Parameters<Autosave["save"]>[0] {
    const { piece } = this;
    const { undo, redo } = piece.history(STEPS);
    return { score: dumps(piece.score), revision: piece.revision, time: Date.now(), undo, redo };
  }
}
