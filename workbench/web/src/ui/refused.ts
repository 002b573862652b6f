/** When the server does not take the piece: its sentence, once in each view, and a way to keep the piece. */
import { projectFile } from "../document/projectfile.js";
import type { Store } from "../store/store.js";
import { t } from "../strings/index.js";
import { button } from "./controls.js";
import { h } from "./dom.js";

export function showRefusal(root: HTMLElement, store: Store, signal: AbortSignal): void {
  const words = h("p", {});
  const banner = h("div", { class: "wb-refused wb-card", role: "alert", hidden: true },
    words, button({ label: t("server.saveFile"), icon: "down", text: true, kind: "primary", onclick: () => saveFile(store) }));
  root.prepend(banner);
  const update = (): void => {
    const { refusal } = store.status;
    banner.hidden = !refusal;
    if (refusal) words.textContent = `${refusal} ${t("server.refused")}`;
  };
  store.subscribe((event) => event.type === "status" && update(), signal);
  update();
}

function saveFile(store: Store): void {
  const url = URL.createObjectURL(new Blob([projectFile(store.score)], { type: "application/zip" }));
  const name = store.score.title.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 60) || "piece";
  h("a", { href: url, download: `${name}.wbz` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
