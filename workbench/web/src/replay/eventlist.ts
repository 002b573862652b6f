/** The events of a session as a list: what has been is dark, what is now is marked; a click goes there. */
import { t, known } from "../strings/index.js";
import { h } from "../ui/dom.js";
import type { LogEvent } from "./run.js";

/** Rows on either side of where the session is: a long one has tens of thousands of events. */
const AROUND = 60;

export interface EventList {
  readonly element: HTMLElement;
  /** `place`: how many events have been played. */
  show(place: number): void;
}

const time = (seconds: number): string => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, "0")}`;

/** An event in words: what happened, and the one fact that tells it from the others of its kind. */
export function eventText({ kind, payload }: LogEvent): string {
  const key = `replay.kind.${kind}`, name = known(key) ? t(key) : kind;
  const facts = ["action", "gesture", "name", "task", "instrument", "choice", "text", "message"].flatMap((field) => {
    const value = payload[field];
    return typeof value === "string" && value ? [value.slice(0, 120)] : [];
  });
  return facts.length ? `${name}: ${facts[0]}` : name;
}

export function followEvents(events: readonly LogEvent[], times: readonly number[], go: (place: number) => void): EventList {
  const element = h("ol", { class: "events", "aria-label": t("replay.list"), tabindex: 0 });
  let from = -1, to = -1;

  const row = (event: LogEvent, i: number): HTMLElement => h("li", { "data-place": i, onclick: () => go(i) }, h("time", {}, time(times[i]!)), eventText(event));

  return {
    element,
    show(place) {
      const first = Math.max(0, place - AROUND), last = Math.min(events.length, place + AROUND);
      if (place - 10 < from || place + 10 > to || from < 0) {
        [from, to] = [first, last];
        element.replaceChildren(...events.slice(first, last).map((event, i) => row(event, first + i)));
      }
      for (const child of element.children) {
        const at = Number((child as HTMLElement).dataset["place"]);
        child.classList.toggle("past", at < place);
        child.classList.toggle("now", at === place - 1);
        if (at === place - 1) element.scrollTop = (child as HTMLElement).offsetTop - element.offsetTop - element.clientHeight / 2;
      }
    },
  };
}
