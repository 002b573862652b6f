/** The models and the credits: plain words first, the field's terms behind a click. */
import type { ViewContext } from "../host/view.js";
import { t } from "../strings/index.js";
import { button } from "../ui/controls.js";
import { isStopped } from "../store/jobs.js";
import { sentenceOf } from "../strings/sentence.js";
import { h } from "../ui/dom.js";
import { addStyle } from "../ui/root.js";
import style from "./models.css";

interface Source { readonly name: string; readonly licence: string; readonly amount: string }
interface Entry {
  readonly id: string;
  readonly title: string;
  readonly task: string;
  readonly summary: string;
  /** `ready`: here; `hub`: can be fetched; `needs`: a part of the package is missing. */
  readonly state: "ready" | "hub" | "needs";
  readonly extra: string;
  readonly memory_mb: number;
  readonly speed: string;
  readonly size: number | null;
  readonly seconds: number | null;
  readonly repo: string;
  readonly may_sell: boolean;
  readonly card: {
    readonly sell: string; readonly code_licence: string; readonly weights_licence: string;
    readonly outputs_licence: string; readonly training_data: readonly Source[]; readonly links: readonly string[];
  };
}
interface Credit { readonly what: string; readonly where: string; readonly by: string; readonly licence: string }

export function models(context: ViewContext): void {
  const { root, store, signal } = context;
  addStyle(root, style);
  const list = h("div", { class: "cards" }, h("p", { class: "soft" }, t("models.asking")));
  const thanks = h("section", { class: "credits" });
  root.append(h("div", { class: "models" },
    h("header", {}, h("h2", {}, t("models.title")), h("p", { class: "soft" }, t("models.lead"))), list, thanks));

  async function ask(): Promise<void> {
    try {
      await store.flush();
      const reply = await store.call({ type: "models" });
      const entries = reply.models as unknown as Entry[];
      list.replaceChildren(...entries.map((entry) => card(context, entry, !reply.public, () => void ask())));
      thanks.replaceChildren(...credits(reply.credits as unknown as Credit[], entries));
    } catch (error) {
      list.replaceChildren(h("p", { class: "bad" }, sentenceOf(error)),
        button({ label: t("models.again"), onclick: () => void ask() }));
    }
  }
  void store.ready.then(ask);
  store.subscribe((event) => {
    if (event.type === "open") void ask();
  }, signal);
}

const megabytes = (bytes: number): string => (bytes / 1e6).toLocaleString("en", { maximumFractionDigits: 1 });

function card(context: ViewContext, entry: Entry, mayPull: boolean, refresh: () => void): HTMLElement {
  const facts: [string, string][] = [
    [t("models.task"), t(`models.task.${entry.task}` as "models.task.infill")],
    [t("models.where"), where(entry)],
    [t("models.speed"), entry.seconds === null ? entry.speed
      : t("models.seconds", { seconds: entry.seconds < 1 ? entry.seconds.toFixed(1) : Math.round(entry.seconds) })],
    [t("models.memory"), t("models.megabytes", { size: entry.memory_mb })],
  ];
  const status = h("div", { class: "fetch", role: "status" });
  return h("article", { class: "card wb-card" },
    h("div", { class: "top" }, h("h3", {}, entry.title),
      h("span", { class: `badge ${entry.state}` }, t(`models.state.${entry.state}`))),
    h("p", {}, entry.summary),
    h("p", { class: `sell ${entry.may_sell ? "yes" : "no"}` }, h("b", {}, t("models.sell")), " ", entry.card.sell),
    h("dl", {}, facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
    entry.state === "hub" && mayPull ? fetcher(context, entry, status, refresh) : null, status,
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

function where(entry: Entry): string {
  if (entry.state === "needs") return t("models.needs", { extra: entry.extra });
  if (entry.size !== null) return t("models.embedded", { size: megabytes(entry.size) });
  if (!entry.repo) return t("models.installed");
  return entry.state === "ready" ? t("models.cached", { repo: entry.repo }) : t("models.onHub", { repo: entry.repo });
}

/** Download with progress and Stop; an interrupted one goes on where it stopped. */
function fetcher(context: ViewContext, entry: Entry, status: HTMLElement, refresh: () => void): HTMLElement {
  let stopper = new AbortController();
  const bar = h("progress", { max: 1, "aria-label": t("models.fetching", { name: entry.title }) });
  const stop = button({
    label: t("models.stop"), kind: "quiet", onclick: () => stopper.abort(),
  });
  const start = button({
    label: t("models.fetch"), icon: "down", text: true, kind: "plain",
    onclick: () => void pull(),
  });
  async function pull(): Promise<void> {
    stopper = new AbortController();
    start.disabled = true;
    bar.removeAttribute("value");
    status.replaceChildren(bar, stop);
    try {
      await context.store.job("pull", { model: entry.id }, stopper.signal, {
        progress: ({ done }) => done === null ? bar.removeAttribute("value") : void (bar.value = done),
      }).result;
      refresh();
    } catch (error) {
      start.disabled = false;
      status.replaceChildren(isStopped(error) ? t("models.stopped") : sentenceOf(error));
    }
  }
  return start;
}

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
