/** The piano roll: puts its parts together and keeps them in step with the store and the player. */
import { makeFillPanel } from "../fill/panel.js";
import type { ViewContext } from "../host/view.js";
import { tracksOf } from "../sound/schedule.js";
import { t, type StringKey } from "../strings/index.js";
import { announcer } from "../ui/announce.js";
import { button } from "../ui/controls.js";
import { h, isTyping } from "../ui/dom.js";
import { addStyle } from "../ui/root.js";
import { makeCanvas } from "./canvas.js";
import { redo, undo } from "./commands.js";
import { makeGapBar } from "./gapbar.js";
import { makeHelp } from "./help.js";
import { barsInHand, keyName, listenToKeys } from "./keyboard.js";
import { makeListView } from "./listview.js";
import { makeMenu } from "./menu.js";
import { makeChordMenu } from "./chordmenu.js";
import { connectMidi } from "./midi.js";
import { makeNotices } from "./notices.js";
import { NoteIndex } from "./noteindex.js";
import { listenToPointers } from "./pointer.js";
import { markGap } from "./gestures/span.js";
import style from "./roll.css";
import { currentTrack, type RollState, type Tool } from "./state.js";
import { makeSelectionBar } from "./selectionbar.js";
import { StepRecorder } from "./steprecord.js";
import { makeToolbar } from "./toolbar.js";
import { makeTrackList } from "./tracks.js";
import { Viewport } from "./viewport.js";
import { sentenceOf } from "../strings/sentence.js";

export interface Roll { readonly state: RollState; readonly drawNow: () => number }

