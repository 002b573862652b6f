/** Making the piece: it is written section by section, heard as soon as the first stands, compared, kept, taken away. */
import { asPiece } from "../listen/onward.js";
import { makeWork } from "../listen/work.js";
import { isStopped } from "../store/jobs.js";
import { t } from "../strings/index.js";
import { served } from "../strings/served.js";
import { sentenceOf } from "../strings/sentence.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { readBrief } from "./brief.js";
import type { Desk } from "./desk.js";
import { makeIdeaCard, type IdeaCard, type IdeaHooks } from "./ideacard.js";
import { adherence, readIdea, readLines, runsOf, type Idea, type Ideas, type Line } from "./ideas.js";
import { makePack } from "./pack.js";
import { makeTakes } from "./takes.js";

export interface Maker {
  /** What was made, and what can be done with it. */
  readonly element: HTMLElement;
  /** The button that begins. */
  readonly start: HTMLElement;
  /** The same at the end of what was understood and of the plan, where a person is who has put them right. */
  readonly onward: HTMLElement;
}

export function makeMaker(desk: Desk, ideas: Ideas): Maker {
  return new Making(desk, ideas);
}

class Making implements Maker {
  readonly element: HTMLElement;
  readonly start: HTMLElement;
  readonly onward: HTMLElement;
  private readonly work;
  private readonly trouble = h("p", { class: "bad", role: "alert", hidden: true });
  private readonly cards = h("div", { class: "ideas" });
  private readonly remarks = h("ul", { class: "plain soft" });
  private readonly go = button({ label: t("maker.make"), icon: "spark", text: true, kind: "primary", onclick: () => void this.make() });
  private readonly pack;
  private readonly takes;
  private shown = new Map<number, IdeaCard>();
  private list: Idea[] = [];
  private told = false;
  /** Whether this page has ideas, or has asked for those of the page that it was. */
  private asked = false;

  constructor(private readonly desk: Desk, private readonly ideas: Ideas) {
    const { context } = desk;
    this.work = makeWork(context.signal);
    this.pack = makePack(desk);
    this.takes = makeTakes(desk, ideas);
    const look = button({ label: t("maker.planFirst"), text: true, kind: "outlined", onclick: () => void this.plan() });
    this.start = h("div", { class: "row start" }, this.go, look);
    const next = button({ label: t("maker.makeNow"), icon: "spark", text: true, kind: "primary", onclick: () => void this.make() });
    this.onward = h("div", { class: "row start onward", hidden: true }, next);
    this.element = h("section", { class: "making", "aria-labelledby": "prompt-making", hidden: true },
      h("h2", { id: "prompt-making" }, t("maker.title")), this.work.element, this.trouble, this.cards, this.remarks, this.takes.element, this.pack.element);
    const update = (): void => {
      this.go.disabled = look.disabled = !desk.state.items.length;
      look.hidden = Boolean(desk.state.brief) && !desk.state.stale;
      if (desk.state.takes.length) this.element.hidden = false; // those of a project, before anything was written here
      this.start.hidden = this.onward.hidden = !desk.state.items.length;
      if (desk.state.ideas && !this.asked) void this.fetch();
    };
    desk.onChange(update);
    update();
    this.follow();
    ideas.player.subscribe(() => this.shown.forEach((card) => card.playing()), context.signal);
    ideas.store.subscribe((event) => event.type === "notice" && this.tell(event.text), context.signal);
  }

  private tell(sentence: string): void {
    this.trouble.hidden = !sentence;
    this.trouble.textContent = sentence;
  }

  /** A page that was reloaded gets back what was written on it. */
  private async fetch(): Promise<void> {
    this.asked = true;
    try {
      const { alternatives } = await this.desk.context.store.call({ type: "compose.ideas" });
      if (this.list.length || !alternatives.length) return;
      this.element.hidden = false;
      this.show(alternatives.map((idea, i) => readIdea(idea, i + 1, true)));
      await this.measureAll();
    } catch {
      // the server is away; the piece can be made again
    }
  }

