/**
 * A logged session played again: its events one by one, every change made on the piece, every hash held against the
 * log's. The twin of `workbench/study/replay.py`; knows neither clocks nor views.
 */
import { isRecord } from "../document/check.js";
import type { Operation } from "../document/operations.js";
import { readScore, type Score } from "../document/types.js";
import { t } from "../strings/index.js";

/** One event of the interaction log (`workbench/study/log/schema.py`), as far as a replay needs it. */
export interface LogEvent {
  readonly seq: number;
  readonly kind: string;
  readonly source: string;
  readonly client_time: number | null;
  readonly server_time: number;
  readonly cause: number | null;
  readonly after: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** What the events are played on. */
export interface Piece {
  open(score: Score): void;
  apply(operation: Operation, kind: "edit" | "accept", source: "user" | "model" | "system"): void;
  hash(): string;
}

export const CHANGES: readonly string[] = ["edit", "accept", "undo", "redo"];
const SOURCES = { person: "user", model: "model", system: "system" } as const;

const count = (value: unknown): value is number => Number.isSafeInteger(value);

/** The events of a session; throws one sentence where they are none. */
export function readEvents(data: unknown): LogEvent[] {
  if (!Array.isArray(data)) throw new Error(t("replay.unreadable"));
  return data.map((each: unknown) => {
    if (!isRecord(each) || !count(each["seq"]) || !count(each["server_time"]) || typeof each["kind"] !== "string" || !isRecord(each["payload"])) {
      throw new Error(t("replay.unreadable"));
    }
    return {
      seq: each["seq"], kind: each["kind"], source: String(each["source"]), server_time: each["server_time"], payload: each["payload"],
      client_time: count(each["client_time"]) ? each["client_time"] : null, cause: count(each["cause"]) ? each["cause"] : null,
      after: typeof each["after"] === "string" ? each["after"] : null,
    };
  });
}

/**
 * Seconds from the first event to each, never running backwards: by the page's clock for what the page did, put on the
 * server's by the smallest delay that was seen, by the server's for the rest.
 */
export function timesOf(events: readonly LogEvent[]): number[] {
  const delays = events.flatMap(({ client_time, server_time }) => (client_time === null ? [] : [server_time - client_time]));
  const ahead = delays.length ? Math.min(...delays) : 0, first = events[0];
  const zero = first ? (first.client_time === null ? first.server_time : first.client_time + ahead) : 0;
  let last = 0;
  return events.map(({ client_time, server_time }) => (last = Math.max(last, ((client_time === null ? server_time : client_time + ahead) - zero) / 1_000)));
}

export class Replay {
  /** How many events have been played. */
  place = 0;
  /** Hashes that were compared, all of them right. */
  checks = 0;
  /** Why it cannot go on, in one sentence; "" while it can. */
  problem = "";
  private opened = false;

  constructor(readonly events: readonly LogEvent[], private readonly piece: Piece) {}

  get done(): boolean {
    return this.place >= this.events.length || this.problem !== "";
  }

  /** Play the next event and return it; null at the end, and where it cannot go on. */
  step(): LogEvent | null {
    const event = this.events[this.place];
    if (!event || this.problem) return null;
    try {
      this.play(event);
    } catch {
      this.problem = t("replay.unfit", { number: event.seq });
      return null;
    }
    this.place += 1;
    return event;
  }

  /** Go to just after `place` events, from the nearest piece that was opened before it. */
  go(place: number): void {
    const to = Math.max(0, Math.min(place, this.events.length));
    if (to < this.place) {
      this.place = this.checks = 0;
      this.problem = "";
      this.opened = false;
    }
    while (this.place < to && this.step());
  }

  private play({ kind, source, payload, after }: LogEvent): void {
    if (kind === "open") {
      if (isRecord(payload["score"])) this.piece.open(readScore(payload["score"]));
      else if (!this.opened) throw new Error("no piece");
      this.opened = true;
    } else if (CHANGES.includes(kind)) {
      if (!this.opened) throw new Error("no piece");
      this.piece.apply(payload["operation"] as Operation, kind === "accept" ? "accept" : "edit", SOURCES[source as keyof typeof SOURCES] ?? "system");
    } else return;
    const wanted = after ?? (kind === "open" && typeof payload["hash"] === "string" ? payload["hash"] : null);
    if (wanted === null) return;
    if (this.piece.hash() !== wanted) throw new Error("another piece");
    this.checks += 1;
  }
}
