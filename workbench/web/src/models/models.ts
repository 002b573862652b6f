/** The models, on a shelf for each place they come from, and the credits: plain words first, terms behind a click. */
import type { ViewContext } from "../host/view.js";
import { givenName } from "../strings/given.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { addStyle } from "../ui/root.js";
import { bytes, speedOf, taskOf, versionOf, whereOf, type Entry, type Source } from "./entry.js";
import { fetchRow, type Fetching } from "./fetch.js";
import style from "./models.css";

interface Credit { readonly what: string; readonly where: string; readonly by: string; readonly licence: string }

const SHELVES = ["here", "hub", "package"] as const;

export function models(context: ViewContext): void {
  const { root, store, signal } = context;
  addStyle(root, style);
  const list = h("div", { class: "shelves" }, h("p", { class: "soft" }, t("models.asking")));
  const thanks = h("section", { class: "credits" });
  const kept = h("p", { class: "soft", hidden: true }, t("models.lead.open"));
  root.append(h("div", { class: "models" },
    h("header", {}, h("h2", {}, t("models.title")), h("p", { class: "soft" }, t("models.lead")), kept), list, thanks));
  /** Cards whose model is on its way: they stay as they are when the rest is drawn anew. */
  const busy = new Set<string>();
  const cards = new Map<string, HTMLElement>();
  /** Why nothing can be fetched from the Hub now; said once, above that shelf. */
  let silence = "";
  let looked = false;

  const hooks: Fetching = {
    begin: (id) => void busy.add(id),
    end: (id) => void busy.delete(id),
    refresh(id, news) {
      const focused = cards.get(id)?.contains((root.getRootNode() as ShadowRoot).activeElement ?? null) ?? false;
      void ask({ id, news, focused });
    },
  };

  async function ask(after?: { id: string; news: string; focused: boolean }): Promise<void> {
    try {
      await store.flush();
      const reply = await store.call({ type: "models" });
      const entries = (reply.models as unknown as Entry[]).map((entry) => ({ ...entry, title: givenName(entry.title) }));
      kept.hidden = reply.weights !== "open";
      const fetchable = entries.some((entry) => entry.shelf === "hub" && entry.state === "hub") && !reply.public;
      const draw = (): void => {
        list.replaceChildren(...SHELVES.flatMap((name) => shelf(name, entries, reply, after)));
        if (after?.focused) cards.get(after.id)?.querySelector<HTMLElement>(".fetch button:not(:disabled)")?.focus();
      };
      draw();
      thanks.replaceChildren(...credits(reply.credits as unknown as Credit[], entries));
      if (!fetchable || looked) return;
      looked = true;
      silence = (await store.call({ type: "models.network" })).silence;
      if (silence) draw();
    } catch (error) {
      list.replaceChildren(h("p", { class: "bad" }, sentenceOf(error)),
        button({ label: t("models.again"), onclick: () => void ask() }));
    }
  }

  function shelf(
    name: Entry["shelf"], all: readonly Entry[],
    reply: { readonly public: boolean; readonly used: number; readonly free: number | null },
    after?: { id: string; news: string },
  ): HTMLElement[] {
    const entries = all.filter((entry) => entry.shelf === name);
    if (!entries.length) return [];
    const heading = h("h3", { id: `models-${name}` }, t(`models.shelf.${name}`));
    const notes = [h("p", { class: "soft" }, t(`models.shelf.${name}.lead`))];
    const first = all.find((entry) => !entry.embedded);
    if (first?.shelf === name && !reply.public) {
      notes.push(h("p", { class: "soft disk" }, reply.free === null ? t("models.disk.used", { used: bytes(reply.used) })
        : t("models.disk", { used: bytes(reply.used), free: bytes(reply.free) })));
    }
    if (name === "hub" && silence) {
      notes.push(h("p", { class: "notice", role: "status" }, h("span", {}, silence),
        button({ label: t("models.again"), icon: "again", text: true, kind: "plain", onclick: () => {
          looked = false;
          silence = "";
          void ask();
        } })));
    }
    return [h("section", { class: "shelf", "aria-labelledby": `models-${name}` }, heading, ...notes,
      h("div", { class: "cards" }, entries.map((entry) => {
        const old = cards.get(entry.id);
        if (old && busy.has(entry.id)) return old;
        const foot = entry.embedded || reply.public ? null
          : fetchRow(store, entry, hooks, name !== "hub" || !silence, after?.id === entry.id ? after.news : "");
        const made = card(entry, foot);
        cards.set(entry.id, made);
        return made;
      })))];
  }

  void store.ready.then(() => ask());
  store.subscribe((event) => {
    if (event.type === "open") void ask();
  }, signal);
}

