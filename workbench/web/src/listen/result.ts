/** What was heard, on the page: the picture, playing it, putting it right, and where it goes from here. */
import type { ViewContext } from "../host/view.js";
import { clock } from "../roll/speech.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import type { Announcer } from "../ui/announce.js";
import { button, choice, relabel, slider } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { makeBandMaker } from "./bandmaker.js";
import { Book } from "./book.js";
import { Desk, type Backdrop } from "./desk.js";
import type { Heard, Layer } from "./heard.js";
import { makeLists } from "./lists.js";
import { asPiece, asTracks, scoreOf } from "./onward.js";
import { makePickedBar } from "./pickedbar.js";
import { makeRhythmBar } from "./rhythmbar.js";
import { Sound } from "./sound.js";
import { summary } from "./summary.js";
import { makeTimeline } from "./timeline.js";
import { makeWhose, type Whose } from "./whose.js";

export interface Listened {
  readonly id: string;
  readonly heard: Heard;
  /** The run that heard it, for the record of who wrote what. */
  readonly run: string;
  readonly name: string;
  /** The recording on the shelf. */
  readonly media: string;
  readonly url: string;
  readonly backdrop: Backdrop;
  readonly remarks: readonly string[];
  /** What was heard has been put right. */
  changed(heard: Heard): void;
  /** Listen again with another tuning; null where that came to nothing. */
  retune(tuning: Tuning): Promise<Heard | null>;
}

const TUNINGS = ["as sung", "nearest key"] as const;
export type Tuning = (typeof TUNINGS)[number];

export interface Result {
  readonly element: HTMLElement;
  readonly desk: Desk;
  readonly sound: Sound;
}

export function makeResult(context: ViewContext, said: Announcer, listened: Listened): Result {
  const { store } = context;
  const book = new Book(store, listened.id, listened.heard);
  book.subscribe(() => listened.changed(book.heard));
  const desk: Desk = new Desk(context, book, listened.backdrop, said, (layer, pitch) => sound.audition(layer, pitch));
  const sound = new Sound(context, listened.url, listened.backdrop.offset, () => desk.heard,
    () => (book.heard.notes.length ? ["notes", "drums"] : ["melody", "drums"]));

  const timeline = makeTimeline(desk, {
    seek: (time) => sound.seek(time), toggle: () => sound.toggle(), now: () => sound.now, chordMenu: () => picked.focusChord(),
  });
  const picked = makePickedBar(desk, { now: () => sound.now, hearChord: (label) => sound.auditionChord(label) });
  const rhythm = makeRhythmBar(desk, {
    play: () => {
      sound.seek(0);
      void sound.play();
    },
    pause: () => sound.pause(), now: () => sound.now,
    get playing() {
      return sound.playing;
    },
  });
  const lists = makeLists(desk, () => sound.now);
  const transport = makeTransport(desk, sound);
  const facts = h("p", { class: "facts" });
  const layers = h("span", { class: "layers" });
  const tuning = choice<Tuning>({
    label: t("listen.tuning"), value: "as sung", options: TUNINGS.map((name) => [name, t(`listen.tuning.${name}`)] as const),
    onchange: (name) => void retune(name),
  });
  tuning.hidden = listened.heard.kind !== "singing";
  const whose = makeWhose(store, listened.media);
  const onward = makeOnward(context, said, desk, listened, whose);
  const element = h("section", { class: "result", "aria-label": t("listen.result", { name: listened.name }) },
    h("div", { class: "head" }, h("h2", {}, listened.name), facts), onward,
    h("div", { class: "player wb-card" }, h("div", { class: "bar" }, transport.element, tuning, layers), rhythm.element, timeline.element, picked.element),
    listened.heard.kind === "singing" ? bandFor(context, said, desk, sound, listened, whose) : null,
    listened.remarks.length ? h("ul", { class: "remarks soft" }, listened.remarks.map((line) => h("li", {}, line))) : null,
    lists.element);

  /** Another tuning is a correction like any other: the rhythm and the chords stay as they are. */
  async function retune(name: Tuning): Promise<void> {
    const next = await listened.retune(name);
    const { notes, melody, curve, tuning_cents } = next ?? book.heard;
    desk.pick(null);
    book.change({ ...book.heard, notes, melody, tuning_cents, ...(curve ? { curve } : {}) });
  }

  function update(): void {
    facts.textContent = summary(desk.heard);
    rhythm.update();
    picked.update();
    lists.update();
    transport.update();
    const shown = desk.layers;
    if (!shown.includes(desk.layer) && shown.length) desk.layer = shown[0]!;
    layers.hidden = shown.length < 2;
    if (layers.dataset["shown"] !== shown.join()) {
      layers.dataset["shown"] = shown.join();
      layers.replaceChildren(choice<Layer>({
        label: t("listen.layer"), value: desk.layer, options: shown.map((layer) => [layer, t(`listen.layer.${layer}`)] as const),
        onchange: (layer) => {
          desk.layer = layer;
          desk.pick(null);
        },
      }));
    }
  }

  desk.onRedraw(update);
  sound.onState = () => {
    timeline.needle(sound.now, sound.playing);
    transport.update();
  };
  // The recording's own clock ticks too seldom for a smooth needle.
  const follow = (): void => {
    if (context.signal.aborted || !element.isConnected) return;
    if (sound.playing) timeline.needle(sound.now, true);
    requestAnimationFrame(follow);
  };
  requestAnimationFrame(() => requestAnimationFrame(follow));
  update();
  return { element, desk, sound };
}

