/** The quiet line at the foot of every page of the app. */
import type { ViewContext } from "../host/view.js";
import { t } from "../strings/index.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { mountKept } from "./kept.js";

export function keptFooter(context: ViewContext): void {
  const panel = mountKept(context, null);
  context.root.append(
    h("footer", { class: "kept-footer", "aria-label": t("kept.links") }, button({ label: t("kept.title"), kind: "quiet", onclick: panel.open })),
    panel.element);
}
