/** Listening: a hum, a song or a video comes in; what was heard in it is shown, put right, and built on. */
import type { JobResults, Json } from "../host/messages.js";
import type { MediaItem } from "../host/model.js";
import { formerSession } from "../host/session.js";
import type { ViewContext } from "../host/view.js";
import { acceptDrops } from "../home/open.js";
import { isStopped } from "../store/jobs.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { announcer, type Announcer } from "../ui/announce.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { addStyle } from "../ui/root.js";
import { forgetRecording, keptRecording, makeOffer } from "./again.js";
import type { Click } from "./capture.js";
import { readHeard, type Heard } from "./heard.js";
import { makeIntake, type Intake } from "./intake.js";
import style from "./listen.css";
import { keepHearing, keptHearing, type KeptHearing } from "./kept.js";
import { makePartChooser, type PartChooser } from "./part.js";
import { makeResult, type Listened, type Result } from "./result.js";
import { makeWork, type Work } from "./work.js";

interface Source {
  readonly item: MediaItem;
  readonly look: JobResults["recording"];
  readonly url: string;
  readonly click: Click | null;
  /** Lets the address go. */
  readonly gone: AbortController;
}

/** Seconds. */
type Part = readonly [number, number];

/** A recording of up to so many seconds is listened to at once; of a longer one a part can be chosen first. */
const AT_ONCE = 90;
const SILENT = 0.001, QUIET = 0.02, CLIPPED = 0.001;

export function listen(context: ViewContext): void {
  addStyle(context.root, style);
  new Listening(context);
}

class Listening {
  private source: Source | null = null;
  private result: Result | null = null;
  /** What was heard on an earlier visit in the recording that the person has said is theirs. */
  private mine: KeptHearing | null = null;
  private readonly said: Announcer;
  private readonly work: Work;
  private readonly intake: Intake;
  private readonly chooser: PartChooser;
  private readonly news = h("p", { class: "news wb-card", hidden: true, role: "alert" });
  private readonly name = h("b");
  private readonly hints = h("p", { class: "soft" });
  private readonly go = button({
    label: t("listen.go"), icon: "spark", text: true, kind: "primary",
    onclick: () => this.source && void this.hear(this.source, this.chooser.part),
  });
  private readonly choose: HTMLElement;
  /** Whose the recording of an earlier visit is. */
  private readonly asking = h("div", { class: "asking", hidden: true });
  private readonly place = h("div", { class: "place" });

  constructor(private readonly context: ViewContext) {
    const { root, store, player, signal } = context;
    this.said = announcer(root, () => player.playing || (this.result?.sound.playing ?? false));
    this.work = makeWork(signal);
    this.intake = makeIntake(context, this.said, {
      brought: () => void (this.asking.hidden = true), come: (item, click) => void this.come(item, click, this.mine?.sha256 === item.sha256 ? this.mine : null), failed: (sentence) => this.tell(sentence, true),
    });
    this.chooser = makePartChooser(signal, () => {});
    this.choose = h("section", { class: "choose wb-card", hidden: true, "aria-label": t("listen.choose") },
      h("div", { class: "row" }, this.name, this.hints), this.chooser.element,
      h("div", { class: "row" }, this.go, h("span", { class: "soft" }, t("listen.chooseWhy"))));
    const page = h("div", { class: "listen" },
      h("header", {}, h("h1", {}, t("listen.title")), h("p", { class: "lead" }, t("listen.lead"))),
      this.asking, this.intake.element, this.news, this.work.element, this.choose, this.place);
    root.append(page);
    acceptDrops(page, (file) => void this.intake.open(file), signal);
    store.subscribe((event) => {
      if (event.type === "view" && event.keys.includes("listen")) void this.asked();
      else if (event.type === "notice") this.tell(event.text);
    }, signal);
    signal.addEventListener("abort", () => {
      this.result?.sound.close();
      this.source?.gone.abort();
    });
    void store.ready.then(() => this.asked()).then(() => this.restore());
  }

