/**
 * "Join in as ...": a style is heard over the person's own bars, in a loop, before anything is decided; then the whole
 * band is asked for as ideas. Nothing of it enters the document until an idea is kept.
 */
import type { Region, Track } from "../../document/types.js";
import { chordName, keyAt } from "../../roll/speech.js";
import { score, time, type RollState } from "../../roll/state.js";
import { t, uncapital } from "../../strings/index.js";
import { sentenceOf } from "../../strings/sentence.js";
import { button, choice } from "../../ui/controls.js";
import { h } from "../../ui/dom.js";
import { freeColor } from "../../ui/palette.js";
import { addStyle } from "../../ui/root.js";
import type { Audition } from "../audition.js";
import { barWords } from "../gaps.js";
import type { FillOptions, FillRequest, NewTrack } from "../request.js";
import css from "./join.css";
import { makeStrip, type StripPlace } from "./strip.js";
import { heardBars, readHeard, readStyles, type Heard, type Style } from "./styles.js";

/** A wait longer than this shows that it is one, with Stop. */
const PATIENCE_MS = 500;
/** So many ideas come of a band. */
const IDEAS = 3;
/** No more chords than this are named in one sentence. */
const MOST_CHORDS = 8;

export interface JoinerHooks {
  /** A whole band as ideas. */
  ideas(options: FillOptions, request: FillRequest, more: boolean): void;
  /** The strip stands for itself again, or something on it has changed. */
  changed(): void;
  tell(text: string): void;
}

export interface Joiner {
  readonly element: HTMLElement;
  /** The panel shows styles now. */
  open(): void;
  /** More ideas of the band that was asked for last. */
  more(): void;
  stop(): void;
  update(): void;
  focus(): void;
}

/** What the panel of ideas has to know of a band that is asked for. */
function optionsOf(state: RollState, request: FillRequest): FillOptions {
  const parts = request["parts"] as readonly NewTrack[];
  const [from, to] = request["bars"] as readonly [number, number];
  return {
    regions: [{ start: time(state).bar(from).start, end: time(state).bar(to).end, tracks: parts.map((part) => part.id) }],
    around: false, overhang: false, count: IDEAS, controls: {}, seed: null, model: null,
    newTracks: parts.map(({ id, name, program, is_drum }) => ({ id, name, program, is_drum })),
  };
}

/** The tracks as they are heard and seen, in colours that no track of the piece has. */
function colored(state: RollState, tracks: readonly Track[]): Track[] {
  const used = score(state).tracks.map((track) => track.color);
  return tracks.map((track) => {
    const color = freeColor(used);
    used.push(color);
    return { ...track, color };
  });
}

/** "C, Am, F": what it is played by. */
function chordWords(state: RollState, { chords }: Heard): string {
  const names = chords.map((chord) => chordName(chord, keyAt(score(state), chord.tick)));
  const runs = names.filter((name, i) => name !== names[i - 1]);
  return runs.slice(0, MOST_CHORDS).join(", ") + (runs.length > MOST_CHORDS ? " ..." : "");
}

/** First and last bar of what is marked; null where nothing is. */
function markedBars(state: RollState, marks: readonly Region[]): readonly [number, number] | null {
  if (!marks.length) return null;
  return [time(state).barAt(Math.min(...marks.map((mark) => mark.start))).number,
    time(state).barAt(Math.max(...marks.map((mark) => mark.end)) - 1).number];
}

/** What is heard, over which bars, and by which chords; of nothing heard yet that it is being fitted. */
function saying(state: RollState, { title }: Style, [from, to]: readonly [number, number], heard: Heard | null): string {
  const region: Region = { start: time(state).bar(from).start, end: time(state).bar(to).end, tracks: [] };
  const values = { title, bars: uncapital(barWords(state, [region])) };
  if (!heard) return t("join.fittingStyle", values);
  const by = heard.chords.length
    ? [t(heard.found ? "join.byFound" : "join.byOwn", { chords: chordWords(state, heard) })] : [];
  return [t("join.sounds", values), ...by].join(" ");
}

/** The cards stand in the Roll, in colours that no track of the piece has. */
const placeOf = (state: RollState): StripPlace => ({ root: state.context.root, announcer: state.announcer, hint: t("join.hint"),
  taken: () => score(state).tracks.map((track) => track.color) });