function card(entry: Entry, foot: HTMLElement | null): HTMLElement {
  const version = versionOf(entry);
  const facts: [string, string, string?][] = [
    [t("models.task"), taskOf(entry)],
    [t("models.where"), whereOf(entry)],
    ...(entry.shelf !== "here" && entry.state !== "ready" ? [[t("models.size"),
      entry.download === null ? t("models.unknown") : entry.revision ? bytes(entry.download)
        : t("models.about", { size: bytes(entry.download) })] as [string, string]] : []),
    [t("models.speed"), speedOf(entry)],
    [t("models.memory"), t("models.megabytes", { size: bytes(entry.memory_mb * 1e6) })],
    ...(entry.shelf === "here" ? [] : [[t("models.pinned"), version.text, version.whole] as [string, string, string]]),
  ];
  return h("article", { class: "card wb-card" },
    h("div", { class: "top" }, h("h4", {}, entry.title),
      h("span", { class: `badge ${entry.state}` }, t(`models.state.${entry.state}`))),
    h("p", {}, entry.summary),
    h("p", { class: `sell ${entry.may_sell ? "yes" : "no"}` }, h("b", {}, t("models.sell")), " ", entry.card.sell),
    h("dl", {}, facts.map(([name, value, whole]) =>
      h("div", {}, h("dt", {}, name), h("dd", { title: whole || null }, value)))),
    foot,
    h("details", {}, h("summary", {}, t("models.more")),
      h("dl", {},
        row(t("models.code"), entry.card.code_licence), row(t("models.weights"), entry.card.weights_licence),
        row(t("models.outputs"), entry.card.outputs_licence), row(t("models.id"), entry.id)),
      h("p", {}, entry.card.training_data.length ? t("models.data") : t("models.noData")),
      h("ul", {}, entry.card.training_data.map((item) =>
        h("li", {}, `${item.name}${item.amount ? `, ${item.amount}` : ""} (${item.licence})`))),
      entry.card.links.map((link) => h("p", {}, h("a", { href: link, target: "_blank", rel: "noreferrer" }, link)))));
}

const row = (name: string, value: string): HTMLElement => h("div", {}, h("dt", {}, name), h("dd", {}, value));

function credits(rows: readonly Credit[], entries: readonly Entry[]): HTMLElement[] {
  const sets = new Map<string, Source>();
  for (const entry of entries) for (const item of entry.card.training_data) sets.set(item.name, item);
  const table = (head: string[], body: string[][]): HTMLElement =>
    h("div", { class: "table" }, h("table", {},
      h("thead", {}, h("tr", {}, head.map((cell) => h("th", { scope: "col" }, cell)))),
      h("tbody", {}, body.map((line) => h("tr", {}, line.map((cell) => h("td", {}, cell)))))));
  return [
    h("h2", {}, t("models.credits")), h("p", { class: "soft" }, t("models.creditsLead")),
    table([t("models.what"), t("models.by"), t("models.licence")], rows.map((item) => [item.what, item.by, item.licence])),
    ...(sets.size ? [
      h("h3", {}, t("models.sets")),
      table([t("models.what"), t("models.amount"), t("models.licence")],
        [...sets.values()].map((item) => [item.name, item.amount, item.licence])),
    ] : []),
  ];
}
