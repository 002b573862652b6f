import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as doc from "../src/document/index.js";
import type { Channel, Message } from "../src/host/model.js";
import { Sync } from "../src/store/sync.js";

/** A server that applies what it gets, as Python does, and can be unplugged. */
class FakeServer implements Channel {
  mirror = new doc.Document();
  messages: Message[] = [];
  down = false;
  spoil = false;
  /** Does not take this piece. */
  limit = "";

  send(message: Message): void {
    this.messages.push(message);
  }

  async call(message: Message): Promise<Message> {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (this.down) throw new Error("unreachable");
    this.messages.push(message);
    if (this.limit && message.type !== "events") return { type: "error", text: this.limit };
    if (message.type === "open") this.mirror.reset(doc.readScore(message["score"]), message["revision"] as number);
    if (message.type === "ops") {
      if (message["base"] !== this.mirror.revision) return { type: "need", reason: "gap" };
      for (const change of message["changes"] as doc.Change[]) {
        doc.apply(this.mirror.score, change.operation);
        this.mirror.revision = change.revision;
      }
      if (message["hash"] && (this.spoil || message["hash"] !== this.mirror.hash)) {
        this.spoil = false;
        return { type: "need", reason: "hash" };
      }
    }
    return { type: "ack", revision: this.mirror.revision };
  }

  onMessage(): void {}
}

describe("sending operations to the server", () => {
  const document = new doc.Document();
  const server = new FakeServer();
  let sync: Sync;
  let number = 0;

  beforeEach(() => {
    vi.useFakeTimers();
    const score = doc.makeScore();
    score.tracks.push(doc.makeTrack("t1"));
    document.reset(score, 0);
    Object.assign(server, { messages: [], down: false, spoil: false, limit: "" });
    sync = new Sync({
      snapshot: (reason) => ({
        type: "open", reason, score: doc.scoreToDict(document.score), revision: document.revision, hash: document.hash }),
      hash: () => document.hash, revision: () => document.revision,
    }, () => {});
    sync.attach(server);
    sync.open("start");
  });
  afterEach(() => vi.useRealTimers());

  function edit(): void {
    const note = doc.makeNote({ id: `n${++number}`, start: number, duration: 1, pitch: 60 });
    sync.push(document.apply(doc.addNotes("t1", [note])));
  }

  it("gathers a burst into few messages, in order, and ends equal", async () => {
    await vi.advanceTimersByTimeAsync(50);
    for (let i = 0; i < 60; i++) {
      edit();
      await vi.advanceTimersByTimeAsync(2);
    }
    await vi.advanceTimersByTimeAsync(3_000);
    expect(server.mirror.hash).toBe(document.hash);
    expect(server.messages.filter((message) => message.type === "ops").length).toBeLessThan(20);
    expect(sync.pending).toBe(0);
  });

  it("loses nothing while the server is away", async () => {
    await vi.advanceTimersByTimeAsync(50);
    server.down = true;
    edit();
    edit();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(sync.connection).toBe("lost");
    expect(sync.pending).toBe(2);
    edit();
    server.down = false;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(sync.connection).toBe("connected");
    expect(server.mirror.hash).toBe(document.hash);
  });

  it("sends the whole document after a gap or a mismatch", async () => {
    await vi.advanceTimersByTimeAsync(50);
    server.mirror.revision = 99; // as after a restart of the server
    edit();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(server.messages.some((message) => message.type === "open" && message["reason"] === "mismatch")).toBe(true);
    expect(server.mirror.hash).toBe(document.hash);
    server.spoil = true;
    edit();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(server.messages.filter((message) => message["reason"] === "mismatch").length).toBe(2);
  });

  it("flush waits for everything, and says when the server cannot be reached", async () => {
    edit();
    const done = sync.flush();
    await vi.advanceTimersByTimeAsync(200);
    await done;
    expect(server.mirror.revision).toBe(document.revision);
    server.down = true;
    edit();
    const failed = expect(sync.flush()).rejects.toThrow("cannot be reached");
    await vi.advanceTimersByTimeAsync(200);
    await failed;
  });

  it("offers a refused piece once, says why, and again only when the piece has changed", async () => {
    server.limit = "The piece is longer than 10 minutes.";
    sync.open("restored");
    await vi.advanceTimersByTimeAsync(120_000);
    expect(sync.connection).toBe("refused");
    expect(sync.refusal).toBe("The piece is longer than 10 minutes.");
    expect(server.messages.length).toBe(1);
    await expect(sync.flush()).rejects.toThrow("longer than 10 minutes");
    edit();
    edit();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.messages.length).toBe(2);
    server.limit = "";
    edit(); // as if the piece had been made shorter
    await vi.advanceTimersByTimeAsync(5_000);
    expect([sync.connection, sync.refusal]).toEqual(["connected", ""]);
    expect(server.mirror.hash).toBe(document.hash);
  });

  it("recovers by itself after a check at rest met a server that was away", async () => {
    await vi.advanceTimersByTimeAsync(50);
    edit();
    await vi.advanceTimersByTimeAsync(100);
    server.down = true; // the comparison at rest falls into this
    await vi.advanceTimersByTimeAsync(10_000);
    server.down = false;
    server.mirror.reset(doc.makeScore(), 0); // started anew
    const asked = sync.ask();
    await vi.advanceTimersByTimeAsync(10_000);
    await asked;
    expect(sync.connection).toBe("connected");
    expect(server.mirror.hash).toBe(document.hash);
  });

  it("looks until a server is back that somebody else has missed", async () => {
    await vi.advanceTimersByTimeAsync(50);
    server.down = true;
    sync.missed();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(sync.connection).toBe("lost");
    server.down = false;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(sync.connection).toBe("connected");
  });

  it("sends another document that is opened while one is on its way", async () => {
    await vi.advanceTimersByTimeAsync(1);
    document.score.tracks.push(doc.makeTrack("t2"));
    document.revision += 1;
    sync.open("start");
    await vi.advanceTimersByTimeAsync(3_000);
    expect(server.mirror.hash).toBe(document.hash);
  });
});
