/** What the panel of ideas is made of: its buttons, its progress, its news. */
import { t } from "../strings/index.js";
import { named } from "../ui/conditions.js";
import { button, relabel } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { waitingText } from "../ui/waiting.js";
import type { FillSession } from "./session.js";

export interface FaceHooks {
  ask(more: boolean): void;
  stop(): void;
  /** Show the wishes although there are ideas already, or no longer. */
  change(): void;
  keepBlend(): void;
  /** Between filling the gap and letting a band join. */
  switch(): void;
  close(): void;
  keys(event: KeyboardEvent): void;
}

export interface FaceNow {
  readonly blending: boolean;
  readonly wishing: boolean;
  readonly told: string;
  /** Styles stand instead of wishes. */
  readonly joining: boolean;
}

export interface Face {
  readonly element: HTMLElement;
  readonly where: HTMLElement;
  readonly stop: HTMLButtonElement;
  readonly more: HTMLButtonElement;
  progress(session: FillSession): void;
  /** Returns whether the focus stood on what goes now. */
  update(session: FillSession, now: FaceNow): boolean;
  /** The button that asks for ideas, whichever is there. */
  asking(): HTMLButtonElement;
}

/** `what`, `wishes`: the set-up; `below`: cards and whatever stands under them. */
export function makeFace(hooks: FaceHooks, what: HTMLElement, wishes: HTMLElement, below: readonly HTMLElement[]): Face {
  const where = h("span", { class: "where" });
  const go = button({ label: t("fill.start"), icon: "spark", text: true, kind: "primary", onclick: () => hooks.ask(false) });
  const more = named("alternatives", button({ label: t("fill.again"), icon: "again", text: true, kind: "outlined", onclick: () => hooks.ask(true) }));
  const stop = button({ label: t("fill.stop"), icon: "stop", text: true, kind: "danger", onclick: hooks.stop });
  const change = button({ label: t("fill.change"), text: true, kind: "quiet", pressed: false, onclick: hooks.change });
  const keepBlend = button({ label: t("fill.keepBlend"), icon: "check", text: true, kind: "primary", onclick: hooks.keepBlend });
  const title = h("h2", {}, t("fill.title"));
  const turn = named("styles", button({ label: t("join.open"), icon: "band", text: true, kind: "quiet", onclick: hooks.switch }));
  turn.classList.add("turn");
  const bar = h("progress", { max: 1, "aria-label": t("fill.working") });
  const left = h("span", { class: "left" });
  const working = h("div", { class: "working", hidden: true }, bar, left, stop);
  const news = h("p", { class: "news", hidden: true });
  const element = h("section", { class: "fill wb-card", "aria-label": t("fill.title"), hidden: true,
    onkeydown: (event: KeyboardEvent) => hooks.keys(event) },
  h("header", {}, title, where, turn,
    button({ label: t("fill.close"), icon: "close", kind: "quiet", onclick: hooks.close })),
  h("div", { class: "setup" }, what, wishes, h("div", { class: "go" }, go, keepBlend, more, change)),
  working, news, [...below]);

  function progress(session: FillSession): void {
    if (session.progress.done === null) bar.removeAttribute("value");
    else bar.value = session.progress.done;
    const seconds = session.progress.seconds_left;
    left.textContent = waitingText(session.progress)
      || (seconds === null ? t("fill.working") : t("fill.left", { seconds: Math.max(1, Math.round(seconds)) }));
  }

  return {
    element, where, stop, more, progress,
    asking: () => (go.hidden ? more : go),
    update(session, { blending, wishing, told, joining }) {
      const busy = session.status === "working";
      const some = session.ideas.length > 0;
      const stranded = !busy && working.contains((element.getRootNode() as ShadowRoot).activeElement);
      working.hidden = !busy;
      progress(session);
      go.hidden = busy || some || joining;
      more.hidden = busy || !some;
      keepBlend.hidden = !blending || busy;
      change.hidden = more.hidden;
      change.setAttribute("aria-pressed", String(wishing));
      name(change, t(joining ? "join.others" : "fill.change"));
      relabel(turn, t(joining ? "fill.title" : "join.open"), joining ? "spark" : "band");
      title.textContent = t(joining ? "join.title" : "fill.title");
      element.setAttribute("aria-label", title.textContent);
      element.classList.toggle("joining", joining);
      element.classList.toggle("settled", (busy || some) && !wishing);
      news.textContent = [told, session.news].filter(Boolean).join(" ");
      news.hidden = !news.textContent;
      return stranded;
    },
  };
}

function name(element: HTMLButtonElement, label: string): void {
  element.title = label;
  element.querySelector("span")!.textContent = label;
}
