/** A video that was watched: its picture beside its timeline, on which cuts and moments are put right. */
import { playVideo } from "../../media/playable.js";
import { clock } from "../../roll/speech.js";
import { makeTable } from "../../roll/table.js";
import { plural, t } from "../../strings/index.js";
import { served } from "../../strings/served.js";
import { button, relabel } from "../../ui/controls.js";
import { h } from "../../ui/dom.js";
import type { Card, CardHost } from "./card.js";
import { VideoDesk } from "./videodesk.js";
import { makeVideoLine, type VideoLine } from "./videoline.js";
import { frameClock, LANES, type Lane } from "./watched.js";

const NUDGE = 0.1;
/** Pixels of the video's picture. */
const HIGHEST = 260;

export function videoCard(host: CardHost): Card {
  const desk = new VideoDesk(host);
  const line: VideoLine = makeVideoLine(desk, (event) => keys(event));
  const player = makePlayer(desk, (time, playing) => line.needle(time, playing));
  const keys = videoKeys(desk, () => player.toggle());
  const bar = makeBar(desk, line);
  const lists = makeLists(desk);
  const facts = h("p", { class: "facts" });
  const mood = h("p", { class: "mood" });
  const remarks = h("ul", { class: "remarks soft" });
  const element = h("div", { class: "wb-video" },
    h("div", { class: "screen" }, player.element, h("div", { class: "side" }, facts, mood, legend(), remarks)),
    h("div", { class: "sheet-box" }, line.element, bar.element), lists.element);
  const update = (): void => {
    const { seen } = desk;
    facts.textContent = [clock(Math.round(seen.duration)), plural("cards.video.cutCount", seen.cuts.length), plural("cards.video.momentCount", seen.moments.length),
      ...(seen.speech.length ? [plural("cards.video.speechCount", seen.speech.length)] : [])].join(" · ");
    const [first, second] = seen.mood;
    mood.hidden = !first;
    mood.textContent = first ? t("cards.video.mood", { words: [first, ...(second && second[1] > 0.7 * first[1] ? [second] : [])].map(([name]) => served(name)).join(", ") }) : "";
    remarks.hidden = !seen.remarks.length;
    remarks.replaceChildren(...seen.remarks.map((text) => h("li", {}, text)));
    bar.update();
    lists.update();
    line.draw();
  };
  desk.onChange(update);
  update();
  return {
    element,
    update(json) {
      desk.told.update(json);
      const { picked } = desk;
      if (picked && desk.seen[picked.lane][picked.index] === undefined) desk.picked = null;
      update();
    },
  };
}

const legend = (): HTMLElement => h("ul", { class: "legend", "aria-hidden": "true" },
  (["cut", "moment", "motion", "light", "speech"] as const).map((name) => h("li", { class: name }, h("i", {}), t(`cards.video.${name}`))));

function makePlayer(desk: VideoDesk, moved: (time: number, playing: boolean) => void): { element: HTMLElement; toggle(): void } {
  const { host } = desk;
  const video = h("video", { playsinline: true, preload: "auto", tabindex: -1, "aria-label": t("cards.video.player"), onclick: () => toggle() });
  const play = button({ label: t("listen.play"), icon: "play", kind: "primary", onclick: () => toggle() });
  const mute = button({ label: t("cards.video.mute"), icon: "sound", pressed: false, onclick: () => {
    video.muted = !video.muted;
    mute.setAttribute("aria-pressed", String(video.muted));
  } });
  const time = h("span", { class: "time" });
  const trouble = h("p", { class: "bad", role: "alert", hidden: true });
  const frame = h("div", { class: "frame", style: `aspect-ratio:${desk.seen.width}/${desk.seen.height};width:min(100%, ${Math.round((HIGHEST * desk.seen.width) / desk.seen.height)}px)` }, video);

  function tell(): void {
    if (video.src && !video.seeking) desk.now = video.currentTime;
    time.textContent = `${frameClock(desk.now)} / ${frameClock(desk.seen.duration)}`;
    moved(desk.now, !video.paused);
    relabel(play, t(video.paused ? "listen.play" : "listen.pause"), video.paused ? "play" : "stop");
  }

  function follow(): void {
    tell();
    if (!video.paused && !host.signal.aborted) requestAnimationFrame(follow);
  }

  function toggle(): void {
    if (video.paused) void video.play().catch(() => {});
    else video.pause();
  }

  const say = (words: string): void => {
    trouble.hidden = !words;
    trouble.textContent = words;
    trouble.classList.remove("bad");
  };
  const lost = (words: string): void => {
    frame.hidden = play.hidden = mute.hidden = true;
    say(words);
    trouble.classList.add("bad");
  };

  for (const name of ["play", "pause", "seeked", "loadedmetadata", "ended"]) video.addEventListener(name, follow, { signal: host.signal });
  host.signal.addEventListener("abort", () => video.pause());
  desk.onSeek = (at) => {
    if (video.src) video.currentTime = at;
    time.textContent = `${frameClock(at)} / ${frameClock(desk.seen.duration)}`;
    moved(at, false);
  };
  if (host.media) playVideo(video, { address: host.media, ...(host.copy && { copy: host.copy }) }, say, lost, host.signal);
  else lost(t("cards.video.noPlayer"));
  tell();
  return { element: h("div", { class: "player" }, frame, h("div", { class: "tools" }, play, mute, time), trouble), toggle };
}