function makeTransport(desk: Desk, sound: Sound): { element: HTMLElement; update(): void } {
  const { book } = desk;
  const play = button({ label: t("listen.play"), icon: "play", kind: "primary", text: true, onclick: () => sound.toggle() });
  const start = button({ label: t("listen.toStart"), icon: "start", onclick: () => sound.seek(0) });
  const time = h("span", { class: "time" });
  const undo = button({ label: t("listen.undo"), icon: "undo", onclick: () => book.undo() });
  const redo = button({ label: t("listen.redo"), icon: "redo", onclick: () => book.redo() });
  const mix = slider({
    label: t("listen.mix"), hideLabel: true, min: 0, max: 100, value: 0, ends: [t("listen.mixRecording"), t("listen.mixHeard")],
    say: (value) => (value === 0 ? t("listen.mixRecording") : value === 100 ? t("listen.mixHeard") : t("listen.mixBoth")),
    oninput: (value) => void sound.mixTo(value / 100),
  });
  const zoomIn = button({ label: t("listen.zoomIn"), icon: "zoomIn", onclick: () => zoom(1.5) });
  const zoomOut = button({ label: t("listen.zoomOut"), icon: "zoomOut", onclick: () => zoom(1 / 1.5) });
  const zoom = (factor: number): void => {
    desk.scale.zoom(factor, desk.scale.x(sound.now));
    desk.redraw();
  };
  return {
    element: h("div", { class: "transport" }, start, play, time, h("span", { class: "mix" }, mix), undo, redo, zoomOut, zoomIn),
    update() {
      relabel(play, sound.playing ? t("listen.pause") : t("listen.play"), sound.playing ? "stop" : "play");
      time.textContent = `${clock(sound.now)} / ${clock(book.heard.duration)}`;
      undo.disabled = !book.canUndo;
      redo.disabled = !book.canRedo;
    },
  };
}

/** A band for the voice that was heard; what it plays can become the piece. */
function bandFor(context: ViewContext, said: Announcer, desk: Desk, sound: Sound, listened: Listened, whose: Whose): HTMLElement {
  const { store, root } = context, { book } = desk;
  return makeBandMaker(context, said, {
    media: listened.media, from: listened.backdrop.offset, hearing: listened.id,
    quiet: () => sound.pause(),
    async use(work) {
      await book.use(() => store.call({ type: "listen.correct", id: listened.id, changes: [] }));
      return work();
    },
    keep(score, run) {
      context.player.stop();
      const made = scoreOf(score);
      store.edit(asPiece(store.score, made), { source: "model", kind: "accept", facts: { heard: listened.id, runs: { [run]: [] } } });
      store.setView({ track: made.tracks[0]!.id, loop: null, marks: [], selection: new Set(), cursor: 0 });
      void whose.tell().catch(() => {}); // as below
      said.say(t("listen.put"));
      root.dispatchEvent(new CustomEvent("wb-go", { detail: "roll", bubbles: true, composed: true }));
    },
  });
}

function makeOnward(context: ViewContext, said: Announcer, desk: Desk, listened: Listened, whose: Whose): HTMLElement {
  const { store, root } = context, { book } = desk;
  const trouble = h("span", { class: "bad", role: "alert" });
  const go = (tab: string): void => void root.dispatchEvent(new CustomEvent("wb-go", { detail: tab, bubbles: true, composed: true }));

  /** `along`: the recording itself is the piece's sound, to be played along with. */
  async function put(alone: boolean, along = false): Promise<void> {
    trouble.textContent = "";
    buttons.forEach((item) => (item.disabled = true));
    try {
      const title = listened.name.replace(/\.[^.]{1,5}$/, "");
      const sounding = along ? { media: listened.media, start: listened.backdrop.offset } : {};
      const reply = await book.use(() => store.call({ type: "listen.score", id: listened.id, title, ...sounding }));
      const heard = scoreOf(reply.score);
      if (!heard.tracks.length) throw new Error(t("listen.nothingToPut"));
      context.player.stop();
      const from = store.time.barAt(store.view.cursor).start;
      const made = alone ? { operation: asPiece(store.score, heard), tracks: heard.tracks.map((track) => track.id) } : asTracks(store.score, heard, from);
      store.edit(made.operation, { source: "model", kind: "accept", facts: { heard: listened.id, ...(listened.run ? { runs: { [listened.run]: [] } } : {}) } });
      store.setView({ track: made.tracks[0]!, loop: null, marks: [], selection: new Set(), ...(alone ? { cursor: 0 } : {}), ...(along ? { playAlong: store.view.playAlong + 1 } : {}) });
      void whose.tell().catch(() => {}); // the server is away, or the file has gone: the piece stands all the same
      said.say(t("listen.put"));
      go(along ? "genie" : "roll");
    } catch (error) {
      trouble.textContent = sentenceOf(error);
    } finally {
      buttons.forEach((item) => (item.disabled = false));
    }
  }

  // A piece in which nobody has done anything yet simply gives way; everything is one undo away.
  const piece = button({ label: t("listen.putPiece"), icon: "right", text: true, kind: "primary", onclick: () => void put(!store.canUndo) });
  const other = button({ label: t("listen.putNew"), kind: "outlined", onclick: () => void put(store.canUndo) });
  const along = button({ label: t("listen.playAlong"), icon: "keyboard", text: true, kind: "outlined", onclick: () => void put(true, true) });
  along.title = t("listen.playAlongWhy");
  const buttons = [piece, other, along];
  const update = (): void => {
    const label = store.canUndo ? t("listen.putNew") : t("listen.putBeside");
    other.title = label;
    other.querySelector("span")!.textContent = label;
  };
  store.subscribe((event) => event.type !== "view" && update(), context.signal);
  update();
  return h("div", { class: "onward" }, piece, other, along, whose.element, trouble);
}
