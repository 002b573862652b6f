/**
 * The page's side of the interaction log that others keep: from consent on, whatever is done here, in its own count,
 * sent every second and when the page is hidden. Nothing is let go before the server says that it is kept; what it
 * does not take waits here, and in the browser's own storage, and is sent again. Each thing is kept once.
 */
import type { Channel, Message } from "../host/model.js";
import { keep, local, onNews, perTab, setSession, stored, AGREED, type Session, type Told } from "../host/writer.js";
import { t } from "../strings/index.js";
import { LogShelf, type Entry, type Held } from "./logshelf.js";

export interface Piece {
  /** The whole piece as plain JSON, and the number of its revision. */
  whole(): { readonly score: unknown; readonly revision: number };
  /** One sentence for the person. */
  notice(text: string): void;
  /** Events of the session are on their way: nothing need be held back. */
  began(): void;
}

const EVERY_MS = 1_000;
const RETRY_MS = [1_000, 1_000, 2_000, 4_000, 8_000];
const TROUBLE_MS = 2_000;
/** While everything is taken and waits only for a safer place, the server is asked this often. */
const SETTLE_MS = 5_000;
const BATCH = 500;
const BATCH_CHARACTERS = 4_000_000;
/** A browser takes no more with it when it leaves a page. */
const BEACON_CHARACTERS = 60_000;
/** What another page of this browser has not written for so long is nobody's any more. */
const ABANDONED_MS = 30_000;
/** What a page that was left has sent with its last breath may come after the next page's first words. */
const PATIENCE_MS = 3_000;
const TAB = "music-workbench:log";

export class StudyLog {
  private writer: Session | null = null;
  private channel: Channel | null = null;
  private held: Entry[] = [];
  private count = 0;
  /** Numbers below are with the server. */
  private taken = 0;
  private seen = { seen: 0, seenTaken: 0 };
  /** The server waits for what is below and what this page does not have any more. */
  private lost = 0;
  private gapSince = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running = false;
  private failures = 0;
  private shelved = false;
  private asked = false;
  private readonly shelf = new LogShelf();
  /** Why the server does not keep things now; empty while it does. */
  trouble = "";

  /** News that came before there was a way to the server. */
  private news: Told | null = null;
  private readonly tab: string;

