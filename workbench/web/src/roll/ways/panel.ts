/**
 * "Other chords": ways to set chords to the tune, each heard in its place before anything is decided. While one is heard
 * the chord lane shows it as found; one click writes it down, and what the person wrote is never touched.
 */
import { Audition } from "../../fill/audition.js";
import { heardBars } from "../../fill/join/styles.js";
import { isStopped } from "../../store/jobs.js";
import { plural, t } from "../../strings/index.js";
import { sentenceOf } from "../../strings/sentence.js";
import { isWithheld, named } from "../../ui/conditions.js";
import { button } from "../../ui/controls.js";
import { h } from "../../ui/dom.js";
import { freeColor } from "../../ui/palette.js";
import { addStyle } from "../../ui/root.js";
import { attempt, score, time, type RollState } from "../state.js";
import { CHORDS, RULER } from "../viewport.js";
import { makeRow, nameOf, spokenBars, type Row } from "./rows.js";
import { chordBars, keepWay, overlayOf, readWays, restingNotes, type Way } from "./ways.js";
import css from "./ways.css";

/** What it is now, and so many others. */
const OTHERS = 3;
/** A wait longer than this shows that it is one. */
const PATIENCE_MS = 500;
/** Asked for anew when the hands have rested for so long. */
const REST_MS = 700;

export interface WaysPanel {
  readonly element: HTMLElement;
  /** Stands at the head of the chord lane. */
  readonly button: HTMLElement;
  open(): void;
  close(): void;
  /** The piece has changed. */
  changed(): void;
  update(): void;
}

/** `others`: closes what else stands there; `back`: where the focus goes afterwards. */
export function makeWays(state: RollState, others: () => void, back: () => void): WaysPanel {
  addStyle(state.context.root, css);
  return new Ways(state, others, back);
}

class Ways implements WaysPanel {
  readonly element: HTMLElement;
  readonly button: HTMLElement;
  private readonly audition: Audition;
  private readonly list = h("ol", { class: "ways" });
  private readonly hint = h("p", { class: "hint" }, t("ways.hint"));
  private readonly news = h("p", { class: "news", role: "status" });
  private readonly wait = h("progress", { hidden: true, "aria-label": t("ways.finding") });
  private readonly more: HTMLButtonElement;
  private readonly anyway: HTMLButtonElement;
  /** Others are looked for as if no chords were written. */
  private free = false;
  private stopper: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ways: Way[] = [];
  private rows: Row[] = [];
  private tune = "";
  private bars: readonly [number, number] = [1, 1];
  private heard: number | null = null;
  private seed = 0;
  /** The piece is not any more what the ways were set to. */
  private stale = false;

  constructor(private readonly state: RollState, private readonly others: () => void, private readonly back: () => void) {
    this.audition = new Audition(state.context);
    this.more = button({ label: t("ways.more"), icon: "again", text: true, kind: "outlined", onclick: () => {
      this.seed += 1;
      void this.ask(true);
    } });
    this.anyway = button({ label: t("ways.free"), icon: "spark", text: true, kind: "primary", onclick: () => {
      this.free = true;
      void this.ask(true);
    } });
    this.anyway.hidden = true;
    this.element = h("section", { class: "fill ways-panel wb-card", "aria-label": t("ways.title"), hidden: true,
      onkeydown: (event: KeyboardEvent) => this.keys(event) },
    h("header", {}, h("h2", {}, t("ways.title")), h("span", { class: "where" }),
      button({ label: t("fill.close"), icon: "close", kind: "quiet", onclick: () => this.close() })),
    this.hint, this.wait, this.news, this.list, h("div", { class: "go" }, this.anyway, this.more));
    this.button = named("alternatives", button({ label: t("ways.title"), text: true, keys: "Shift+C", onclick: () => this.open() }));
    this.button.classList.add("other-chords");
    this.button.setAttribute("aria-label", t("ways.title"));
    this.button.append(h("span", { class: "short" }, t("ways.short"))); // where the keyboard is narrow
    named("alternatives", this.element);
    state.context.signal.addEventListener("abort", () => this.leave());
  }

  open(): void {
    if (isWithheld("alternatives")) return;
    this.others();
    this.element.hidden = false;
    this.seed = 0;
    this.free = false;
    void this.ask(true);
  }

  close(): void {
    if (this.element.hidden) return;
    this.leave();
    this.element.hidden = true;
    this.back();
  }

  /** Nothing is asked for or heard any more. */
  private leave(): void {
    clearTimeout(this.timer);
    this.stopper?.abort();
    this.stop();
  }

