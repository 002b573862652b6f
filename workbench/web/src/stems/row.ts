/** One stem: its name and shape, mute, solo, volume, pan, and its waveform. */
import type { Track, TrackFields } from "../document/types.js";
import type { TimeMap } from "../document/timemap.js";
import { t } from "../strings/index.js";
import { button, setPressed, slider } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { shapePoints, trackStyle } from "../ui/palette.js";
import { drawWave } from "./wave.js";

export interface RowActions {
  set(settings: Partial<TrackFields>): void;
  /** A share of the waveform's width, 0 to 1. */
  seek(share: number): void;
  choose(from: number, to: number): void;
  /** By keys: `beats` to the right; Infinity for an end; `extend`: choose what lies between. */
  step(beats: number, extend: boolean): void;
  /** Mute what is chosen, or let it be heard again. */
  muteChosen(): void;
  /** Choose nothing. */
  drop(): void;
  toggle(): void;
  /** Let the track sound as it was recorded, or an instrument play its notes. */
  hearAs(recorded: boolean): void;
}

export interface RowPicture {
  track: Track;
  dark: boolean;
  peaks: readonly number[] | null;
  seconds: number;
  span: number;
  time: TimeMap;
  pale: boolean;
  chosen: { start: number; end: number } | null;
}

export interface StemRow {
  readonly element: HTMLElement;
  /** `recorded`: whether it sounds as it was recorded; null: no recording stands behind it. */
  update(track: Track, recorded: boolean | null): void;
  draw(picture: RowPicture): void;
  /** Move the playhead to a share of the width. */
  needle(share: number): void;
  /** Where the keys are, for people who hear the page: a place or a chosen stretch, and its share of the width. */
  place(words: string, share: number): void;
}

/** A drag shorter than this is a click. */
const CLICK_PIXELS = 4;

const panWords = (pan: number): string =>
  pan === 64 ? t("stems.centre") : t(pan < 64 ? "stems.left" : "stems.right", { share: Math.round((Math.abs(pan - 64) / 64) * 100) });

/** The waveform by keys: arrows go by beats, with Shift they choose, Enter mutes what is chosen. */
function keys(event: KeyboardEvent, actions: RowActions): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const steps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
  const beats = steps[event.key];
  if (beats !== undefined) actions.step(beats, event.shiftKey);
  else if (event.key === "Enter") actions.muteChosen();
  else if (event.key === "Escape") actions.drop();
  else if (event.key === " ") actions.toggle();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** `name`: what the track is called on the page. */
export function stemRow(track: Track, name: string, actions: RowActions): StemRow {
  const mute = button({
    label: t("stems.mute", { name }), icon: "mute", pressed: track.mute,
    onclick: () => actions.set({ mute: mute.getAttribute("aria-pressed") !== "true" }),
  });
  const solo = button({
    label: t("stems.solo", { name }), icon: "solo", pressed: track.solo,
    onclick: () => actions.set({ solo: solo.getAttribute("aria-pressed") !== "true" }),
  });
  const volume = slider({
    label: t("stems.volume", { name }), min: 0, max: 127, value: track.volume, hideLabel: true,
    say: (value) => t("stems.percent", { share: Math.round((value / 127) * 100) }),
    onchange: (value) => actions.set({ volume: value }),
  });
  const pan = slider({
    label: t("stems.pan", { name }), min: 0, max: 127, value: track.pan, hideLabel: true, say: panWords,
    onchange: (value) => actions.set({ pan: value }),
  });
  const live = button({
    label: t("stems.asRecorded"), icon: "record", text: true, kind: "outlined", pressed: false,
    onclick: () => actions.hearAs(live.getAttribute("aria-pressed") !== "true"),
  });
  live.title = t("stems.asRecordedWhy");
  live.classList.add("as-recorded");
  const badge = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  badge.setAttribute("viewBox", "-1.25 -1.25 2.5 2.5");
  badge.setAttribute("class", "badge");
  badge.setAttribute("aria-hidden", "true");
  const canvas = h("canvas", { class: "wave" });
  const needle = h("div", { class: "needle" });
  const wave = h("div", {
    class: "wave-box", tabindex: 0, role: "slider", "aria-label": t("stems.wave", { name }),
    "aria-description": t("stems.keys"), "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": 0,
    "aria-keyshortcuts": "Shift+ArrowRight Shift+ArrowLeft Enter",
    onkeydown: (event: KeyboardEvent) => keys(event, actions),
  }, canvas, needle);
  const element = h("div", { class: "row wb-card", role: "listitem", "aria-label": name },
    h("div", { class: "head" },
      h("div", { class: "name" }, badge as unknown as Node, h("b", {}, name)),
      h("div", { class: "buttons" }, mute, solo),
      h("div", { class: "sliders" }, h("span", { class: "soft" }, t("stems.volumeShort")), volume,
        h("span", { class: "soft" }, t("stems.panShort")), pan), live),
    wave);

  let from: { share: number; x: number } | null = null;
  const share = (event: PointerEvent): number => {
    const box = canvas.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  canvas.addEventListener("pointerdown", (event) => {
    from = { share: share(event), x: event.clientX };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (from && Math.abs(event.clientX - from.x) >= CLICK_PIXELS) actions.choose(from.share, share(event));
  });
  canvas.addEventListener("pointerup", (event) => {
    if (from && Math.abs(event.clientX - from.x) < CLICK_PIXELS) {
      actions.choose(0, 0);
      actions.seek(share(event));
    }
    from = null;
  });
  canvas.addEventListener("pointercancel", () => (from = null));

  return {
    element,
    update(now, recorded) {
      live.hidden = recorded === null;
      setPressed(live, recorded === true);
      setPressed(mute, now.mute);
      setPressed(solo, now.solo);
      volume.set(now.volume);
      pan.set(now.pan);
    },
    draw(picture) {
      const look = trackStyle(picture.track.color, picture.dark);
      const points = shapePoints(look.shape).map(([x, y]) => `${x},${y}`).join(" ");
      badge.innerHTML = `<polygon points="${points}" fill="${look.fill}"/>`;
      drawWave(canvas, {
        peaks: picture.peaks, seconds: picture.seconds, span: picture.span, color: look.fill, pale: picture.pale,
        silences: picture.track.silences, time: picture.time,
        chosen: picture.chosen && [picture.chosen.start, picture.chosen.end],
      });
    },
    place(words, at) {
      wave.setAttribute("aria-valuetext", words);
      wave.setAttribute("aria-valuenow", String(Math.round(100 * Math.min(1, at))));
    },
    needle(place) {
      needle.style.transform = `translateX(${canvas.clientWidth * Math.min(1, place)}px)`;
    },
  };
}