  /** `app`: key of the page's store. */
  constructor(private readonly app: string, private readonly piece: Piece) {
    this.tab = `${TAB}:${app}`;
    if (typeof window === "undefined") return;
    onNews(app, (told) => void this.told(told));
    addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => document.hidden && this.leave());
    addEventListener("online", () => this.schedule(0));
  }

  /** Whether what is done here is kept. */
  get on(): boolean {
    return this.writer !== null;
  }

  /** How much is not kept yet. */
  get waiting(): number {
    return this.held.length;
  }

  /** How much the server has not taken yet; what it has taken and not yet put away safely is not counted. */
  get untaken(): number {
    return this.held.filter((entry) => entry.c >= this.taken).length;
  }

  /** Send what waits now, not at the end of the second. */
  hurry(): void {
    if (this.held.length) this.schedule(0);
  }

  attach(channel: Channel | null): void {
    const first = channel && !this.channel;
    this.channel = channel;
    if (first) void (this.news ? this.told(this.news) : this.goOn());
  }

  /** Something was done. */
  put(kind: string, payload: Readonly<Record<string, unknown>>, source = "user"): void {
    if (!this.writer) return;
    this.held.push({ c: this.count++, time: Date.now(), kind, source, payload });
    this.remember();
    this.schedule(EVERY_MS);
  }

  /** Another piece, or the same one where a reader of the log may have lost it. */
  whole(reason: string): void {
    if (this.writer) this.put("open", { reason, ...this.piece.whole() });
  }

  /** The tab was reloaded, or somebody who has agreed before has come again. */
  private async goOn(): Promise<void> {
    const tab = stored(perTab, this.tab) as (Session & { count: number }) | null;
    const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    if (tab && navigation?.type === "reload" && !this.writer) await this.begin(tab, tab.count, "restored");
    else if (stored(local, AGREED) && !this.writer) {
      // Agreed to the same words before: this visit is kept too, and "What is kept about me" says so.
      await this.channel?.call({ type: "log_status" }).then((reply) => {
        if (!reply["offered"] || this.writer) return undefined;
        if (reply["version"] === stored(local, AGREED)) return this.channel?.call({ type: "log_consent", agreed: true });
        keep(local, AGREED, null);
        return undefined;
      }, () => {});
    }
  }

  /** An answer of the server said that this page writes, or no more. */
  private async told(told: Told | null): Promise<void> {
    this.news = told;
    if (!this.channel) return;
    if (!told) return this.stop();
    if (this.writer?.session === told.session) return;
    const tab = stored(perTab, this.tab) as (Session & { count: number }) | null;
    await this.begin(told, Math.max(told.taken, tab?.session === told.session ? tab.count : 0), "consent");
  }

  private async begin(session: Session, count: number, reason: string): Promise<void> {
    this.stop();
    this.writer = { session: session.session, key: session.key };
    setSession(this.app, this.writer);
    this.count = count;
    this.taken = 0;
    this.seen = { seen: 0, seenTaken: 0 };
    this.whole(reason);
    this.piece.began();
    const left = await this.shelf.all();
    const own = left.find((item) => item.session === session.session);
    if (own) {
      this.held = [...own.entries.filter((entry) => entry.c < count), ...this.held];
      this.seen = { seen: own.seen, seenTaken: own.seenTaken };
    }
    this.schedule(0);
    for (const other of left) if (other !== own && Date.now() - other.time > ABANDONED_MS) await this.deliver(other);
  }

  /** What another page of this browser could not hand over before it was closed. */
  private async deliver(held: Held): Promise<void> {
    try {
      const { session, key, entries, seen, seenTaken } = held;
      const lost = entries[0]?.c ?? 0;
      const reply = await this.channel?.call({
        type: "log_take", log_session: session, log_key: key, entries, seen, seen_taken: seenTaken, lost });
      const gone = reply?.type === "log_ended" || (typeof reply?.["next"] === "number" && reply["next"] > (entries.at(-1)?.c ?? -1));
      if (gone) await this.shelf.drop(session);
    } catch {
      // the next visit tries again
    }
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.writer) void this.shelf.drop(this.writer.session);
    this.writer = null;
    setSession(this.app, null);
    this.held = [];
    this.trouble = "";
    this.shelved = false;
    keep(perTab, this.tab, null);
  }

  private remember(): void {
    keep(perTab, this.tab, { ...this.writer, count: this.count });
  }

  private schedule(delay: number): void {
    if (!this.writer || !this.channel || this.running) return;
    if (this.timer !== undefined) {
      if (delay) return;
      clearTimeout(this.timer);
    }
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.send();
    }, delay);
  }

  /** What goes next: what the server has not taken, as much as one message holds. */
  private batch(most: number): Entry[] {
    const out: Entry[] = [];
    let room = most;
    for (const entry of this.held) {
      if (entry.c < this.taken) continue;
      room -= JSON.stringify(entry).length;
      if (out.length >= BATCH || (room < 0 && (out.length || most === BEACON_CHARACTERS))) break;
      out.push(entry);
    }
    return out;
  }

  private message(entries: readonly Entry[]): Message {
    return {
      type: "log_take", entries, seen: this.seen.seen, seen_taken: this.seen.seenTaken, ...(this.lost ? { lost: this.lost } : {}) };
  }

  private async send(): Promise<void> {
    const { writer, channel } = this;
    if (!writer || !channel || this.running) return;
    this.running = true;
    let delay = EVERY_MS;
    try {
      const reply = await channel.call(this.message(this.batch(BATCH_CHARACTERS)));
      if (this.writer !== writer) return;
      if (reply.type === "log_ended") return this.stop();
      if (reply.type !== "log_kept") throw new Error("not kept");
      this.failures = 0;
      const before = this.taken;
      this.understand(reply);
      const more = this.held.some((entry) => entry.c >= this.taken);
      delay = this.trouble ? TROUBLE_MS : !more ? SETTLE_MS : this.taken > before ? 0 : EVERY_MS;
    } catch {
      delay = RETRY_MS[Math.min(this.failures++, RETRY_MS.length - 1)]!;
    } finally {
      this.running = false;
    }
    this.store();
    if (this.held.length || this.gapSince) this.schedule(delay);
  }

  private understand(reply: Message): void {
    const [next, taken, seq] = ["next", "taken", "seq"].map((name) => Number(reply[name])) as [number, number, number];
    this.held = this.held.filter((entry) => entry.c >= next);
    this.taken = taken;
    this.seen = { seen: seq, seenTaken: taken };
    const first = this.held[0]?.c ?? this.count;
    this.gapSince = first > taken ? this.gapSince || Date.now() : 0;
    this.lost = this.gapSince && Date.now() - this.gapSince > PATIENCE_MS ? first : 0;
    const trouble = String(reply["trouble"] ?? "");
    if (trouble && !this.trouble) this.piece.notice(t("log.trouble"));
    if (!trouble && this.trouble) this.piece.notice(t("log.again"));
    this.trouble = trouble;
    if (reply["whole"] === true && !this.asked) this.whole("lost");
    this.asked = reply["whole"] === true;
  }

  /** What waits is written down as long as the server does not keep it. */
  private store(): void {
    const { writer } = this;
    if (!writer) return;
    const worth = this.held.length > 0 && (this.failures > 0 || this.trouble !== "");
    if (worth) void this.shelf.put({ ...writer, entries: this.held, ...this.seen, time: Date.now() });
    else if (this.shelved) void this.shelf.drop(writer.session);
    this.shelved = worth;
  }

  /** What waits goes now; resolves when it is kept, or soon, if it cannot be. */
  async flush(): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    while (this.writer && this.held.some((entry) => entry.c >= this.taken) && !this.failures && Date.now() < end) {
      if (this.running) await new Promise((resolve) => setTimeout(resolve, 50));
      else await this.send();
      if (this.trouble) return;
    }
  }

  /** The page may be gone in a moment: what waits goes out with what the browser still does for it. */
  private leave(): void {
    const { writer, channel } = this;
    if (!writer || !this.held.length) return;
    const entries = this.batch(BEACON_CHARACTERS);
    const sent = entries.length > 0 && (channel?.leave?.(this.message(entries)) ?? false);
    void this.shelf.put({ ...writer, entries: this.held, ...this.seen, time: Date.now() });
    this.shelved = true;
    if (!sent) void this.send();
    else this.schedule(0); // hidden, not gone: it may hear that all is kept
  }
}
