/** Steps that are read: information, a pause, a break between sittings, the end. */
import { t } from "../strings/index.js";
import { spoken } from "../strings/spoken.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { icon, type IconName } from "../ui/icons.js";
import type { Desktop, Face } from "./study.js";
import { paragraphs } from "./text.js";
import type { BreakStep, DoneStep, PlainStep, Step } from "./types.js";

/** Heading, paragraphs, whatever the step has of its own, and the way on. */
export function article(step: Step, ...own: (HTMLElement | null)[]): HTMLElement {
  return h("article", { class: `page ${step.kind}` }, h("h1", {}, step.title), ...paragraphs(step.text), ...own);
}

/** `data`: what goes to the server with the step; null: something is missing, and the step says what. */
export function onward(desktop: Desktop, label: string, data: () => Record<string, unknown> | null = () => ({})): HTMLButtonElement {
  const element = button({
    label, kind: "primary",
    onclick: () => {
      const given = data();
      if (!given) return;
      element.disabled = true;
      void desktop.attempt(() => desktop.desk.next(given)).finally(() => (element.disabled = false));
    },
  });
  element.classList.add("large");
  return element;
}

export const actions = (...buttons: (HTMLElement | null)[]): HTMLElement => h("div", { class: "actions" }, buttons);

export function makeInformation(desktop: Desktop, step: PlainStep): Face {
  const { desk } = desktop;
  const code = h("input", { type: "text", autocomplete: "off", spellcheck: "false", "aria-label": t("study.code") });
  const come = (): void => {
    const text = code.value.trim();
    if (text) void desktop.attempt(() => desk.come(text));
  };
  const back = h("details", { class: "come-back" }, h("summary", {}, t("study.haveCode")),
    h("form", { class: "row", onsubmit: (event: Event) => { event.preventDefault(); come(); } },
      code, button({ label: t("study.useCode"), kind: "outlined", onclick: come })));
  return { element: article(step, actions(onward(desktop, t("study.goOn"))), desk.state!.index === 0 ? back : null) };
}

export function makePaused(desktop: Desktop): Face {
  const { desk } = desktop;
  const go = button({ label: t("study.resume"), icon: "play", text: true, kind: "primary", onclick: () => void desktop.attempt(() => desk.resume()) });
  go.classList.add("large");
  return {
    element: h("article", { class: "page paused" }, h("h1", {}, t("study.paused")), h("p", {}, t("study.pausedText")),
      codeCard(desktop, desk.state!.code, t("study.code"), t("study.codeKeep")), actions(go)),
  };
}

export function makeBreak(desktop: Desktop, step: BreakStep): Face {
  const until = step.until ? new Date(step.until) : null;
  const go = onward(desktop, t("study.next"));
  const when = h("p", { class: "when" });
  const update = (): void => {
    const early = until !== null && until.getTime() > Date.now();
    go.hidden = early;
    when.hidden = !early;
    if (early) when.textContent = t("study.until", { when: until.toLocaleString(spoken().tag, { dateStyle: "full", timeStyle: "short" }) });
  };
  update();
  const timer = setInterval(update, 5_000);
  desktop.signal.addEventListener("abort", () => clearInterval(timer));
  return { element: article(step, when, codeCard(desktop, desktop.desk.state!.code, t("study.code"), t("study.codeKeep")), actions(go)) };
}

export function makeDone(desktop: Desktop, step: DoneStep): Face {
  const link = step.link && /^https?:/.test(step.link)
    ? h("a", { class: "wb-button primary large", href: step.link, rel: "noreferrer" }, t("study.doneLink")) : null;
  const code = step.completion_code ? codeCard(desktop, step.completion_code, t("study.completion"), t("study.completionWhy")) : null;
  const element = article(step, code, link ? actions(link) : null, h("p", { class: "soft" }, t("study.mayClose"), " ", desktop.desk.state!.code ? t("study.takeBack", { code: desktop.desk.state!.code }) : ""));
  element.prepend(badge("check"));
  return { element };
}

export function makeWithdrawn(_desktop: Desktop, step: PlainStep): Face {
  return { element: article(step, h("p", { class: "soft" }, t("study.mayClose"))) };
}

export function makeClosed(_desktop: Desktop, step: PlainStep): Face {
  return { element: article(step) };
}

const badge = (name: IconName): HTMLElement => h("div", { class: "badge", "aria-hidden": "true" }, icon(name, 30) as unknown as Node);

/** A code in large letters, with a button that copies it. */
function codeCard(desktop: Desktop, code: string, label: string, why: string): HTMLElement {
  const output = h("output", { class: "code", tabindex: "0", "aria-label": `${label}: ${[...code].join(" ")}` }, code);
  const copy = button({
    label: t("study.copy"), icon: "copy", text: true, kind: "outlined",
    onclick: async () => {
      const done = await copied(code, output);
      copy.querySelector("span")!.textContent = t(done ? "study.copied" : "study.copyByHand");
      desktop.say(t(done ? "study.copied" : "study.copyByHand"));
    },
  });
  return h("section", { class: "code-card wb-card", "aria-label": label },
    h("p", { class: "label" }, label), h("div", { class: "row" }, output, copy), h("p", { class: "soft" }, why));
}

/** The clipboard is forbidden in some frames and on insecure addresses: then the code is selected, to be copied by hand. */
async function copied(text: string, shown: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const range = document.createRange();
    range.selectNodeContents(shown);
    const selection = getSelection();
    selection?.removeAllRanges();
    selection?.addRange(range);
    return document.execCommand("copy");
  }
}
