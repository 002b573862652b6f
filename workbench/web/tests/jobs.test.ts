import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Message } from "../src/host/model.js";
import { isStopped, startJob, type JobPage } from "../src/store/jobs.js";

/** The page's side of a server: what is sent, and a way to speak back. */
class FakePage implements JobPage {
  sent: Message[] = [];
  stops: string[] = [];
  renewals = 0;
  ids: readonly string[] = [];
  away = false;
  private readonly listeners = new Set<(message: Message) => void>();

  async send(message: Message): Promise<void> {
    if (this.away) throw new Error("The server cannot be reached.");
    this.sent.push(message);
  }

  stop(id: string): void {
    this.stops.push(id);
  }

  onMessage(listener: (message: Message) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  async renew(): Promise<void> {
    this.renewals += 1;
  }

  async running(): Promise<readonly string[]> {
    if (this.away) throw new Error("away");
    return this.ids;
  }

  say(message: Message): void {
    for (const listener of [...this.listeners]) listener(message);
  }

  get listening(): number {
    return this.listeners.size;
  }
}

describe("jobs", () => {
  let page: FakePage;
  const fill = { revision: 1, seed: null, model: null, request: {} };

  beforeEach(() => {
    vi.useFakeTimers();
    page = new FakePage();
  });
  afterEach(() => vi.useRealTimers());

  it("gives progress, place in the queue and partials, then the result, each to its own job", async () => {
    const heard: unknown[] = [];
    const job = startJob(page, "fill", fill, undefined, {
      progress: ({ done, waiting }) => heard.push([done, waiting]),
      partial: ({ alternative }) => heard.push(alternative),
    });
    const other = startJob(page, "export", { kind: "mid" });
    page.say({ type: "fill.progress", id: job.id, done: null, seconds_left: null, text: "", waiting: 2 });
    page.say({ type: "fill.progress", id: other.id, done: 0.9, seconds_left: null, text: "" });
    page.say({ type: "fill.progress", id: job.id, done: 0.5, seconds_left: 3, text: "" });
    page.say({ type: "fill.partial", id: job.id, alternative: 1, notes: {} });
    page.say({ type: "fill.result", id: job.id, alternatives: [], remarks: ["ok"], fallback_reason: "", run: "r" });
    expect((await job.result).remarks).toEqual(["ok"]);
    expect(heard).toEqual([[null, 2], [0.5, undefined], 1]);
    page.say({ type: "export.error", id: other.id, text: "No notes yet.", stopped: false });
    await expect(other.result).rejects.toThrow("No notes yet.");
    expect(page.listening).toBe(0);
  });

  it("stops at once here, and there even if it begins only afterwards", async () => {
    const stopper = new AbortController();
    const job = startJob(page, "pull", { model: "m" }, stopper.signal);
    const ended = job.result.catch((error: unknown) => error);
    stopper.abort();
    expect(isStopped(await ended)).toBe(true);
    await vi.advanceTimersByTimeAsync(1);
    expect(page.stops).toEqual([job.id]);
    await vi.advanceTimersByTimeAsync(5_000);
    page.say({ type: "pull.progress", id: job.id, done: 0, seconds_left: null, text: "" });
    expect(page.stops.length).toBe(2);
    page.say({ type: "pull.error", id: job.id, text: "Stopped.", stopped: true });
    expect(page.listening).toBe(0);
    const before = startJob(page, "pull", { model: "m" }, stopper.signal);
    await expect(before.result).rejects.toSatisfy(isStopped);
  });

  it("sends the piece and itself again to a server that does not know the page, once", async () => {
    const job = startJob(page, "export", { kind: "mid" });
    page.say({ type: "export.need", id: job.id, reason: "unknown" });
    await vi.advanceTimersByTimeAsync(1);
    expect(page.renewals).toBe(1);
    expect(page.sent.map((message) => message["id"])).toEqual([job.id, job.id]);
    const failed = expect(job.result).rejects.toThrow("reload it");
    page.say({ type: "export.need", id: job.id, reason: "unknown" });
    await failed;
  });

  it("waits patiently while the server works on it", async () => {
    const job = startJob(page, "export", { kind: "mid" });
    page.ids = [job.id];
    await vi.advanceTimersByTimeAsync(120_000);
    expect(page.sent.length).toBe(1);
    page.say({ type: "export.result", id: job.id, name: "piece.mid" });
    expect((await job.result).name).toBe("piece.mid");
  });

  it("asks once more when its messages were lost, and never hangs", async () => {
    const job = startJob(page, "export", { kind: "mid" });
    await vi.advanceTimersByTimeAsync(12_000);
    expect(page.sent.length).toBe(2);
    page.say({ type: "export.result", id: page.sent[1]!["id"], name: "piece.mid" });
    expect((await job.result).name).toBe("piece.mid");
    const lost = startJob(page, "export", { kind: "mid" });
    const failed = expect(lost.result).rejects.toThrow("connection to the server was lost");
    await vi.advanceTimersByTimeAsync(30_000);
    await failed;
    expect(page.sent.length).toBe(4);
    const away = startJob(page, "export", { kind: "mid" });
    const gone = expect(away.result).rejects.toThrow("connection to the server was lost");
    page.away = true;
    await vi.advanceTimersByTimeAsync(12_000);
    await gone;
    await expect(startJob(page, "export", { kind: "mid" }).result).rejects.toThrow("cannot be reached");
  });
});
