/**
 * Long work on the server, seen from the page: one client for every kind of job. A job ends in a result, in one
 * sentence, or stopped; it never hangs because a server was lost or started anew.
 */
import type { JobFields, JobPartials, JobResults, Progress } from "../host/messages.js";
import type { Message } from "../host/model.js";
import { t } from "../strings/index.js";

export type JobKind = keyof JobFields;

/** What a view wants to hear of a job while it runs. */
export interface JobListener<K extends JobKind> {
  progress?(progress: Progress): void;
  partial?(fields: JobPartials[K] extends { readonly partial: infer F } ? F : never): void;
}

export interface Job<K extends JobKind> {
  readonly id: string;
  /** Rejects with one sentence, or with an AbortError when it was stopped (`isStopped`). */
  readonly result: Promise<JobResults[K]>;
}

/** What a job needs of the page it belongs to. */
export interface JobPage {
  /** After everything that is pending; rejects if the server cannot be reached. */
  send(message: Message): Promise<void>;
  stop(id: string): void;
  onMessage(listener: (message: Message) => void): () => void;
  /** Send the piece anew: the server does not know this page. */
  renew(): Promise<void>;
  /** Ids of this page's jobs that run or wait on the server. Rejects if it cannot be reached. */
  running(): Promise<readonly string[]>;
}

/** The server speaks at least every second while a job runs or waits; so long a silence is looked into. */
const SILENCE_MS = 6_000;
const LOOK_MS = 1_000;
/** What the server sent before it answered may still be on its way. */
const LATE_MS = 1_500;

export const isStopped = (error: unknown): boolean => error instanceof DOMException && error.name === "AbortError";
const stopped = (): DOMException => new DOMException("stopped", "AbortError");

/** Begin a job; `signal` stops it, at once on this side. */
export function startJob<K extends JobKind>(
  page: JobPage, kind: K, fields: JobFields[K], signal?: AbortSignal, listener: JobListener<K> = {},
): Job<K> {
  const id = `${kind}-${Date.now().toString(36)}-${Math.floor(Math.random() * 1e9).toString(36)}`;
  let now = id; // asked a second time, it has another id on the way
  const message: Message = { ...(fields as object), type: kind, id };
  const result = new Promise<JobResults[K]>((resolve, reject) => {
    if (signal?.aborted) return reject(stopped());
    let heard = performance.now();
    let renewed = false;
    let looking = false;
    let repeated = false;
    let ended = false;

    const finish = (end: () => void): void => {
      ended = true;
      clearInterval(watch);
      leave();
      signal?.removeEventListener("abort", stop);
      end();
    };
    const fail = (problem: unknown): void => finish(() => reject(problem));
    const stop = (): void => {
      fail(stopped());
      void sent.then(() => stopWhenHeard(page, now), () => {}); // what could not be sent needs no stop
    };
    const again = async (): Promise<void> => {
      if (renewed) return fail(new Error(t("job.unknown")));
      renewed = true;
      await page.renew();
      await page.send(message);
    };
    /** The server knows nothing of it, and what it said was lost on the way: hosts drop messages when streams break. */
    const repeat = async (): Promise<void> => {
      if (repeated) return fail(new Error(t("job.lost")));
      repeated = true;
      now = `${id}-2`;
      heard = performance.now();
      await page.send({ ...message, id: now });
    };
    const receive = (news: Message): void => {
      if (news["id"] !== now || !news.type.startsWith(`${kind}.`)) return;
      heard = performance.now();
      const what = news.type.slice(kind.length + 1);
      if (what === "progress") listener.progress?.(readProgress(news));
      else if (what === "partial") (listener.partial as ((fields: unknown) => void) | undefined)?.(news);
      else if (what === "need") again().catch(fail);
      else if (what === "result") finish(() => resolve(news as unknown as JobResults[K]));
      else if (what === "error") fail(news["stopped"] ? stopped() : new Error(String(news["text"])));
    };
    const look = async (): Promise<void> => {
      if (looking || performance.now() - heard < SILENCE_MS) return;
      looking = true;
      try {
        const since = heard;
        const running = await page.running();
        if (!running.includes(now)) await new Promise((resolve) => setTimeout(resolve, LATE_MS));
        if (heard !== since || ended) return;
        if (!running.includes(now)) await repeat();
        heard = performance.now();
      } catch {
        fail(new Error(t("job.lost")));
      } finally {
        looking = false;
      }
    };
    const leave = page.onMessage(receive);
    const watch = setInterval(() => void look(), LOOK_MS);
    signal?.addEventListener("abort", stop);
    const sent = page.send(message);
    sent.catch(fail);
  });
  return { id, result };
}

/** Stop a job; one that begins only now (it stood in a queue) is told again as soon as it is heard of. */
function stopWhenHeard(page: JobPage, id: string): void {
  page.stop(id);
  let told = performance.now();
  const leave = page.onMessage((news) => {
    if (news["id"] !== id) return;
    if (news.type.endsWith(".result") || news.type.endsWith(".error")) leave();
    else if (performance.now() - told > 1_000) {
      told = performance.now();
      page.stop(id);
    }
  });
}

function readProgress(message: Message): Progress {
  const number = (name: string): number | null => (typeof message[name] === "number" ? message[name] : null);
  const waiting = number("waiting");
  return {
    done: number("done"), seconds_left: number("seconds_left"), text: String(message["text"] ?? ""),
    ...(waiting === null ? {} : { waiting }),
  };
}
