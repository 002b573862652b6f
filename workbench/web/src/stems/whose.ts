/** "Whose is this?": passages of the piece that stand in the training music, before anything is taken away. */
import type { Json } from "../host/messages.js";
import type { ViewContext } from "../host/view.js";
import { isStopped } from "../store/jobs.js";
import { plural, t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { waitingText } from "../ui/waiting.js";

export function whosePanel(context: ViewContext): HTMLElement {
  const { store } = context;
  const news = h("div", { class: "whose-news", role: "status" });
  let stopper: AbortController | null = null;

  const look = async (): Promise<void> => {
    stopper?.abort();
    const own = (stopper = new AbortController());
    const bar = h("progress", { max: 1, "aria-label": t("whose.looking") });
    const words = h("span", {}, t("whose.looking"));
    const mine = (): boolean => stopper === own;
    news.replaceChildren(h("div", { class: "whose-wait" }, words, bar,
      button({ label: t("whose.stop"), kind: "quiet", onclick: () => own.abort() })));
    try {
      const { passages } = await store.job("whose", {}, own.signal, {
        progress: (progress) => {
          if (progress.done === null) bar.removeAttribute("value");
          else bar.value = progress.done;
          words.textContent = waitingText(progress) || t("whose.looking");
        },
      }).result;
      if (mine()) news.replaceChildren(...answer(passages));
    } catch (error) {
      if (mine()) news.replaceChildren(...(isStopped(error) ? [] : [h("p", { class: "bad" }, sentenceOf(error))]));
    }
  };

  // What was said of the piece is no longer true once it has changed.
  store.subscribe((event) => {
    if (event.type !== "change" && event.type !== "open") return;
    stopper?.abort();
    stopper = null;
    news.replaceChildren();
  }, context.signal);
  context.signal.addEventListener("abort", () => stopper?.abort());
  return h("div", { class: "whose" },
    h("div", { class: "keep-main" },
      button({ label: t("whose.ask"), icon: "help", text: true, kind: "outlined", onclick: () => void look() }),
      h("p", { class: "soft" }, t("whose.why"))),
    news);
}

function answer(passages: readonly Json[]): HTMLElement[] {
  if (!passages.length) return [h("p", {}, t("whose.none"))];
  return [
    h("p", {}, plural("whose.found", passages.length)),
    h("ul", { class: "whose-list" }, passages.map(passage)),
    h("p", { class: "soft" }, t("whose.after")),
  ];
}

function passage(found: Json): HTMLElement {
  const place = { name: String(found["name"]), bar: Number(found["bar"]), last: Number(found["last_bar"]) };
  const count = { count: Number(found["overlap"]), own: Number(found["by_model"]) };
  const works = Array.isArray(found["works"]) ? found["works"] as readonly Json[] : [];
  return h("li", {},
    h("b", {}, place.bar === place.last ? t("whose.where", place) : t("whose.whereTo", place)),
    h("span", {}, t(found["rhythm"] === true ? "whose.overlap" : "whose.pitches", count)),
    h("ul", {}, works.map(work)));
}

function work(one: Json): HTMLElement {
  const told = { title: String(one["title"]), by: String(one["by"]), licence: String(one["licence"]) };
  const credit = String(one["attribution"] ?? "");
  return h("li", { title: credit }, told.by ? t("whose.work", told) : t("whose.workOnly", told));
}
