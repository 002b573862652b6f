/** The slim bar above the app during a task: what is to be done, the time left, a thought, a pause, and done. */
import type { ViewContext } from "../host/view.js";
import { t } from "../strings/index.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { confirmation } from "./dialog.js";
import type { Desktop } from "./study.js";
import { clockText, paragraphs, plainText } from "./text.js";
import type { TaskStep } from "./types.js";

/** Seconds before the end at which it is said how many are left. */
const WARNINGS = [60, 10];

export function makeTaskBar(desktop: Desktop, step: TaskStep, openKept: () => void): HTMLElement {
  const { desk, context } = desktop;
  const whole = [step.text, step.instructions].filter((text): text is string => Boolean(text)).join("\n\n");
  const words = h("div", { class: "task-words", id: "task-words", hidden: true }, h("div", {}, ...paragraphs(whole)));
  const line = h("button", {
    type: "button", class: "task-line", "aria-expanded": "false", "aria-controls": "task-words", title: t("study.readTask"),
    onclick: () => unfold(Boolean(words.hidden)),
  }, h("b", {}, step.title), h("span", {}, plainText(whole)));
  const unfold = (open: boolean): void => {
    words.hidden = !open;
    line.setAttribute("aria-expanded", String(open));
  };
  const thought = makeMark(desktop);
  const pause = button({ label: t("study.pause"), icon: "pause", onclick: () => void desktop.attempt(async () => { await settled(context); await desk.pause(); }) });
  const done = button({
    label: t(step.kind === "practice" ? "study.practiceDone" : "study.done"), icon: "check", text: true, kind: "primary",
    onclick: () => void finish({}),
  });
  let over = false;
  async function finish(data: Record<string, unknown>): Promise<void> {
    done.disabled = true;
    await desktop.attempt(async () => {
      await settled(context);
      await desk.next(data);
    });
    done.disabled = false;
  }
  const more = makeMore(desktop, openKept);
  const time = h("p", { class: "time", role: "timer" });
  const state = h("p", { class: "away", role: "status", hidden: true }, t("study.lost"));
  const element = h("section", { class: "task-bar", "aria-label": t("study.taskBar"), "data-kind": step.kind },
    h("div", { class: "row" }, line, time, desk.state?.marks ? thought.button : null, pause, more, done), state, thought.element, words);
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !words.hidden) {
      unfold(false);
      line.focus();
    }
  });
  runClock({ desktop, step, time, done, over: () => {
    if (over) return;
    over = true;
    desktop.say(t("study.timeUp"), true);
    void finish({ timeout: true });
  } });
  const away = (): void => void (state.hidden = !desk.lost && context.store.status.connection !== "lost");
  context.store.subscribe((event) => event.type === "status" && away(), desktop.signal);
  desk.onChange(away);
  away();
  return element;
}

interface Clock {
  readonly desktop: Desktop;
  readonly step: TaskStep;
  readonly time: HTMLElement;
  readonly done: HTMLButtonElement;
  over(): void;
}

function runClock({ desktop, step, time, done, over }: Clock): void {
  const { desk } = desktop;
  const first = desk.secondsLeft;
  const began = performance.now() - ((step.seconds ?? 0) - (first ?? step.seconds ?? 0)) * 1_000;
  const told = new Set<number>(WARNINGS.filter((at) => first !== null && first <= at));
  const tick = (): void => {
    const left = desk.secondsLeft;
    time.hidden = left === null;
    if (left !== null) {
      const text = clockText(left);
      if (time.textContent !== text) time.textContent = text;
      time.setAttribute("aria-label", t("study.timeLeft", { time: text }));
      time.classList.toggle("soon", left <= WARNINGS[0]!);
      for (const at of WARNINGS) {
        if (left > at || told.has(at)) continue;
        told.add(at);
        desktop.say(t("study.timeLeft", { time: clockText(at) }));
      }
      if (left <= 0) over();
    }
    const wait = (step.not_before_s ?? 0) - (performance.now() - began) / 1_000;
    const early = wait > 0;
    if (done.dataset["early"] !== String(early)) {
      done.dataset["early"] = String(early);
      done.setAttribute("aria-disabled", String(early));
    }
    done.title = early ? t("study.notYet", { time: clockText(wait) }) : done.textContent ?? "";
  };
  done.addEventListener("click", (event) => {
    if (done.dataset["early"] !== "true") return;
    event.stopImmediatePropagation();
    desktop.say(done.title);
  }, { capture: true });
  tick();
  const timer = setInterval(tick, 250);
  desktop.signal.addEventListener("abort", () => clearInterval(timer));
}

/** Everything that was done is with the server before the step ends; without it the step would lack its last moments. */
async function settled(context: ViewContext): Promise<void> {
  context.player.stop();
  try {
    await context.store.flush();
  } catch {
    // It is away: what follows waits until it is back, and so does what was done.
  }
}

/** "Say what you think": a line that is kept with the moment it was said. */
function makeMark(desktop: Desktop): { button: HTMLButtonElement; element: HTMLElement } {
  const input = h("input", { type: "text", maxlength: 2_000, "aria-label": t("study.markWhat"), placeholder: t("study.markWhat"), autocomplete: "off" });
  const form = h("form", {
    class: "mark-form", hidden: true,
    onsubmit: (event: Event) => {
      event.preventDefault();
      const text = input.value.trim();
      if (!text) return input.focus();
      open(false);
      void desktop.attempt(async () => {
        await desktop.desk.mark(text);
        desktop.say(t("study.marked"));
      });
    },
    onkeydown: (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      open(false);
    },
  }, input, h("button", { type: "submit", class: "wb-button outlined" }, t("study.markKeep")));
  const open = (show: boolean): void => {
    form.hidden = !show;
    toggle.setAttribute("aria-expanded", String(show));
    if (show) {
      input.value = "";
      input.focus();
    } else toggle.focus();
  };
  const toggle = button({ label: t("study.mark"), icon: "mark", onclick: () => open(Boolean(form.hidden)) });
  toggle.setAttribute("aria-expanded", "false");
  return { button: toggle, element: form };
}

/** What is seldom needed: what is kept, and stopping for good. */
function makeMore(desktop: Desktop, openKept: () => void): HTMLElement {
  const { desk } = desktop;
  const menu = h("div", { class: "more-menu wb-card", hidden: true },
    button({ label: t("kept.title"), kind: "quiet", onclick: () => { toggle(false); openKept(); } }),
    button({
      label: t("study.stop"), kind: "quiet",
      onclick: () => {
        toggle(false);
        confirmation(element, {
          title: t("study.stopTitle"), text: t("study.stopText"), yes: t("study.stopYes"), no: t("study.stopNo"),
          act: () => void desktop.attempt(() => desk.withdraw()),
        });
      },
    }));
  const opener = button({ label: t("study.more"), icon: "more", onclick: () => toggle(Boolean(menu.hidden)) });
  opener.setAttribute("aria-expanded", "false");
  const toggle = (open: boolean): void => {
    menu.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
  };
  const element = h("div", { class: "more" }, opener, menu);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || menu.hidden) return;
    toggle(false);
    opener.focus();
  });
  element.addEventListener("focusout", (event) => {
    if (event.relatedTarget instanceof Node && !element.contains(event.relatedTarget)) toggle(false);
  });
  return element;
}
