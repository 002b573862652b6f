/** The sheet: notation of the page's document, following playback. Read only; what is written is changed in the Roll. */
import type { Reply } from "../store/store.js";
import type { ViewContext } from "../host/view.js";
import { pieceTitle, trackName } from "../roll/speech.js";
import { t } from "../strings/index.js";
import { announcer } from "../ui/announce.js";
import { button, choice, relabel } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { addStyle } from "../ui/root.js";
import { followOnsets } from "./follow.js";
import style from "./sheet.css";

const REST_MS = 700;
/** Instruments that read another pitch than they sound: how many semitones higher their part is written. */
const READERS = [["0", "sheet.concert"], ["2", "sheet.bflat"], ["9", "sheet.eflat"], ["7", "sheet.f"]] as const;

export function sheet(context: ViewContext): void {
  const { root, store, player, signal } = context;
  addStyle(root, style);
  const said = announcer(root, () => player.playing);
  let transpose = 0, shown = -1, timer: ReturnType<typeof setTimeout> | undefined, asking = 0;

  const play = button({ label: t("sheet.play"), icon: "play", text: true, kind: "primary", onclick: () => player.toggle() });
  const reader = choice({
    label: t("sheet.readFor"), value: "0", options: READERS.map(([value, key]) => [value, t(key)] as const),
    onchange: (value) => {
      transpose = Number(value);
      ask(true);
    },
  });
  const print = button({ label: t("sheet.print"), text: true, onclick: () => void toPrinter() });
  const note = h("p", { class: "soft", role: "status" });
  const paper = h("div", { class: "paper", tabindex: 0, role: "document", "aria-label": t("sheet.label") });
  root.append(h("div", { class: "sheet" }, h("div", { class: "bar" }, play, reader, print, note), paper));
  const follow = followOnsets(paper, context);

  async function engrave(asPaper: boolean): Promise<Reply<"sheet">> {
    await store.flush();
    const { score } = store; // the names that are ours stand in the page's language, as everywhere
    const names = Object.fromEntries(score.tracks.filter((track) => trackName(track, score) !== track.name)
      .map((track) => [track.id, trackName(track, score)] as const));
    return store.call({
      type: "sheet", names, title: pieceTitle(score), transpose, paper: asPaper, width: Math.max(320, Math.min(3_000, Math.round(paper.clientWidth))),
    });
  }

  /** Pages as elements; parsed as XML, so that nothing in a title or a lyric can run. */
  function pages(reply: Reply<"sheet">): Element[] {
    return reply.pages.map((svg) =>
      document.importNode(new DOMParser().parseFromString(svg, "image/svg+xml").documentElement, true));
  }

  async function draw(): Promise<void> {
    const turn = ++asking;
    note.textContent = shown < 0 ? t("sheet.working") : "";
    try {
      const reply = await engrave(false);
      if (turn !== asking || signal.aborted) return;
      const drawn = pages(reply);
      drawn.forEach(liftFonts);
      paper.replaceChildren(...drawn);
      shown = reply.revision;
      note.textContent = reply.remarks.join(" ");
      follow.use(reply.onsets);
    } catch (error) {
      if (turn !== asking) return;
      shown = -1;
      paper.replaceChildren();
      follow.use([]);
      note.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  function ask(now: boolean): void {
    clearTimeout(timer);
    if (paper.clientWidth) timer = setTimeout(() => void draw(), now ? 0 : REST_MS); // hidden: drawn when it is seen
  }

  async function toPrinter(): Promise<void> {
    try {
      const reply = await engrave(true);
      const frame = h("iframe", { class: "printer", "aria-hidden": "true", tabindex: -1 });
      root.append(frame);
      const inside = frame.contentDocument!;
      inside.title = pieceTitle(store.score) || t("home.untitled");
      inside.head.append(Object.assign(inside.createElement("style"), {
        textContent: "@page { size: A4; margin: 0 } body { margin: 0 } svg { width: 210mm; height: 296mm; break-after: page }",
      }));
      inside.body.append(...pages(reply));
      frame.contentWindow!.addEventListener("afterprint", () => frame.remove());
      frame.contentWindow!.print();
    } catch (error) {
      said.say(error instanceof Error ? error.message : String(error), true);
    }
  }

  store.subscribe((event) => {
    if (event.type === "change" || event.type === "open") ask(event.type === "open");
  }, signal);
  store.whenBack(() => shown !== store.revision && ask(true), signal);
  player.subscribe(() => {
    relabel(play, player.playing ? t("sheet.stop") : t("sheet.play"), player.playing ? "stop" : "play");
    if (player.playing) follow.start();
  }, signal);
  let width = 0;
  const sizes = new ResizeObserver(() => {
    if (Math.abs(paper.clientWidth - width) < 8) return;
    width = paper.clientWidth;
    ask(shown < 0);
  });
  sizes.observe(paper);
  signal.addEventListener("abort", () => sizes.disconnect());
  void store.ready.then(() => ask(true));
}

/** Fonts declared inside a shadow root are not used there: declare the music font for the whole page, once. */
function liftFonts(svg: Element): void {
  for (const element of svg.querySelectorAll("style")) {
    if (!element.textContent?.includes("@font-face")) continue;
    if (!document.getElementById("wb-music-font")) {
      document.head.append(h("style", { id: "wb-music-font" }, element.textContent));
    }
    element.remove();
  }
}
