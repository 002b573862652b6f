/** The Prompt page: what a person has goes in, what was understood is put right, a plan is made of it, and a piece. */
import type { ViewContext } from "../host/view.js";
import { t } from "../strings/index.js";
import { announcer } from "../ui/announce.js";
import { choice } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { addStyle } from "../ui/root.js";
import { cardStyle } from "./cards/index.js";
import { Desk } from "./desk.js";
import { Ideas } from "./ideas.js";
import { makeIntake } from "./intake.js";
import { makeMaker } from "./maker.js";
import { makePlan } from "./plan.js";
import planStyle from "./plan.css";
import style from "./prompt.css";
import { makeSentence } from "./sentence.js";
import { makeSlot } from "./slot.js";
import { SLOTS } from "./types.js";
import { makeUnderstood } from "./understood.js";

export function prompt(context: ViewContext): void {
  const { root, store, player } = context;
  addStyle(root, style);
  addStyle(root, planStyle);
  addStyle(root, cardStyle);
  const ideas = new Ideas(context);
  const said = announcer(root, () => player.playing || ideas.player.playing);
  const desk = new Desk(context, said);
  const page = h("div", { class: "prompt" });
  const maker = makeMaker(desk, ideas);
  const intake = makeIntake(desk, page);
  const news = h("p", { class: "news wb-card", hidden: true, role: "status" });
  page.append(
    h("header", {}, h("h1", {}, t("prompt.title")), h("p", { class: "lead" }, t("prompt.lead"))),
    h("section", { class: "says wb-card", "aria-label": t("prompt.willBe") }, makeSentence(desk), makeWishes(desk), maker.start),
    news, intake.element,
    h("section", { class: "slots", "aria-label": t("prompt.have") }, h("h2", {}, t("prompt.have")),
      h("div", { class: "grid" }, SLOTS.map((slot) => makeSlot(desk, intake, slot)))),
    makeUnderstood(desk),
    makePlan(desk),
    maker.onward,
    maker.element,
  );
  root.append(page);
  if (!context.host.media) intake.element.replaceChildren(h("p", { class: "soft" }, t("media.noServer")));
  desk.tell = (sentence) => {
    news.hidden = false;
    news.textContent = sentence;
  };
  store.subscribe((event) => event.type === "notice" && desk.tell(event.text), context.signal);
  // What was put right in another tab is shown when this one is come back to.
  let seen = true;
  const sight = new IntersectionObserver(([entry]) => {
    if (entry?.isIntersecting && !seen && desk.state.items.length) void desk.refresh();
    seen = entry?.isIntersecting ?? seen;
  });
  sight.observe(page);
  context.signal.addEventListener("abort", () => sight.disconnect());
}

/** How long it is to be, and whether the tune may be varied. */
function makeWishes(desk: Desk): HTMLElement {
  const faithful = choice<"yes" | "no">({
    label: t("prompt.tuneIs"), value: "yes", options: [["yes", t("prompt.tuneFaithful")], ["no", t("prompt.tuneVaried")]],
    onchange: (value) => void desk.tryAsk(null, { type: "prompt.change", faithful: value === "yes" }),
  });
  const seconds = h("input", {
    type: "number", min: 4, max: 900, step: 1, placeholder: t("prompt.lengthAuto"), "aria-label": t("prompt.length"),
    onchange: () => {
      const value = seconds.value ? Math.min(900, Math.max(4, Math.round(seconds.valueAsNumber))) : null;
      void desk.tryAsk(null, { type: "prompt.change", seconds: value });
    },
  });
  const element = h("div", { class: "row wishes", hidden: true }, h("label", { class: "wb-choice" }, h("span", {}, t("prompt.length")), seconds,
    h("span", {}, t("prompt.seconds"))), faithful);
  const update = (): void => {
    element.hidden = !desk.state.items.length;
    faithful.set(desk.state.faithful ? "yes" : "no");
    faithful.hidden = !desk.state.items.some((item) => item.roles.includes("tune"));
    const shown = desk.state.seconds === null ? "" : String(desk.state.seconds);
    if ((seconds.getRootNode() as ShadowRoot).activeElement !== seconds && seconds.value !== shown) seconds.value = shown;
  };
  desk.onChange(update);
  update();
  return element;
}
