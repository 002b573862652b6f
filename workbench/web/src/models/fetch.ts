/** Getting a model and taking it away again: progress, Stop, going on later, and being asked before it goes. */
import type { Store } from "../store/store.js";
import { isStopped } from "../store/jobs.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { bytes, type Entry } from "./entry.js";

export interface Fetching {
  /** The model is on its way: its card must not be drawn anew. */
  begin(id: string): void;
  end(id: string): void;
  /** Something came or went: look again, and say this beside the model. */
  refresh(id: string, news: string): void;
}

/** What stands at the foot of a card: Get or Remove, and how that goes. */
export function fetchRow(store: Store, entry: Entry, hooks: Fetching, reachable: boolean, news: string): HTMLElement {
  const status = h("div", { class: "status", role: "status" }, news || entry.problem);
  const row = h("div", { class: "fetch" }, status);
  if (entry.state === "ready") row.prepend(remover(store, entry, status, hooks));
  else if (entry.state === "hub") row.prepend(getter(store, entry, status, hooks, reachable));
  return row;
}

function getLabel(entry: Entry): string {
  if (entry.download === null) return t("models.get");
  if (entry.size) return t("models.goOn", { here: bytes(entry.size), size: bytes(entry.download) });
  return t("models.get.size", { size: bytes(entry.download) });
}

function getter(store: Store, entry: Entry, status: HTMLElement, hooks: Fetching, reachable: boolean): HTMLElement {
  const bar = h("progress", { max: 1, "aria-label": t("models.fetching", { name: entry.title }) });
  const words = h("span", { class: "soft" });
  const start = button({ label: getLabel(entry), icon: "down", text: true, kind: "outlined", onclick: () => void get() });
  start.setAttribute("aria-label", `${t("models.get.name", { name: entry.title })}: ${getLabel(entry)}`);
  start.disabled = !reachable;

  async function get(): Promise<void> {
    const stopper = new AbortController();
    const stop = button({ label: t("models.stop"), icon: "stop", text: true, kind: "quiet", onclick: () => stopper.abort() });
    hooks.begin(entry.id);
    start.disabled = true;
    bar.removeAttribute("value");
    words.textContent = "";
    status.replaceChildren(bar, stop, words);
    stop.focus();
    try {
      await store.job("pull", { model: entry.id }, stopper.signal, {
        progress({ done, text }) {
          if (done === null) bar.removeAttribute("value");
          else bar.value = done;
          words.textContent = text;
        },
      }).result;
      hooks.end(entry.id);
      hooks.refresh(entry.id, t("models.got", { name: entry.title }));
    } catch (error) {
      hooks.end(entry.id);
      const stopped = entry.package ? t("models.stopped.package") : t("models.stopped");
      hooks.refresh(entry.id, isStopped(error) ? stopped : sentenceOf(error));
    }
  }
  return start;
}

function remover(store: Store, entry: Entry, status: HTMLElement, hooks: Fetching): HTMLElement {
  const start = button({ label: t("models.remove"), icon: "trash", text: true, kind: "quiet", onclick: () => ask() });
  start.setAttribute("aria-label", t("models.remove.name", { name: entry.title }));

  function ask(): void {
    const keep = button({ label: t("models.remove.no"), text: true, kind: "plain", onclick: () => {
      status.replaceChildren();
      start.hidden = false;
      start.focus();
    } });
    const yes = button({
      label: t("models.remove.yes", { size: bytes(entry.size ?? 0) }), text: true, kind: "danger", onclick: () => void remove() });
    start.hidden = true;
    status.replaceChildren(h("span", {}, t("models.remove.ask")), yes, keep);
    keep.focus();
  }

  async function remove(): Promise<void> {
    try {
      const { freed } = await store.call({ type: "models.remove", model: entry.id });
      hooks.refresh(entry.id, t("models.removed", { name: entry.title, size: bytes(freed) }));
    } catch (error) {
      hooks.refresh(entry.id, sentenceOf(error));
    }
  }
  return start;
}
