/** The bar above the stems: playing, repeating, muting what is chosen, and how far the drawing is. */
import { scoreEnd } from "../document/types.js";
import type { ViewContext } from "../host/view.js";
import { t } from "../strings/index.js";
import { button, relabel, setPressed } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import type { Stretch } from "./stretch.js";
import type { Waveforms } from "./waveforms.js";

export interface Bar {
  readonly element: HTMLElement;
  update(): void;
  /** Show the time; returns it, in seconds. */
  tick(): number;
}

export function makeBar({ store, player }: ViewContext, stretch: Stretch, waves: Waveforms, mute: () => void): Bar {
  const play = button({ label: t("stems.play"), icon: "play", kind: "primary", text: true, onclick: () => player.toggle() });
  const loop = button({ label: t("stems.loop"), icon: "loop", pressed: false, onclick: toggleLoop });
  const clock = h("span", { class: "clock" });
  const muteHere = button({ label: t("stems.muteHere"), icon: "mute", text: true, onclick: mute });
  const refresh = button({ label: t("stems.drawAgain"), icon: "again", text: true, onclick: () => waves.ask(true) });
  const share = h("progress", { max: 1, "aria-label": t("stems.drawing") });
  const drawing = h("span", { class: "drawing", hidden: true }, h("span", {}, t("stems.drawing")), share,
    button({ label: t("stems.stopDrawing"), kind: "quiet", onclick: () => waves.stop() }));
  const hint = h("span", { class: "soft hint" }, t("stems.hint"));

  function toggleLoop(): void {
    const end = scoreEnd(store.score);
    const { chosen } = stretch;
    if (store.view.loop) store.setView({ loop: null });
    else if (chosen) store.setView({ loop: [chosen.start, chosen.end] });
    else if (end) store.setView({ loop: [0, store.time.barAt(end - 1).end] });
  }

  muteHere.classList.add("mute-here", "wb-card"); // in sight, however far below the row is
  return {
    element: h("div", { class: "bar" }, play, loop, clock, muteHere, refresh, drawing, hint),
    update() {
      relabel(play, player.playing ? t("stems.stop") : t("stems.play"), player.playing ? "stop" : "play");
      setPressed(loop, store.view.loop !== null);
      muteHere.hidden = !stretch.chosen;
      hint.hidden = stretch.chosen !== null;
      refresh.hidden = !waves.waiting;
      drawing.hidden = waves.share === null;
      share.value = waves.share ?? 0;
      if (!stretch.chosen) return;
      const muted = stretch.muted;
      relabel(muteHere, muted ? t("stems.hearHere") : t("stems.muteHere"), muted ? "sound" : "mute");
    },
    tick() {
      const minutes = (seconds: number): string =>
        `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
      const end = store.time.seconds(scoreEnd(store.score));
      const now = Math.min(store.time.seconds(Math.floor(player.position)), Math.max(0, end));
      clock.textContent = `${minutes(now)} / ${minutes(end)}`;
      return now;
    },
  };
}
