/**
 * What the parts of the Prompt page share: the things that were given, those that are being listened to, read or
 * watched, and the plan. The server owns the state; this follows it, keeps a copy in the browser, and asks for changes.
 */
import { isRecord } from "../document/check.js";
import type { JobFields, Progress } from "../host/messages.js";
import { formerSession } from "../host/session.js";
import type { MediaItem } from "../host/model.js";
import type { ViewContext } from "../host/view.js";
import { isStopped } from "../store/jobs.js";
import type { Call } from "../store/store.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import type { Announcer } from "../ui/announce.js";
import { keepState, keptState } from "./keep.js";
import { NOTHING, readState, type Item, type PromptState, type Slot } from "./types.js";

/** Something on its way into a slot. */
export interface Working {
  readonly name: string;
  readonly began: number;
  /** What is being done, in words. */
  text: string;
  progress: Progress | null;
  readonly stopper: AbortController;
}

/** Calls whose reply is the state. */
type Told = "prompt.remove" | "prompt.change" | "prompt.correct" | "prompt.keep" | "prompt.state" | "brief.make" | "brief.change" | "brief.other" | "brief.harder" | "take.keep" | "take.drop";
const KEEP_MS = 400;

export class Desk {
  state: PromptState = NOTHING;
  readonly working = new Map<Slot, Working>();
  /** Why nothing came of the last thing that was given, by slot. */
  readonly failed = new Map<Slot, string>();
  /** Shows a sentence that belongs to no slot. */
  tell: (sentence: string) => void = () => {};
  private raw: unknown = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly painters = new Set<() => void>();

  constructor(readonly context: ViewContext, readonly said: Announcer) {
    const { store, signal } = context;
    signal.addEventListener("abort", () => {
      for (const { stopper } of this.working.values()) stopper.abort();
    });
    store.subscribe((event) => {
      if (event.type === "open" && event.reason === "file") void this.refresh(); // a project brings what it was made from
    }, signal);
    store.whenBack(() => void this.refresh(), signal);
    void store.ready.then(() => this.refresh());
  }

  item(slot: Slot): Item | null {
    return this.state.items.find((item) => item.slot === slot) ?? null;
  }

  onChange(painter: () => void): void {
    this.painters.add(painter);
  }

  redraw(): void {
    for (const painter of this.painters) painter();
  }

  /** Take over what the server says. */
  take(told: unknown): void {
    const raw = whole(told, this.raw);
    this.raw = raw;
    this.state = readState(raw);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void keepState(this.context.host.app, this.state.items.length ? this.raw : null), KEEP_MS);
    this.redraw();
  }

  /** Ask the server what it knows; one that knows nothing is told what was kept here. */
  async refresh(): Promise<void> {
    try {
      await this.context.store.flush(); // a page that was reloaded says first which one it was
      const { state } = await this.context.store.call({ type: "prompt.state", was: formerSession() });
      const kept = readState(state).items.length || this.working.size ? null : await keptState(this.context.host.app);
      if (kept) await this.ask({ type: "prompt.keep", state: kept as Record<string, unknown> });
      else this.take(state);
    } catch {
      // the server is away; this is asked again when it is back
    }
  }

  /** Ask for a change; resolves when it is made, rejects with one sentence. A server that has forgotten is told first. */
  async ask<K extends Told>(message: Call<K>): Promise<void> {
    const send = async (): Promise<unknown> => ((await this.context.store.call(message as unknown as Call<"prompt.state">)) as { state: unknown }).state;
    const before = this.raw;
    let state = await send();
    const lost = this.state.items.length > 0 && !readState(state).items.length && message.type !== "prompt.remove" && message.type !== "prompt.keep";
    if (lost && before) {
      await this.context.store.call({ type: "prompt.keep", state: before as Record<string, unknown> });
      state = await send();
    }
    this.take(state);
  }

  /** As `ask`, with the sentence of a refusal shown at the slot. */
  async tryAsk<K extends Told>(slot: Slot | null, message: Call<K>): Promise<boolean> {
    try {
      await this.ask(message);
      return true;
    } catch (error) {
      const sentence = sentenceOf(error);
      if (slot) this.failed.set(slot, sentence);
      else this.tell(sentence);
      this.redraw();
      return false;
    }
  }

  /** Something for a slot: it is sent, then listened to, read or watched. What goes wrong stays at this slot. */
  async give(slot: Slot, what: { name: string; bring: (signal: AbortSignal, progress: (share: number) => void) => Promise<Given> }): Promise<void> {
    this.working.get(slot)?.stopper.abort();
    const stopper = new AbortController();
    const work: Working = { name: what.name, began: performance.now(), text: t("prompt.sending", { name: what.name }), progress: null, stopper };
    this.working.set(slot, work);
    this.failed.delete(slot);
    this.redraw();
    const tell = (progress: Progress): void => {
      work.progress = progress;
      this.redraw();
    };
    try {
      const given = await what.bring(stopper.signal, (done) => tell({ done, seconds_left: null, text: "" }));
      work.text = t(`prompt.doing.${slot}`, { name: what.name });
      tell({ done: null, seconds_left: null, text: "" });
      const made = await this.context.store.job("prompt.add", { slot, ...given }, stopper.signal, { progress: tell }).result;
      if (this.working.get(slot) !== work) return;
      this.working.delete(slot);
      this.take(made.state);
      this.said.say(t("prompt.understood", { name: what.name }));
    } catch (error) {
      if (this.working.get(slot) !== work) return;
      this.working.delete(slot);
      if (!isStopped(error)) this.failed.set(slot, sentenceOf(error));
      this.redraw();
    }
  }

  stop(slot: Slot): void {
    this.working.get(slot)?.stopper.abort();
    this.working.delete(slot);
    this.redraw();
  }

  /** The address of a file that an item was made from; null where it cannot be shown. */
  async address(item: Item, signal: AbortSignal): Promise<{ url: string; media: MediaItem } | null> {
    const { store, host } = this.context;
    if (!item.media || !host.media) return null;
    const media = (await store.call({ type: "media" })).items.find((other) => other.id === item.media);
    return media ? { url: await host.media.address(media, signal), media } : null;
  }
}

/** The server leaves out what it has told before and has not changed. */
function whole(told: unknown, before: unknown): unknown {
  if (!isRecord(told) || !Array.isArray(told["items"])) return told;
  const known = isRecord(before) && Array.isArray(before["items"]) ? before["items"].filter(isRecord) : [];
  const items = told["items"].filter(isRecord).map((item) => {
    const old = "understood" in item ? undefined : known.find((other) => other["slot"] === item["slot"]);
    return old ? { ...item, understood: old["understood"], style: old["style"] } : item;
  });
  return { ...told, items };
}

/** What the server is to work on: a file of the shelf, or words. */
export type Given = Omit<JobFields["prompt.add"], "slot">;
