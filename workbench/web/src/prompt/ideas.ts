/** What was written: each idea a piece of its own, heard without touching the open one. */
import { isRecord } from "../document/check.js";
import { readScore, scoreEnd, type Score } from "../document/types.js";
import { TimeMap } from "../document/timemap.js";
import type { ViewContext } from "../host/view.js";
import { getPlayer, type Player } from "../sound/player.js";
import { getStore, type Store } from "../store/store.js";
import { served } from "../strings/served.js";

/** One thing that was asked, and how far the idea does it. */
export interface Line {
  readonly slot: string;
  readonly measure: string;
  readonly value: number;
  readonly target: number;
  readonly met: boolean;
  readonly sentence: string;
  readonly picture: string;
  readonly asked: readonly (readonly [number, number])[];
  readonly got: readonly (readonly [number, number])[];
  readonly labels: readonly string[];
}

export interface Idea {
  readonly number: number;
  readonly score: Score;
  readonly time: TimeMap;
  /** Runs that wrote it, for the record. */
  readonly runs: readonly string[];
  readonly remarks: readonly string[];
  /** Whether all of it is there. */
  readonly whole: boolean;
  readonly lines: readonly Line[] | null;
}

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** An idea as the server tells it. */
export function readIdea(data: unknown, number: number, whole: boolean): Idea {
  const told = isRecord(data) ? data : {};
  const score = readScore(told["score"]);
  return { number, score, time: new TimeMap(score), runs: texts(told["runs"]), remarks: texts(told["remarks"]), whole, lines: null };
}

export function readLines(card: unknown): Line[] {
  const lines = isRecord(card) && Array.isArray(card["prompts"]) ? card["prompts"].filter(isRecord) : [];
  return lines.map((line) => ({
    slot: String(line["slot"]), measure: String(line["measure"]), value: Number(line["value"]) || 0, target: Number(line["target"]) || 0,
    met: line["met"] === true, sentence: served(String(line["sentence"])), picture: String(line["picture"] ?? ""),
    asked: pairs(line["asked"]), got: pairs(line["got"]), labels: texts(line["labels"]),
  }));
}

/** What a log says of ideas: every run that wrote some of them. */
export const runsOf = (ideas: readonly Idea[]): Record<string, string[]> =>
  Object.fromEntries(ideas.flatMap((idea) => idea.runs.map((run) => [run, [] as string[]])));

/** What a log says of an idea's card: how far each thing that was asked is done, 0 to 1. */
export const adherence = (lines: readonly Line[]): Record<string, number> =>
  Object.fromEntries(lines.map((line) => [`${line.slot}_${line.measure}`, Math.round(line.value * 1000) / 1000]));

const pairs = (value: unknown): [number, number][] =>
  (Array.isArray(value) ? value.filter((pair): pair is [number, number] => Array.isArray(pair) && pair.length === 2) : []);

/** A second document and player: an idea is heard there, the open piece stays as it is. */
export class Ideas {
  readonly store: Store;
  readonly player: Player;
  heard = 0;

  constructor(private readonly context: ViewContext) {
    this.store = getStore(`${context.host.app}-ideas`);
    this.player = getPlayer(this.store, context.host);
    context.signal.addEventListener("abort", () => this.player.stop());
    // One sound at a time: the open piece, or an idea.
    context.player.subscribe(() => context.player.playing && this.player.stop(), context.signal);
  }

  /** Hear an idea from a second on; the same again stops it. */
  toggle(idea: Idea, from = 0): void {
    if (this.player.playing && this.heard === idea.number) return this.player.stop();
    this.context.player.stop();
    this.load(idea);
    void this.player.play(idea.time.tick(from));
    this.context.store.log("audition", { what: `idea ${idea.number}`, runs: Object.fromEntries(idea.runs.map((run) => [run, []])) });
  }

  /** Take over more of an idea that is being written, without losing the place in it. */
  grow(idea: Idea): void {
    if (this.heard !== idea.number || !this.player.playing) return;
    const at = this.player.position;
    this.load(idea);
    void this.player.play(at);
  }

  private load(idea: Idea): void {
    this.player.stop();
    this.heard = idea.number;
    this.store.open(idea.score, { tell: false });
  }

  /** Where the heard idea is, as a share of its length. */
  get share(): number {
    return this.player.position / Math.max(1, scoreEnd(this.store.score));
  }
}
