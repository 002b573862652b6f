/** The face of what was given: a player, a picture, or a sign of its kind. */
import { TimeMap } from "../document/timemap.js";
import { readScore, scoreEnd } from "../document/types.js";
import { copyOf, playVideo } from "../media/playable.js";
import { t } from "../strings/index.js";
import { h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { drawPreview } from "../ui/preview.js";
import { isDark } from "../ui/root.js";
import type { Desk } from "./desk.js";
import type { Item } from "./types.js";

/** A small picture of a piece. */
function drawNotes({ context: { root } }: Desk, item: Item, place: HTMLElement, signal: AbortSignal): void {
  const canvas = h("canvas", { "aria-hidden": "true" }), score = readScore(item.understood), time = new TimeMap(score);
  place.replaceChildren(canvas);
  const draw = (): void => drawPreview(canvas, score, time, { range: [0, Math.max(1, scoreEnd(score))], dark: isDark(root) });
  const sizes = new ResizeObserver(draw);
  sizes.observe(canvas);
  root.addEventListener("themechange", draw, { signal });
  signal.addEventListener("abort", () => sizes.disconnect());
}

/** Pictures that every browser shows. */
const SHOWN = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"];

export function makePreview(desk: Desk, item: Item, signal: AbortSignal): HTMLElement {
  const place = h("div", { class: "preview" });
  if (item.slot === "notes") drawNotes(desk, item, place, signal);
  const element = h("figure", {}, place, h("figcaption", { title: item.name }, item.name));
  void show();
  return element;

  async function show(): Promise<void> {
    try {
      const found = item.slot === "notes" ? null : await desk.address(item, signal);
      if (!found || signal.aborted) return;
      const { url, media } = found;
      const sign = (): void => place.replaceChildren(icon("sound") as unknown as Node);
      if (media.kind === "video" && item.slot === "video") {
        const player = h("video", { controls: true, preload: "metadata", "aria-label": item.name, onplay: () => desk.context.player.stop() }), words = h("p", { class: "soft" });
        place.replaceChildren(player, words);
        playVideo(player, { address: async () => url, copy: (tell) => copyOf(desk.context, item.media, tell, signal) }, (said) => (words.textContent = said), sign, signal);
      } else if (media.kind === "sound" || media.kind === "video") {
        const player = h("audio", { src: url, controls: true, preload: "metadata", "aria-label": item.name, onplay: () => desk.context.player.stop() });
        player.addEventListener("error", sign);
        place.replaceChildren(player);
      } else if (SHOWN.includes(media.media_type)) place.replaceChildren(h("img", { src: url, alt: t("prompt.pictureOf", { name: item.name }) }));
    } catch {
      // the name stays: a file that cannot be shown here is still understood
    }
  }
}
