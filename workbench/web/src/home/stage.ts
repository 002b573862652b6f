/** The piece on the opening page: its picture, its name, and one large Play. */
import { scoreEnd } from "../document/types.js";
import type { ViewContext } from "../host/view.js";
import { pieceTitle, trackName } from "../roll/speech.js";
import { t } from "../strings/index.js";
import { everyFrame, h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { trackStyle } from "../ui/palette.js";
import { drawPreview } from "../ui/preview.js";
import { isDark } from "../ui/root.js";

export interface Stage {
  readonly element: HTMLElement;
  /** The whole bars of the piece, at least four. */
  range(): [number, number];
}

export function makeStage({ root, store, player, signal }: ViewContext): Stage {
  const canvas = h("canvas", { "aria-hidden": "true" });
  const needle = h("div", { class: "needle" });
  const title = h("div", { class: "title" }), facts = h("div", { class: "facts" }), parts = h("div", { class: "parts" });
  const play = h("button", {
    type: "button", class: "big-play", "aria-label": t("home.play"), disabled: true, onclick: toggle,
  }, icon("play") as unknown as Node);
  const element = h("section", { class: "stage wb-card", "aria-label": t("home.piece") },
    canvas, needle, h("div", { class: "foot" }, play, h("div", { class: "text" }, title, facts), parts));

  const wholeBars = (): number => {
    const end = scoreEnd(store.score);
    return end ? store.time.barAt(end - 1).end : 0;
  };
  const range = (): [number, number] => [0, Math.max(store.time.bar(4).end, wholeBars())];

  function size(): string {
    const end = scoreEnd(store.score);
    if (!end) return t("home.emptyPiece");
    const seconds = Math.round(store.time.seconds(wholeBars()));
    return t("home.facts", { bars: store.time.barAt(end - 1).number, seconds });
  }

  const paint = everyFrame(() => {
    drawPreview(canvas, store.score, store.time, { range: range(), dark: isDark(root) });
    title.textContent = pieceTitle(store.score) || t("home.untitled");
    facts.textContent = size();
    parts.replaceChildren(...store.score.tracks.slice(0, 6).map((track) => h("span", { class: "part" },
      h("i", { style: `background:${trackStyle(track.color, isDark(root)).fill}` }), trackName(track, store.score))));
    play.disabled = !scoreEnd(store.score);
  });

  function toggle(): void {
    if (!player.playing && !store.view.loop) store.setView({ loop: range() });
    player.toggle();
  }

  function follow(): void {
    if (signal.aborted || !player.playing) return;
    const [from, to] = range();
    needle.style.transform = `translateX(${(element.clientWidth * (player.position - from)) / (to - from)}px)`;
    requestAnimationFrame(follow);
  }

  player.subscribe(() => {
    element.classList.toggle("playing", player.playing && !player.loading);
    play.classList.toggle("loading", player.loading);
    play.replaceChildren(icon(player.playing ? "stop" : "play") as unknown as Node);
    play.setAttribute("aria-label", player.playing ? t("home.stop") : t("home.play"));
    if (player.playing) follow();
    facts.textContent = player.loading ? t("home.loading") : size();
  }, signal);
  store.subscribe((event) => {
    if (event.type === "change" || event.type === "open") paint.request();
  }, signal);
  root.addEventListener("themechange", () => paint.request(), { signal });
  const sizes = new ResizeObserver(() => paint.request());
  sizes.observe(element);
  signal.addEventListener("abort", () => sizes.disconnect());
  void store.ready.then(() => paint.request());
  return { element, range };
}
