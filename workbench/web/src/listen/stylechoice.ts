/** The style of a voice's band: cards, each heard under the first bars that were sung before anything is made. */
import joinCss from "../fill/join/join.css";
import { makeStrip } from "../fill/join/strip.js";
import { readStyles, type Style } from "../fill/join/styles.js";
import type { ViewContext } from "../host/view.js";
import { isStopped } from "../store/jobs.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import type { Announcer } from "../ui/announce.js";
import { h } from "../ui/dom.js";
import { addStyle } from "../ui/root.js";
import type { Work } from "./work.js";

const FIRST = "pop-ballad";

export interface ChoiceHooks {
  /** The first bars with a style: the address of their sound. */
  sound(style: string, signal: AbortSignal): Promise<string>;
  /** The page's own sound falls silent. */
  quiet(): void;
  /** Another style was chosen. */
  chosen(): void;
  /** The whole band is asked for. */
  use(): void;
  tell(sentence: string): void;
}

export interface StyleChoice {
  readonly element: HTMLElement;
  readonly style: Style | null;
  stop(): void;
}

export function makeStyleChoice(context: ViewContext, announcer: Announcer, work: Work, hooks: ChoiceHooks): StyleChoice {
  const { root, store, signal } = context;
  addStyle(root, joinCss);
  let styles: readonly Style[] = [], style: Style | null = null, tried = "";
  const sound = new Audio();
  const strip = makeStrip({ root, announcer, hint: t("bandmaker.hint"), taken: () => [] }, {
    hear: (next) => void hear(next), stop: () => sound.pause(),
    use: (next) => (tried === next.id ? hooks.use() : void hear(next)),
  });
  const show = (): void => strip.update(style?.id ?? "", !sound.paused);
  for (const happened of ["play", "pause", "ended"]) sound.addEventListener(happened, show, { signal });
  signal.addEventListener("abort", () => sound.pause());
  const blocked = h("div", { class: "row", hidden: true });

  async function hear(next: Style): Promise<void> {
    style = next;
    tried = "";
    sound.pause();
    hooks.quiet();
    hooks.tell("");
    hooks.chosen();
    show();
    const stopper = work.begin(t("bandmaker.tasting", { style: next.title }));
    try {
      const address = await hooks.sound(next.id, stopper.signal);
      if (stopper.signal.aborted || signal.aborted) return;
      tried = next.id;
      sound.src = address;
      await play(next);
    } catch (error) {
      if (!isStopped(error)) hooks.tell(sentenceOf(error));
    } finally {
      work.end(stopper);
      show();
    }
  }

  /** Where the browser lets no sound begin by itself, a player is shown. */
  async function play(next: Style): Promise<void> {
    try {
      await sound.play();
      announcer.say(t("bandmaker.tasted", { style: next.title }));
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "NotAllowedError") throw error;
      sound.controls = true;
      blocked.hidden = false;
      blocked.replaceChildren(sound);
    }
  }

  async function open(): Promise<void> {
    styles = readStyles((await store.call({ type: "styles" })).styles);
    style = styles.find((item) => item.id === FIRST) ?? styles[0] ?? null;
    strip.set(styles);
    show();
    hooks.chosen();
    inSight.observe(strip.element);
  }
  // What is chosen at first stands in the middle of the list: it can be scrolled once it is laid out.
  const inSight = new ResizeObserver(() => {
    if (!strip.element.clientWidth || !style) return;
    strip.reveal(style.id);
    inSight.disconnect();
  });
  signal.addEventListener("abort", () => inSight.disconnect());

  void store.ready.then(open).catch((error: unknown) => hooks.tell(sentenceOf(error)));
  return {
    element: h("div", { class: "join" }, strip.element, blocked),
    get style() {
      return style;
    },
    stop: () => sound.pause(),
  };
}