  /** A moving needle over the idea that is heard. */
  private follow(): void {
    const { ideas, desk } = this;
    const step = (): void => {
      if (desk.context.signal.aborted) return;
      if (ideas.player.playing) this.shown.get(ideas.heard)?.needle(ideas.share);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  /** The plan, to be looked at first. */
  private async plan(): Promise<void> {
    if (!(await this.desk.tryAsk(null, { type: "brief.make" }))) return;
    const sheet = this.desk.context.root.querySelector<HTMLElement>(".plan");
    sheet?.scrollIntoView({ block: "start", behavior: "smooth" });
    sheet?.querySelector<HTMLElement>("input, select, button")?.focus({ preventScroll: true });
  }

  private async make(): Promise<void> {
    const { desk } = this, { store } = desk.context;
    this.ideas.player.stop();
    this.tell("");
    this.told = false;
    this.asked = true;
    this.element.hidden = false;
    this.element.classList.add("busy"); // tall enough to stand at the top of the window, so that nothing jumps
    this.inView();
    const stopper = this.work.begin(t("maker.planning"));
    try {
      // A plan that a person has changed is kept, unless what it was made from is another.
      if (!readBrief(desk.state.brief) || desk.state.stale) {
        await desk.ask({ type: "brief.make" });
        this.inView(); // the plan now stands above it
      }
      this.show([]);
      const made = await store.job("compose", {}, stopper.signal, {
        progress: (progress) => this.work.progress(progress),
        partial: ({ alternative, idea, whole }) => this.grown(readIdea(idea, alternative + 1, whole)),
      }).result;
      this.work.end(stopper);
      this.element.classList.remove("busy");
      this.show(made.alternatives.map((idea, i) => readIdea(idea, i + 1, true)));
      store.log("suggest", { first: 1, ideas: this.list.length, runs: runsOf(this.list) });
      const plan = readBrief(desk.state.brief), known = [...(plan?.remarks ?? []), ...(plan?.conflicts ?? []).map((conflict) => conflict.sentence)].map(served);
      this.remarks.replaceChildren(...made.remarks.filter((line) => !known.includes(line)).map((line) => h("li", {}, line)));
      desk.said.say(t("maker.done", { count: made.alternatives.length }));
      await this.measureAll();
    } catch (error) {
      this.work.end(stopper);
      this.element.classList.remove("busy");
      if (!isStopped(error)) this.tell(sentenceOf(error));
    }
  }

  private inView(): void {
    this.element.scrollIntoView({ block: "start", behavior: "smooth" });
  }

  /** Part of an idea stands: it can be heard at once. */
  private grown(idea: Idea): void {
    this.put(idea);
    if (!this.told) this.desk.said.say(t("maker.firstStands"));
    this.told = true;
    this.ideas.grow(idea);
  }

  private show(list: readonly Idea[]): void {
    this.shown.forEach((card) => card.close());
    this.shown.clear();
    this.list = [];
    this.cards.replaceChildren();
    list.forEach((idea) => this.put(idea));
    this.pack.show(list.length > 0);
    this.takes.show(this.list);
  }

  private put(idea: Idea): void {
    const old = this.shown.get(idea.number);
    this.list = [...this.list.filter((other) => other.number !== idea.number), idea].sort((a, b) => a.number - b.number);
    if (old) {
      old.update(idea);
      return this.takes.show(this.list);
    }
    const card = makeIdeaCard(this.desk, this.ideas, idea, this.hooks);
    this.shown.set(idea.number, card);
    this.cards.append(card.element);
  }

  private readonly hooks: IdeaHooks = {
    keep: (idea) => this.keep(idea),
    again: (idea, what) => void this.again(idea, what),
    harder: (idea, line) => void this.harder(idea, line),
  };

  /** It becomes the open piece, in one step that can be taken back. */
  private keep(idea: Idea): void {
    const { context } = this.desk, { store, root } = context;
    this.ideas.player.stop();
    context.player.stop();
    try {
      const facts = { idea: idea.number, runs: runsOf([idea]), ...(idea.lines ? { adherence: adherence(idea.lines) } : {}) };
      store.edit(asPiece(store.score, idea.score), { source: "model", kind: "accept", facts });
    } catch (error) {
      return this.tell(sentenceOf(error));
    }
    store.setView({ track: idea.score.tracks[0]?.id ?? "", loop: null, marks: [], selection: new Set(), cursor: 0 });
    void store.call({ type: "compose.keep", alternative: idea.number - 1 }).catch(() => {}); // away: the piece is kept all the same
    this.pack.kept(idea);
    this.desk.said.say(t("maker.kept"));
    root.dispatchEvent(new CustomEvent("wb-go", { detail: "roll", bubbles: true, composed: true }));
  }

  /** One part, or one section, written anew; the rest stays. */
  private async again(idea: Idea, what: { readonly tracks?: readonly string[]; readonly section?: number }): Promise<void> {
    const stopper = this.work.begin(t("maker.again"));
    this.tell("");
    try {
      const made = await this.desk.context.store.job("compose.again", { alternative: idea.number - 1, ...what }, stopper.signal,
        { progress: (progress) => this.work.progress(progress) }).result;
      this.work.end(stopper);
      const next = readIdea(made.idea, idea.number, true);
      this.put(next);
      this.ideas.grow(next);
      await this.measure(next);
    } catch (error) {
      this.work.end(stopper);
      if (!isStopped(error)) this.tell(sentenceOf(error));
    }
  }

  private async harder(idea: Idea, line: Line): Promise<void> {
    const done = await this.desk.tryAsk(null, { type: "brief.harder", alternative: idea.number - 1, slot: line.slot, measure: line.measure });
    if (done) await this.make();
  }

  private async measureAll(): Promise<void> {
    for (const idea of this.list) await this.measure(idea);
  }

  /** How far it does what was asked; this comes when it is there, and says nothing where it cannot be had. */
  private async measure(idea: Idea): Promise<void> {
    this.shown.get(idea.number)?.unmeasured(t("maker.measuring"));
    try {
      const { card } = await this.desk.context.store.job("compose.card", { alternative: idea.number - 1 }, this.desk.context.signal).result;
      const now = this.list.find((other) => other.number === idea.number);
      if (now && now.score === idea.score) this.put({ ...now, lines: readLines(card) });
    } catch (error) {
      if (!isStopped(error)) this.shown.get(idea.number)?.unmeasured(sentenceOf(error));
    }
  }
}
