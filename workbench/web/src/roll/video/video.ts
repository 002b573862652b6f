/** The video that a piece was made for, above the roll: it plays in step with the music, its cuts stand on the ruler. */
import { watchedOf, type Watched } from "../../prompt/cards/watched.js";
import { isRecord } from "../../document/check.js";
import { scoreEnd } from "../../document/types.js";
import { t } from "../../strings/index.js";
import { sentenceOf } from "../../strings/sentence.js";
import { button, relabel } from "../../ui/controls.js";
import { h } from "../../ui/dom.js";
import { time, type RollState } from "../state.js";
import { copyOf, playVideo } from "../../media/playable.js";
import { makeCutRuler, withCut } from "./cutruler.js";
import { fits, stepTo } from "./sync.js";

/** Asked for when the hands have rested for so long. */
const REST_MS = 700;

export interface RollVideo {
  readonly element: HTMLElement;
  /** Lies over the stage. */
  readonly ruler: HTMLElement;
  /** The roll or the playhead has moved. */
  follow(): void;
}

interface Given { readonly media: string; readonly seen: Watched }

/** The video among what the Prompt page was given. */
export function givenVideo(state: unknown): Given | null {
  const items = isRecord(state) && Array.isArray(state["items"]) ? state["items"] : [];
  const item = items.find((each) => isRecord(each) && each["slot"] === "video");
  if (!isRecord(item) || !item["media"]) return null;
  try {
    return { media: String(item["media"]), seen: watchedOf(item["understood"]) };
  } catch {
    return null; // what was seen cannot be read: the Prompt page says so
  }
}

export function makeRollVideo(state: RollState): RollVideo {
  const { store, host, player, signal } = state.context;
  const video = h("video", { playsinline: true, preload: "auto", muted: true, tabindex: -1, "aria-label": t("roll.video.name") });
  video.muted = true;
  const words = h("p", { class: "soft" });
  let given: Given | null = null, loaded = "", open = true, timer: ReturnType<typeof setTimeout> | undefined, gone = new AbortController();

  const toggle = button({ label: t("roll.video.hide"), icon: "up", kind: "quiet", onclick: () => {
    open = !open;
    relabel(toggle, t(open ? "roll.video.hide" : "roll.video.show"), open ? "up" : "down");
    element.classList.toggle("closed", !open);
    if (!open) video.pause();
    follow();
  } });
  const sound = button({ label: t("roll.video.sound"), icon: "sound", pressed: false, onclick: () => {
    video.muted = !video.muted;
    sound.setAttribute("aria-pressed", String(!video.muted));
  } });
  const add = button({ label: t("roll.video.addCut"), icon: "plus", text: true, onclick: () => {
    if (!given) return;
    const { seen } = given, at = time(state).seconds(Math.round(player.position));
    const next = withCut(seen.cuts, at, seen.duration);
    if (next.cuts !== seen.cuts) correct(next.cuts);
  } });
  const element = h("section", { class: "roll-video wb-card", hidden: true, "aria-label": t("roll.video.name") }, video,
    h("div", { class: "beside" }, h("div", { class: "group" }, h("b", {}, t("roll.video.name")), toggle), words, h("div", { class: "group" }, sound, add)));
  const ruler = makeCutRuler(state, (cuts) => correct(cuts), (seconds) => look(seconds));

  function look(seconds: number): void {
    if (!player.playing && loaded) video.currentTime = seconds;
  }

  function correct(cuts: readonly number[]): void {
    if (!given) return;
    given = { ...given, seen: { ...given.seen, cuts } };
    ruler.show(given.seen);
    store.call({ type: "prompt.correct", slot: "video", what: "understood", changes: { cuts } as never }).then(() => (words.textContent = t("roll.video.changed")), (error) => store.notice(sentenceOf(error)));
  }

  async function ask(): Promise<void> {
    if (!store.hasServer || signal.aborted) return;
    try {
      const { state: told } = await store.call({ type: "prompt.state" });
      const next = givenVideo(told), piece = time(state).seconds(scoreEnd(store.score));
      given = next && fits(piece, next.seen.duration) ? next : null;
      element.hidden = !given;
      ruler.show(given?.seen ?? null);
      if (given && given.media !== loaded) await load(given.media);
      follow();
    } catch {
      // the server is away: the roll goes on without the picture, and asks again at the next piece
    }
  }

  async function load(id: string): Promise<void> {
    gone.abort();
    gone = new AbortController();
    words.textContent = t("roll.video.why");
    const item = (await store.call({ type: "media" })).items.find((each) => each.id === id);
    if (!item || !host.media) return void (words.textContent = t("roll.video.gone"));
    const { media } = host, mine = gone.signal;
    loaded = id;
    playVideo(video, { address: () => media.address(item, mine), copy: (tell) => copyOf(state.context, id, tell, mine) },
      (sentence) => (words.textContent = sentence || t("roll.video.why")), (sentence) => {
        loaded = "";
        words.textContent = sentence;
      }, mine);
  }

  function follow(): void {
    ruler.follow();
    if (!given || !loaded || !open || element.offsetParent === null) return void (video.paused || video.pause());
    if (video.seeking) return;
    const step = stepTo(time(state).seconds(Math.round(player.position)), player.playing && !player.loading, { time: video.currentTime, paused: video.paused, duration: given.seen.duration });
    if (step.seek !== null) video.currentTime = step.seek;
    if (step.rate !== video.playbackRate) video.playbackRate = step.rate;
    if (step.play && video.paused) void video.play().catch(() => {}); // a browser that plays nothing by itself shows stills
    else if (!step.play && !video.paused) video.pause();
  }

  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), REST_MS);
  };
  store.subscribe((event) => {
    if (event.type === "open" || (event.type === "change" && event.change.kind === "accept")) later();
  }, signal);
  player.subscribe(() => follow(), signal);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    gone.abort();
    video.pause();
  });
  void store.ready.then(later);
  return { element, ruler: ruler.element, follow };
}