export function roll(context: ViewContext): Roll {
  const { root, store, player, signal } = context;
  addStyle(root, style);
  const index = new NoteIndex(() => store.score);
  const canvas = makeCanvas(() => state, signal);
  const state: RollState = {
    context, viewport: new Viewport(), index, announcer: { say: () => {} }, tool: "draw", cursorPitch: 60,
    cursorShown: false, scrolledAway: false, drawLength: 0, drawVelocity: 90, preview: null, box: null, span: null, ghosts: null, clip: null,
    pressed: new Set(), hint: null, moreGaps: false, hover: null, redraw: canvas.redraw,
  };
  state.announcer = announcer(root, () => player.playing);

  const stage = h("div", {
    class: "stage", tabindex: 0, role: "application", "aria-roledescription": t("roll.name"),
    "aria-label": t("roll.describe"),
  }, canvas.element, h("p", { class: "empty", hidden: true }, t("roll.empty")));
  const focusStage = (): void => stage.focus();

  const setTool = (tool: Tool): void => {
    state.tool = tool;
    toolbar.update();
    selected.update();
    gaps.update();
    state.announcer.say(t("say.tool", { name: t(`roll.${tool}` as StringKey) }));
  };
  const openFill = (): void => {
    if (!store.view.marks.length) markGap(state, ...barsInHand(state), false);
    showGap();
    fill.open();
  };
  /** Scroll so that the first gap is in sight, with a little of what comes before it. */
  const showGap = (): void => {
    const mark = store.view.marks[0];
    const { viewport } = state;
    if (!mark || (mark.start >= viewport.tick && mark.end <= viewport.lastTick - 16 / viewport.pxPerTick)) return;
    viewport.tick = Math.max(0, mark.start - Math.max(0, viewport.ticksVisible - (mark.end - mark.start)) * 0.6);
    state.redraw();
  };
  const fit = (): void => {
    fitPitches();
    const end = Math.max(4 * 4 * store.score.ppq, ...store.score.tracks.map((track) => lastEnd(track.id)));
    state.viewport.tick = 0;
    state.viewport.pxPerTick = Math.min(2, (state.viewport.grid.width - 12) / store.time.barAt(end - 1).end);
    state.redraw();
  };
  const lastEnd = (id: string): number =>
    index.all(id).reduce((most, note) => Math.max(most, note.start + note.duration), 0);

  const menu = makeMenu(state, focusStage);
  const chords = makeChordMenu(state, canvas.surface, focusStage);
  const selected = makeSelectionBar(state);
  const gaps = makeGapBar(state);
  const help = makeHelp();
  const notices = makeNotices(state);
  const list = makeListView(state);
  const tracks = makeTrackList(state);
  const fill = makeFillPanel(state, focusStage);
  const recorder = new StepRecorder(state);
  const toolbar = makeToolbar(state, {
    tool: setTool, fit, fill: openFill, help: () => help.open(),
    zoom: (factor) => {
      state.viewport.zoomTime(factor, state.viewport.keys + state.viewport.grid.width / 2);
      state.redraw();
    },
    list: () => {
      list.element.hidden = !list.element.hidden;
      stage.hidden = !list.element.hidden;
      list.update();
    },
    tracks: () => main.classList.toggle("tracks-open"),
  });
  const midi = button({ label: t("roll.midi"), icon: "keyboard", text: true, kind: "quiet", onclick: () => void useMidi() });
  const step = button({
    label: t("roll.step"), icon: "record", text: true, kind: "quiet", pressed: false, onclick: () => {
      recorder.on = !recorder.on;
      step.setAttribute("aria-pressed", String(recorder.on));
      state.announcer.say(t(recorder.on ? "step.on" : "step.off"));
    } });
  tracks.element.append(h("div", { class: "playing-in" }, midi, step));
  const main = h("div", { class: "main" }, tracks.element, h("div", { class: "work" }, stage, list.element, selected.element, gaps.element));
  // Tab goes through the whole toolbar and all tracks before it comes to the notes: a way past them.
  const skip = h("button", { type: "button", class: "wb-button primary skip", onclick: () => {
    if (stage.hidden) list.element.querySelector<HTMLElement>("input, select, button")?.focus();
    else focusStage();
  } }, t("roll.skip"));
  root.append(h("div", { class: "roll" }, skip, toolbar.top, notices.element, main, fill.element, toolbar.bottom, menu.element, chords,
    notices.status), help.element);

  async function useMidi(): Promise<void> {
    try {
      const count = await connectMidi(state, {
        struck: (pitch, velocity) => recorder.struck(pitch, velocity, true), released: (pitch) => recorder.released(pitch),
      }, signal);
      store.notice(t(count ? "midi.ready" : "midi.none"));
    } catch (error) {
      store.notice(sentenceOf(error));
    }
  }

  listenToPointers(state, canvas.surface, {
    struck: (pitch) => recorder.struck(pitch, state.drawVelocity, false), menu: menu.open,
  }, signal);
  listenToKeys(state, stage, {
    tool: setTool, fill: openFill, help: () => help.open(), leave: () => {
      toolbar.top.querySelector<HTMLElement>("button")?.focus();
      state.announcer.say(t("say.left"));
    },
  }, signal);
  // Where nothing has the focus, Space plays and undo works too; a notebook keeps its keys.
  if (context.host.kind !== "jupyter") {
    document.addEventListener("keydown", (event) => {
      if (event.target !== document.body || stage.offsetParent === null || event.defaultPrevented) return;
      const act = { Space: () => player.toggle(), "Ctrl+z": undo, "Ctrl+y": redo, "Ctrl+Shift+z": redo }[keyName(event)];
      if (!act) return;
      event.preventDefault();
      act(state);
    }, { signal });
  }
  // Undo works wherever the focus is in the view, outside text fields; no key reaches the page around.
  root.addEventListener("keydown", (event) => {
    event.stopPropagation();
    const act = { "Ctrl+z": undo, "Ctrl+y": redo, "Ctrl+Shift+z": redo }[keyName(event)];
    if (!act || isTyping(event) || event.defaultPrevented) return;
    event.preventDefault();
    act(state);
  }, { signal });

  function fitPitches(): void {
    const track = currentTrack(state);
    const notes = track ? index.all(track.id) : [];
    const pitches = notes.map((note) => note.pitch);
    const [low, high] = pitches.length ? [Math.min(...pitches), Math.max(...pitches)] : track?.is_drum ? [35, 51] : [55, 74];
    state.viewport.fitPitches(low, high);
    if (track?.is_drum) { // the usual kit stands at the bottom
      state.viewport.top = Math.min(35, low) - 1 + state.viewport.rowsVisible;
      state.viewport.clampRows();
    }
    state.cursorPitch = notes[0]?.pitch ?? Math.round((low + high) / 2);
  }

  let sized = false;
  let height = 0;
  canvas.onresize = () => {
    const { viewport } = state;
    const phone = viewport.width < 560;
    viewport.keys = currentTrack(state)?.is_drum ? (phone ? 76 : 104) : phone ? 44 : 56;
    viewport.velocity = viewport.height < 330 ? 0 : phone ? 52 : 72;
    if (!sized) {
      sized = true;
      showPiece();
    } else if (Math.abs(viewport.height - height) > 0.15 * height) fitPitches(); // a panel has opened or closed
    height = viewport.height;
  };

  /** The whole of a short piece, the beginning of a long one. */
  function showPiece(): void {
    if (!sized) return;
    fit();
    const { viewport } = state;
    const least = (viewport.width < 560 ? 26 : 34) / store.score.ppq;
    if (viewport.pxPerTick < least) viewport.pxPerTick = least;
    state.redraw();
  }

  function update(): void {
    toolbar.update();
    tracks.update();
    list.update();
    selected.update();
    gaps.update();
    fill.update();
    const empty = stage.querySelector<HTMLElement>(".empty")!;
    empty.hidden = store.score.tracks.some((track) => track.notes.size > 0);
    state.redraw();
  }

  store.subscribe((event) => {
    if (event.type === "open") {
      index.forget(null);
      state.ghosts = null;
      state.drawLength = 0;
      canvas.onresize();
      if (event.reason !== "sync") showPiece();
      update();
    } else if (event.type === "change") {
      index.forget(tracksOf(event.change.operation));
      update();
    } else if (event.type === "view") {
      if (event.keys.includes("track")) {
        canvas.onresize();
        if (sized) fitPitches();
      }
      update();
    }
  }, signal);
  player.subscribe((event) => {
    toolbar.update();
    fill.update();
    if (event === "seek" || !player.playing) state.scrolledAway = false;
    if (event === "seek") state.viewport.reveal(store.view.cursor);
    state.redraw();
    if (player.playing) animate();
  }, signal);
  root.addEventListener("themechange", update, { signal });

  let animating = false;
  function animate(): void {
    if (animating) return;
    animating = true;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const frame = (): void => {
      animating = player.playing && !signal.aborted;
      if (stage.offsetParent !== null) { // not in a tab that is closed
        toolbar.tick();
        if (store.view.follow && player.playing && !state.scrolledAway) follow(calm);
        state.redraw(true);
      }
      if (animating) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  /** Turn the page when the playhead leaves it; one step, never a slide. */
  function follow(calm: boolean): void {
    const { viewport } = state;
    const position = player.position;
    const edge = viewport.lastTick - viewport.ticksVisible * (calm ? 0 : 0.06);
    if (position >= viewport.tick && position < edge) return;
    viewport.tick = Math.max(0, store.time.barAt(Math.floor(position)).start - viewport.ticksVisible * 0.02);
    state.redraw();
  }

  void store.ready.then(() => {
    showPiece();
    update();
  });
  return { state, drawNow: canvas.drawNow };
}
