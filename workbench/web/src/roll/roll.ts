/** The piano roll: puts its parts together and keeps them in step with the store and the player. */
import { makeFillPanel } from "../fill/panel.js";
import type { ViewContext } from "../host/view.js";
import { tracksOf } from "../sound/schedule.js";
import { t, type StringKey } from "../strings/index.js";
import { announcer } from "../ui/announce.js";
import { isWithheld } from "../ui/conditions.js";
import { h } from "../ui/dom.js";
import { addStyle } from "../ui/root.js";
import { makeCanvas } from "./canvas.js";
import { makeChordMenu } from "./chordmenu.js";
import { makeFoundChords } from "./found.js";
import { makeFraming, type Framing } from "./framing.js";
import { makeGapBar } from "./gapbar.js";
import { markGap } from "./gestures/span.js";
import { makeHelp } from "./help.js";
import { barsInHand, listenToKeys } from "./keyboard.js";
import { makeListView } from "./listview.js";
import { makeMenu } from "./menu.js";
import { NoteIndex } from "./noteindex.js";
import { makeNotices } from "./notices.js";
import { makeOverview } from "./overview.js";
import { listenToPageKeys } from "./pagekeys.js";
import { makePlayingIn } from "./playingin.js";
import { listenToPointers } from "./pointer.js";
import style from "./roll.css";
import { makeSelectionBar } from "./selectionbar.js";
import type { RollState, Tool } from "./state.js";
import { makeToolbar } from "./toolbar.js";
import { makeTrackList } from "./tracks.js";
import { makeRollVideo } from "./video/video.js";
import { Viewport } from "./viewport.js";
import { makeWays, type WaysPanel } from "./ways/panel.js";

export interface Roll { readonly state: RollState; readonly drawNow: () => number }

/** What the parts of the roll have in common. */
function begin(context: ViewContext): { state: RollState; canvas: ReturnType<typeof makeCanvas> } {
  const canvas = makeCanvas(() => state, context.signal);
  const state: RollState = {
    context, viewport: new Viewport(), index: new NoteIndex(() => context.store.score), announcer: { say: () => {} },
    tool: "draw", cursorPitch: 60, cursorShown: false, scrolledAway: false, drawLength: 0, drawVelocity: 90, preview: null,
    box: null, span: null, ghosts: null, clip: null, found: [], foundHeard: true, fitted: [], pressed: new Set(), hint: null, moreGaps: false, hover: null,
    redraw: canvas.redraw,
  };
  state.announcer = announcer(context.root, () => context.player.playing);
  return { state, canvas };
}

export function roll(context: ViewContext): Roll {
  const { root, store, signal } = context;
  addStyle(root, style);
  const { state, canvas } = begin(context);
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
    if (isWithheld("ideas")) return;
    if (!store.view.marks.length) markGap(state, ...barsInHand(state), false);
    framing.showGap();
    ways.close();
    fill.open();
  };

  const framing = makeFraming(state);
  const overview = makeOverview(state);
  const video = makeRollVideo(state);
  stage.append(video.ruler);
  state.redraw = (light) => {
    canvas.redraw(light);
    overview.follow();
    video.follow();
  };
  canvas.onresize = () => {
    framing.resized();
    overview.follow();
    ways.update(); // its button is as wide as the keyboard
  };
  const menu = makeMenu(state, focusStage);
  const chords = makeChordMenu(state, canvas.surface, focusStage);
  const selected = makeSelectionBar(state);
  const gaps = makeGapBar(state, openFill);
  const help = makeHelp();
  const notices = makeNotices(state);
  const list = makeListView(state, () => ways.open());
  const tracks = makeTrackList(state);
  const fill = makeFillPanel(state, focusStage, openFill);
  const ways = makeWays(state, () => fill.element.hidden || fill.close(), focusStage);
  stage.append(ways.button);
  const { element: playingIn, recorder } = makePlayingIn(state);
  const toolbar = makeToolbar(state, {
    tool: setTool, fit: framing.fit, fill: openFill, join: () => {
      ways.close();
      fill.join();
    }, help: () => help.open(),
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
  tracks.element.append(playingIn);
  const main = h("div", { class: "main" }, tracks.element,
    h("div", { class: "work" }, stage, list.element, selected.element, gaps.element));
  // Tab goes through the whole toolbar and all tracks before it comes to the notes: a way past them.
  const skip = h("button", { type: "button", class: "wb-button primary skip", onclick: () => {
    if (stage.hidden) list.element.querySelector<HTMLElement>("input, select, button")?.focus();
    else focusStage();
  } }, t("roll.skip"));
  root.append(h("div", { class: "roll" }, skip, toolbar.top, overview.element, notices.element, video.element, main, fill.element, ways.element,
    toolbar.bottom, menu.element, chords, notices.status), help.element);

  listenToPointers(state, canvas.surface, {
    struck: (pitch) => recorder.struck(pitch, state.drawVelocity, false), menu: menu.open,
  }, signal);
  listenToKeys(state, stage, {
    tool: setTool, fill: openFill, chords: () => ways.open(), help: () => help.open(), leave: () => {
      toolbar.top.querySelector<HTMLElement>("button")?.focus();
      state.announcer.say(t("say.left"));
    },
  }, signal);
  listenToPageKeys(state, stage);

  keepInStep(state, {
    stage, framing, toolbar, fill, ways, resized: canvas.onresize, found: makeFoundChords(state),
    parts: [toolbar, tracks, list, selected, gaps, fill, ways, overview],
  });
  return { state, drawNow: canvas.drawNow };
}

interface Parts {
  readonly stage: HTMLElement;
  readonly framing: Framing;
  readonly toolbar: { update(): void; tick(): void };
  readonly fill: { update(): void; leave(): void };
  readonly ways: WaysPanel;
  readonly found: { update(): void };
  /** Everything that shows the document. */
  readonly parts: readonly { update(): void }[];
  resized(): void;
}

/** Follow the store, the player and the theme. */
function keepInStep(state: RollState, { stage, framing, toolbar, fill, ways, found, parts, resized }: Parts): void {
  const { root, store, player, signal } = state.context;

  function update(): void {
    for (const part of parts) part.update();
    const empty = stage.querySelector<HTMLElement>(".empty")!;
    empty.hidden = store.score.tracks.some((track) => track.notes.size > 0);
    state.redraw();
  }

  store.subscribe((event) => {
    if (event.type === "open") {
      state.index.forget(null);
      state.ghosts = null;
      state.found = event.reason === "sync" ? state.found : [];
      fill.leave();
      ways.changed();
      state.drawLength = 0;
      found.update();
      resized();
      if (event.reason !== "sync") framing.showPiece();
      update();
    } else if (event.type === "change") {
      state.index.forget(tracksOf(event.change.operation));
      found.update();
      ways.changed();
      update();
    } else if (event.type === "view") {
      if (event.keys.includes("track")) {
        resized();
        framing.fitPitches();
      }
      update();
    }
  }, signal);
  player.subscribe((event) => {
    toolbar.update();
    fill.update();
    ways.update();
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
        if (store.view.follow && player.playing && !state.scrolledAway) framing.turnPage(calm);
        state.redraw(true);
      }
      if (animating) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  void store.ready.then(() => {
    found.update();
    framing.showPiece();
    update();
  });
}