function videoKeys(desk: VideoDesk, toggle: () => void): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.altKey) return;
    const small = event.shiftKey ? NUDGE : desk.frame;
    const acts: Record<string, () => void> = event.ctrlKey || event.metaKey ? { z: () => desk.told.undo() } : {
      ArrowRight: () => desk.step(1), ArrowLeft: () => desk.step(-1), ArrowUp: () => desk.nudge(small), ArrowDown: () => desk.nudge(-small),
      PageDown: () => desk.switchLane(), PageUp: () => desk.switchLane(), Home: () => desk.seek(0), End: () => desk.seek(desk.seen.duration),
      ",": () => desk.seek(desk.now - desk.frame), ".": () => desk.seek(desk.now + desk.frame), a: () => desk.add("cuts"), m: () => desk.add("moments"),
      Delete: () => desk.remove(), Backspace: () => desk.remove(), " ": toggle, Enter: toggle, Escape: () => desk.pick(null),
    };
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
}

function makeBar(desk: VideoDesk, line: VideoLine): { element: HTMLElement; update(): void } {
  const words = h("b", { class: "picked-words" });
  const earlier = button({ label: t("cards.video.earlier"), icon: "left", onclick: () => desk.nudge(-desk.frame) });
  const later = button({ label: t("cards.video.later"), icon: "right", onclick: () => desk.nudge(desk.frame) });
  const remove = button({ label: t("cards.video.remove"), icon: "trash", kind: "danger", onclick: () => desk.remove() });
  const cut = button({ label: t("cards.video.addCut"), icon: "plus", text: true, onclick: () => desk.add("cuts") });
  const moment = button({ label: t("cards.video.addMoment"), icon: "plus", text: true, onclick: () => desk.add("moments") });
  const undo = button({ label: t("cards.undo"), icon: "undo", onclick: () => desk.told.undo() });
  return {
    element: h("div", { class: "picked", role: "group", "aria-label": t("cards.video.picked") }, words, h("div", { class: "tools" }, earlier, later, remove, cut, moment, undo,
      button({ label: t("cards.zoomOut"), icon: "zoomOut", onclick: () => line.zoom(1 / 1.6) }), button({ label: t("cards.zoomIn"), icon: "zoomIn", onclick: () => line.zoom(1.6) }))),
    update() {
      const { picked } = desk;
      words.textContent = picked ? desk.words(picked) : t("cards.video.hint");
      words.classList.toggle("soft", !picked);
      for (const item of [earlier, later, remove]) item.hidden = !picked;
      undo.hidden = !desk.host.restore;
      undo.disabled = !desk.told.canUndo;
    },
  };
}

/** Cuts, moments and speech as tables. */
function makeLists(desk: VideoDesk): { element: HTMLElement; update(): void } {
  const marks = (lane: Lane): ReturnType<typeof makeTable> => makeTable<{ i: number; time: number }>({
    label: t(`cards.video.${lane}`), rows: () => desk.seen[lane].map((time, i) => ({ i, time })), key: ({ i }) => String(i),
    addLabel: t(lane === "cuts" ? "cards.video.addCut" : "cards.video.addMoment"), add: () => desk.add(lane), remove: ({ i }) => desk.remove(lane, i),
    columns: [{ label: t("listen.time"), min: 0, max: desk.seen.duration, step: "any", get: ({ time }) => time, set: ({ i }, value) => desk.set(lane, i, Number(value)) }],
    onfocus: ({ time }) => desk.seek(time),
  });
  const setSpeech = (i: number, start: number, end: number): boolean => {
    const spans = desk.seen.speech.map((span, n): readonly [number, number] => (n === i ? [start, end] : span));
    if (!(start >= 0 && end > start + 0.01 && end <= desk.seen.duration) || spans.some((span, n) => n > 0 && span[0] < spans[n - 1]![1])) return false;
    desk.told.correct({ speech: spans });
    return true;
  };
  const speech = makeTable<{ i: number; start: number; end: number }>({
    label: t("cards.video.speech"), rows: () => desk.seen.speech.map(([start, end], i) => ({ i, start, end })), key: ({ i }) => String(i), addLabel: t("cards.video.addSpeech"),
    add: () => {
      const start = desk.now, end = Math.min(desk.seen.duration, start + 2);
      if (end > start + 0.1 && !desk.seen.speech.some(([from, to]) => from < end && start < to)) desk.told.correct({ speech: [...desk.seen.speech, [start, end]].sort((a, b) => a[0]! - b[0]!) });
    },
    remove: ({ i }) => desk.told.correct({ speech: desk.seen.speech.filter((_, n) => n !== i) }),
    columns: [
      { label: t("listen.start"), min: 0, step: "any", get: ({ start }) => start, set: ({ i, end }, value) => setSpeech(i, Number(value), end) },
      { label: t("listen.end"), min: 0, step: "any", get: ({ end }) => end, set: ({ i, start }, value) => setSpeech(i, start, Number(value)) },
    ],
  });
  const tables = [...LANES.map(marks), speech];
  const update = (): void => {
    if (element.open) tables.forEach((table) => table.update());
  };
  const element: HTMLDetailsElement = h("details", { class: "lists", ontoggle: () => update() }, h("summary", {}, t("cards.video.lists")),
    h("div", { class: "tables" }, tables.map((table) => table.element)));
  return { element, update };
}