export function makeJoiner(state: RollState, audition: Audition, hooks: JoinerHooks): Joiner {
  const { root, store, player, signal } = state.context;
  addStyle(root, css);
  let asking = 0;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let style: Style | null = null;
  let heard: Heard | null = null;
  let bars: readonly [number, number] = [1, 1];
  let last: { options: FillOptions; request: FillRequest } | null = null;
  let where: "piece" | "marks" = "piece";
  let known = false;

  const strip = makeStrip(placeOf(state), { hear: (next) => void hear(next), use: (next) => void use(next), stop: () => stop() });
  const wait = h("progress", { hidden: true, "aria-label": t("join.fitting") });
  const words = h("p", { class: "sounding-words", "aria-live": "polite" });
  const take = button({ label: t("join.use"), icon: "check", text: true, kind: "primary", onclick: () => style && void use(style) });
  const halt = button({ label: t("fill.stop"), icon: "stop", text: true, kind: "outlined", onclick: () => stop() });
  const places = choice<"piece" | "marks">({ label: t("join.where"), value: "piece",
    options: [["piece", t("join.where.piece")], ["marks", t("join.where.marks")]], onchange: (value) => void (where = value) });
  const bar = h("div", { class: "join-bar", hidden: true }, words, wait, places, h("div", { class: "acts" }, halt, take));
  const element = h("div", { class: "join", hidden: true }, strip.element, bar);

  async function open(): Promise<void> {
    element.hidden = false;
    if (known) return;
    try {
      strip.set(readStyles((await store.call({ type: "styles" })).styles));
      known = true;
      if (!element.hidden) strip.focus();
    } catch (error) {
      hooks.tell(sentenceOf(error));
    }
  }

  async function hear(next: Style): Promise<void> {
    const own = ++asking;
    style = next;
    const found = heardBars(score(state), time(state), store.view.marks);
    if (!found) return hooks.tell(t("join.empty"));
    bars = found;
    clearTimeout(waiting);
    waiting = setTimeout(() => own === asking && update(), PATIENCE_MS);
    update();
    // Sound may only begin in a gesture: what it needs is fetched while the server fits the style.
    void player.warm();
    try {
      await store.flush();
      const reply = await store.call({ type: "audition", style: next.id, first: bars[0], bars: bars[1] - bars[0] + 1 });
      if (own !== asking || signal.aborted || element.hidden) return;
      play(next, readHeard(reply.tracks, reply.chords, reply.found));
    } catch (error) {
      if (own !== asking) return;
      stop();
      hooks.tell(sentenceOf(error));
    } finally {
      if (own === asking) clearTimeout(waiting);
      waiting = own === asking ? undefined : waiting;
      update();
    }
  }

  function play(next: Style, reply: Heard): void {
    heard = reply;
    const tracks = colored(state, reply.tracks);
    const region: Region = { start: time(state).bar(bars[0]).start, end: time(state).bar(bars[1]).end, tracks: tracks.map((track) => track.id) };
    const notes = Object.fromEntries(tracks.map((track) => [track.id, [...track.notes.values()]]));
    const empty = tracks.map((track) => ({ ...track, notes: new Map() }));
    state.ghosts = { notes, replaced: new Set(), tracks: empty, sure: null };
    state.fitted = reply.found ? reply.chords : [];
    audition.hear("style", next.id, [region.start, region.end], { regions: [region], around: false, notes, tracks: empty });
    state.redraw();
    state.announcer.say(t("join.plays", { title: next.title }));
  }

  function stop(): void {
    asking += 1;
    clearTimeout(waiting);
    waiting = undefined;
    style = heard = null;
    if (audition.heard === "style") audition.stop();
    [state.fitted, state.ghosts] = [[], null];
    state.redraw();
    hooks.changed();
  }

  /** The whole band: over the piece, or over the marked bars where the person wants it there alone. */
  async function use(next: Style): Promise<void> {
    const span = where === "marks" ? markedBars(state, store.view.marks) : null;
    stop();
    const own = ++asking;
    try {
      await store.flush();
      const { request } = await store.call({ type: "band", style: next.id, count: IDEAS, ...(span ? { bars: span } : {}) });
      if (own !== asking || element.hidden) return;
      last = { request, options: optionsOf(state, request) };
      hooks.ideas(last.options, last.request, false);
    } catch (error) {
      if (own === asking) hooks.tell(sentenceOf(error));
    }
  }

  function update(): void {
    if (element.hidden) return;
    const sounding = audition.heard === "style" && player.playing;
    const marks = store.view.marks;
    strip.update(style?.id ?? "", sounding);
    bar.hidden = !style;
    wait.hidden = !(style && waiting !== undefined);
    places.hidden = !marks.length;
    if (!marks.length && where === "marks") places.set((where = "piece"));
    if (!style) return;
    const text = saying(state, style, bars, waiting === undefined ? heard : null);
    if (words.textContent !== text) words.textContent = text;
  }

  return {
    element, open: () => void open(), stop, update, focus: strip.focus,
    more: () => last && hooks.ideas(last.options, last.request, true),
  };
}
