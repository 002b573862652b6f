/** What reaches the log: everything that was done, once, and in the order in which it was done. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as doc from "../src/document/index.js";
import type { Channel, Message } from "../src/host/model.js";
import { Sync } from "../src/store/sync.js";

type Item = { readonly n: number };

/** A server that writes down what it is told, each number once, as Python does. */
class Log implements Channel {
  mirror = new doc.Document();
  told: [number, string][] = [];
  down = false;
  lost = false;
  known = true;
  private heard = 0;

  send(): void {}
  onMessage(): void {}

  async call(message: Message): Promise<Message> {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (this.down) throw new Error("unreachable");
    const reply = this.take(message);
    if (this.lost) throw new Error("the answer was lost");
    return reply;
  }

  private take(message: Message): Message {
    if (message.type === "open") {
      this.note(message as unknown as Item, `open ${message["reason"] as string}`);
      this.mirror.reset(doc.readScore(message["score"]), message["revision"] as number);
      this.known = true;
      return { type: "ack" };
    }
    const changes = (message["changes"] ?? []) as (Item & doc.Change)[];
    const events = (message["events"] ?? []) as (Item & { kind: string })[];
    let follows = this.known && (!changes.length || message["base"] === this.mirror.revision);
    for (const item of [...changes, ...events].sort((a, b) => a.n - b.n)) {
      if ("operation" in item && !follows) continue;
      if ("operation" in item) this.mirror.follow(item.kind, item.operation);
      this.note(item, item.kind);
    }
    if (message["hash"] && message["hash"] !== this.mirror.hash) follows = false;
    return follows || !changes.length && !message["hash"] ? { type: "ack" } : { type: "need", reason: "mismatch" };
  }

  private note(item: Item, what: string): void {
    if (item.n > this.heard) this.told.push([item.n, what]);
    this.heard = Math.max(this.heard, item.n);
  }
}

describe("the log of a page", () => {
  let document: doc.Document;
  let server: Log;
  let sync: Sync;
  let number = 0;

  beforeEach(() => {
    vi.useFakeTimers();
    document = piece("t1");
    server = new Log();
    sync = new Sync({
      snapshot: (reason) => ({
        type: "open", reason, score: doc.scoreToDict(document.score), revision: document.revision, hash: document.hash }),
      hash: () => document.hash, revision: () => document.revision,
    }, () => {});
    sync.attach(server);
    sync.open("start");
  });
  afterEach(() => vi.useRealTimers());

  const piece = (track: string): doc.Document => {
    const score = doc.makeScore();
    score.tracks.push(doc.makeTrack(track));
    return new doc.Document(score);
  };
  const edit = (kind: "edit" | "accept" = "edit"): void => {
    const note = doc.makeNote({ id: `n${++number}`, start: number, duration: 1, pitch: 60 });
    sync.push(document.apply(doc.addNotes(document.score.tracks[0]!.id, [note]), "user", {}, kind));
  };
  const kinds = (): string[] => server.told.map(([, kind]) => kind);

  it("has changes and events in their order, whatever message they came in", async () => {
    sync.log({ kind: "prompt", payload: {} });
    edit();
    sync.log({ kind: "select", payload: {} });
    edit("accept");
    sync.push(document.undo());
    sync.log({ kind: "transport", payload: {} });
    await vi.advanceTimersByTimeAsync(4_000);
    expect(kinds()).toEqual(["open start", "prompt", "edit", "select", "accept", "undo", "transport"]);
    expect(server.told.map(([n]) => n)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(server.mirror.hash).toBe(document.hash);
  });

  it("keeps what was done before another piece was opened, and what was done after", async () => {
    await vi.advanceTimersByTimeAsync(50);
    edit();
    sync.log({ kind: "select", payload: {} });
    document.reset(piece("t2").score, document.revision + 1);
    sync.open("file");
    edit();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(kinds()).toEqual(["open start", "edit", "select", "open file", "edit"]);
    expect(server.mirror.hash).toBe(document.hash);
  });

  it("has nothing twice when answers are lost", async () => {
    await vi.advanceTimersByTimeAsync(50);
    server.lost = true;
    edit();
    sync.log({ kind: "select", payload: {} });
    await vi.advanceTimersByTimeAsync(3_000);
    server.lost = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(kinds()).toEqual(["open start", "edit", "select", "open mismatch"]);
    expect(server.mirror.hash).toBe(document.hash);
  });

  it("loses no event when the server is away or has lost its thread", async () => {
    await vi.advanceTimersByTimeAsync(50);
    server.down = true;
    edit();
    sync.log({ kind: "select", payload: {} });
    await vi.advanceTimersByTimeAsync(3_000);
    server.down = false;
    server.known = false; // started anew
    await vi.advanceTimersByTimeAsync(60_000);
    sync.log({ kind: "transport", payload: {} });
    await vi.advanceTimersByTimeAsync(4_000);
    expect(kinds()).toEqual(["open start", "select", "open mismatch", "transport"]);
    expect(server.mirror.hash).toBe(document.hash);
  });

  it("opens the piece as it is once a server joins late", async () => {
    const late = new Sync({
      snapshot: (reason) => ({ type: "open", reason, score: doc.scoreToDict(document.score), revision: document.revision }),
      hash: () => document.hash, revision: () => document.revision,
    }, () => {});
    late.open("start");
    edit();
    const other = new Log();
    late.attach(other);
    await vi.advanceTimersByTimeAsync(100);
    expect(other.told.map(([, kind]) => kind)).toEqual(["open start"]);
    expect(other.mirror.hash).toBe(document.hash);
  });
});
