/** The page's side of the interaction log: each thing once, in order, and nothing let go that is not kept. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Channel, Message } from "../src/host/model.js";
import { heard, signedBy } from "../src/host/writer.js";
import { StudyLog } from "../src/store/studylog.js";

interface Sent { readonly c: number; readonly kind: string }

/** A server that keeps what is next in the page's count, as Python does, and that can fail in every way. */
class Server implements Channel {
  kept: Sent[] = [];
  seen: Message[] = [];
  down = false;
  full = false;
  deaf = false; // takes it, and its answer is lost
  next = 0;
  private waiting: Sent[] = [];

  send(): void {}
  onMessage(): void {}

  async call(message: Message): Promise<Message> {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (this.down) throw new Error("unreachable");
    this.seen.push(message);
    if (message.type !== "log_take") return { type: message.type };
    const reply = this.take(message);
    if (this.deaf) throw new Error("the answer was lost");
    return reply;
  }

  leave(message: Message): boolean {
    if (this.down) return false;
    this.take(message);
    return true;
  }

  private take(message: Message): Message {
    if (typeof message["lost"] === "number") this.next = Math.max(this.next, message["lost"]);
    for (const entry of message["entries"] as Sent[]) if (entry.c === this.next) this.next = this.waiting.push(entry) && this.next + 1;
    if (!this.full) this.kept.push(...this.waiting.splice(0));
    const next = this.next - this.waiting.length;
    return { type: "log_kept", next, taken: this.next, seq: this.next, trouble: this.full ? "The disk is full." : "", whole: false };
  }

  get numbers(): number[] {
    return this.kept.map((entry) => entry.c);
  }
}

describe("the log that others keep", () => {
  let page: EventTarget, server: Server, log: StudyLog, notices: string[], began: number;
  const storage = new Map<string, string>();
  const places = { getItem: (name: string) => storage.get(name) ?? null, setItem: (name: string, value: string) => void storage.set(name, value), removeItem: (name: string) => void storage.delete(name) };

  beforeEach(() => {
    vi.useFakeTimers();
    storage.clear();
    page = new EventTarget();
    vi.stubGlobal("window", page);
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal("document", Object.assign(new EventTarget(), { hidden: false }));
    vi.stubGlobal("performance", { getEntriesByType: () => [{ type: "navigate" }], now: () => 0 });
    for (const name of ["localStorage", "sessionStorage"]) vi.stubGlobal(name, places);
    Object.assign((server = new Server()), {});
    [notices, began] = [[], 0];
    log = new StudyLog("a", { whole: () => ({ score: {}, revision: 0 }), notice: (text) => notices.push(text), began: () => began++ });
    log.attach(server);
  });

  afterEach(() => {
    heard({ type: "log_delete", log: null }, "a");
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const agree = async (): Promise<void> => {
    heard({ type: "log_consent", agreed: true, version: "1", log: { session: "s", key: "k", next: 0, taken: 0 } }, "a");
    await vi.advanceTimersByTimeAsync(50);
  };

  it("sends nothing before consent, and from then on whatever is done, within a second", async () => {
    log.put("select", {});
    await vi.advanceTimersByTimeAsync(20_000);
    expect(server.seen).toEqual([]);
    expect(signedBy({ type: "log_status" }, "a")).toEqual({ type: "log_status" });
    await agree();
    expect(began).toBe(1);
    log.put("select", {});
    log.put("transport", {});
    await vi.advanceTimersByTimeAsync(1_050);
    expect(server.kept.map((entry) => entry.kind)).toEqual(["open", "select", "transport"]);
    expect(log.waiting).toBe(0);
    expect(signedBy({ type: "log_mine" }, "a")).toMatchObject({ log_session: "s", log_key: "k" });
  });

  it("holds what is not kept while the network is away, and sends each thing once afterwards", async () => {
    await agree();
    server.down = true;
    for (let i = 0; i < 5; i++) log.put("select", { i });
    await vi.advanceTimersByTimeAsync(6_000);
    expect(log.waiting).toBe(5);
    Object.assign(server, { down: false, deaf: true });
    await vi.advanceTimersByTimeAsync(10_000);
    server.deaf = false;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(server.numbers).toEqual([0, 1, 2, 3, 4, 5]);
    expect(log.waiting).toBe(0);
  });

  it("says once that nothing can be kept, and once that it is again", async () => {
    await agree();
    server.full = true;
    log.put("select", {});
    await vi.advanceTimersByTimeAsync(9_000);
    log.put("select", {});
    await vi.advanceTimersByTimeAsync(9_000);
    expect(log.waiting).toBe(2);
    expect(notices).toHaveLength(1);
    server.full = false;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(server.numbers).toEqual([0, 1, 2]);
    expect(notices[1]).toMatch(/kept again/);
  });

  it("hands over at once what waits when the page is closed, and what went twice counts once", async () => {
    await agree();
    log.put("select", {});
    page.dispatchEvent(new Event("pagehide"));
    expect(server.numbers).toEqual([0, 1]);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(server.numbers).toEqual([0, 1]);
    expect(log.waiting).toBe(0);
  });

  it("goes first where a step of a study may end it, and does not wait for a server that is away", async () => {
    await agree();
    log.put("select", {});
    const flushed = log.flush();
    await vi.advanceTimersByTimeAsync(100);
    await flushed;
    expect(server.numbers).toEqual([0, 1]);
    server.down = true;
    log.put("select", {});
    const tried = log.flush();
    await vi.advanceTimersByTimeAsync(100);
    await tried;
    expect(log.waiting).toBe(1);
  });

  it("names what was lost instead of waiting for it without end", async () => {
    storage.set("music-workbench:log:a", JSON.stringify({ session: "s", key: "k", count: 7 }));
    server.next = 5; // 5 and 6 went down with the page before
    heard({ type: "study_state", log: { session: "s", key: "k", next: 5, taken: 5 } }, "a");
    await vi.advanceTimersByTimeAsync(8_000);
    expect(server.numbers).toEqual([7]);
    log.put("select", {});
    await vi.advanceTimersByTimeAsync(2_000);
    expect(server.numbers).toEqual([7, 8]);
  });

  it("ends with a word of the server, and forgets what waited", async () => {
    await agree();
    heard({ type: "log_consent", agreed: false, version: "1", log: null }, "a");
    log.put("select", {});
    await vi.advanceTimersByTimeAsync(5_000);
    expect(log.on).toBe(false);
    expect(server.kept.map((entry) => entry.kind)).toEqual(["open"]);
  });
});
