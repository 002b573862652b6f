/** Who made the piece, and whether it may be sold: a quiet line that opens, and a warning only where one is due. */
import type { ViewContext } from "../host/view.js";
import { t } from "../strings/index.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";

const REST = 1500;

/** Shown with the ways to take the piece away. Asks the server at rest after changes, and only if a model wrote any. */
export function makersPanel(context: ViewContext): HTMLElement {
  const { store, signal } = context;
  const list = h("ul", {});
  const warning = h("p", { class: "keep-selling", role: "status", hidden: true });
  const details = h("details", { class: "keep-makers" }, h("summary", {}, t("makers.title")), list);
  let timer = 0, asked = 0;

  async function ask(): Promise<void> {
    const number = (asked += 1);
    const told = await store.call({ type: "makers" }).catch(() => null);
    if (!told || number !== asked || told.type !== "makers.told") return;
    list.replaceChildren(...[...told.sentences, told.sentence].map((line) => h("li", {}, line)));
    warning.hidden = told.answer === "yes";
    warning.classList.toggle("no", told.answer === "no");
    const part = told.replace[0];
    warning.replaceChildren(h("span", {}, told.sentence), ...(part?.track
      ? [button({ label: t("makers.show"), kind: "plain", onclick: () => show(part) })] : []));
  }

  function show(part: { readonly track: string; readonly first: number; readonly last: number }): void {
    const [start, end] = store.time.barRange(part.first, part.last);
    store.setView({ track: part.track, loop: [start, end], cursor: start });
  }

  const byModel = (): boolean => store.score.tracks.some((track) => [...track.notes.values()].some((note) => note.author.includes("model:")));
  const later = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      if (details.open || byModel()) void ask();
      else warning.hidden = true;
    }, REST);
  };
  details.addEventListener("toggle", () => void (details.open && ask()), { signal });
  store.subscribe((event) => {
    if (event.type !== "view") later();
  }, signal);
  signal.addEventListener("abort", () => clearTimeout(timer));
  later();
  return h("div", { class: "keep-made" }, warning, details);
}
