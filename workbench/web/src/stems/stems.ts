/** The stems: every track's sound under the next, to be balanced, muted in places, looped and taken away. */
import { setTrack } from "../document/edits.js";
import { hearAs, soundOf } from "../document/recorded.js";
import { scoreEnd } from "../document/types.js";
import type { ViewContext } from "../host/view.js";
import { t } from "../strings/index.js";
import { placeName, trackName } from "../roll/speech.js";
import { announcer } from "../ui/announce.js";
import { everyFrame, h } from "../ui/dom.js";
import { addStyle, isDark } from "../ui/root.js";
import { apartPanel } from "./apart.js";
import { makeBar } from "./bar.js";
import { keepPanel } from "./keep.js";
import { stemRow, type StemRow } from "./row.js";
import { Waveforms } from "./waveforms.js";
import { Stretch } from "./stretch.js";
import style from "./stems.css";

export function stems(context: ViewContext): void {
  const { root, store, player, signal } = context;
  addStyle(root, style);
  const said = announcer(root, () => player.playing);
  const stretch = new Stretch(store);
  const rows = new Map<string, StemRow>();
  const waves = new Waveforms(context, () => paint.request());

  const bar = makeBar(context, stretch, waves, () => muteChosen());
  const list = h("div", { class: "rows", role: "list", "aria-label": t("stems.list") });
  const empty = h("p", { class: "empty", hidden: true }, t("stems.empty"));
  const page = h("div", { class: "stems" },
    bar.element, empty, list, keepPanel(context), apartPanel(context));
  root.append(page);

  const span = (): number => Math.max(1, waves.seconds, store.time.seconds(scoreEnd(store.score)));

  const paint = everyFrame(() => {
    const dark = isDark(root), solo = store.score.tracks.some((track) => track.solo);
    for (const track of store.score.tracks) {
      rows.get(track.id)?.draw({
        track, dark, peaks: waves.peaks(track.id), seconds: waves.length(track.id), span: span(), time: store.time,
        pale: track.mute || (solo && !track.solo) || waves.stale, chosen: stretch.of(track.id),
      });
    }
    bar.update();
    empty.hidden = store.score.tracks.length > 0;
    showClock();
  });

  function showClock(): void {
    const now = bar.tick();
    for (const [id, row] of rows) {
      row.needle(now / span());
      if (!player.playing) row.place(placeWords(id), now / span()); // nothing is spoken over the music
    }
  }

  function placeWords(id: string): string {
    const chosen = stretch.of(id);
    if (!chosen) return placeName(store.time, Math.floor(store.view.cursor));
    return t("stems.chosen", { from: placeName(store.time, chosen.start), to: placeName(store.time, chosen.end) });
  }

  function build(): void {
    rows.clear();
    for (const track of store.score.tracks) {
      rows.set(track.id, stemRow(track, trackName(track, store.score), {
        set: (settings) => store.edit(setTrack(store.score, track.id, settings)),
        seek: (share) => player.seek(store.time.tick(share * span())),
        choose: (from, to) => {
          stretch.choose(track.id, store.time.tick(from * span()), store.time.tick(to * span()));
          paint.request();
        },
        step: (beats, extend) => step(track.id, beats, extend),
        muteChosen: () => (stretch.of(track.id) ? muteChosen() : said.say(t("stems.chooseFirst"))),
        drop: () => {
          stretch.chosen = null;
          paint.request();
        },
        toggle: () => player.toggle(),
        hearAs: (recorded) => store.edit(hearAs(store.score, track.id, recorded)),
      }));
    }
    list.replaceChildren(...[...rows.values()].map((row) => row.element));
    if (stretch.chosen && !rows.has(stretch.chosen.track)) stretch.chosen = null;
    paint.request();
  }

  /** Go or choose by beats from where the keys are; the row then says where that is. */
  function step(id: string, beats: number, extend: boolean): void {
    const seek = stretch.step(id, beats, extend);
    if (seek !== null) player.seek(seek);
    paint.force();
  }

  function muteChosen(): void {
    if (stretch.chosen) said.say(stretch.mute(stretch.chosen));
  }

  const shape = (): string => store.score.tracks.map((track) => `${track.id} ${trackName(track, store.score)} ${track.color}`).join("\n");
  let built = "";
  function update(): void {
    if (built !== shape()) {
      built = shape();
      build();
    }
    for (const track of store.score.tracks) rows.get(track.id)?.update(track, soundOf(store.score, track.id)?.heard ?? null);
    paint.request();
  }

  store.subscribe((event) => {
    if (event.type === "open") stretch.chosen = null;
    if (event.type === "change" || event.type === "open") {
      update();
      waves.ask(event.type === "open");
    } else if (event.type === "view" || event.type === "status") paint.request();
    else if (event.type === "notice") said.say(event.text, true);
  }, signal);
  player.subscribe(() => {
    bar.update();
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
