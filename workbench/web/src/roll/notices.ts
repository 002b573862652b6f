/** What the page has to say: short messages, and whether the work is saved and the server there. */
import { t } from "../strings/index.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import type { RollState } from "./state.js";

export interface Notices { readonly element: HTMLElement; readonly status: HTMLElement }

const SHOWN_MS = 9_000;

export function makeNotices(state: RollState): Notices {
  const { store, player, signal } = state.context;
  const words = h("p");
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hide = (): void => void (element.hidden = true);
  const element = h("div", { class: "notice wb-card", hidden: true }, words,
    button({ label: t("roll.dismiss"), icon: "close", kind: "quiet", onclick: hide }));
  const status = h("p", { class: "status" });
  const update = (): void => {
    const { connection, autosave } = store.status;
    const key = connection === "lost" ? "roll.lost" : autosave === "blocked" ? "roll.blocked"
      : autosave === "saving" ? "roll.saving" : autosave === "saved" ? "roll.saved" : null;
    const text = player.loading ? t("roll.loading") : key ? t(key) : "";
    if (status.textContent === text) return;
    status.textContent = text;
    status.classList.toggle("warn", connection === "lost" || autosave === "blocked");
    if (connection === "lost") state.announcer.say(text, true);
  };
  store.subscribe((event) => {
    if (event.type === "status") update();
    if (event.type !== "notice") return;
    words.textContent = event.text;
    element.hidden = false;
    state.announcer.say(event.text, true);
    clearTimeout(timer);
    timer = setTimeout(hide, SHOWN_MS);
  }, signal);
  player.subscribe(update, signal);
  update();
  return { element, status };
}
