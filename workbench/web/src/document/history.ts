/**
 * A score with its history: revision, linear undo and redo; the twin of `workbench/score/document.py`.
 * Undo is itself a change with a revision, so whoever listens sees one stream of operations.
 */
import { dumpsJson, projectHash } from "./canonical.js";
import { BadOperation } from "./check.js";
import { apply, inverse, type Operation } from "./operations.js";
import { makeScore, type Score } from "./types.js";

const MAX_UNDO = 10_000;

/** Who made a change: a person, a model, or the program itself (imports). */
export type Source = "user" | "model" | "system";

/** One applied change, in order; `operation` is what was applied (the inverse, for an undo). */
export interface Change {
  /** `accept`: a suggestion was kept; it is undone like an edit. */
  readonly kind: "edit" | "accept" | "undo" | "redo";
  readonly operation: Operation;
  readonly revision: number;
  readonly source: Source;
  /** Facts worth logging beside the operation: seed, model, settings. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

export class Document {
  revision = 0;
  private undoStack: Operation[] = [];
  private redoStack: Operation[] = [];

  constructor(public score: Score = makeScore()) {}

  /** Apply an operation and remember how to undo it; throws BadOperation and changes nothing if it does not fit. */
  apply(
    operation: Operation, source: Source = "user", facts?: Record<string, unknown>, kind: "edit" | "accept" = "edit",
  ): Change {
    apply(this.score, operation);
    this.revision += 1;
    this.undoStack.push(operation);
    if (this.undoStack.length > MAX_UNDO) this.undoStack.shift();
    this.redoStack = [];
    return { kind, operation, revision: this.revision, source, ...(facts ? { facts } : {}) };
  }

  get canUndo(): boolean {
    return this.undoStack.length > 0;
  }

  get canRedo(): boolean {
    return this.redoStack.length > 0;
  }

  /** What undo would take back, for its label. */
  get nextUndo(): Operation | undefined {
    return this.undoStack.at(-1);
  }

  undo(): Change {
    return this.step(this.undoStack, this.redoStack, "undo");
  }

  redo(): Change {
    return this.step(this.redoStack, this.undoStack, "redo");
  }

  /** Apply a change made elsewhere; an undo there is an undo here where it takes back the same step. */
  follow(kind: Change["kind"], operation: Operation, source: Source = "user", facts?: Record<string, unknown>): Change {
    const step = kind === "undo" ? this.nextUndo : kind === "redo" ? this.redoStack.at(-1) : undefined;
    const known = step && kind === "undo" ? inverse(step) : step;
    if (known && dumpsJson(known) === dumpsJson(operation)) return kind === "undo" ? this.undo() : this.redo();
    return this.apply(operation, source, facts, kind === "accept" ? kind : "edit");
  }

  /** Take another score; its history begins with the given steps (none, unless a saved project is restored). */
  reset(score: Score, revision: number, undo: readonly Operation[] = [], redo: readonly Operation[] = []): void {
    this.score = score;
    this.revision = revision;
    this.undoStack = [...undo];
    this.redoStack = [...redo];
  }

  /** The last `limit` steps that could be undone and redone; of each at most so many `characters` as JSON. */
  history(limit: number, characters = Infinity): { undo: Operation[]; redo: Operation[] } {
    return { undo: lightest(this.undoStack.slice(-limit), characters), redo: lightest(this.redoStack.slice(-limit), characters) };
  }

  get hash(): string {
    return projectHash(this.score);
  }

  private step(from: Operation[], to: Operation[], kind: "undo" | "redo"): Change {
    const operation = from.at(-1);
    if (!operation) throw new BadOperation(`There is nothing to ${kind}.`);
    const applied = kind === "undo" ? inverse(operation) : operation;
    apply(this.score, applied);
    from.pop();
    to.push(operation);
    this.revision += 1;
    return { kind, operation: applied, revision: this.revision, source: "user" };
  }
}

/** The end of a list of steps, as far as it goes. */
function lightest(steps: Operation[], characters: number): Operation[] {
  if (characters === Infinity) return steps;
  let first = steps.length;
  for (let left = characters; first > 0; first--) {
    left -= JSON.stringify(steps[first - 1]).length;
    if (left < 0) break;
  }
  return steps.slice(first);
}
