/** The media shelf: the files a person has brought, and those on their way. */
import type { MediaItem } from "../host/model.js";
import type { ViewContext } from "../host/view.js";
import { sendFile } from "../home/open.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { icon, type IconName } from "../ui/icons.js";
import { addStyle } from "../ui/root.js";
import style from "./shelf.css";

export interface Shelf {
  readonly element: HTMLElement;
  /** Send a file, with its progress shown; rejects with one sentence, or with an AbortError after Stop. */
  add(file: File): Promise<MediaItem>;
}

const ICONS: Record<MediaItem["kind"], IconName> = {
  sound: "sound", video: "play", picture: "grid", pages: "list", score: "keyboard",
};
/** Pictures that every browser shows. */
const SHOWN = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"];

export function sizeText(bytes: number): string {
  return bytes >= 1e6 ? t("media.mb", { size: Math.round(bytes / 1e5) / 10 })
    : t("media.kb", { size: Math.max(1, Math.round(bytes / 1e3)) });
}

export function mediaShelf({ root, host, store, signal }: Omit<ViewContext, "player">): Shelf {
  addStyle(root, style);
  const cards = h("ul", { class: "cards" });
  const element = h("section", { class: "shelf", hidden: true, "aria-label": t("media.title") },
    h("h2", {}, t("media.title")), cards, h("p", { class: "note" }, t("media.note")));
  const shown = new Map<string, { card: HTMLElement; gone: AbortController }>();
  const update = (): void => void (element.hidden = cards.childElementCount === 0);

  /** Bring what is shown in step with what the server has. */
  function show(items: readonly MediaItem[]): void {
    for (const [id, { card, gone }] of shown) {
      if (items.some((item) => item.id === id)) continue;
      gone.abort();
      card.remove();
      shown.delete(id);
    }
    for (const item of items) {
      if (shown.has(item.id) || item.kind === "score") continue;
      const gone = new AbortController();
      const card = itemCard(item, gone.signal);
      shown.set(item.id, { card, gone });
      cards.append(card);
    }
    update();
  }

  function itemCard(item: MediaItem, gone: AbortSignal): HTMLElement {
    const view = h("div", { class: "view" }, icon(ICONS[item.kind]) as unknown as Node);
    void preview(item, view, gone);
    return h("li", { class: "item wb-card" }, view,
      h("div", { class: "text" }, h("b", { title: item.name }, item.name),
        h("span", {}, `${t(`media.${item.kind}`)}, ${sizeText(item.size)}`)),
      button({ label: t("media.remove", { name: item.name }), icon: "trash", onclick: () => void remove(item) }));
  }

  async function preview(item: MediaItem, view: HTMLElement, gone: AbortSignal): Promise<void> {
    const player = item.kind === "sound" ? "audio" : item.kind === "video" ? "video" : null;
    if (!host.media || (!player && !SHOWN.includes(item.media_type))) return;
    try {
      const src = await host.media.address(item, gone);
      const made = player ? h(player, { src, controls: true, preload: "metadata", "aria-label": item.name })
        : h("img", { src, alt: item.name, loading: "lazy" });
      made.addEventListener("error", () => view.replaceChildren(icon(ICONS[item.kind]) as unknown as Node));
      view.replaceChildren(made);
    } catch {
      // the sign of its kind stays: a file that cannot be shown here is still the person's own
    }
  }

  async function remove(item: MediaItem): Promise<void> {
    try {
      const reply = await store.call({ type: "media.remove", id: item.id });
      show(reply.items);
      store.notice(t("media.removed", { name: item.name }));
    } catch (error) {
      store.notice(sentenceOf(error));
    }
  }

  async function refresh(): Promise<void> {
    if (!host.media) return;
    try {
      show((await store.call({ type: "media" })).items);
    } catch {
      // the server is away; the next file that comes brings the list along
    }
  }

  async function add(file: File): Promise<MediaItem> {
    const stopper = new AbortController();
    const bar = h("progress", { max: "1", value: "0", "aria-label": t("media.sending", { name: file.name }) });
    const share = h("span", {}, t("media.share", { percent: 0 }));
    const card = h("li", { class: "item wb-card" }, h("div", { class: "text" },
      h("b", { title: file.name }, t("media.sending", { name: file.name })), bar, share),
      button({ label: t("media.stop", { name: file.name }), icon: "stop", onclick: () => stopper.abort() }));
    cards.append(card);
    update();
    signal.addEventListener("abort", () => stopper.abort(), { once: true });
    try {
      const item = await sendFile(host, file, {
        signal: stopper.signal,
        progress: (done) => {
          bar.value = done;
          share.textContent = t("media.share", { percent: Math.floor(done * 100) });
        },
      });
      await refresh();
      return item;
    } finally {
      card.remove();
      update();
    }
  }

  void store.ready.then(refresh);
  store.whenBack(() => void refresh(), signal);
  return { element, add };
}
