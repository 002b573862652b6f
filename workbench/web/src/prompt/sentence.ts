/** The line at the top that reads what will be made. */
import { t } from "../strings/index.js";
import { h } from "../ui/dom.js";
import type { Desk } from "./desk.js";

export function makeSentence(desk: Desk): HTMLElement {
  const element = h("p", { class: "sentence", role: "status", "aria-live": "polite" });
  const update = (): void => {
    const { items, sentence } = desk.state;
    const parts = items.length && sentence.length ? sentence : [[t("prompt.nothingYet"), false] as const];
    const key = JSON.stringify(parts);
    if (element.dataset["shown"] === key) return;
    element.dataset["shown"] = key;
    element.classList.toggle("soft", !items.length);
    element.replaceChildren(...parts.map(([text, strong]) => (strong ? h("strong", {}, text) : text)));
  };
  desk.onChange(update);
  update();
  return element;
}
