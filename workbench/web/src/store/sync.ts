/**
 * Operations to the server, in order and in batches; one batch is under way at a time.
 * Nothing is dropped: what could not be sent waits, and after a gap or a mismatch the whole document goes.
 */
import type { Change } from "../document/history.js";
import type { Channel, Message } from "../host/model.js";
import { t } from "../strings/index.js";

/** `refused`: the server is there and does not take this piece; nothing more is sent until the piece changes. */
export type Connection = "none" | "connected" | "lost" | "refused";

export interface SyncSource {
  /** The whole document as the message `open` needs it. */
  snapshot(reason: string): Message;
  hash(): string;
  revision(): number;
}

const GATHER_MS = 15;
const REST_MS = 1_500;
/** After a refusal a changed piece is offered again, when the hands rest for a moment. */
const OFFER_MS = 1_000;
const RETRY_MS = [500, 1_000, 2_000, 4_000, 8_000];

export class Sync {
  connection: Connection = "none";
  private channel: Channel | null = null;
  private waiting: Change[] = [];
  private sending: readonly Change[] = [];
  private logged: unknown[] = [];
  /** The whole document is due; each wish is an object of its own. */
  private due: { readonly reason: string } | null = null;
  private running: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private restTimer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private confirmed = -1;
  /** The server's sentence while the piece is refused. */
  refusal = "";

  constructor(private readonly source: SyncSource, private readonly onStatus: () => void) {
    globalThis.addEventListener?.("online", () => this.connection === "lost" && this.schedule(0));
  }

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
    this.due = { reason };
    this.waiting = [];
    this.refusal = "";
    this.schedule(0);
  }

  /** Ask whether the server still knows this page; it gets the piece again if not. Rejects if it cannot be reached. */
  async ask(): Promise<void> {
    await this.flush();
    if (this.channel) this.understand(await this.channel.call({ type: "ops", base: this.confirmed, changes: [] }));
  }

  push(change: Change): void {
    if (!this.channel) return;
    if (this.refusal) return this.offerAgain();
    this.waiting.push(change);
    this.schedule(GATHER_MS);
  }

  log(event: unknown): void {
    if (!this.channel || this.refusal) return;
    this.logged.push(event);
    this.schedule(1_000);
  }

  /** Forget what is waiting: the server has just told us the whole document. */
  settle(): void {
    this.waiting = [];
    this.due = null;
    this.refusal = "";
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
    while (this.running || this.waiting.length || this.due || this.logged.length) {
      await (this.running ??= this.run());
      if (this.connection === "lost") throw new Error(t("server.away"));
    }
    if (this.refusal) throw new Error(this.refusal);
  }

  /** The piece was refused and has changed since: it may fit now. */
  private offerAgain(): void {
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => {
      this.due ??= { reason: "mismatch" };
      this.schedule(0);
    }, OFFER_MS);
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
      this.setConnection(this.refusal ? "refused" : "connected");
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
    if (this.connection !== "lost" && (this.waiting.length || this.due || this.logged.length)) this.schedule(0);
  }

  private async sendAll(): Promise<void> {
    if (!this.channel) return;
    if (this.due) await this.sendWhole(this.channel, this.due);
    else if (this.waiting.length) await this.sendChanges(this.channel);
    if (this.logged.length && !this.refusal) await this.sendEvents(this.channel);
  }

  private async sendWhole(channel: Channel, due: { readonly reason: string }): Promise<void> {
    const message = this.source.snapshot(due.reason);
    const revision = message["revision"] as number;
    const reply = await channel.call(message);
    if (reply.type === "need") throw new Error("not taken");
    this.confirmed = revision;
    if (this.due !== due) return; // another document meanwhile
    this.due = null;
    this.refusal = "";
    if (reply.type === "error") this.refuse(String(reply["text"]), revision);
  }

  /** Trying again would not help: only another piece can. */
  private refuse(text: string, revision: number): void {
    this.refusal = text;
    this.waiting = [];
    this.logged = [];
    if (this.source.revision() !== revision) this.offerAgain();
  }

  private async sendChanges(channel: Channel): Promise<void> {
    const changes = [...this.waiting];
    const base = changes[0]!.revision - 1;
    this.sending = changes;
    const reply = await channel.call({ type: "ops", base, changes }).finally(() => (this.sending = []));
    this.waiting = this.waiting.filter((change) => !changes.includes(change));
    this.confirmed = changes.at(-1)!.revision;
    if (this.understand(reply)) this.compareAtRest();
  }

  private async sendEvents(channel: Channel): Promise<void> {
    const events = this.logged.splice(0, 200);
    try {
      await channel.call({ type: "events", events });
    } catch (error) {
      this.logged.unshift(...events);
      throw error;
    }
  }

  /** Whether the server has followed; if not, it gets the whole document next. */
  private understand(reply: Message): boolean {
    if (reply.type !== "need" && reply.type !== "error") return true;
    this.open(reply["reason"] === "unknown" ? "unknown" : "mismatch");
    return false;
  }

  /** When the hands rest, compare hashes: a page and a server that drifted apart find each other again. */
  private compareAtRest(): void {
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => {
      this.restTimer = undefined;
      const revision = this.source.revision();
      if (!this.channel || this.running || this.waiting.length || this.confirmed !== revision) return;
      const message = { type: "ops", base: revision, changes: [], hash: this.source.hash() };
      this.channel.call(message).then((reply) => this.understand(reply), () => {}); // away: the next message says so
    }, REST_MS);
  }

  private setConnection(connection: Connection): void {
    if (connection === this.connection) return;
    this.connection = connection;
    this.onStatus();
  }
}
