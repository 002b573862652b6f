/** One request for ideas and what came of it. Ghosts live here, outside the document, until one is kept. */
import { compound, replaceRegion } from "../document/edits.js";
import type { Operation } from "../document/operations.js";
import { freshIds, inRegion, makeNote, type Note, type Region } from "../document/types.js";
import type { Message } from "../host/model.js";
import { rebase } from "../store/rebase.js";
import type { Store } from "../store/store.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";

/** Wishes as `InfillControls` of `workbench/hub/controls.py` names them; what is left out is no wish. */
export type Controls = Readonly<Record<string, number | boolean | string>>;

export interface FillOptions {
  readonly regions: readonly Region[];
  readonly around: boolean;
  readonly overhang: boolean;
  readonly count: number;
  readonly controls: Controls;
  /** null: the server draws one. */
  readonly seed: number | null;
  readonly model: string | null;
}

export interface Idea {
  readonly number: number;
  notes: Readonly<Record<string, readonly Note[]>>;
  done: boolean;
  /** What keeps it, once it is finished. */
  operation: Operation | null;
  seed: number | null;
  settings: unknown;
  model: string;
  modelRevision: string;
  remarks: readonly string[];
}

export interface Progress { readonly done: number | null; readonly secondsLeft: number | null; readonly text: string }

/** Notes as they came: ids may be missing or the same for all, since they are no notes yet. */
function readNotes(value: unknown): Record<string, Note[]> {
  const out: Record<string, Note[]> = {};
  for (const [track, notes] of Object.entries((value ?? {}) as Record<string, unknown[]>)) {
    out[track] = notes.map((note, i) => makeNote({ ...(note as Note), id: `g${i + 1}` }));
  }
  return out;
}

export class FillSession {
  status: "idle" | "working" = "idle";
  ideas: Idea[] = [];
  progress: Progress = { done: null, secondsLeft: null, text: "" };
  /** A sentence to show: an error, a remark, or that it was stopped. */
  news = "";
  options: FillOptions | null = null;
  private id = "";
  private base = 0;
  private offset = 0;

  constructor(private readonly store: Store, private readonly changed: (what: string) => void, signal: AbortSignal) {
    store.subscribe((event) => event.type === "message" && this.receive(event.message), signal);
  }

  /** Ask for ideas; `more` keeps those that are there. */
  async start(options: FillOptions, more: boolean): Promise<void> {
    if (this.status === "working") await this.stop();
    this.options = options;
    this.offset = more ? Math.max(0, ...this.ideas.map((idea) => idea.number)) : 0;
    if (!more) this.ideas = [];
    this.id = `f${Date.now().toString(36)}${Math.floor(Math.random() * 1e6).toString(36)}`;
    this.base = this.store.revision;
    this.status = "working";
    this.news = "";
    this.progress = { done: null, secondsLeft: null, text: "" };
    this.changed("status");
    const request = {
      task: "infill", count: options.count, controls: options.controls, regions: options.regions,
      ...(options.around ? { around: true } : {}), ...(options.overhang ? { overhang: true } : {}),
    };
    const message: Message = {
      type: "fill", id: this.id, revision: this.base, seed: options.seed, model: options.model, request };
    try {
      await this.store.send(message);
      this.store.log("suggest", { id: this.id, request, seed: options.seed, model: options.model });
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
      const idea = this.idea(this.offset + (message["alternative"] as number) + 1);
      idea.notes = { ...idea.notes, ...readNotes(message["notes"]) };
      this.changed("partial");
    }
  }

  private idea(number: number): Idea {
    let idea = this.ideas.find((item) => item.number === number);
    if (!idea) {
      idea = {
        number, notes: {}, done: false, operation: null, seed: null, settings: null, model: "", modelRevision: "",
        remarks: [] };
      this.ideas = [...this.ideas, idea].sort((a, b) => a.number - b.number);
    }
    return idea;
  }

  private finish(message: Message): void {
    const alternatives = (message["alternatives"] ?? []) as Record<string, unknown>[];
    alternatives.forEach((item, i) => {
      const idea = this.idea(this.offset + i + 1);
      Object.assign(idea, {
        notes: readNotes(item["notes"]), done: true, operation: (item["operation"] as Operation | null) ?? null,
        seed: (item["seed"] as number | null) ?? null, settings: item["settings"] ?? null,
        model: String(item["model_id"] ?? ""), modelRevision: String(item["revision"] ?? ""),
        remarks: (item["remarks"] as string[] | undefined) ?? [] });
    });
    const reason = String(message["fallback_reason"] ?? "");
    const remarks = ((message["remarks"] ?? []) as string[]).filter(Boolean);
    this.news = [reason, ...remarks].filter(Boolean).join(" ");
    this.status = "idle";
    this.changed("result");
  }

  /** Keep one idea: one step of undo, with seed and settings in the log. */
  accept(idea: Idea): void {
    const operation = idea.operation ?? this.operationFrom(() => idea);
    this.commit(operation, [idea]);
  }

  /** Keep a mixture: for each track the idea chosen for it. */
  acceptBlend(chosen: ReadonlyMap<string, Idea>): void {
    this.commit(this.operationFrom((track) => chosen.get(track)), [...new Set(chosen.values())]);
  }

  private commit(operation: Operation, ideas: readonly Idea[]): void {
    const fitting = this.store.revision === this.base ? operation : rebase(this.store.score, operation);
    this.store.edit(fitting, {
      source: "model",
      facts: {
        name: "fill", idea: ideas.map((idea) => idea.number).join("+"), seed: ideas[0]?.seed ?? null,
        settings: ideas[0]?.settings ?? null, model_id: ideas[0]?.model ?? "", revision_of_model: ideas[0]?.modelRevision ?? "",
      },
    });
    this.store.log("accept", {
      id: this.id,
      ideas: ideas.map(({ number, seed, settings, model, modelRevision }) => ({
        number, seed, settings, model_id: model, revision_of_model: modelRevision })),
    });
    this.clear();
  }

  /** Regions filled from the ideas that `choose` names by track; tracks without one stay as they are. */
  private operationFrom(choose: (track: string) => Idea | undefined): Operation {
    const { regions, around } = this.options!;
    const { score } = this.store;
    const parts: Operation[] = [];
    const taken = new Map(score.tracks.map((track) => [track.id, new Set(track.notes.keys())]));
    for (const region of regions) {
      const tracks = region.tracks.filter((id) => choose(id) && score.tracks.some((track) => track.id === id));
      const added: Record<string, Note[]> = {};
      for (const id of tracks) {
        const idea = choose(id)!;
        const coming = (idea.notes[id] ?? []).filter((note) => inRegion(region, id, note));
        const names = freshIds(taken.get(id)!, "n", coming.length);
        for (const name of names) taken.get(id)!.add(name);
        added[id] = coming.map((note, i) =>
          makeNote({ ...note, id: names[i]!, author: `model:${idea.model || "unknown"}` }));
      }
      if (tracks.length) parts.push(replaceRegion(score, { ...region, tracks }, added, around));
    }
    return parts.length === 1 ? parts[0]! : compound("fill", parts);
  }

  reject(idea: Idea): void {
    this.ideas = this.ideas.filter((item) => item !== idea);
    this.store.log("reject", { id: this.id, idea: idea.number, seed: idea.seed });
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
