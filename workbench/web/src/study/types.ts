/** What the server tells a participant's page: where it stands in the study, and the step that is due. */

export interface Box {
  readonly id: string;
  readonly text: string;
  readonly required: boolean;
}

export type Item = {
  readonly id: string;
  readonly kind: "likert" | "slider" | "text" | "choice" | "number" | "pair";
  readonly text: string;
  /** Words at the two ends; of a number its bounds. */
  readonly low?: string | number | null;
  readonly high?: string | number | null;
  /** How many places there are to choose from. */
  readonly points?: number | null;
  readonly choices?: readonly string[] | null;
  readonly optional?: boolean;
};

interface StepBase {
  readonly id: string;
  readonly title: string;
  /** Paragraphs with an empty line between them; *emphasis* is the only markup. */
  readonly text: string;
}

export interface ConsentStep extends StepBase {
  readonly kind: "consent" | "assent";
  readonly version: string;
  readonly boxes: readonly Box[];
  readonly guardian?: boolean;
}

export interface TaskStep extends StepBase {
  readonly kind: "practice" | "task";
  readonly seconds: number | null;
  /** Seconds before it may be called done. */
  readonly not_before_s?: number;
  readonly view: string;
  readonly start: "fresh" | "keep" | "file";
  /** The piece to begin with, where `start` is `file`. */
  readonly score?: unknown;
  readonly instructions?: string;
  /** False: the clock begins when the page says that the instructions were read. */
  readonly begun?: boolean;
}

export interface QuestionStep extends StepBase {
  readonly kind: "questionnaire";
  readonly instrument: string;
  readonly items: readonly Item[];
}

export type Choice = "a" | "b" | "tie" | "neither";

export interface ListeningStep extends StepBase {
  readonly kind: "listening";
  readonly pair: string;
  readonly a: string;
  readonly b: string;
  readonly minimum_s: number;
  readonly question: string;
  readonly choices?: readonly Choice[];
  readonly reasons?: readonly string[];
}

export interface BreakStep extends StepBase {
  readonly kind: "break";
  /** When the next sitting may begin; null: at once. */
  readonly until: string | null;
}

export interface DoneStep extends StepBase {
  readonly kind: "done";
  readonly completion_code?: string;
  readonly link?: string;
}

export interface PlainStep extends StepBase {
  readonly kind: "information" | "withdrawn" | "closed";
}

export type Step = PlainStep | ConsentStep | TaskStep | QuestionStep | ListeningStep | BreakStep | DoneStep;

export interface Condition {
  /** Tabs that may be seen; null or left out: all of them. */
  readonly tabs?: readonly string[] | null;
  /** Controls by name; one that is false is not shown. */
  readonly controls?: Readonly<Record<string, boolean>>;
}

export interface State {
  readonly study: { readonly title: string; readonly version: string; readonly contact: string; readonly language?: string };
  /** What a participant comes back with. */
  readonly code: string;
  readonly step: Step;
  readonly index: number;
  readonly count: number;
  readonly seconds_left: number | null;
  readonly paused: boolean;
  readonly condition?: Condition | null;
  /** Whether one may mark a moment with what one thinks. */
  readonly marks?: boolean;
}

export const isTask = (step: Step): step is TaskStep => step.kind === "task" || step.kind === "practice";
/** Nobody takes part any more. (After `done` one may still take everything back.) */
export const isOver = (step: Step): boolean => step.kind === "withdrawn" || step.kind === "closed";
/** Before consent nothing is kept, so there is nothing to come back to. */
export const isBefore = (step: Step): boolean => ["information", "consent", "assent"].includes(step.kind);
