/** A question over the page, answered by one of two buttons; Escape means no. */
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";

export interface Confirmation {
  readonly title: string;
  readonly text: string;
  readonly yes: string;
  readonly no: string;
  act(): void;
}

/** `near`: something in the view, whose dialog this is. */
export function confirmation(near: HTMLElement, { title, text, yes, no, act }: Confirmation): void {
  const dialog = h("dialog", { class: "ask wb-card", "aria-labelledby": "ask-title" },
    h("h2", { id: "ask-title" }, title), h("p", {}, text),
    h("div", { class: "row end" },
      button({ label: no, kind: "outlined", onclick: () => dialog.close() }),
      button({
        label: yes, kind: "danger",
        onclick: () => {
          dialog.close();
          act();
        },
      })));
  dialog.addEventListener("close", () => dialog.remove());
  near.append(dialog);
  dialog.showModal();
}
