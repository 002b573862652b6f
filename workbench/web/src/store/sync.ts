/**
 * Whatever the page does, to the server, in order and in batches; one batch is under way at a time. Changes, events for
 * the log and whole documents share one count (`n`), so the log has them as they were made.
 * Nothing is dropped: what could not be sent waits, and after a gap or a mismatch the whole document goes.
 */
import type { Change } from "../document/history.js";
import type { Made, Told } from "../host/messages.js";
import type { Channel, Message } from "../host/model.js";
import { t } from "../strings/index.js";

/** `refused`: the server is there and does not take this piece; nothing more is sent until the piece changes. */
export type Connection = "none" | "connected" | "lost" | "refused";

/** Something that was done, in its place: a change, an event for the log, or another document to work on. */
type Deed = Made<{ readonly change: Change } | { readonly event: Told } | { readonly whole: Message }>;

export interface SyncSource {
  /** The whole document, as it is now, as the message `open` needs it. */
  snapshot(reason: string): Message;
  hash(): string;
  revision(): number;
}

const GATHER_MS = 15;
const REST_MS = 1_500;
/** After a refusal a changed piece is offered again, when the hands rest for a moment. */
const OFFER_MS = 1_000;
/** Why a document is sent that is not another one: the server has lost its thread. */
const LOST: readonly string[] = ["mismatch", "unknown"];
/** Most changes and events in one message. */
const BATCH = 1_000;
const RETRY_MS = [500, 1_000, 2_000, 4_000, 8_000];

