/** The shadow root of a view: its own styles, light or dark as the page around it is. */
import theme from "../theme.css";
import { withheldSheet } from "./conditions.js";
import { spoken } from "../strings/spoken.js";
import { h } from "./dom.js";

export function createRoot(el: HTMLElement, name: string, signal: AbortSignal): HTMLElement {
  const shadow = el.shadowRoot ?? el.attachShadow({ mode: "open" });
  shadow.replaceChildren(h("style", {}, theme), withheldSheet(signal));
  const root = h("div", { class: `wb wb-${name}`, lang: spoken().tag });
  // Jupyter's shortcuts must not see keys that are meant for the instrument.
  el.setAttribute("data-lm-suppress-shortcuts", "true");
  shadow.append(root);
  followTheme(root, signal);
  signal.addEventListener("abort", () => shadow.replaceChildren());
  return root;
}

/** Add a view's own style sheet to its root. */
export function addStyle(root: HTMLElement, css: string): void {
  root.before(h("style", {}, css));
}

export function isDark(root: HTMLElement): boolean {
  return root.dataset["theme"] === "dark";
}

/** Dark as Gradio (`.dark`), Jupyter (`data-jp-theme-light`), marimo or, failing those, the system says. */
function pageIsDark(media: MediaQueryList): boolean {
  const { body, documentElement } = document;
  const forced = documentElement.dataset["wbTheme"];
  if (forced) return forced === "dark";
  if (body.dataset["jpThemeLight"]) return body.dataset["jpThemeLight"] === "false";
  for (const element of [body, documentElement]) {
    if (element.classList.contains("dark") || element.classList.contains("dark-theme")) return true;
    if (element.dataset["theme"]) return element.dataset["theme"] === "dark";
  }
  const gradio = document.querySelector("gradio-app, .gradio-container");
  return gradio ? false : media.matches;
}

function followTheme(root: HTMLElement, signal: AbortSignal): void {
  const media = matchMedia("(prefers-color-scheme: dark)");
  const update = (): void => {
    const value = pageIsDark(media) ? "dark" : "light";
    if (root.dataset["theme"] === value) return;
    root.dataset["theme"] = value;
    root.dispatchEvent(new CustomEvent("themechange"));
  };
  update();
  media.addEventListener("change", update, { signal });
  const observer = new MutationObserver(update);
  const attributeFilter = ["class", "data-theme", "data-jp-theme-light", "data-wb-theme"];
  for (const element of [document.body, document.documentElement]) {
    observer.observe(element, { attributes: true, attributeFilter });
  }
  signal.addEventListener("abort", () => observer.disconnect());
}
