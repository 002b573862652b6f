/** All keys and gestures, in a dialog. */
import { t } from "../strings/index.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { COMMANDS } from "./keyboard.js";

const SIGNS: Readonly<Record<string, string>> = {
  ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", PageUp: "Page ↑", PageDown: "Page ↓",
};

const readable = (keys: string): string => (keys === "+" ? [keys] : keys.split("+")).map((part) =>
  SIGNS[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join(" ");

export function makeHelp(): { element: HTMLDialogElement; open(): void } {
  const element = h("dialog", { class: "help wb-card", "aria-label": t("help.title") },
    h("header", {}, h("h2", {}, t("help.title")),
      button({ label: t("help.close"), icon: "close", onclick: () => element.close() })),
    h("p", {}, t("help.mouse")), h("p", {}, t("help.touch")),
    h("dl", {}, COMMANDS.map((command) => h("div", {},
      h("dt", {}, command.keys.map((keys) => h("kbd", {}, readable(keys)))), h("dd", {}, t(command.label))))));
  element.addEventListener("keydown", (event) => event.stopPropagation());
  return { element, open: () => element.showModal() };
}
