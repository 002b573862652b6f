/** A band for a voice: a style is chosen, the band is heard with the voice in it, and kept or taken away. */
import type { JobResults } from "../host/messages.js";
import type { ViewContext } from "../host/view.js";
import { isStopped } from "../store/jobs.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import type { Announcer } from "../ui/announce.js";
import { button, choice } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { makeBandWords } from "./bandwords.js";
import { makeStyleChoice } from "./stylechoice.js";
import { makeWork } from "./work.js";

export interface BandHooks {
  /** The recording, and from which second of it was listened to. */
  readonly media: string;
  readonly from: number;
  readonly hearing: string;
  /** Whether the server knows all corrections; done first. */
  use<T>(work: () => Promise<T>): Promise<T>;
  /** The page's own sound falls silent. */
  quiet(): void;
  /** The voice's notes and the band become the piece. */
  keep(score: unknown, run: string): void;
}

const TIMINGS = ["followed", "tightened"] as const;
type Timing = (typeof TIMINGS)[number];

export function makeBandMaker(context: ViewContext, said: Announcer, hooks: BandHooks): HTMLElement {
  const { store, host, signal } = context;
  const work = makeWork(signal);
  const trouble = h("p", { class: "bad", role: "alert", hidden: true });
  const place = h("div", { class: "takes" });
  const words = h("span", { class: "soft", role: "status" });
  let timing: Timing = "followed", choir = false, take = 0;
  const wish = makeBandWords(store, (trouble) => {
    tell(trouble);
    take = 0;
    describe();
  });

  const about = () => ({ media: hooks.media, hearing: hooks.hearing, start: hooks.from, end: hooks.from + 1 });
  const pick = makeStyleChoice(context, said, work, {
    sound: async (style, signal) => String((await hooks.use(() => store.job("voiceband", { ...about(), style, taste: true }, signal,
      { progress: (progress) => work.progress(progress) }).result)).url),
    quiet: hooks.quiet, tell, use: () => void ask(false),
    chosen: () => {
      take = 0;
      wish.clear();
      describe();
    },
  });
  const singers = h("input", { type: "checkbox", onchange: () => void (choir = singers.checked) });
  const make = button({ label: t("bandmaker.make"), icon: "spark", text: true, kind: "primary", onclick: () => void ask(false) });
  const other = button({ label: t("bandmaker.another"), text: true, kind: "outlined", onclick: () => {
    take += 1;
    void ask(false);
  } });
  other.hidden = true;
  const element = h("section", { class: "bandmaker wb-card", "aria-label": t("bandmaker.title") },
    h("div", { class: "row" }, h("h3", {}, t("bandmaker.title")), h("span", { class: "soft" }, t("bandmaker.lead"))),
    pick.element, h("div", { class: "row" }, wish.element),
    h("div", { class: "row" }, choice<Timing>({
      label: t("bandmaker.timing"), value: timing, options: TIMINGS.map((name) => [name, t(`bandmaker.timing.${name}`)] as const),
      onchange: (name) => void (timing = name),
    }), h("label", { class: "check" }, singers, t("bandmaker.choir")), make, other),
    words, work.element, trouble, place);

  function describe(): void {
    pick.element.classList.toggle("unused", wish.band !== null);
    words.textContent = wish.band ? wish.said : pick.style ? t("bandmaker.chosen", { style: pick.style.title }) : "";
  }

  function tell(sentence: string): void {
    trouble.hidden = !sentence;
    trouble.textContent = sentence;
  }

  /** A take with its sound, or (`pack`) everything of it as a zip. */
  async function ask(pack: boolean): Promise<void> {
    tell("");
    hooks.quiet();
    pick.stop();
    if (!(await wish.ready())) return;
    const style = pick.style?.id ?? "", title = wish.band?.title ?? pick.style?.title ?? "";
    const stopper = work.begin(t(pack ? "bandmaker.packing" : "bandmaker.making", { style: title }));
    const fields = { ...about(), style, words: wish.text, timing, choir, seed: take, pack };
    try {
      const made = await hooks.use(() => store.job("voiceband", fields, stopper.signal, { progress: (progress) => work.progress(progress) }).result);
      work.end(stopper);
      if (pack) return save(String(made.url), made.name);
      await show(made, title);
    } catch (error) {
      work.end(stopper);
      if (!isStopped(error)) tell(sentenceOf(error));
    }
  }

  function save(url: string, name: string): void {
    const link = h("a", { href: url, download: name, hidden: true });
    element.append(link);
    link.click();
    link.remove();
  }

  async function show(made: JobResults["voiceband"], title: string): Promise<void> {
    const item = made.item!, url = await host.media!.address(item, signal);
    other.hidden = false;
    place.replaceChildren(h("div", { class: "row take" },
      h("audio", { controls: true, src: url, "aria-label": t("bandmaker.heard", { style: title }), onplay: () => {
        hooks.quiet();
        pick.stop();
      } }),
      button({ label: t("bandmaker.keep"), icon: "right", text: true, kind: "primary", onclick: () => hooks.keep(made.score, made.run) }),
      button({ label: t("bandmaker.save"), text: true, kind: "outlined", onclick: () => save(url, made.name) }),
      button({ label: t("bandmaker.pack"), text: true, onclick: () => void ask(true) })),
    h("ul", { class: "remarks soft" }, made.remarks.map((line) => h("li", {}, line))));
    said.say(t("bandmaker.done", { style: title }));
  }

  return element;
}
