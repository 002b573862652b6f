/** The panel of ideas: what to fill and how, then the ideas side by side: hear, keep, throw away, mix, ask again. */
import type { Region } from "../document/types.js";
import { time, type RollState } from "../roll/state.js";
import { plural, t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { Audition } from "./audition.js";
import { makeCardRow } from "./cardrow.js";
import { differs, type CardHooks } from "./cards.js";
import { makeCloser } from "./closer.js";
import { makeFace, type Face } from "./face.js";
import { barWords } from "./gaps.js";
import { noteCount, runsOf, type Idea } from "./idea.js";
import { InSight } from "./insight.js";
import { makeJoiner } from "./join/joiner.js";
import { everyTrack, filledBy } from "./keep.js";
import { FillSession } from "./session.js";
import { makeSetup } from "./setup.js";
import { makeTaste } from "./taste.js";

export interface FillPanel {
  readonly element: HTMLElement;
  readonly session: FillSession;
  /** Open it for the marked gaps. */
  open(): void;
  /** Open it at the styles that can join in. */
  join(): void;
  /** Another piece has come: what was heard along with the last one stops. */
  leave(): void;
  close(): void;
  update(): void;
}

export const makeFillPanel = (state: RollState, back: () => void, fillGap: () => void): FillPanel => new Panel(state, back, fillGap);

class Panel implements FillPanel {
  readonly session: FillSession;
  private readonly audition: Audition;
  private readonly sight: InSight;
  private readonly setup: ReturnType<typeof makeSetup>;
  private readonly cards: ReturnType<typeof makeCardRow>;
  private readonly closer: ReturnType<typeof makeCloser>;
  private readonly face: Face;
  private readonly taste: ReturnType<typeof makeTaste>;
  private readonly joiner: ReturnType<typeof makeJoiner>;
  /** Styles stand instead of the gap's wishes. */
  private joining = false;
  /** Show the wishes although there are ideas already. */
  private wishing = false;
  /** What comes next is to be shown as soon as it comes: a part of the idea in sight was asked for again. */
  private expecting = false;
  /** A sentence of the panel's own, beside what the work itself has to say. */
  private told = "";

  constructor(private readonly state: RollState, private readonly back: () => void, fillGap: () => void) {
    this.audition = new Audition(state.context);
    this.taste = makeTaste(state.context);
    this.sight = new InSight(state);
    this.session = new FillSession(state.context.store, (what) => this.onChange(what), state.context.signal, (ideas) => this.taste.rank(ideas));
    this.setup = makeSetup(state, () => this.update(), (text) => this.tell(text));
    this.cards = makeCardRow(state);
    this.closer = makeCloser(state, (idea, parts) => this.again(idea, parts), () => {
      this.showGhosts();
      this.render();
    });
    this.joiner = makeJoiner(state, this.audition, {
      ideas: (options, request, more) => {
        this.told = "";
        this.wishing = false;
        void this.session.given(options, request, more);
        this.face.stop.focus();
      },
      changed: () => this.update(),
      tell: (text) => this.tell(text),
    });
    this.face = makeFace({
      ask: (more) => {
        this.told = "";
        this.audition.stop();
        if (this.joining) this.joiner.more();
        else void this.ask(more);
      },
      stop: () => this.session.stop(),
      change: () => {
        this.wishing = !this.wishing;
        this.render();
        if (this.joining && this.wishing) this.joiner.focus();
      },
      keepBlend: () => this.accept(() => this.session.acceptBlend(this.sight.chosen())),
      switch: () => (this.joining ? fillGap() : this.join()),
      close: () => this.close(),
      keys: (event) => this.keys(event),
    }, this.setup.what, this.setup.wishes, [this.joiner.element, this.cards.element, this.closer.element, this.taste.element]);
  }

  get element(): HTMLElement {
    return this.face.element;
  }

  private get marks(): readonly Region[] {
    return this.state.context.store.view.marks;
  }

  open(): void {
    if (!this.marks.length) return;
    const { session } = this;
    this.turn(false);
    this.element.hidden = false;
    // One tap fills: wishes can be told afterwards, and asking again is as quick.
    this.render();
    if (!session.ideas.length && session.status !== "working" && this.state.context.store.hasServer) void this.ask(false);
    this.render();
    (session.ideas.length ? this.face.more : this.face.stop).focus();
  }

  join(): void {
    this.turn(true);
    this.element.hidden = false;
    this.joiner.open();
    if (!this.state.context.store.hasServer) this.told = t("fill.noServer");
    this.render();
    this.joiner.focus();
  }

  leave(): void {
    this.joiner.stop();
  }

  /** To the styles, or back to the gap: ideas of the one are none of the other. */
  private turn(joining: boolean): void {
    if (this.joining === joining) return;
    this.joiner.stop();
    this.audition.stop();
    this.sight.show(null);
    this.showGhosts();
    this.told = "";
    this.wishing = false;
    this.joining = joining;
    this.session.clear();
    this.render();
  }

  close(): void {
    this.joiner.stop();
    this.audition.stop();
    this.session.clear();
    this.setup.rest(false);
    this.told = "";
    this.sight.show(null);
    this.state.ghosts = null;
    this.element.hidden = true;
    this.state.redraw();
    this.back();
  }

  update(): void {
    if (!this.element.hidden) this.render();
  }

  private async ask(more: boolean): Promise<void> {
    if (!this.state.context.store.hasServer) return this.tell(t("fill.noServer"));
    if (!this.marks.length) return this.tell(t("fill.noMark"));
    this.audition.stop();
    this.sight.show(more ? this.sight.shown : null);
    this.wishing = false;
    const ready = this.setup.ready();
    // Without new instruments nothing is waited for: Stop is there at once, and takes the focus.
    if (ready !== true && (!(await ready) || this.element.hidden)) return;
    void this.session.start(this.setup.options(), more);
  }

  /** Try a part of an idea once more: the rest of it stands. */
  private again(idea: Idea, parts: Region[]): void {
    this.audition.stop();
    this.sight.blend.clear();
    this.expecting = true;
    void this.session.again(idea, parts);
  }

  private tell(text: string): void {
    this.told = text;
    this.render();
    this.state.announcer.say(text, true);
  }

  private onChange(what: string): void {
    const { session, sight, audition } = this;
    const fresh = session.ideas.find((idea) => idea.number >= session.first);
    if (what === "partial" && (!sight.shown || this.expecting)) sight.shown = fresh ?? session.ideas[0] ?? null;
    if (what === "result") {
      if (this.expecting) sight.shown = fresh ?? sight.shown;
      sight.shown = session.ideas.find((idea) => idea.number === sight.shown?.number) ?? session.ideas[0] ?? null;
      const came = session.ideas.filter((idea) => idea.number >= session.first);
      const heard = came.map((idea) => {
        const values = { number: idea.number, notes: plural("track.notes", noteCount(idea)) };
        const said = differs(this.state, idea, session.ideas);
        return said ? t("fill.arrivedAs", { ...values, differs: said }) : t("fill.arrived", values);
      });
      this.state.announcer.say([plural("fill.ready", came.length), ...heard].join(". "));
    }
    if (what === "error") this.state.announcer.say(session.news, true);
    if (session.status === "idle") this.expecting = false; // it came, failed, or was stopped
    if (what === "partial" && typeof audition.heard === "number") {
      const idea = session.ideas.find((item) => item.number === audition.heard);
      if (idea) audition.refresh(sight.overlay(everyTrack(idea)));
    }
    this.showGhosts();
    if (what === "progress") this.face.progress(session);
    else this.render();
  }

  private showGhosts(): void {
    if (this.audition.heard === "style") return; // what is heard is what is seen
    this.sight.draw(this.closer.sure);
  }

  private readonly hooks: CardHooks = {
    listen: (idea) => {
      if (this.audition.heard === (idea?.number ?? "original")) this.audition.stop();
      else {
        this.sight.show(idea);
        this.showGhosts();
        const which = idea ? everyTrack(idea) : null;
        this.audition.play(idea?.number ?? "original", idea?.options.regions ?? this.marks,
          which && this.sight.overlay(which), which ? runsOf(which) : {});
      }
      this.render();
    },
    keep: (idea) => {
      const offered = this.session.ideas;
      this.accept(() => {
        this.session.accept(idea);
        void this.taste.kept(idea, offered);
      });
    },
    reject: (idea) => {
      if (this.audition.heard === idea.number) this.audition.stop();
      this.sight.forget(idea);
      this.session.reject(idea);
    },
    show: (idea) => {
      this.sight.show(idea);
      this.showGhosts();
      this.render();
    },
    take: (track, idea) => {
      this.sight.take(track, idea);
      this.showGhosts();
      const chosen = this.sight.chosen();
      const overlay = this.sight.overlay(chosen);
      if (overlay.regions.length && this.audition.heard !== null) this.audition.play("blend", overlay.regions, overlay, runsOf(chosen));
      this.render();
    },
  };

  private accept(commit: () => void): void {
    const { audition, state } = this;
    const { player, store } = state.context;
    const listening = audition.heard !== null && player.playing;
    const places = [...this.marks, ...filledBy(this.sight.chosen()).map((item) => item.region)];
    const first = time(state).barAt(Math.max(0, Math.min(...places.map((mark) => mark.start)) - 1)).start;
    audition.stop();
    try {
      commit();
    } catch (error) {
      return this.tell(sentenceOf(error));
    }
    this.setup.rest(true);
    store.setView({ marks: [] });
    this.close();
    state.announcer.say(t("fill.kept"));
    store.notice(t("fill.kept"));
    // Who was listening goes on; a finger's tap is answered by the changed tune.
    if (listening || matchMedia("(pointer: coarse)").matches) void player.play(first);
  }

  /** Digits hear the idea of that number; 0 hears how it was. */
  private keys(event: KeyboardEvent): void {
    const target = event.composedPath()[0];
    if (event.key === "Escape") this.close();
    else if (/^[0-9]$/.test(event.key) && !(target instanceof HTMLSelectElement)
      && !(target instanceof HTMLInputElement && target.type === "number")) {
      const idea = this.session.ideas.find((item) => item.number === Number(event.key));
      if (idea || event.key === "0") this.hooks.listen(idea ?? null);
    } else return;
    event.stopPropagation();
    event.preventDefault();
  }

  private render(): void {
    const { session, sight, face } = this;
    const busy = session.status === "working";
    const stranded = face.update(session, { blending: sight.blend.size > 0, wishing: this.wishing, told: this.told, joining: this.joining });
    face.where.textContent = this.joining ? "" : barWords(this.state, this.marks);
    this.joiner.element.hidden = !this.joining || ((busy || session.ideas.length > 0) && !this.wishing);
    this.joiner.update();
    this.setup.update(busy);
    const { shown, blend } = sight;
    this.cards.update({ ideas: session.ideas, first: session.first, shown, blend, heard: this.audition.heard, busy, regions: this.marks }, this.hooks);
    this.closer.update(blend.size ? null : shown, busy);
    // Stop goes when the work is done: whoever stood on it by keys goes on to the first idea.
    if (stranded) (this.cards.first() ?? face.asking()).focus();
  }
}
