/** A job's progress on the page: what is done, how long it takes still, and Stop. */
import type { Progress } from "../host/messages.js";
import { t } from "../strings/index.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { waitingText } from "../ui/waiting.js";

export interface Work {
  readonly element: HTMLElement;
  /** Begin something that can be stopped; the signal of whoever began before is aborted. */
  begin(what: string): AbortController;
  progress(progress: Progress): void;
  /** It is over, if it is still this that goes on. */
  end(stopper: AbortController): void;
  stop(): void;
}

/** "About 40 seconds left." */
function leftText(seconds: number | null): string {
  if (seconds === null || seconds < 1.5) return "";
  return seconds < 90 ? t("listen.secondsLeft", { count: Math.round(seconds) }) : t("listen.minutesLeft", { count: Math.round(seconds / 60) });
}

export function makeWork(signal: AbortSignal): Work {
  let now: AbortController | null = null;
  let what = "";
  let began = 0;
  const words = h("span", { role: "status" }), left = h("span", { class: "soft" });
  const bar = h("progress", { max: "1" });
  const element = h("div", { class: "work wb-card", hidden: true }, words, bar, left,
    button({ label: t("listen.stopWork"), icon: "stop", text: true, onclick: () => stop() }));

  function leave(): void {
    now = null;
    element.hidden = true;
  }
  function stop(): void {
    now?.abort();
    leave();
  }
  signal.addEventListener("abort", stop);
  return {
    element, stop,
    begin(next) {
      stop();
      now = new AbortController();
      [what, began] = [next, performance.now()];
      words.textContent = what;
      left.textContent = "";
      bar.removeAttribute("value");
      bar.setAttribute("aria-label", what);
      element.hidden = false;
      return now;
    },
    progress(progress) {
      const sentence = waitingText(progress) || progress.text || what;
      if (words.textContent !== sentence) words.textContent = sentence;
      if (progress.done === null) bar.removeAttribute("value");
      else bar.value = progress.done;
      const spent = (performance.now() - began) / 1_000, { done } = progress;
      // Where the server does not say, by how far it has come.
      const guess = done && done > 0.05 && spent > 2 ? (spent * (1 - done)) / done : null;
      left.textContent = leftText(progress.seconds_left ?? guess);
    },
    end(stopper) {
      if (now === stopper) leave();
    },
  };
}