export class Sync {
  connection: Connection = "none";
  private channel: Channel | null = null;
  private waiting: Deed[] = [];
  private sending: readonly Deed[] = [];
  private count = 0;
  /** The whole document is wanted as soon as there is a server. */
  private wanted: string | null = null;
  /** Nothing goes out by itself: a person in a study has not agreed yet. What is done meanwhile is no event. */
  private held = false;
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
    return this.waiting.filter((deed) => "change" in deed).length;
  }

  attach(channel: Channel | null): void {
    this.channel = channel;
    if (!channel) this.setConnection("none");
    else if (this.wanted !== null) this.open(this.wanted);
  }

  /**
   * Send the whole document. For another piece (`file`) what was done before goes first; for any other reason the server
   * has lost its thread, and the changes that wait are contained in the document.
   */
  open(reason: string): void {
    this.refusal = "";
    this.offer(reason);
  }

  private offer(reason: string): void {
    this.wanted = this.channel ? null : reason;
    if (!this.channel) return;
    const at = this.waiting.findLastIndex((deed) => "whole" in deed && !this.sending.includes(deed));
    if (LOST.includes(reason)) {
      this.waiting = this.waiting.filter((deed, i) => !("change" in deed) || (at >= 0 && i > at));
      if (at >= 0) return this.schedule(0); // a whole document is due already
    } else if (at >= 0 && at === this.waiting.length - 1) this.waiting.pop(); // nobody has seen it
    this.put({ whole: this.source.snapshot(reason) });
    this.schedule(0);
  }

  private put(deed: { readonly change: Change } | { readonly event: Told } | { readonly whole: Message }): void {
    this.waiting.push({ ...deed, n: ++this.count, time: Date.now() });
  }

  /** Ask whether the server still knows this page; it gets the piece again if not. Rejects if it cannot be reached. */
  async ask(): Promise<void> {
    await this.flush();
    if (this.channel) this.understand(await this.channel.call({ type: "ops", base: this.confirmed, changes: [] }));
  }

  push(change: Change): void {
    if (!this.channel) return;
    if (this.refusal) return this.offerAgain();
    this.put({ change });
    this.schedule(GATHER_MS);
  }

  hold(held: boolean): void {
    if (this.held === held) return;
    this.held = held;
    if (!held && this.waiting.length) this.schedule(0);
  }

  log(event: Told): void {
    if (!this.channel || this.refusal || this.held) return;
    this.put({ event });
    this.schedule(1_000);
  }

  /** Forget what is waiting: the server has just told us the whole document. */
  settle(): void {
    this.waiting = this.waiting.filter((deed) => "event" in deed);
    this.wanted = null;
    this.refusal = "";
    this.confirmed = this.source.revision();
  }

  /** Changes that are still here alone; `known`: the last revision of this page that the server has dealt with. */
  unsent(known: number): Change[] {
    return this.waiting.filter((deed) => !this.sending.includes(deed))
      .flatMap((deed) => ("change" in deed && deed.change.revision > known ? [deed.change] : []));
  }

  /** Resolves when everything made so far has been acknowledged; rejects if the server cannot be reached. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    while (this.channel && (this.running || this.waiting.length)) {
      await (this.running ??= this.run());
      if (this.connection === "lost") throw new Error(t("server.away"));
    }
    if (this.refusal) throw new Error(this.refusal);
  }

  /** The piece was refused and has changed since: it may fit now. */
  private offerAgain(): void {
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => {
      this.offer("mismatch");
    }, OFFER_MS);
  }

  /** A message of somebody else could not go out: say so, and look until the server is back. */
  missed(): void {
    if (!this.channel || this.connection === "lost") return;
    this.probing = true;
    this.setConnection("lost");
    this.schedule(RETRY_MS[0]!);
  }
  private probing = false;

  private schedule(delay: number): void {
    if (!this.channel || this.running || this.held) return;
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
    if (this.connection !== "lost" && this.waiting.length) this.schedule(0);
  }

  private async sendAll(): Promise<void> {
    if (!this.channel) return;
    if (this.probing && !this.waiting.length) {
      this.understand(await this.channel.call({ type: "ops", base: this.confirmed, changes: [] }));
    }
    this.probing = false;
    const first = this.waiting[0];
    if (!first) return;
    try {
      if ("whole" in first) await this.sendWhole(this.channel, first);
      else await this.sendDeeds(this.channel);
    } finally {
      this.sending = [];
    }
  }

  private async sendWhole(channel: Channel, deed: Deed & { readonly whole: Message }): Promise<void> {
    const { whole, n, time } = deed;
    const revision = whole["revision"] as number;
    this.sending = [deed];
    const reply = await channel.call({ ...whole, n, time });
    if (reply.type === "need") throw new Error("not taken");
    this.confirmed = revision;
    this.waiting = this.waiting.filter((item) => item !== deed);
    if (this.waiting.some((item) => "whole" in item)) return; // another document meanwhile
    this.refusal = "";
    if (reply.type === "error") this.refuse(String(reply["text"]), revision);
  }

  /** Trying again would not help: only another piece can. */
  private refuse(text: string, revision: number): void {
    this.refusal = text;
    this.waiting = [];
    if (this.source.revision() !== revision) this.offerAgain();
  }

  /** Changes and events up to the next whole document. */
  private async sendDeeds(channel: Channel): Promise<void> {
    const end = this.waiting.findIndex((deed) => "whole" in deed);
    const batch = this.waiting.slice(0, Math.min(BATCH, end < 0 ? BATCH : end));
    const changes = batch.flatMap((deed) => ("change" in deed ? [{ ...deed.change, n: deed.n, time: deed.time }] : []));
    const events = batch.flatMap((deed) => ("event" in deed ? [{ ...deed.event, n: deed.n, time: deed.time }] : []));
    this.sending = batch;
    const base = changes[0] ? changes[0].revision - 1 : -1;
    const reply = await channel.call(changes.length ? { type: "ops", base, changes, events } : { type: "events", events });
    const unheard = reply.type === "need" && reply["reason"] === "unknown"; // nobody has kept the events
    this.waiting = this.waiting.filter((deed) => !batch.includes(deed) || (unheard && "event" in deed));
    if (changes.length) this.confirmed = changes.at(-1)!.revision;
    else if (reply.type !== "need") return; // events that the server does not take are let go
    if (this.understand(reply)) this.compareAtRest();
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
      if (!this.channel || this.running || this.waiting.some((deed) => !("event" in deed)) || this.confirmed !== revision) return;
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
