/**
 * The page's one document. It lives outside the views (and outside Gradio's tabs), and all views subscribe to it.
 * In Gradio it is the truth; in Jupyter Python owns the document and this store follows.
 */
import { isRecord } from "../document/check.js";
import { Document, type Change, type Source } from "../document/history.js";
import type { Operation } from "../document/operations.js";
import { TimeMap } from "../document/timemap.js";
import { readScore, scoreToDict, type Score } from "../document/types.js";
import { readJson, type Channel, type Host, type Message } from "../host/model.js";
import { formerSession, pageSession } from "../host/session.js";
import { t } from "../strings/index.js";
import { servedMessage } from "../strings/served.js";
import type { CallFields, CallReplies, JobFields } from "../host/messages.js";
import { startJob, type Job, type JobKind, type JobListener, type JobPage } from "./jobs.js";
import { rebase } from "./rebase.js";
import { Saving, type SavingState } from "./saving.js";
import { StudyLog } from "./studylog.js";
import { Sync, type Connection } from "./sync.js";
import { watchSelection } from "./viewlog.js";
import { firstTrack, firstView, selectionByTrack, type ViewState } from "./viewstate.js";
import { sentenceOf } from "../strings/sentence.js";

export type StoreEvent =
  | { type: "change"; change: Change }
  | { type: "open"; reason: string }
  | { type: "view"; keys: readonly (keyof ViewState)[] }
  | { type: "status" }
  | { type: "notice"; text: string }
  | { type: "message"; message: Message };

export interface Status {
  connection: Connection;
  autosave: SavingState;
  pending: number;
  /** Why the server does not take the piece; empty while it does. */
  refusal: string;
}

/** A call as it is sent; its name decides what it carries and what comes back. */
export type Call<K extends keyof CallFields> = { readonly type: K } & CallFields[K];
export type Reply<K extends keyof CallReplies> = Exclude<CallReplies[K], { readonly type: "need" }>;

/** Steps of undo that the server is told of with a whole document. */
const STEPS = 200;
/** ... and how much of them, in characters: a step can hold a whole piece. */
const STEPS_SIZE = 4_000_000;

type Subscriber = (event: StoreEvent) => void;

export class Store {
  readonly document = new Document();
  view: ViewState = firstView();
  /** Resolves when the first document is there (the given one, or the one restored). */
  readonly ready: Promise<void>;
  private markReady!: () => void;
  private readonly subscribers = new Set<Subscriber>();
  private readonly hosts: Host[] = [];
  private readonly sync: Sync;
  private readonly saving = new Saving(this.document, () => this.emit({ type: "status" }));
  /** What others keep of what is done here, once the person has agreed. */
  readonly studyLog: StudyLog;
  private cachedTime: TimeMap | null = null;
  private readonly seen = new Set<unknown>();

  constructor(readonly key: string) {
    this.ready = new Promise((resolve) => (this.markReady = resolve));
    this.sync = new Sync({
      snapshot: (reason) => ({
        type: "open", reason, score: scoreToDict(this.score), revision: this.revision, hash: this.document.hash,
        ...this.document.history(STEPS, STEPS_SIZE), ...(reason === "restored" ? { was: formerSession() } : {}),
      }),
      hash: () => this.document.hash,
      revision: () => this.revision,
    }, () => this.emit({ type: "status" }));
    this.studyLog = new StudyLog(key, {
      whole: () => ({ score: scoreToDict(this.score), revision: this.revision }),
      notice: (text) => this.notice(text),
      began: () => this.sync.hold(false),
    });
    watchSelection(this);
  }

  get score(): Score {
    return this.document.score;
  }

  get revision(): number {
    return this.document.revision;
  }

  /** Bars, beats and seconds of the score as it is. */
  get time(): TimeMap {
    return (this.cachedTime ??= new TimeMap(this.score));
  }

  get canUndo(): boolean {
    return this.document.canUndo;
  }

  get canRedo(): boolean {
    return this.document.canRedo;
  }

