/**
 * What a participant of a study sees. A page of its own lies over the app for what is read, answered or listened to;
 * during a task it is a slim bar above the app, which shows what the study allows and nothing else.
 */
import { mountKept } from "../kept/kept.js";
import type { ViewContext } from "../host/view.js";
import { t, type StringKey } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { announcer } from "../ui/announce.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { addStyle } from "../ui/root.js";
import { makeConsent } from "./consent.js";
import { Desk } from "./desk.js";
import { makeFooter, makeHeader } from "./frame.js";
import { makeListening } from "./listening.js";
import { makeQuestions } from "./questions.js";
import questionStyle from "./questions.css";
import { makeBreak, makeClosed, makeDone, makeInformation, makePaused, makeWithdrawn } from "./reading.js";
import { Stage } from "./stage.js";
import style from "./study.css";
import { makeTaskBar } from "./taskbar.js";
import { makeIntroduction } from "./taskintro.js";
import { isTask, type State, type Step } from "./types.js";

/** One step on the page. `focus`: where reading begins; the heading, if left out. */
export interface Face {
  readonly element: HTMLElement;
}

/** What a step's face may use. */
export interface Desktop {
  readonly desk: Desk;
  readonly context: ViewContext;
  /** Lives as long as the step is shown. */
  readonly signal: AbortSignal;
  say(text: string, urgent?: boolean): void;
  /** Do something that talks with the server: buttons rest meanwhile, and a refusal is shown. */
  attempt(work: () => Promise<void>): Promise<void>;
}

export function study(context: ViewContext): void {
  const { root, player, signal } = context;
  addStyle(root, style);
  addStyle(root, questionStyle);
  const desk = new Desk(context);
  const stage = new Stage(context, desk);
  const said = announcer(root, () => player.playing);
  const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
  const lost = h("div", { class: "lost", role: "status", hidden: true }, h("span", { class: "spin", "aria-hidden": "true" }), h("p", {}, t("study.lost")));
  const main = h("div", { class: "step" });
  const middle = h("div", { class: "middle" }, lost, main, trouble);
  const bar = h("div", { class: "bar-place" });
  const kept = mountKept(context, { withdraw: () => attempt(() => desk.withdraw()), contact: () => desk.state?.study.contact ?? "" });
  const header = makeHeader(desk);
  const page = h("div", { class: "study", hidden: true }, header, middle,
    makeFooter(desk, attempt, kept.open));
  root.append(page, bar, kept.element);
  let shown = "";
  let life = new AbortController();

  async function attempt(work: () => Promise<void>): Promise<void> {
    trouble.hidden = true;
    root.setAttribute("aria-busy", "true");
    try {
      await work();
    } catch (error) {
      trouble.textContent = sentenceOf(error);
      trouble.hidden = false;
      if (!desk.state) show();
      else if (bar.firstChild) said.say(trouble.textContent, true);
    } finally {
      root.removeAttribute("aria-busy");
    }
  }

  function face(state: State): Face {
    const desktop: Desktop = { desk, context, signal: life.signal, say: said.say, attempt };
    if (state.paused) return makePaused(desktop);
    const { step } = state;
    return faceOf(step, desktop);
  }

  function show(): void {
    const { state } = desk;
    lost.hidden = !desk.lost;
    if (!state) {
      page.hidden = false;
      stage.page();
      const again = (label: StringKey, code: string): HTMLElement =>
        button({ label: t(label), icon: "again", text: true, kind: "outlined", onclick: () => void attempt(() => desk.come(code)) });
      main.replaceChildren(...(trouble.hidden ? [h("p", { class: "soft" }, t("study.loading"))]
        : [h("div", { class: "row" }, again("study.again", codeInAddress()), codeInAddress() ? again("study.withoutCode", "") : null)]));
      return;
    }
    const name = `${state.step.id} ${state.index} ${state.paused} ${isTask(state.step) ? state.step.begun : ""}`;
    if (name === shown) return;
    shown = name;
    life.abort();
    life = new AbortController();
    trouble.hidden = true;
    player.stop();
    const { step } = state;
    const working = isTask(step) && !state.paused && step.begun !== false;
    page.hidden = working;
    middle.append(trouble);
    bar.replaceChildren();
    main.replaceChildren();
    document.title = `${step.title || state.study.title} · ${state.study.title}`;
    if (working) {
      bar.append(makeTaskBar({ desk, context, signal: life.signal, say: said.say, attempt }, step, kept.open));
      bar.append(trouble);
      stage.task(step, bar);
      said.say(step.title);
      return;
    }
    stage.page();
    main.append(face(state).element);
    page.scrollTop = 0;
    const heading = main.querySelector<HTMLElement>("h1");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
  }

  desk.onChange(show);
  signal.addEventListener("abort", () => {
    life.abort();
    stage.leave();
  });
  show();
  void attempt(() => desk.come(codeInAddress()));
}

function faceOf(step: Step, desktop: Desktop): Face {
  switch (step.kind) {
    case "information": return makeInformation(desktop, step);
    case "consent":
    case "assent": return makeConsent(desktop, step);
    case "questionnaire": return makeQuestions(desktop, step);
    case "listening": return makeListening(desktop, step);
    case "break": return makeBreak(desktop, step);
    case "done": return makeDone(desktop, step);
    case "withdrawn": return makeWithdrawn(desktop, step);
    case "closed": return makeClosed(desktop, step);
    case "practice":
    case "task": return makeIntroduction(desktop, step);
  }
}

/** A link that was handed out may carry the code: `?code=...`. */
function codeInAddress(): string {
  return new URLSearchParams(location.search).get("code")?.trim() ?? "";
}