  /** A page that was reloaded shows what was heard before, as it was put right. */
  private async restore(): Promise<void> {
    const { host, store } = this.context;
    if (!host.media) return;
    const kept = await keptHearing(host.app);
    try {
      const { items } = await store.call({ type: "media", was: formerSession() });
      const item = items.find(({ sha256 }) => sha256 === kept?.sha256);
      if (item && !this.source && this.work.element.hidden) return await this.come(item, null, kept);
      if (items.some(({ kind }) => kind === "sound" || kind === "video")) return; // they stand on the shelf
    } catch {
      // the server is away; the recording can be opened again
    }
    await this.askWhose(kept);
  }

  /** A tab that was closed leaves its recording behind. It is neither named nor played before somebody says it is theirs. */
  private async askWhose(heard: KeptHearing | null): Promise<void> {
    const { host } = this.context, found = host.kind === "gradio" ? await keptRecording(host.app) : null;
    if (!found || this.source || !this.work.element.hidden) return; // somebody has brought another meanwhile
    const answered = (): void => {
      this.asking.hidden = true;
      this.intake.element.querySelector<HTMLElement>("button")?.focus();
    };
    this.asking.replaceChildren(makeOffer(found, {
      go: () => {
        answered();
        this.mine = heard;
        void this.intake.open(found.file, found.click);
      },
      drop: () => {
        answered();
        void forgetRecording(host.app).then(() => this.tell(t("listen.againGone")));
      },
    }));
    this.asking.hidden = false;
  }

  private tell(sentence: string, bad = false): void {
    this.news.hidden = !sentence;
    this.news.textContent = sentence;
    this.news.classList.toggle("bad", bad);
  }

  private clear(): void {
    this.work.stop();
    this.forgetResult();
    this.source?.gone.abort();
    this.source = null;
    this.choose.hidden = true;
    this.intake.compact(false);
    this.tell("");
  }

  private forgetResult(): void {
    this.result?.sound.close();
    this.result?.element.remove();
    this.result = null;
  }

  /** A recording is there: look through it, and listen to it at once unless it is long. */
  private async come(item: MediaItem, click: Click | null, kept: KeptHearing | null = null): Promise<void> {
    const { store, host } = this.context;
    this.clear();
    this.asking.hidden = true; // its answers are about a recording that is no longer the last one
    const stopper = this.work.begin(t("listen.looking", { name: item.name }));
    const gone = new AbortController();
    try {
      const look = await store.job("recording", { media: item.id }, stopper.signal, { progress: (progress) => this.work.progress(progress) }).result;
      const url = await host.media!.address(item, gone.signal);
      if (stopper.signal.aborted) return gone.abort();
      this.work.end(stopper);
      if (look.loudest < SILENT) {
        gone.abort();
        return this.tell(t("listen.silent", { name: item.name }), true);
      }
      const next = (this.source = { item, look, url, click, gone });
      if (kept) this.showResult(next, kept.part, { hearing: kept.id, heard: kept.heard as unknown as Json, run: kept.run, remarks: [], fallback_reason: "" });
      else if (look.seconds <= AT_ONCE) await this.hear(next, [0, look.seconds]);
      else this.show(next);
    } catch (error) {
      gone.abort();
      this.failed(stopper, error);
    }
  }

  private failed(stopper: AbortController, error: unknown): void {
    this.work.end(stopper);
    if (isStopped(error)) this.tell(t("listen.stopped"));
    else this.tell(sentenceOf(error), true);
  }

  /** The recording with its handles, to choose a part. */
  private show({ item, look }: Source): void {
    this.name.textContent = item.name;
    this.hints.textContent = hintsOf(look).join(" ");
    this.chooser.show(look.peaks, look.seconds);
    this.choose.hidden = false;
    this.go.focus();
  }

