/** The participant's side of the talk with the server: where one stands, and what was done with a step. */
import type { ViewContext } from "../host/view.js";
import type { Message } from "../host/model.js";
import { t } from "../strings/index.js";
import { changeLanguage, languageOf, speaks } from "../strings/language.js";
import { Keep } from "./keep.js";
import type { State } from "./types.js";

const RETRY_MS = [500, 1_000, 2_000, 4_000];
/** A step waits so long for a log that takes nothing, and says after so long that it waits. */
const PATIENCE_MS = 15_000;
const SLOW_MS = 1_500;

/** The server was there and said no, in one sentence. */
export class Refused extends Error {}

export class Desk {
  state: State | null = null;
  /** When `state` came, by this browser's clock in milliseconds: time left is counted from there. */
  came = 0;
  /** True while the server cannot be reached; what was to be sent is sent when it is back. */
  lost = false;
  readonly keep = new Keep();
  /** This browser came back by a code that it remembered. */
  returned = false;
  private readonly listeners: (() => void)[] = [];

  constructor(readonly context: ViewContext) {}

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Seconds left of the step, or null where it has no end. */
  get secondsLeft(): number | null {
    const left = this.state?.seconds_left ?? null;
    if (left === null) return null;
    return Math.max(0, this.state!.paused ? left : left - (performance.now() - this.came) / 1_000);
  }

  /**
   * Where this person stands; `code`: come back with it. Rejects with {@link Refused} if the code is none; one that this
   * browser remembers and nobody knows any more is forgotten, and somebody new comes.
   */
  async come(code = ""): Promise<void> {
    const known = this.keep.code;
    try {
      await this.ask({ type: "study_state", ...(code || known ? { code: code || known } : {}) });
      this.returned = !code && Boolean(known);
    } catch (error) {
      if (code || !known || !(error instanceof Refused)) throw error;
      this.keep.forget();
      await this.ask({ type: "study_state" });
    }
    this.tell();
  }

  /** A step is done; what was answered goes with it. */
  async next(data: Record<string, unknown> = {}): Promise<void> {
    const step = this.state!.step.id;
    await this.told();
    await this.ask({ type: "study_next", step, data });
    if (this.state?.step.id !== step) this.keep.settle(step);
  }

  async pause(): Promise<void> {
    await this.ask({ type: "study_pause" });
  }

  /** After a pause: the code leads back to where one was. */
  async resume(): Promise<void> {
    await this.ask({ type: "study_state", code: this.state!.code });
  }

  async withdraw(): Promise<void> {
    await this.ask({ type: "study_withdraw" });
    this.keep.forget();
  }

  /** A thought at this moment. */
  async mark(text: string): Promise<void> {
    await this.send({ type: "study_mark", text });
  }

  /** Begin as somebody else: on a computer that several people use. */
  async anew(): Promise<void> {
    this.keep.forget();
    this.returned = false;
    await this.ask({ type: "study_state", anew: true });
  }

  /** The log has what was done in a step before the step is over: a sitting's last step ends its log. */
  private async told(): Promise<void> {
    const { store, signal } = this.context;
    const { studyLog } = store;
    const began = performance.now();
    for (let turn = 0; studyLog.untaken && !signal.aborted; turn++) {
      const waited = performance.now() - began;
      if (waited > PATIENCE_MS && store.status.connection !== "lost") break; // it is there and takes nothing
      if (waited > SLOW_MS) this.setLost(true);
      if (turn % 10 === 0) studyLog.hurry();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    this.setLost(false);
  }

  private async ask(message: Message): Promise<void> {
    this.take(await this.send(message));
  }

  private take(reply: Message): void {
    const told = (reply["state"] ?? reply) as State;
    if (!told.step) throw new Refused(t("study.unreadable"));
    this.state = { ...told, step: { ...told.step, title: told.step.title || told.study.title } };
    this.came = performance.now();
    const language = languageOf(told.study.language);
    if (language && !speaks(language)) changeLanguage(language); // everybody reads the study in its own language
    if (told.step.kind === "withdrawn" || told.step.kind === "closed") this.keep.forget();
    else if (told.code) this.keep.code = told.code;
    this.tell();
  }

  /** One message; as long as the server is away it is tried again. */
  private async send(message: Message): Promise<Message> {
    let reply = await this.patiently(message);
    if (reply.type === "error" && message.type !== "study_state" && await this.reattach()) reply = await this.patiently(message);
    if (reply.type === "error") throw new Refused(String(reply["text"]));
    return reply;
  }

  /** A server that was started anew, or has forgotten an idle page, knows by the code who sits here. */
  private async reattach(): Promise<boolean> {
    const { state } = this;
    if (!state?.code) return false;
    const reply = await this.patiently({ type: "study_state", code: state.code });
    if (reply.type === "error") return false;
    const told = (reply["state"] ?? reply) as State;
    if (told.step.id === state.step.id) return true;
    this.take(reply); // it was further than this page knew
    throw new Refused(t("study.moved"));
  }

  private async patiently(plain: Message): Promise<Message> {
    const { host: { channel }, signal } = this.context;
    const code = this.state?.code;
    const message = code && plain.type !== "study_state" ? { ...plain, code } : plain;
    if (!channel) throw new Refused(t("server.none"));
    for (let turn = 0; ; turn++) {
      try {
        const reply = await channel.call(message);
        this.setLost(false);
        return reply;
      } catch (error) {
        if (signal.aborted) throw error;
        this.setLost(true);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS[Math.min(turn, RETRY_MS.length - 1)]));
      }
    }
  }

  private setLost(lost: boolean): void {
    if (this.lost === lost) return;
    this.lost = lost;
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

