/** Words for people who do not look: one polite and one urgent live region in each view. */
import { h } from "./dom.js";

export interface Announcer {
  /** Say something; nothing is spoken over music unless it is urgent. */
  say(text: string, urgent?: boolean): void;
}

/** `quiet()` tells whether music plays now. */
export function announcer(root: HTMLElement, quiet: () => boolean): Announcer {
  const polite = h("div", { class: "wb-spoken", role: "status", "aria-live": "polite", "data-spoken": "polite" });
  const urgent = h("div", { class: "wb-spoken", role: "alert", "aria-live": "assertive", "data-spoken": "urgent" });
  root.append(polite, urgent);
  return {
    say(text, now = false) {
      if (!now && quiet()) return;
      const region = now ? urgent : polite;
      // The same words twice would not be a change: a zero-width space makes them one.
      region.textContent = region.textContent === text ? `${text}\u200b` : text;
    },
  };
}