  private async hear(from: Source, part: Part): Promise<void> {
    this.forgetResult();
    this.tell("");
    const kind = this.intake.kind;
    const stopper = this.work.begin(t("listen.listening", { name: from.item.name }));
    try {
      const reply = await this.ask(from, part, { kind }, stopper);
      this.work.end(stopper);
      if (this.source === from) this.showResult(from, part, reply);
    } catch (error) {
      this.failed(stopper, error);
      if (this.source === from && this.choose.hidden) this.show(from);
    }
  }

  /** Have the server listen to a part. */
  private ask({ item, look, click }: Source, part: Part, how: { kind: string; tuning?: string }, stopper: AbortController): Promise<JobResults["listen"]> {
    const whole = isWhole(part, look.seconds);
    return this.context.store.job("listen", {
      media: item.id, ...how, ...(whole ? {} : { start: part[0], end: part[1] }), ...(click && whole ? { click } : {}),
    }, stopper.signal, { progress: (progress) => this.work.progress(progress) }).result;
  }

  private showResult(from: Source, part: Part, reply: JobResults["listen"]): void {
    const { item, look, url } = from;
    const heard = readHeard(reply.heard);
    if (!heard.notes.length && !heard.melody.length && !heard.drums.length && !heard.beats.length) {
      this.tell(t("listen.heardNothing", { name: item.name }), true);
      return this.show(from);
    }
    const picture = look.url ? { url: look.url, lowest: look.lowest, highest: look.highest, columnsPerSecond: look.columns_per_second } : null;
    const keep = (now: Heard): void =>
      keepHearing(this.context.host.app, { sha256: item.sha256, part, id: reply.hearing, run: reply.run, heard: now });
    keep(heard);
    const listened: Listened = {
      id: reply.hearing, heard, run: reply.run, name: item.name, media: item.id, url,
      backdrop: { peaks: look.peaks, seconds: look.seconds, offset: isWhole(part, look.seconds) ? 0 : part[0], picture },
      remarks: [...new Set([...hintsOf(look), ...heard.remarks, ...reply.remarks, ...(reply.fallback_reason ? [reply.fallback_reason] : [])])],
      changed: keep,
      retune: (tuning) => this.retune(from, part, heard.kind, tuning),
    };
    const result = (this.result = makeResult(this.context, this.said, listened));
    Object.assign(this.context, { listened: result });
    this.place.replaceChildren(result.element);
    this.choose.hidden = look.seconds <= AT_ONCE;
    this.intake.compact(true);
    this.said.say(t("listen.done", { name: item.name }));
    result.element.querySelector<HTMLElement>(".onward button")?.focus({ preventScroll: true });
    result.element.scrollIntoView({ block: "nearest" });
  }

  /** The same part again, its pitches as they were sung or on the notes of the key; null where that was stopped. */
  private async retune(from: Source, part: Part, kind: string, tuning: string): Promise<Heard | null> {
    const stopper = this.work.begin(t("listen.listening", { name: from.item.name }));
    try {
      const reply = await this.ask(from, part, { kind, tuning }, stopper);
      this.work.end(stopper);
      return readHeard(reply.heard);
    } catch (error) {
      this.failed(stopper, error);
      return null;
    }
  }

  /** Another tab asks that a file of the shelf be listened to. */
  private async asked(): Promise<void> {
    const { store } = this.context, id = store.view.listen;
    if (!id) return;
    store.setView({ listen: "" });
    try {
      const item = (await store.call({ type: "media" })).items.find((other) => other.id === id);
      if (item) await this.come(item, null);
    } catch (error) {
      this.tell(sentenceOf(error), true);
    }
  }
}

const isWhole = (part: Part, seconds: number): boolean => part[0] <= 0 && part[1] >= seconds;

/** What is worth knowing about the sound itself. */
function hintsOf(look: JobResults["recording"]): string[] {
  return [
    ...(look.clipped > CLIPPED ? [t("listen.wasClipped")] : []),
    ...(look.loudest < QUIET ? [t("listen.wasQuiet")] : []),
  ];
}