  changed(): void {
    if (this.element.hidden) return;
    this.stop();
    this.stale = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(false), REST_MS);
  }

  update(): void {
    this.button.style.setProperty("--keys", `${this.state.viewport.keys}px`);
    this.button.style.setProperty("--lane-end", `${RULER + CHORDS}px`);
    if (this.element.hidden) return;
    const sounding = this.state.context.player.playing ? this.heard : null;
    this.rows.forEach((row, at) => row.update(at === sounding));
  }

  private tell(text: string): void {
    this.news.textContent = text;
    this.news.hidden = !text;
  }

  private async ask(focus: boolean): Promise<void> {
    const { store } = this.state.context;
    if (!store.hasServer) return this.empty(t("fill.noServer"));
    const bars = heardBars(score(this.state), time(this.state), store.view.marks.length ? store.view.marks : this.inSight());
    if (!bars) return this.empty(t("ways.empty"));
    this.stop();
    this.stopper?.abort();
    const own = (this.stopper = new AbortController());
    const late = setTimeout(() => (this.wait.hidden = own.signal.aborted), PATIENCE_MS);
    void this.state.context.player.warm(); // sound may only begin in a gesture
    try {
      await store.flush();
      const { revision } = store;
      const reply = await store.job("harmonies", {
        first: bars[0], bars: bars[1] - bars[0] + 1, count: OTHERS + 1, seed: this.seed, free: this.free }, own.signal).result;
      if (this.stopper !== own || this.element.hidden) return;
      [this.ways, this.tune, this.bars] = [readWays(reply.ways), reply.tune, bars];
      this.stale = store.revision !== revision;
      this.build(focus);
    } catch (error) {
      if (this.stopper === own && !isStopped(error)) this.empty(sentenceOf(error));
    } finally {
      clearTimeout(late);
      if (this.stopper === own) this.wait.hidden = true;
    }
  }

  /** The first bar that is seen whole, as a place to listen at where nothing is marked. */
  private inSight(): { start: number; end: number; tracks: string[] }[] {
    const { viewport } = this.state;
    const bar = time(this.state).barAt(Math.max(0, Math.floor(viewport.tick)));
    const first = bar.start < Math.floor(viewport.tick) ? time(this.state).barAt(bar.end) : bar;
    return first.number > 1 ? [{ start: first.start, end: first.end, tracks: [] }] : [];
  }

  private empty(text: string): void {
    [this.ways, this.rows] = [[], []];
    this.list.replaceChildren();
    this.more.hidden = this.anyway.hidden = true;
    this.tell(text);
  }

  private build(focus: boolean): void {
    const { state, ways } = this;
    if (!ways.length) return this.empty(t("ways.empty"));
    const hooks = { hear: (at: number) => this.hear(at), keep: (at: number) => this.keep(at) };
    this.rows = ways.map((way, at) => makeRow(state, at, way, ways[0]!, this.bars, hooks));
    this.list.replaceChildren(...this.rows.map((row) => row.element));
    this.more.hidden = ways.length < 2;
    this.anyway.hidden = this.free || ways.length > 1 || ways[0]!.found.length > 0;
    const rest = score(state).tracks.some((track) => !track.is_drum && track.id !== this.tune && track.notes.size > 0);
    this.hint.hidden = this.free;
    const written = !ways[0]!.found.length && !this.free;
    this.tell(ways.length > 1 ? [this.free ? t("ways.freeHint") : "", rest ? t("ways.alone") : ""].join(" ").trim()
      : t(written ? "ways.written" : "ways.none"));
    if (ways.length > 1) state.announcer.say(plural("ways.ready", ways.length - 1));
    if (focus && !this.anyway.hidden) this.anyway.focus();
    else if (focus) (this.rows[1] ?? this.rows[0])!.hear.focus();
    this.update();
  }

  private hear(at: number): void {
    const { state } = this;
    const way = this.ways[at];
    if (!way) return;
    if (this.heard === at && state.context.player.playing) return this.stop();
    const track = { ...way.track, color: freeColor(score(state).tracks.map((item) => item.color)) };
    const span = [time(state).bar(this.bars[0]).start, time(state).bar(this.bars[1]).end] as const;
    const overlay = overlayOf(score(state), track, this.tune, span, at > 0);
    state.ghosts = { notes: overlay.notes, replaced: restingNotes(score(state), overlay), tracks: overlay.tracks!, sure: null };
    state.fitted = way.found;
    this.heard = at;
    this.audition.hear("chords", at, span, overlay);
    state.redraw();
    state.announcer.say(t("ways.plays", { name: nameOf(at), chords: spokenBars(state, chordBars(way, time(state), this.bars)) }));
    this.update();
  }

  private stop(): void {
    const { state } = this;
    if (this.heard === null) return;
    this.heard = null;
    this.audition.stop();
    [state.fitted, state.ghosts] = [[], null];
    state.redraw();
    this.update();
  }

  private keep(at: number): void {
    const { state } = this;
    const way = this.ways[at];
    if (!way || this.stale) return;
    this.stop();
    if (!attempt(state, () => state.context.store.edit(keepWay(score(state), way, this.free)))) return;
    this.close();
    state.announcer.say(t("ways.kept"));
    state.context.store.notice(t("ways.kept"));
  }

  /** Digits hear the way of that number; 0 hears how it is now. */
  private keys(event: KeyboardEvent): void {
    if (event.key === "Escape") this.close();
    else if (/^[0-9]$/.test(event.key) && this.ways[Number(event.key)]) this.hear(Number(event.key));
    else return;
    event.stopPropagation();
    event.preventDefault();
  }
}
