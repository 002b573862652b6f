/** The stems: every track's sound under the next, to be balanced, muted in places, looped and taken away. */
import { setLaneTo, setTrack } from "../document/edits.js";
import { findTrack, scoreEnd, type Track } from "../document/types.js";
import type { ViewContext } from "../host/view.js";
import { t } from "../strings/index.js";
import { placeName, trackName } from "../roll/speech.js";
import { announcer } from "../ui/announce.js";
import { button, relabel, setPressed } from "../ui/controls.js";
import { everyFrame, h } from "../ui/dom.js";
import { addStyle, isDark } from "../ui/root.js";
import { keepPanel } from "./keep.js";
import { stemRow, type StemRow } from "./row.js";
import { Waveforms } from "./waveforms.js";
import { allMuted, heardAgain, mutedToo } from "./silences.js";
import style from "./stems.css";

export function stems(context: ViewContext): void {
  const { root, store, player, signal } = context;
  addStyle(root, style);
  const said = announcer(root, () => player.playing);
  /** The chosen stretch in ticks and its track, or null. */
  let chosen: { track: string; start: number; end: number } | null = null;
  /** Where choosing by keys began and where it is now, in ticks. */
  let anchor = 0, head = 0;
  const rows = new Map<string, StemRow>();
  const waves = new Waveforms(context, () => paint.request());

  const play = button({ label: t("stems.play"), icon: "play", kind: "primary", text: true, onclick: () => player.toggle() });
  const loop = button({ label: t("stems.loop"), icon: "loop", pressed: false, onclick: toggleLoop });
  const clock = h("span", { class: "clock" });
  const muteHere = button({ label: t("stems.muteHere"), icon: "mute", text: true, onclick: muteChosen });
  const refresh = button({ label: t("stems.drawAgain"), icon: "again", text: true, onclick: () => waves.ask(true) });
  const bar = h("progress", { max: 1, "aria-label": t("stems.drawing") });
  const drawing = h("span", { class: "drawing", hidden: true }, h("span", {}, t("stems.drawing")), bar,
    button({ label: t("stems.stopDrawing"), kind: "quiet", onclick: () => waves.stop() }));
  const hint = h("span", { class: "soft hint" }, t("stems.hint"));
  const list = h("div", { class: "rows", role: "list", "aria-label": t("stems.list") });
  const empty = h("p", { class: "empty", hidden: true }, t("stems.empty"));
  const page = h("div", { class: "stems" },
    h("div", { class: "bar" }, play, loop, clock, muteHere, refresh, drawing, hint), empty, list, keepPanel(context));
  root.append(page);

  const span = (): number => Math.max(1, waves.seconds, store.time.seconds(scoreEnd(store.score)));
  const ends = (tick: number): number => Math.max(0, tick);

  const paint = everyFrame(() => {
    const dark = isDark(root), solo = store.score.tracks.some((track) => track.solo);
    for (const track of store.score.tracks) {
      rows.get(track.id)?.draw({
        track, dark, peaks: waves.peaks(track.id), seconds: waves.length(track.id), span: span(), time: store.time,
        pale: track.mute || (solo && !track.solo) || waves.stale, chosen: chosen?.track === track.id ? chosen : null,
      });
    }
    setPressed(loop, store.view.loop !== null);
    muteHere.hidden = !chosen;
    hint.hidden = chosen !== null;
    refresh.hidden = !waves.waiting;
    drawing.hidden = waves.share === null;
    bar.value = waves.share ?? 0;
    empty.hidden = store.score.tracks.length > 0;
    if (chosen) {
      const track = findTrack(store.score, chosen.track);
      const all = allMuted(track.silences, chosen.start, chosen.end);
      relabel(muteHere, all ? t("stems.hearHere") : t("stems.muteHere"), all ? "sound" : "mute");
    }
    showClock();
  });

  function showClock(): void {
    const minutes = (seconds: number): string =>
      `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
    const end = store.time.seconds(scoreEnd(store.score));
    const now = Math.min(store.time.seconds(Math.floor(player.position)), Math.max(0, end));
    clock.textContent = `${minutes(now)} / ${minutes(end)}`;
    for (const [id, row] of rows) {
      row.needle(now / span());
      if (!player.playing) row.place(placeWords(id), now / span()); // nothing is spoken over the music
    }
  }

  function placeWords(id: string): string {
    if (chosen?.track !== id) return placeName(store.time, Math.floor(store.view.cursor));
    return t("stems.chosen", { from: placeName(store.time, chosen.start), to: placeName(store.time, chosen.end) });
  }

  function build(): void {
    rows.clear();
    for (const track of store.score.tracks) {
      rows.set(track.id, stemRow(track, {
        set: (settings) => store.edit(setTrack(store.score, track.id, settings)),
        seek: (share) => player.seek(store.time.tick(share * span())),
        choose: (from, to) => choose(track, from, to),
        step: (beats, extend) => step(track.id, beats, extend),
        muteChosen: () => (chosen?.track === track.id ? muteChosen() : said.say(t("stems.chooseFirst"))),
        drop: () => {
          chosen = null;
          paint.request();
        },
        toggle: () => player.toggle(),
      }));
    }
    list.replaceChildren(...[...rows.values()].map((row) => row.element));
    if (chosen && !rows.has(chosen.track)) chosen = null;
    paint.request();
  }

  /** Choose a stretch, given as shares of the width; it snaps outwards to beats. */
  function choose(track: Track, from: number, to: number): void {
    const low = Math.min(from, to), high = Math.max(from, to);
    const start = snap(store.time.tick(low * span()), Math.floor), end = snap(store.time.tick(high * span()), Math.ceil);
    chosen = end > start ? { track: track.id, start: ends(start), end } : null;
    [anchor, head] = [ends(start), end];
    paint.request();
  }

  /** Go or choose by beats from where the keys are; the row then says where that is. */
  function step(id: string, beats: number, extend: boolean): void {
    const last = store.time.barAt(Math.max(0, scoreEnd(store.score) - 1)).end;
    if (!extend || chosen?.track !== id) anchor = head = Math.min(last, store.view.cursor);
    if (beats === Infinity) head = last;
    else if (beats === -Infinity) head = 0;
    else head = beats > 0 ? Math.min(last, snap(head + 1, Math.ceil)) : head > 0 ? snap(head - 1, Math.floor) : 0;
    if (extend) chosen = anchor === head ? null : { track: id, start: Math.min(anchor, head), end: Math.max(anchor, head) };
    else {
      chosen = null;
      player.seek(head);
    }
    paint.force();
  }

  function snap(tick: number, round: (value: number) => number): number {
    const bar = store.time.barAt(tick);
    const beat = (4 * store.score.ppq) / bar.denominator;
    return Math.min(bar.end, bar.start + Math.round(round((tick - bar.start) / beat) * beat));
  }

  function muteChosen(): void {
    if (!chosen) return;
    const { track: id, start, end } = chosen;
    const track = findTrack(store.score, id);
    const all = allMuted(track.silences, start, end);
    const next = all ? heardAgain(track.silences, start, end) : mutedToo(track.silences, start, end);
    store.edit(setLaneTo(store.score, "silences", next, id));
    const words = { from: placeName(store.time, start), to: placeName(store.time, end), name: trackName(track) };
    said.say(all ? t("stems.heard", words) : t("stems.muted", words));
  }

  function toggleLoop(): void {
    const end = scoreEnd(store.score);
    if (store.view.loop) store.setView({ loop: null });
    else if (chosen) store.setView({ loop: [chosen.start, chosen.end] });
    else if (end) store.setView({ loop: [0, store.time.barAt(end - 1).end] });
  }

  const shape = (): string => store.score.tracks.map((track) => `${track.id} ${trackName(track)} ${track.color}`).join("\n");
  let built = "";
  function update(): void {
    if (built !== shape()) {
      built = shape();
      build();
    }
    for (const track of store.score.tracks) rows.get(track.id)?.update(track);
    paint.request();
  }

  store.subscribe((event) => {
    if (event.type === "open") chosen = null;
    if (event.type === "change" || event.type === "open") {
      update();
      waves.ask(event.type === "open");
    } else if (event.type === "view" || event.type === "status") paint.request();
    else if (event.type === "notice") said.say(event.text, true);
  }, signal);
  player.subscribe(() => {
    relabel(play, player.playing ? t("stems.stop") : t("stems.play"), player.playing ? "stop" : "play");
    paint.request();
    if (player.playing) follow();
  }, signal);
  function follow(): void {
    if (signal.aborted || !player.playing) return;
    showClock();
    requestAnimationFrame(follow);
  }
  root.addEventListener("themechange", () => paint.request(), { signal });
  const sizes = new ResizeObserver(() => paint.request());
  sizes.observe(page);
  signal.addEventListener("abort", () => sizes.disconnect());
  void store.ready.then(() => {
    update();
    waves.ask(true);
  });
}