  get status(): Status {
    const { connection, pending, refusal } = this.sync;
    return { connection, autosave: this.saving.state, pending, refusal };
  }

  subscribe(subscriber: Subscriber, signal?: AbortSignal): () => void {
    this.subscribers.add(subscriber);
    const stop = (): void => void this.subscribers.delete(subscriber);
    signal?.addEventListener("abort", stop);
    return stop;
  }

  /** Apply one operation as one step of undo; throws BadOperation and changes nothing if it does not fit. */
  edit(
    operation: Operation, options: { source?: Source; facts?: Record<string, unknown>; kind?: "edit" | "accept" } = {},
  ): Change {
    return this.changed(this.document.apply(operation, options.source, options.facts, options.kind));
  }

  undo(): Change | null {
    return this.canUndo ? this.changed(this.document.undo()) : null;
  }

  redo(): Change | null {
    return this.canRedo ? this.changed(this.document.redo()) : null;
  }

  /** Work on another document; its history begins anew. */
  open(score: Score, options: { revision?: number; reason?: string; tell?: boolean } = {}): void {
    this.document.reset(score, options.revision ?? this.revision + 1);
    this.cachedTime = null;
    this.view = { ...firstView(), follow: this.view.follow, metronome: this.view.metronome, snap: this.view.snap };
    this.view.track = firstTrack(score);
    if (options.tell ?? true) this.sync.open(options.reason ?? "file");
    this.studyLog.whole(options.reason ?? "file");
    this.saving.renew();
    this.tellHosts();
    this.emit({ type: "open", reason: options.reason ?? "file" });
  }

  setView(part: Partial<ViewState>): void {
    const keys = (Object.keys(part) as (keyof ViewState)[]).filter((key) => this.view[key] !== part[key]);
    if (!keys.length) return;
    this.view = { ...this.view, ...part };
    this.emit({ type: "view", keys });
  }

  /** A sentence for the person, shown and announced by the views. */
  notice(text: string): void {
    this.emit({ type: "notice", text });
  }

  /** Something worth logging that changes no note. */
  log(kind: string, payload: Record<string, unknown>): void {
    this.sync.log({ kind, payload });
    this.studyLog.put(kind, payload);
  }

  /** Until a person in a study has agreed, the page tells its server nothing of what they do. */
  hold(held: boolean): void {
    this.sync.hold(held);
  }

  /** Resolves when the server has everything made so far. */
  flush(): Promise<void> {
    return this.sync.flush();
  }

  /** Send a message after all pending operations; rejects with one sentence if it cannot go out. */
  async send(message: Message): Promise<void> {
    await this.flush();
    this.channel.send(message);
  }

  private get channel(): Channel {
    const channel = this.hosts.find((host) => host.channel)?.channel;
    if (!channel) throw new Error(t("server.none"));
    return channel;
  }

  /**
   * Request with a reply; rejects with the server's sentence if it answers `error`. A server that does not know this
   * page (it was started anew) gets the piece first.
   */
  async call<K extends keyof CallFields & keyof CallReplies>(message: Call<K>): Promise<Reply<K>> {
    const { channel } = this;
    const ask = (): Promise<Message> => channel.call(message).catch((error: unknown) => {
      this.sync.missed();
      throw error;
    });
    let reply = await ask();
    if (reply.type === "need") {
      await this.renew();
      reply = await ask();
    }
    reply = servedMessage(reply);
    if (reply.type === "error" || reply.type === "need") throw new Error(String(reply["text"] ?? t("server.away")));
    return reply as unknown as Reply<K>;
  }

  /** Long work on the server, done on the piece as it stands now; `signal` stops it. */
  job<K extends JobKind>(kind: K, fields: JobFields[K], signal?: AbortSignal, listener?: JobListener<K>): Job<K> {
    return startJob(this.jobPage, kind, fields, signal, listener);
  }

