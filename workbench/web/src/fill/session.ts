/** Requests for ideas and what came of them. Ghosts live here, outside the document, until one is kept. */
import type { Operation } from "../document/operations.js";
import type { Region } from "../document/types.js";
import type { JobResults, Json, Progress } from "../host/messages.js";
import { isStopped } from "../store/jobs.js";
import type { Store } from "../store/store.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { emptyIdea, readConfidence, readNotes, runsOf, type Idea } from "./idea.js";
import { everyTrack, keepOperation, mixOperation } from "./keep.js";
import { againOf, requestOf, type FillOptions, type FillRequest } from "./request.js";

const NOTHING: Progress = { done: null, seconds_left: null, text: "" };

export class FillSession {
  status: "idle" | "working" = "idle";
  ideas: Idea[] = [];
  progress = NOTHING;
  /** A sentence to show: an error, a remark, or that it was stopped. */
  news = "";
  /** Number of the first idea that the last request brings. */
  first = 1;
  private options: FillOptions | null = null;
  private request: FillRequest = {};
  private id = "";
  private stopper = new AbortController();
  private base = 0;

  /** `rank`: the ideas that came, in the order in which they are to be shown. */
  constructor(private readonly store: Store, private readonly changed: (what: string) => void, signal: AbortSignal,
    private readonly rank: (ideas: Idea[]) => Promise<Idea[]> = async (ideas) => ideas) {
    signal.addEventListener("abort", () => this.stopper.abort());
  }

  /** Ask for ideas; `more` keeps those that are there. */
  async start(options: FillOptions, more: boolean): Promise<void> {
    await this.send(options, requestOf(options), more);
  }

  /** Ask for ideas of what the server has put together itself, such as a band. */
  async given(options: FillOptions, request: FillRequest, more: boolean): Promise<void> {
    await this.send(options, request, more);
  }

  /** Ask for a part of an idea again; what comes is one more idea, of the same gaps. */
  async again(idea: Idea, parts: readonly Region[]): Promise<void> {
    await this.send({ ...idea.options, seed: null }, againOf(idea.request, idea.raw, parts), true);
  }

  private async send(options: FillOptions, request: FillRequest, more: boolean): Promise<void> {
    this.stop();
    this.options = options;
    this.request = request;
    this.first = 1 + (more ? Math.max(0, ...this.ideas.map((idea) => idea.number)) : 0);
    if (!more) this.ideas = [];
    this.base = this.store.revision;
    this.status = "working";
    this.news = "";
    this.progress = NOTHING;
    this.changed("status");
    const { seed, model } = options;
    const stopper = (this.stopper = new AbortController());
    this.store.log("prompt", { kind: "fill", first: this.first, request, seed, model }); // before it is sent
    const job = this.store.job("fill", { revision: this.base, seed, model, request: request as Json }, stopper.signal, {
      progress: (progress) => this.changed((this.progress = progress, "progress")),
      partial: ({ alternative, notes }) => {
        const idea = this.idea(this.first + alternative);
        idea.notes = { ...idea.notes, ...readNotes(notes) };
        this.changed("partial");
      },
    });
    this.id = job.id;
    try {
      const result = await job.result;
      await this.finish(result, stopper);
    } catch (error) {
      if (stopper !== this.stopper || stopper.signal.aborted) return; // stopped here, and said already
      this.status = "idle";
      this.news = isStopped(error) ? t("fill.stopped") : sentenceOf(error);
      this.changed("error");
    }
  }

  /** Stops at once on this side; what was made so far stays. */
  stop(): void {
    if (this.status !== "working") return;
    this.status = "idle";
    this.news = t("fill.stopped");
    this.stopper.abort();
    this.changed("status");
  }

  private idea(number: number): Idea {
    let idea = this.ideas.find((item) => item.number === number);
    if (!idea) {
      idea = emptyIdea(number, this.options!, this.request, this.base);
      this.ideas = [...this.ideas, idea].sort((a, b) => a.number - b.number);
    }
    return idea;
  }

  private async finish({ alternatives, run, fallback_reason, remarks }: JobResults["fill"], stopper: AbortController): Promise<void> {
    alternatives.forEach((item, i) => {
      const idea = this.idea(this.first + i);
      Object.assign(idea, {
        notes: readNotes(item["notes"]), raw: item["notes"] ?? {}, done: true,
        operation: (item["operation"] as Operation | null) ?? null, seed: (item["seed"] as number | null) ?? null,
        model: String(item["model_id"] ?? ""), madeBy: String(item["made_by"] ?? item["model_id"] ?? ""), run, remarks: (item["remarks"] as string[] | undefined) ?? [],
        confidence: readConfidence(item["confidence"]),
        traits: (item["traits"] as Idea["traits"] | undefined) ?? {} });
    });
    const came = this.ideas.filter((idea) => idea.number >= this.first);
    const ranked = await this.rank(came);
    if (stopper !== this.stopper || stopper.signal.aborted) return;
    this.ideas = [...this.ideas.filter((idea) => idea.number < this.first), ...ranked];
    this.store.log("suggest", { id: this.id, run, first: this.first, ideas: alternatives.length });
    this.news = [fallback_reason, ...remarks].filter(Boolean).join(" ");
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
      kind: "accept", source: "model",
      facts: {
        name: "fill", id: this.id, runs, idea: ideas.map((idea) => idea.number).join("+"), seed: ideas[0]?.seed ?? null,
        ideas: ideas.map(({ number, run, seed }) => ({ number, run, seed })) },
    });
    this.clear();
  }

  reject(idea: Idea): void {
    this.ideas = this.ideas.filter((item) => item !== idea);
    this.store.log("reject", { id: this.id, idea: idea.number, run: idea.run, seed: idea.seed });
    this.changed("reject");
  }

  clear(): void {
    this.stop();
    this.id = "";
    this.ideas = [];
    this.news = "";
    this.status = "idle";
    this.changed("clear");
  }
}
