/** What can be taken away: everything as a zip, the video with its new music, a short video with falling notes. */
import { makeWork } from "../listen/work.js";
import { isStopped } from "../store/jobs.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { named } from "../ui/conditions.js";
import { button, choice } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import type { Desk } from "./desk.js";
import type { Idea } from "./ideas.js";

type What = "zip" | "video" | "falling 9:16" | "falling 16:9";
const ORIGINALS = ["duck", "keep", "drop"] as const;

export interface Pack {
  readonly element: HTMLElement;
  show(there: boolean): void;
  /** The idea that was kept is the one that is taken away. */
  kept(idea: Idea): void;
}

export function makePack(desk: Desk): Pack {
  const { context } = desk, work = makeWork(context.signal);
  const trouble = h("p", { class: "bad", role: "alert", hidden: true });
  let alternative = 0, original: (typeof ORIGINALS)[number] = "duck";
  const which = h("span", { class: "soft" });
  const offer = (label: string, what: What): HTMLButtonElement => button({ label, icon: "down", text: true, kind: "outlined", onclick: () => void fetch(what) });
  const video = h("span", { class: "row" }, offer(t("pack.video"), "video"), choice<(typeof ORIGINALS)[number]>({
    label: t("pack.original"), value: original, options: ORIGINALS.map((name) => [name, t(`pack.original.${name}`)] as const), onchange: (name) => void (original = name),
  }));
  const element = named("export", h("section", { class: "pack wb-card", hidden: true, "aria-label": t("pack.title") }, h("h3", {}, t("pack.title")), which,
    h("div", { class: "row" }, offer(t("pack.zip"), "zip"), offer(t("pack.tall"), "falling 9:16"), offer(t("pack.wide"), "falling 16:9")), video, work.element, trouble));

  async function fetch(what: What): Promise<void> {
    trouble.hidden = true;
    const stopper = work.begin(t("pack.making"));
    try {
      const made = await context.store.job("compose.pack", { alternative, what, original }, stopper.signal, { progress: (progress) => work.progress(progress) }).result;
      work.end(stopper);
      const link = h("a", { href: String(made.url), download: made.name, hidden: true });
      element.append(link);
      link.click();
      link.remove();
      desk.said.say(t("pack.done", { name: made.name }));
    } catch (error) {
      work.end(stopper);
      if (isStopped(error)) return;
      trouble.hidden = false;
      trouble.textContent = sentenceOf(error);
    }
  }

  const name = (number: number): void => {
    alternative = number - 1;
    which.textContent = t("pack.of", { title: t("maker.idea", { number }) });
  };
  const update = (): void => void (video.hidden = !desk.item("video"));
  desk.onChange(update);
  update();
  return {
    element, kept: (idea) => name(idea.number),
    show(there) {
      element.hidden = !there;
      name(1);
    },
  };
}
