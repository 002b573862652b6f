/** Another recording of an idea, by a model that makes sound: what it may be used for and how long it takes, said first. */
import type { CallReplies } from "../host/messages.js";
import { makeWork } from "../listen/work.js";
import { isStopped } from "../store/jobs.js";
import { t, type StringKey } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import type { Desk } from "./desk.js";
import type { Idea, Ideas } from "./ideas.js";
import { makeTaken } from "./taken.js";

type Offered = Extract<CallReplies["take.offers"], { type: "take.offers" }>;
type Offer = Offered["offers"][number];

export interface Takes {
  readonly element: HTMLElement;
  /** The ideas that are there now, with how far each does what was asked. */
  show(list: readonly Idea[]): void;
}

/** "about 40 seconds", "about 6 minutes": of a wait. */
const waitText = (seconds: number): string =>
  (seconds < 90 ? t("takes.seconds", { count: Math.max(1, Math.round(seconds)) }) : t("takes.minutes", { count: Math.round(seconds / 60) }));

export function makeTakes(desk: Desk, ideas: Ideas): Takes {
  const { context } = desk, { store } = context, work = makeWork(context.signal);
  let list: readonly Idea[] = [], idea = 1, told: Offered | null = null;
  const trouble = h("p", { class: "bad", role: "alert", hidden: true }), offers = h("div", { class: "offers" }), made = h("div", { class: "made" });
  const which = h("select", { "aria-label": t("takes.of"), onchange: () => {
    idea = Number(which.value);
    void ask();
  } });
  const seconds = h("input", { type: "number", min: 1, max: 30, step: 1, value: 10, "aria-label": t("takes.length"), onchange: () => void ask() });
  const choices = h("div", { class: "row" }, h("label", { class: "wb-choice" }, h("span", {}, t("takes.of")), which),
    h("label", { class: "wb-choice" }, h("span", {}, t("takes.length")), seconds, h("span", {}, t("prompt.seconds"))));
  const panel = h("details", { ontoggle: () => panel.open && !told && void ask() }, h("summary", {}, t("takes.title")),
    h("p", { class: "soft" }, t("takes.lead")), choices, offers);
  const element = h("section", { class: "takes wb-card", hidden: true, "aria-label": t("takes.title") }, panel, work.element, trouble, made);

  const tell = (sentence: string): void => {
    trouble.hidden = !sentence;
    trouble.textContent = sentence;
  };

  /** What there is for this idea at this length. */
  async function ask(): Promise<void> {
    const wished = Number.isFinite(seconds.valueAsNumber) ? Math.min(30, Math.max(1, seconds.valueAsNumber)) : 10;
    tell("");
    if (!told) offers.replaceChildren(h("p", { class: "soft" }, t("takes.asking")));
    try {
      told = await store.call({ type: "take.offers", alternative: idea - 1, seconds: wished }) as Offered;
      seconds.value = String(told.seconds);
      seconds.max = String(Math.floor(told.longest));
      offers.replaceChildren(...told.offers.map((offer) => offerOf(offer, told!.seconds)));
    } catch (error) {
      offers.replaceChildren();
      tell(sentenceOf(error));
    }
  }

  function offerOf(offer: Offer, length: number): HTMLElement {
    const facts = [t(offer.tune ? "takes.followsTune" : "takes.wordsAlone")];
    if (offer.needs) facts.push(t("takes.needs", { extra: offer.needs }));
    else if (!offer.refused && offer.seconds !== null) facts.push(t("takes.takes", { time: waitText(offer.seconds) }));
    if (offer.fetch) facts.push(t("takes.fetch", { size: (offer.fetch / 1e9).toFixed(1) }));
    const go = button({ label: t("takes.make", { count: length }), icon: "spark", text: true, kind: "primary", onclick: () => void make(offer, length) });
    go.disabled = Boolean(offer.refused || offer.needs);
    const shorter = offer.refused && offer.most < length
      ? button({ label: t("takes.shorter", { count: offer.most }), text: true, kind: "outlined", onclick: () => {
        seconds.value = String(offer.most);
        void ask();
      } }) : null;
    return h("article", { class: "offer", "aria-label": offer.title },
      h("header", { class: "row" }, h("h4", {}, offer.title), h("span", { class: `sale ${offer.answer}` }, t(`takes.sale.${offer.answer}` as StringKey))),
      h("p", { class: "soft" }, `${facts.join(" · ")} · ${offer.licence}`),
      offer.refused ? h("p", { class: "bad" }, offer.refused) : null,
      h("div", { class: "row" }, go, shorter));
  }

  async function make(offer: Offer, length: number): Promise<void> {
    const stopper = work.begin(t("takes.making", { title: offer.title }));
    tell("");
    try {
      const { state } = await store.job("take", { alternative: idea - 1, model: offer.id, seconds: length }, stopper.signal,
        { progress: (progress) => work.progress(progress) }).result;
      work.end(stopper);
      desk.take(state);
      desk.said.say(t("takes.done"));
      made.scrollIntoView({ block: "nearest", behavior: "smooth" });
    } catch (error) {
      work.end(stopper);
      if (!isStopped(error)) tell(sentenceOf(error));
    }
  }

  let gone = new AbortController(), drawn = "";
  /** The takes that are there; they are drawn anew only where something about them has changed. */
  function draw(): void {
    const { takes } = desk.state, now = JSON.stringify([takes, list.map((each) => each.lines)]);
    element.hidden = !list.length && !takes.length;
    panel.hidden = !list.length;
    if (now === drawn) return;
    drawn = now;
    gone.abort();
    gone = new AbortController();
    made.replaceChildren(...takes.map((taken) => makeTaken(desk, ideas, taken, list.find((each) => each.number === taken.idea)?.lines ?? [], gone.signal)));
  }
  context.signal.addEventListener("abort", () => gone.abort());
  desk.onChange(draw);
  return {
    element,
    show(next) {
      list = next.filter((each) => each.whole);
      if (!list.some((each) => each.number === idea)) idea = list[0]?.number ?? 1;
      which.replaceChildren(...list.map(({ number }) => h("option", { value: number }, t("maker.idea", { number }))));
      which.value = String(idea);
      which.parentElement!.hidden = list.length < 2;
      draw();
    },
  };
}