  private readonly jobPage: JobPage = (() => {
    const store = this;
    return {
      send: (message: Message) => store.send(message),
      stop: (id: string): void => void store.call({ type: "stop", id }).catch(() => {}), // away: it ends by itself
      onMessage: (listener: (message: Message) => void) =>
        store.subscribe((event) => event.type === "message" && listener(event.message)),
      renew: () => store.renew(),
      async running(): Promise<readonly string[]> {
        await store.sync.ask();
        return (await store.call({ type: "jobs" })).ids;
      },
    };
  })();

  /** The server gets the whole piece again. */
  private async renew(): Promise<void> {
    this.sync.open("unknown");
    await this.flush();
  }

  /** Call `again` whenever a server that was lost is back: what could not be had meanwhile can be asked for. */
  whenBack(again: () => void, signal: AbortSignal): void {
    let lost = this.status.connection === "lost";
    this.subscribe((event) => {
      if (event.type !== "status") return;
      const now = this.status.connection === "lost";
      if (lost && !now) again();
      lost = now;
    }, signal);
  }

  /** Whether a server stands behind the page. */
  get hasServer(): boolean {
    return this.hosts.some((host) => host.channel);
  }

  /** A view's host joins; the first one that brings a server carries the operations. */
  connect(host: Host, signal: AbortSignal): void {
    const first = this.hosts.length === 0 && !this.cachedStart;
    const options = readJson(host.model.get("options"));
    this.hosts.push(host);
    host.channel?.onMessage((message) => this.receive(message), signal);
    signal.addEventListener("abort", () => {
      this.hosts.splice(this.hosts.indexOf(host), 1);
      this.attach();
    });
    // In a study nothing goes out before consent; whichever view comes first must know.
    const studied = (isRecord(options) && options["study"] === true) || globalThis.document?.querySelector(".wb-study") != null;
    if (studied && first) this.sync.hold(true);
    this.attach();
    if (first) {
      this.cachedStart = true;
      void this.start(host);
    } else if (host.kind === "jupyter") void this.ready.then(() => this.catchUp()); // nobody was listening for a while
  }
  private cachedStart = false;

  private attach(): void {
    const channel = this.hosts.find((item) => item.channel)?.channel ?? null;
    this.sync.attach(channel);
    void this.ready.then(() => this.studyLog.attach(channel));
  }

  private async start(host: Host): Promise<void> {
    const given = readJson(host.model.get("document"));
    let reason = "start";
    if (host.kind !== "jupyter" && readJson(host.model.get("autosave")) !== false) {
      if (await this.saving.restore(this.key)) reason = "restored";
    }
    let trouble = "";
    try {
      if (host.kind === "jupyter" && host.channel) this.adopt(await host.channel.call({ type: "hello" }));
      else if (reason === "start" && given) this.document.reset(readScore(given), this.revision);
    } catch (error) {
      trouble = sentenceOf(error);
    }
    this.cachedTime = null;
    this.view = { ...this.view, track: firstTrack(this.score) };
    if (host.kind !== "jupyter") this.sync.open(reason);
    else this.sync.settle();
    this.markReady();
    this.emit({ type: "open", reason });
    this.emit({ type: "status" });
    if (trouble) this.notice(trouble);
  }

  private receive(told: Message): void {
    if (told["n"] !== undefined) {
      if (this.seen.has(told["n"])) return; // two components of one page got the same push
      this.seen.add(told["n"]);
    }
    const message = servedMessage(told);
    try {
      if (message.type === "open") this.take(message);
      else if (message.type === "patch") this.patch(message);
      else if (message.type === "notice" && typeof message["text"] === "string") this.notice(message["text"]);
      else this.emit({ type: "message", message });
    } catch (error) {
      this.notice(sentenceOf(error));
    }
  }

  /** The server's document instead of ours; what was made here and has not gone out is made again on it. */
  private take(message: Message): void {
    const known = isRecord(message["known"]) ? message["known"][pageSession()] : undefined;
    const unsent = this.sync.unsent(typeof known === "number" ? known : -1);
    const view = this.view;
    this.adopt(message);
    const reason = message["reason"] === "sync" ? "sync" : "file"; // sync: the same piece, so the view stays
    if (reason === "sync") {
      this.view = view;
      this.pruneView();
    } else this.view = { ...firstView(), follow: view.follow, metronome: view.metronome, snap: view.snap };
    if (!this.view.track) this.view.track = firstTrack(this.score);
    this.sync.settle();
    this.studyLog.whole(reason);
    this.emit({ type: "open", reason });
    try {
      for (const change of unsent) this.edit(rebase(this.score, change.operation), { source: change.source });
    } catch {
      this.notice(t("notebook.refused"));
    }
  }

