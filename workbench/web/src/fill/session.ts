/** Requests for ideas and what came of them. Ghosts live here, outside the document, until one is kept. */
import type { Operation } from "../document/operations.js";
import type { Region } from "../document/types.js";
import type { Message } from "../host/model.js";
import type { Store } from "../store/store.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { emptyIdea, readConfidence, readNotes, runsOf, type Idea } from "./idea.js";
import { everyTrack, keepOperation, mixOperation } from "./keep.js";
import { againOf, requestOf, type FillOptions, type FillRequest } from "./request.js";

export interface Progress { readonly done: number | null; readonly secondsLeft: number | null; readonly text: string }

export class FillSession {
  status: "idle" | "working" = "idle";
  ideas: Idea[] = [];
  progress: Progress = { done: null, secondsLeft: null, text: "" };
  /** A sentence to show: an error, a remark, or that it was stopped. */
  news = "";
  /** Number of the first idea that the last request brings. */
  first = 1;
  private options: FillOptions | null = null;
  private request: FillRequest = {};
  private id = "";
  private base = 0;

  constructor(private readonly store: Store, private readonly changed: (what: string) => void, signal: AbortSignal) {
    store.subscribe((event) => event.type === "message" && this.receive(event.message), signal);
  }

  /** Ask for ideas; `more` keeps those that are there. */
  async start(options: FillOptions, more: boolean): Promise<void> {
    await this.send(options, requestOf(options), more);
  }

  /** Ask for a part of an idea again; what comes is one more idea, of the same gaps. */
  async again(idea: Idea, parts: readonly Region[]): Promise<void> {
    await this.send({ ...idea.options, seed: null }, againOf(idea.request, idea.raw, parts), true);
  }

  private async send(options: FillOptions, request: FillRequest, more: boolean): Promise<void> {
    if (this.status === "working") await this.stop();
    this.options = options;
    this.request = request;
    this.first = 1 + (more ? Math.max(0, ...this.ideas.map((idea) => idea.number)) : 0);
    if (!more) this.ideas = [];
    this.id = `f${Date.now().toString(36)}${Math.floor(Math.random() * 1e6).toString(36)}`;
    this.base = this.store.revision;
    this.status = "working";
    this.news = "";
    this.progress = { done: null, secondsLeft: null, text: "" };
    this.changed("status");
    const { seed, model } = options;
    const message: Message = { type: "fill", id: this.id, revision: this.base, seed, model, request };
    try {
      await this.store.send(message);
      this.store.log("suggest", { id: this.id, request, seed, model });
    } catch (error) {
      this.fail(sentenceOf(error));
    }
  }

  /** Stops at once on this side; what was made so far stays. */
  async stop(): Promise<void> {
    if (this.status !== "working") return;
    const { id } = this;
    this.status = "idle";
    this.news = t("fill.stopped");
    this.changed("status");
    try {
      await this.store.call({ type: "stop", id });
    } catch {
      // The connection is lost: the server ends the work by itself when the page is gone.
    }
  }

  private fail(text: string): void {
    this.status = "idle";
    this.news = text;
    this.changed("error");
  }

  private receive(message: Message): void {
    if (message["id"] !== this.id || !message.type.startsWith("fill.")) return;
    if (message.type === "fill.error") {
      if (this.status === "working") this.fail(String(message["text"]));
      return;
    }
    if (message.type === "fill.result") return this.finish(message);
    if (this.status !== "working") return; // stopped: late partials change nothing
    if (message.type === "fill.progress") {
      this.progress = {
        done: typeof message["done"] === "number" ? message["done"] : null,
        secondsLeft: typeof message["seconds_left"] === "number" ? message["seconds_left"] : null,
        text: String(message["text"] ?? ""),
      };
      this.changed("progress");
    } else if (message.type === "fill.partial") {
      const idea = this.idea(this.first + (message["alternative"] as number));
      idea.notes = { ...idea.notes, ...readNotes(message["notes"]) };
      this.changed("partial");
    }
  }

  private idea(number: number): Idea {
    let idea = this.ideas.find((item) => item.number === number);
    if (!idea) {
      idea = emptyIdea(number, this.options!, this.request, this.base);
      this.ideas = [...this.ideas, idea].sort((a, b) => a.number - b.number);
    }
    return idea;
  }

  private finish(message: Message): void {
    const alternatives = (message["alternatives"] ?? []) as Record<string, unknown>[];
    alternatives.forEach((item, i) => {
      const idea = this.idea(this.first + i);
      Object.assign(idea, {
        notes: readNotes(item["notes"]), raw: item["notes"] ?? {}, done: true,
        operation: (item["operation"] as Operation | null) ?? null, seed: (item["seed"] as number | null) ?? null,
        model: String(item["model_id"] ?? ""), run: String(message["run"] ?? ""), remarks: (item["remarks"] as string[] | undefined) ?? [],
        confidence: readConfidence(item["confidence"]) });
    });
    const reason = String(message["fallback_reason"] ?? "");
    const remarks = ((message["remarks"] ?? []) as string[]).filter(Boolean);
    this.news = [reason, ...remarks].filter(Boolean).join(" ");
    this.status = "idle";
    this.changed("result");
  }

  /** Keep one idea: one step of undo, which names the run that made it. */
  accept(idea: Idea): void {
    this.commit(keepOperation(this.store.score, this.store.revision, idea), everyTrack(idea));
  }

  /** Keep a mixture: for each track the idea chosen for it. */
  acceptBlend(chosen: ReadonlyMap<string, Idea>): void {
    this.commit(mixOperation(this.store.score, chosen), chosen);
  }

  private commit(operation: Operation, chosen: ReadonlyMap<string, Idea>): void {
    const ideas = [...new Set(chosen.values())];
    const runs = runsOf(chosen);
    this.store.edit(operation, {
      source: "model",
      facts: { name: "fill", idea: ideas.map((idea) => idea.number).join("+"), seed: ideas[0]?.seed ?? null, runs },
    });
    this.store.log("accept", { id: this.id, runs, ideas: ideas.map(({ number, run, seed }) => ({ number, run, seed })) });
    this.clear();
  }

  reject(idea: Idea): void {
    this.ideas = this.ideas.filter((item) => item !== idea);
    this.store.log("reject", { id: this.id, idea: idea.number, run: idea.run, seed: idea.seed });
    this.changed("reject");
  }

  clear(): void {
    if (this.status === "working") void this.stop();
    this.id = "";
    this.ideas = [];
    this.news = "";
    this.status = "idle";
    this.changed("clear");
  }
}
