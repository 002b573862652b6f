/** What a person selects, marks and loops, for the log: once the hands rest, so that a drag is one event. */
import type { Store } from "./store.js";
import type { ViewState } from "./viewstate.js";

const REST_MS = 500;
/** Most notes of a selection that are named. */
const NAMED = 200;
const WATCHED: readonly (keyof ViewState)[] = ["track", "selection", "marks", "loop"];

export function watchSelection(store: Store): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  store.subscribe((event) => {
    if (event.type === "open") clearTimeout(timer); // what was selected is gone
    if (event.type !== "view" || !event.keys.some((key) => WATCHED.includes(key))) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const { track, selection, marks, loop } = store.view;
      store.log("select", { track, count: selection.size, notes: [...selection].slice(0, NAMED), marks, loop });
    }, REST_MS);
  });
}