  private adopt(message: Message): void {
    const steps = (name: string): Operation[] => (Array.isArray(message[name]) ? (message[name] as Operation[]) : []);
    const score = readScore(message["score"]);
    this.document.reset(score, message["revision"] as number, steps("undo"), steps("redo"));
    this.cachedTime = null;
  }

  /** Ask the owner in Python what the document is now; ours may have missed something. */
  private catchUp(): Promise<void> {
    return (this.catching ??= (async () => {
      try {
        await this.flush();
        const reply: Message = await this.call({ type: "hello" });
        if (reply["revision"] !== this.revision || reply["hash"] !== this.document.hash) this.take(reply);
      } catch {
        // Python is away; the next message from there tries again
      } finally {
        this.catching = null;
      }
    })());
  }
  private catching: Promise<void> | null = null;

  private patch(message: Message): void {
    const operation = message["operation"] as Operation;
    if (message["owner"] === "python") {
      // Python has applied it already: follow without sending it back.
      const kind = (message["kind"] as Change["kind"] | undefined) ?? "edit";
      if (message["base"] !== this.revision) return void this.catchUp();
      const source = (message["source"] as Source | undefined) ?? "user";
      this.changed(this.document.follow(kind, operation, source), false);
      return;
    }
    const fitting = message["base"] === this.revision ? operation : rebase(this.score, operation);
    const facts = message["facts"] as Record<string, unknown> | undefined;
    const options = { source: (message["source"] as Source | undefined) ?? "model", ...(facts ? { facts } : {}) };
    this.edit(fitting, options);
  }

  private changed(change: Change, tell = true): Change {
    this.cachedTime = null;
    if (tell) this.sync.push(change);
    const { kind, operation, revision, source, facts } = change;
    this.studyLog.put(kind, { ...facts, operation, revision }, source);
    this.pruneView();
    this.saving.note(change);
    this.tellHosts();
    this.emit({ type: "change", change });
    return change;
  }

  /** Drop what the view names and the document no longer has. */
  private pruneView(): void {
    const ids = new Map(this.score.tracks.map((track) => [track.id, track]));
    const gone: string[] = [];
    for (const [track, notes] of selectionByTrack(this.view.selection)) {
      for (const note of notes) if (!ids.get(track)?.notes.has(note)) gone.push(`${track}/${note}`);
    }
    const part: Partial<ViewState> = {};
    if (gone.length) part.selection = new Set([...this.view.selection].filter((key) => !gone.includes(key)));
    if (!ids.has(this.view.track)) part.track = this.score.tracks[0]?.id ?? "";
    if (this.view.marks.some((mark) => mark.tracks.some((id) => !ids.has(id)))) {
      part.marks = this.view.marks
        .map((mark) => ({ ...mark, tracks: mark.tracks.filter((id) => ids.has(id)) }))
        .filter((mark) => mark.tracks.length);
    }
    this.setView(part);
  }

  private tellHosts(): void {
    for (const host of this.hosts) if (host.kind === "gradio") this.writeValue(host);
  }

  private writeValue(host: Host): void {
    host.model.set("value", JSON.stringify({ app: this.key, revision: this.revision }));
  }

  private emit(event: StoreEvent): void {
    for (const subscriber of [...this.subscribers]) subscriber(event);
  }
}

/** The page's store of this key; shared by every bundle on the page. */
export function getStore(key: string): Store {
  const shared = window as unknown as { __musicWorkbench?: { stores: Record<string, Store> } };
  const stores = (shared.__musicWorkbench ??= { stores: {} }).stores;
  return (stores[key] ??= new Store(key));
}
