/** The panel of ideas: what to fill and how, then the ideas side by side: hear, keep, throw away, mix, ask again. */
import { noteKey } from "../store/viewstate.js";
import type { Note, Region } from "../document/types.js";
import { inRegion } from "../document/types.js";
import { trackName } from "../roll/speech.js";
import { score, styleOf, time, type RollState } from "../roll/state.js";
import { plural, t } from "../strings/index.js";
import { button, choice } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { shapeIcon } from "../ui/palette.js";
import { Audition } from "./audition.js";
import { ideaCard, originalCard, type CardHooks } from "./cards.js";
import { FillSession, type FillOptions, type Idea } from "./session.js";
import { makeWishes } from "./wishes.js";
import { sentenceOf } from "../strings/sentence.js";

export interface FillPanel {
  readonly element: HTMLElement;
  readonly session: FillSession;
  /** Open it for the marked gaps. */
  open(): void;
  close(): void;
  update(): void;
}

export function makeFillPanel(state: RollState, back: () => void): FillPanel {
  const { store, player, signal } = state.context;
  const audition = new Audition(state.context);
  const session = new FillSession(store, (what) => onChange(what), signal);
  const wishes = makeWishes();
  /** Which idea is shown as ghosts; by track, once a mixture is made. */
  let shown: Idea | null = null;
  const blend = new Map<string, Idea>();
  let count = 3;
  let around = false;
  /** Show the wishes although there are ideas already. */
  let wishing = false;

  const where = h("span", { class: "where" });
  const chips = h("div", { class: "chips", role: "group", "aria-label": t("fill.which") });
  const go = button({ label: t("fill.start"), icon: "spark", text: true, kind: "primary", onclick: () => ask(false) });
  const more = button({ label: t("fill.again"), icon: "again", text: true, kind: "outlined", onclick: () => ask(true) });
  const stop = button({ label: t("fill.stop"), icon: "stop", text: true, kind: "danger", onclick: () => void session.stop() });
  const change = button({
    label: t("fill.change"), text: true, kind: "quiet", pressed: false, onclick: () => {
      wishing = !wishing;
      render();
    } });
  const keepBlend = button({ label: t("fill.keepBlend"), icon: "check", text: true, kind: "primary", onclick: acceptBlend });
  const bar = h("progress", { max: 1, "aria-label": t("fill.working") });
  const left = h("span", { class: "left" });
  const working = h("div", { class: "working", hidden: true }, bar, left, stop);
  const news = h("p", { class: "news", hidden: true });
  const cards = h("div", { class: "cards", role: "list" });
  const element = h("section", { class: "fill wb-card", "aria-label": t("fill.title"), hidden: true,
    onkeydown: (event: KeyboardEvent) => keys(event) },
  h("header", {}, h("h2", {}, t("fill.title")), where,
    button({ label: t("fill.close"), icon: "close", kind: "quiet", onclick: () => panel.close() })),
  h("div", { class: "setup" },
    h("div", { class: "what" }, chips,
      h("div", { class: "choices" },
        choice({ label: t("fill.mode"), value: "replace", hideLabel: true, onchange: (value) => void (around = value === "around"),
          options: [["replace", t("fill.replace")], ["around", t("fill.around")]] as const }),
        choice({ label: t("fill.count"), value: "3", options: ["1", "2", "3", "4", "6", "8"].map((n) => [n, n] as const),
          onchange: (value) => void (count = Number(value)) }))),
    wishes.element,
    h("div", { class: "go" }, go, keepBlend, more, change)),
  working, news, cards);

  const marks = (): readonly Region[] => store.view.marks;
  /** The gaps that the ideas at hand were made for. */
  const regions = (): readonly Region[] => session.options?.regions ?? marks();

  function ask(again: boolean): void {
    if (!store.hasServer) return tell(t("fill.noServer"));
    if (!marks().length) return tell(t("fill.noMark"));
    audition.stop();
    blend.clear();
    if (!again) shown = null;
    wishing = false;
    const options: FillOptions = {
      regions: marks(), around, overhang: wishes.overhang(), count, controls: wishes.controls(), seed: wishes.seed(), model: null };
    void session.start(options, again);
  }

  function tell(text: string): void {
    session.news = text;
    render();
    state.announcer.say(text, true);
  }

  function onChange(what: string): void {
    if (what === "partial" && !shown) shown = session.ideas[0] ?? null;
    if (what === "result") {
      shown = session.ideas.find((idea) => idea.number === shown?.number) ?? session.ideas[0] ?? null;
      const heard = session.ideas.map((idea) => t("fill.arrived", { number: idea.number, notes: plural("track.notes", noteCount(idea)) }));
      state.announcer.say([plural("fill.ready", session.ideas.length), ...heard].join(". "));
    }
    if (what === "error") state.announcer.say(session.news, true);
    if (what === "partial" && typeof audition.heard === "number") {
      const idea = session.ideas.find((item) => item.number === audition.heard);
      if (idea) audition.refresh(regions(), session.options!.around, idea.notes);
    }
    showGhosts();
    if (what === "progress") renderProgress();
    else render();
  }

  const noteCount = (idea: Idea): number => Object.values(idea.notes).reduce((sum, notes) => sum + notes.length, 0);

  /** Notes of what is shown: the mixture where there is one, else the idea. */
  function shownNotes(): Record<string, readonly Note[]> | null {
    if (!shown && !blend.size) return null;
    const out: Record<string, readonly Note[]> = { ...shown?.notes };
    for (const [track, idea] of blend) out[track] = idea.notes[track] ?? [];
    return out;
  }

  function showGhosts(): void {
    const notes = shownNotes();
    const replaced = new Set<string>();
    if (notes && session.options && !session.options.around) {
      for (const mark of regions()) {
        for (const track of score(state).tracks) {
          if (!mark.tracks.includes(track.id) || track.locked) continue;
          for (const note of track.notes.values()) {
            if (inRegion(mark, track.id, note) && !note.locked) replaced.add(noteKey(track.id, note.id));
          }
        }
      }
    }
    state.ghosts = notes ? { notes, replaced } : null;
    state.redraw();
  }

  const hooks: CardHooks = {
    listen(idea) {
      if (audition.heard === (idea?.number ?? "original")) audition.stop();
      else {
        shown = idea;
        blend.clear();
        showGhosts();
        audition.play(idea?.number ?? "original", regions(), session.options?.around ?? around, idea?.notes ?? null);
      }
      render();
    },
    keep(idea) {
      accept(() => session.accept(idea));
    },
    reject(idea) {
      if (audition.heard === idea.number) audition.stop();
      if (shown === idea) shown = null;
      for (const [track, item] of blend) if (item === idea) blend.delete(track);
      session.reject(idea);
    },
    show(idea) {
      shown = idea;
      blend.clear();
      showGhosts();
      render();
    },
    take(track, idea) {
      if (blend.get(track) === idea) blend.delete(track);
      else blend.set(track, idea);
      showGhosts();
      const notes = shownNotes();
      if (notes && audition.heard !== null) audition.play("blend", regions(), session.options!.around, notes);
      render();
    },
  };

  function acceptBlend(): void {
    const chosen = new Map(blend);
    for (const id of new Set(regions().flatMap((mark) => mark.tracks))) if (!chosen.has(id) && shown) chosen.set(id, shown);
    accept(() => session.acceptBlend(chosen));
  }

  function accept(commit: () => void): void {
    const listening = audition.heard !== null && player.playing;
    const first = time(state).barAt(Math.max(0, Math.min(...marks().map((mark) => mark.start)) - 1)).start;
    audition.stop();
    try {
      commit();
    } catch (error) {
      return tell(sentenceOf(error));
    }
    store.setView({ marks: [] });
    panel.close();
    state.announcer.say(t("fill.kept"));
    store.notice(t("fill.kept"));
    // Who was listening goes on; a finger's tap is answered by the changed tune.
    if (listening || matchMedia("(pointer: coarse)").matches) void player.play(first);
  }

  /** Digits hear the idea of that number; 0 hears how it was. */
  function keys(event: KeyboardEvent): void {
    if (event.key === "Escape") panel.close();
    else if (/^[0-9]$/.test(event.key) && !(event.composedPath()[0] instanceof HTMLSelectElement)) {
      const idea = session.ideas.find((item) => item.number === Number(event.key));
      if (idea || event.key === "0") hooks.listen(idea ?? null);
    } else return;
    event.stopPropagation();
    event.preventDefault();
  }

  function toggleTrack(id: string): void {
    const now = new Set(marks().flatMap((mark) => mark.tracks));
    if (now.has(id) && now.size > 1) now.delete(id);
    else now.add(id);
    const tracks = score(state).tracks.map((track) => track.id).filter((item) => now.has(item));
    store.setView({ marks: marks().map((mark) => ({ ...mark, tracks })) });
  }

  function renderProgress(): void {
    if (session.progress.done === null) bar.removeAttribute("value");
    else bar.value = session.progress.done;
    const seconds = session.progress.secondsLeft;
    left.textContent = seconds === null ? t("fill.working") : t("fill.left", { seconds: Math.max(1, Math.round(seconds)) });
  }

  function render(): void {
    const busy = session.status === "working";
    // Stop goes when the work is done: whoever stood on it by keys goes on to the first idea.
    const stranded = !busy && working.contains((element.getRootNode() as ShadowRoot).activeElement);
    working.hidden = !busy;
    renderProgress();
    go.hidden = busy || session.ideas.length > 0;
    more.hidden = busy || !session.ideas.length;
    keepBlend.hidden = !blend.size || busy;
    change.hidden = more.hidden;
    change.setAttribute("aria-pressed", String(wishing));
    element.classList.toggle("settled", (busy || session.ideas.length > 0) && !wishing);
    news.hidden = !session.news;
    news.textContent = session.news;
    const bars = marks().map((mark) => {
      const [first, last] = [time(state).barAt(mark.start).number, time(state).barAt(mark.end - 1).number];
      return first === last ? String(first) : `${first}–${last}`;
    });
    where.textContent = bars.length ? plural("fill.where", bars.length === 1 && !bars[0]!.includes("–") ? 1 : 2, { bars: bars.join(", ") }) : "";
    const chosen = new Set(marks().flatMap((mark) => mark.tracks));
    chips.replaceChildren(...score(state).tracks.map((track) => {
      const style = styleOf(state, track);
      return h("button", { type: "button", class: "chip", "aria-pressed": String(chosen.has(track.id)), disabled: busy,
        style: `--fill:${style.fill};--on:${style.on};--deep:${style.deep}`, onclick: () => toggleTrack(track.id) },
      shapeIcon(style.shape, 11) as unknown as Node, h("span", {}, trackName(track)));
    }));
    renderCards(busy);
    if (stranded) (cards.querySelector<HTMLElement>(".shown .acts button") ?? (go.hidden ? more : go)).focus();
  }

  let drawn = "";
  /** The cards are made anew only when something on them has changed: a button must not vanish under a finger. */
  function renderCards(busy: boolean): void {
    const signature = JSON.stringify([busy, shown?.number, audition.heard, player.playing, state.context.root.dataset["theme"],
      [...blend].map(([track, idea]) => [track, idea.number]), store.revision,
      session.ideas.map((idea) => [idea.number, idea.done, noteCount(idea)])]);
    if (signature === drawn) return;
    drawn = signature;
    const list = session.ideas.map((idea) => ideaCard(state, idea, {
      shown: shown === idea && !blend.size, playing: audition.heard === idea.number && player.playing, blend,
      regions: regions(), around: session.options!.around }, hooks));
    if (list.length) {
      list.unshift(originalCard(state, regions(), audition.heard === "original" && player.playing, hooks));
    }
    const focused = placeOf((cards.getRootNode() as ShadowRoot).activeElement);
    const place = cards.scrollLeft;
    cards.replaceChildren(...list);
    cards.scrollLeft = place;
    const chosen = cards.querySelector<HTMLElement>(".shown");
    if (chosen && chosen.offsetLeft + chosen.offsetWidth > cards.scrollLeft + cards.clientWidth) {
      cards.scrollLeft = chosen.offsetLeft + chosen.offsetWidth - cards.clientWidth + 8;
    }
    if (focused) cards.children[focused[0]]?.querySelectorAll("button")[focused[1]]?.focus();
  }

  /** Which button of which card an element is. */
  function placeOf(element: Element | null): readonly [number, number] | null {
    const card = element?.closest("article");
    if (!card || !cards.contains(card)) return null;
    return [[...cards.children].indexOf(card), [...card.querySelectorAll("button")].indexOf(element as HTMLButtonElement)];
  }

  const panel: FillPanel = {
    element, session,
    open() {
      if (!marks().length) return;
      element.hidden = false;
      // One tap fills: wishes can be told afterwards, and asking again is as quick.
      if (!session.ideas.length && session.status !== "working" && store.hasServer) ask(false);
      render();
      (session.ideas.length ? more : stop).focus();
    },
    close() {
      audition.stop();
      session.clear();
      shown = null;
      blend.clear();
      state.ghosts = null;
      element.hidden = true;
      state.redraw();
      back();
    },
    update() {
      if (!element.hidden) render();
    },
  };
  return panel;
}
