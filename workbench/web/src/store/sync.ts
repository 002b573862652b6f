/**
 * Operations to the server, in order and in batches; one batch is under way at a time.
 * Nothing is dropped: what could not be sent waits, and after a gap or a mismatch the whole document goes.
 */
import type { Change } from "../document/history.js";
import type { Channel, Message } from "../host/model.js";

export type Connection = "none" | "connected" | "lost";

export interface SyncSource {
  /** The whole document as the message `open` needs it. */
  snapshot(reason: string): Message;
  hash(): string;
  revision(): number;
}

const GATHER_MS = 15;
const REST_MS = 1_500;
const RETRY_MS = [500, 1_000, 2_000, 4_000, 8_000];

export class Sync {
  connection: Connection = "none";
  private channel: Channel | null = null;
  private waiting: Change[] = [];
  private sending: readonly Change[] = [];
  private logged: unknown[] = [];
  private openReason: string | null = null;
  private running: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private restTimer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private confirmed = -1;

  constructor(private readonly source: SyncSource, private readonly onStatus: () => void) {}

  /** Number of changes the server does not have yet. */
  get pending(): number {
    return this.waiting.length;
  }

  attach(channel: Channel | null): void {
    this.channel = channel;
    if (!channel) this.setConnection("none");
  }

  /** Send the whole document instead of what is waiting. */
  open(reason: string): void {
    this.openReason = reason;
    this.waiting = [];
    this.schedule(0);
  }

  push(change: Change): void {
    if (!this.channel) return;
    this.waiting.push(change);
    this.schedule(GATHER_MS);
  }

  log(event: unknown): void {
    if (!this.channel) return;
    this.logged.push(event);
    this.schedule(1_000);
  }

  /** Forget what is waiting: the server has just told us the whole document. */
  settle(): void {
    this.waiting = [];
    this.openReason = null;
    this.confirmed = this.source.revision();
  }

  /** Changes that are still here alone; `known`: the last revision of this page that the server has dealt with. */
  unsent(known: number): Change[] {
    return this.waiting.filter((change) => change.revision > known && !this.sending.includes(change));
  }

  /** Resolves when everything made so far has been acknowledged; rejects if the server cannot be reached. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    while (this.running || this.waiting.length || this.openReason || this.logged.length) {
      await (this.running ??= this.run());
      if (this.connection === "lost") throw new Error("The server cannot be reached.");
    }
  }

  private schedule(delay: number): void {
    if (!this.channel || this.running) return;
    if (this.timer !== undefined) {
      if (delay > GATHER_MS) return;
      clearTimeout(this.timer);
    }
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.running ??= this.run();
    }, delay);
  }

  private async run(): Promise<void> {
    try {
      await this.sendAll();
      this.failures = 0;
      this.setConnection("connected");
    } catch {
      this.setConnection("lost");
      const delay = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)]!;
      this.timer ??= setTimeout(() => {
        this.timer = undefined;
        this.running ??= this.run();
      }, delay);
    } finally {
      this.running = null;
      this.onStatus();
    }
    if (this.connection === "connected" && (this.waiting.length || this.openReason)) this.schedule(0);
  }

  private async sendAll(): Promise<void> {
    if (!this.channel) return;
    if (this.openReason !== null) {
      const reason = this.openReason;
      const message = this.source.snapshot(reason);
      const reply = await this.channel.call(message);
      if (this.openReason === reason) this.openReason = null;
      this.confirmed = message["revision"] as number;
      if (reply.type === "need" || reply.type === "error") throw new Error("refused");
    } else if (this.waiting.length) {
      const changes = [...this.waiting];
      const base = changes[0]!.revision - 1;
      this.sending = changes;
      const reply = await this.channel.call({ type: "ops", base, changes }).finally(() => (this.sending = []));
      this.waiting = this.waiting.filter((change) => !changes.includes(change));
      this.confirmed = changes.at(-1)!.revision;
      if (reply.type === "need" || reply.type === "error") this.openReason = "mismatch";
      else this.compareAtRest();
    }
    if (this.logged.length) {
      const events = this.logged.splice(0, 200);
      try {
        await this.channel.call({ type: "events", events });
      } catch (error) {
        this.logged.unshift(...events);
        throw error;
      }
    }
  }

  /** When the hands rest, compare hashes: a page and a server that drifted apart find each other again. */
  private compareAtRest(): void {
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => {
      this.restTimer = undefined;
      const revision = this.source.revision();
      if (!this.channel || this.running || this.waiting.length || this.confirmed !== revision) return;
      const message = { type: "ops", base: revision, changes: [], hash: this.source.hash() };
      this.channel.call(message).then(
        (reply) => reply.type === "need" && this.open("mismatch"),
        () => this.setConnection("lost"),
      );
    }, REST_MS);
  }

  private setConnection(connection: Connection): void {
    if (connection === this.connection) return;
    this.connection = connection;
    this.onStatus();
  }
}
