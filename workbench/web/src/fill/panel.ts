/** The panel of ideas: what to fill and how, then the ideas side by side: hear, keep, throw away, mix, ask again. */
import { noteKey } from "../store/viewstate.js";
import { inRegion, type Note, type Region } from "../document/types.js";
import { score, time, type RollState } from "../roll/state.js";
import { plural, t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { waitingText } from "../ui/waiting.js";
import { Audition } from "./audition.js";
import { makeCardRow } from "./cardrow.js";
import type { CardHooks } from "./cards.js";
import { makeCloser } from "./closer.js";
import { barWords } from "./gaps.js";
import { newTracksOf, noteCount, runsOf, sureness, type Idea } from "./idea.js";
import { everyTrack, filledBy } from "./keep.js";
import { FillSession } from "./session.js";
import { makeSetup } from "./setup.js";

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
  const setup = makeSetup(state, () => panel?.update(), (text) => tell(text));
  /** Which idea is shown as ghosts; by track, once a mixture is made. */
  let shown: Idea | null = null;
  const blend = new Map<string, Idea>();
  /** Show the wishes although there are ideas already. */
  let wishing = false;
  /** What comes next is to be shown as soon as it comes: a part of the idea in sight was asked for again. */
  let expecting = false;
  /** A sentence of the panel's own, beside what the work itself has to say. */
  let told = "";

  const where = h("span", { class: "where" });
  const go = button({ label: t("fill.start"), icon: "spark", text: true, kind: "primary", onclick: () => request(false) });
  const more = button({ label: t("fill.again"), icon: "again", text: true, kind: "outlined", onclick: () => request(true) });
  const stop = button({ label: t("fill.stop"), icon: "stop", text: true, kind: "danger", onclick: () => session.stop() });
  const change = button({
    label: t("fill.change"), text: true, kind: "quiet", pressed: false, onclick: () => {
      wishing = !wishing;
      render();
    } });
  const keepBlend = button({ label: t("fill.keepBlend"), icon: "check", text: true, kind: "primary",
    onclick: () => accept(() => session.acceptBlend(chosen())) });
  const bar = h("progress", { max: 1, "aria-label": t("fill.working") });
  const left = h("span", { class: "left" });
  const working = h("div", { class: "working", hidden: true }, bar, left, stop);
  const news = h("p", { class: "news", hidden: true });
  const cards = makeCardRow(state);
  const closer = makeCloser(state, again, () => {
    showGhosts();
    render();
  });
  const element = h("section", { class: "fill wb-card", "aria-label": t("fill.title"), hidden: true,
    onkeydown: (event: KeyboardEvent) => keys(event) },
  h("header", {}, h("h2", {}, t("fill.title")), where,
    button({ label: t("fill.close"), icon: "close", kind: "quiet", onclick: () => panel.close() })),
  h("div", { class: "setup" }, setup.what, setup.wishes, h("div", { class: "go" }, go, keepBlend, more, change)),
  working, news, cards.element, closer.element);

  const marks = (): readonly Region[] => store.view.marks;

  const request = (more: boolean): void => {
    told = "";
    void ask(more);
  };

  async function ask(more: boolean): Promise<void> {
    if (!store.hasServer) return tell(t("fill.noServer"));
    if (!marks().length) return tell(t("fill.noMark"));
    audition.stop();
    blend.clear();
    if (!more) shown = null;
    wishing = false;
    const ready = setup.ready();
    // Without new instruments nothing is waited for: Stop is there at once, and takes the focus.
    if (ready !== true && (!(await ready) || element.hidden)) return;
    void session.start(setup.options(), more);
  }

  /** Try a part of an idea once more: the rest of it stands. */
  function again(idea: Idea, parts: Region[]): void {
    audition.stop();
    blend.clear();
    expecting = true;
    void session.again(idea, parts);
  }

  function tell(text: string): void {
    told = text;
    render();
    state.announcer.say(text, true);
  }

  function onChange(what: string): void {
    const fresh = session.ideas.find((idea) => idea.number >= session.first);
    if (what === "partial" && (!shown || expecting)) shown = fresh ?? session.ideas[0] ?? null;
    if (what === "result") {
      if (expecting) shown = fresh ?? shown;
      shown = session.ideas.find((idea) => idea.number === shown?.number) ?? session.ideas[0] ?? null;
      const came = session.ideas.filter((idea) => idea.number >= session.first);
      const heard = came.map((idea) => t("fill.arrived", { number: idea.number, notes: plural("track.notes", noteCount(idea)) }));
      state.announcer.say([plural("fill.ready", came.length), ...heard].join(". "));
    }
    if (what === "error") state.announcer.say(session.news, true);
    if (session.status === "idle") expecting = false; // it came, failed, or was stopped
    if (what === "partial" && typeof audition.heard === "number") {
      const idea = session.ideas.find((item) => item.number === audition.heard);
      if (idea) audition.refresh(overlayOf(everyTrack(idea)));
    }
    showGhosts();
    if (what === "progress") renderProgress();
    else render();
  }

  /** For each track the idea that is in sight: of the mixture where there is one, else of the idea shown. */
  const chosen = (): Map<string, Idea> => new Map([...(shown ? everyTrack(shown) : []), ...blend]);

  const notesOf = (which: ReadonlyMap<string, Idea>): Record<string, readonly Note[]> =>
    Object.fromEntries([...which].map(([track, idea]) => [track, idea.notes[track] ?? []]));

  /** What is heard and seen of ideas: their notes, where they stand, and the tracks that do not exist yet. */
  function overlayOf(which: ReadonlyMap<string, Idea>): Parameters<Audition["refresh"]>[0] {
    const filled = filledBy(which);
    const tracks = [...new Set(which.values())].flatMap((idea) => newTracksOf(score(state), idea));
    return {
      regions: filled.map((item) => item.region), around: filled.some((item) => item.around), notes: notesOf(which),
      tracks: tracks.filter((track, i) => which.has(track.id) && tracks.findIndex((item) => item.id === track.id) === i) };
  }

  function showGhosts(): void {
    const which = chosen();
    const replaced = new Set<string>();
    for (const { region, around } of filledBy(which)) {
      for (const track of around ? [] : score(state).tracks) {
        if (!region.tracks.includes(track.id) || track.locked) continue;
        for (const note of track.notes.values()) {
          if (inRegion(region, track.id, note) && !note.locked) replaced.add(noteKey(track.id, note.id));
        }
      }
    }
    const sure = closer.sure && [...which.values()].some((idea) => idea.confidence);
    state.ghosts = which.size ? {
      notes: notesOf(which), replaced, tracks: overlayOf(which).tracks ?? [],
      sure: sure ? (track, note) => sureness(which.get(track)?.confidence, track, note) : null } : null;
    state.redraw();
  }

  const hooks: CardHooks = {
    listen(idea) {
      if (audition.heard === (idea?.number ?? "original")) audition.stop();
      else {
        shown = idea;
        blend.clear();
        showGhosts();
        const which = idea ? everyTrack(idea) : null;
        audition.play(
          idea?.number ?? "original", idea?.options.regions ?? marks(), which && overlayOf(which), which ? runsOf(which) : {});
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
      const overlay = overlayOf(chosen());
      if (overlay.regions.length && audition.heard !== null) {
        audition.play("blend", overlay.regions, overlay, runsOf(chosen()));
      }
      render();
    },
  };

  function accept(commit: () => void): void {
    const listening = audition.heard !== null && player.playing;
    const places = [...marks(), ...filledBy(chosen()).map((item) => item.region)];
    const first = time(state).barAt(Math.max(0, Math.min(...places.map((mark) => mark.start)) - 1)).start;
    audition.stop();
    try {
      commit();
    } catch (error) {
      return tell(sentenceOf(error));
    }
    setup.rest(true);
    store.setView({ marks: [] });
    panel.close();
    state.announcer.say(t("fill.kept"));
    store.notice(t("fill.kept"));
    // Who was listening goes on; a finger's tap is answered by the changed tune.
    if (listening || matchMedia("(pointer: coarse)").matches) void player.play(first);
  }

  /** Digits hear the idea of that number; 0 hears how it was. */
  function keys(event: KeyboardEvent): void {
    const target = event.composedPath()[0];
    if (event.key === "Escape") panel.close();
    else if (/^[0-9]$/.test(event.key) && !(target instanceof HTMLSelectElement)
      && !(target instanceof HTMLInputElement && target.type === "number")) {
      const idea = session.ideas.find((item) => item.number === Number(event.key));
      if (idea || event.key === "0") hooks.listen(idea ?? null);
    } else return;
    event.stopPropagation();
    event.preventDefault();
  }

  function renderProgress(): void {
    if (session.progress.done === null) bar.removeAttribute("value");
    else bar.value = session.progress.done;
    const seconds = session.progress.seconds_left;
    left.textContent = waitingText(session.progress) || (seconds === null ? t("fill.working") : t("fill.left", { seconds: Math.max(1, Math.round(seconds)) }));
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
    where.textContent = barWords(state, marks());
    setup.update(busy);
    news.textContent = [told, session.news].filter(Boolean).join(" ");
    news.hidden = !news.textContent;
    cards.update({ ideas: session.ideas, shown, blend, heard: audition.heard, busy, regions: marks() }, hooks);
    closer.update(blend.size ? null : shown, busy);
    if (stranded) (cards.first() ?? (go.hidden ? more : go)).focus();
  }

  const panel: FillPanel = {
    element, session,
    open() {
      if (!marks().length) return;
      element.hidden = false;
      // One tap fills: wishes can be told afterwards, and asking again is as quick.
      render();
      if (!session.ideas.length && session.status !== "working" && store.hasServer) void ask(false);
      render();
      (session.ideas.length ? more : stop).focus();
    },
    close() {
      audition.stop();
      session.clear();
      setup.rest(false);
      told = "";
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
