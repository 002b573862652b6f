/** The opening page: a finished piece with one large Play, and the doors to everything else. */
import { readScore, scoreEnd } from "../document/types.js";
import { readJson } from "../host/model.js";
import type { ViewContext } from "../host/view.js";
import { t } from "../strings/index.js";
import { served } from "../strings/served.js";
import { button } from "../ui/controls.js";
import { isWithheld, named } from "../ui/conditions.js";
import { h } from "../ui/dom.js";
import { icon, type IconName } from "../ui/icons.js";
import { languageSwitch } from "../ui/languages.js";
import { addStyle } from "../ui/root.js";
import { firstGap } from "./gap.js";
import style from "./home.css";
import { makeStage } from "./stage.js";
import { mediaShelf } from "../media/shelf.js";
import { ANYTHING, acceptDrops, openScore } from "./open.js";

interface Template {
  readonly name: string;
  readonly score: unknown;
}
interface HomeOptions {
  readonly templates?: readonly Template[];
  /** Doors that lead to tabs that exist. */
  readonly genie?: boolean;
  readonly listen?: boolean;
  readonly prompt?: boolean;
}

export function home(context: ViewContext): void {
  const { root, host, store, player, signal } = context;
  addStyle(root, style);
  const options = (readJson(host.model.get("options")) ?? {}) as HomeOptions;
  /** Ask the page around for another tab. */
  const go = (tab: string): void =>
    void root.dispatchEvent(new CustomEvent("wb-go", { detail: tab, bubbles: true, composed: true }));

  const { element: stage, range } = makeStage(context);
  const news = h("div", { class: "news wb-card", hidden: true, role: "status" });
  const picker = h("input", {
    type: "file", accept: ANYTHING, hidden: true, "aria-label": t("home.open"),
    onchange: () => {
      const file = picker.files?.[0];
      if (file) void open(file);
      picker.value = "";
    },
  });
  const doors = h("nav", { class: "doors", "aria-label": t("home.doors") },
    options.prompt ? named("tab-prompt", door("spark", t("home.prompt"), t("home.promptWhy"), () => go("prompt"), "wide")) : null,
    options.listen ? named("tab-listen", door("record", t("home.listen"), t("home.listenWhy"), () => go("listen"))) : null,
    options.genie ? named("tab-genie", door("keyboard", t("home.genie"), t("home.genieWhy"), () => go("genie"))) : null,
    named("tab-roll", door("gap", t("home.change"), t("home.changeWhy"), change)),
    named("open", door("plus", t("home.open"), t("home.openWhy"), () => picker.click())));
  const starts = named("open", h("div", { class: "starts" }, h("span", {}, t("home.startFrom")),
    (options.templates ?? []).map((item) => button({ label: served(item.name), onclick: () => start(item) }))));
  const shelf = mediaShelf({ root, host, store, signal });
  const page = h("div", { class: "home" },
    h("header", {}, h("h1", {}, t("home.title")), h("p", { class: "lead" }, t("home.lead")), languageSwitch()),
    stage, news, doors, shelf.element, starts, picker, h("p", { class: "foot-note" }, t("home.kept")));
  root.append(page);

  function door(name: IconName, label: string, why: string, enter: () => void, kind = ""): HTMLButtonElement {
    return h("button", { type: "button", class: `door ${kind}`, onclick: enter },
      h("i", { class: "mark", "aria-hidden": "true" }, icon(name) as unknown as Node), h("b", {}, label), h("span", {}, why));
  }

  function change(): void {
    const gap = firstGap(store.score, store.time);
    if (gap) store.setView({ marks: [gap], track: gap.tracks[0]!, loop: range() });
    go("roll");
  }

  function start(item: Template): void {
    player.stop();
    store.open(readScore(item.score), { reason: "file" });
    store.log("prompt", { kind: "template", name: item.name });
    if (scoreEnd(store.score)) page.scrollIntoView({ block: "start" });
    else go("roll");
  }

  async function open(file: File): Promise<void> {
    const buttons = page.querySelectorAll<HTMLButtonElement>(".door");
    buttons.forEach((item) => (item.disabled = true));
    tell(t("open.reading", { name: file.name }), [], false);
    try {
      const item = await shelf.add(file);
      if (options.listen && (item.kind === "sound" || item.kind === "video")) {
        const told = await store.call({ type: "made", id: item.id }).then((reply) => reply.made, () => null);
        return tell(t("media.kept", { name: item.name }), [], false, () => {
          store.setView({ listen: item.id });
          go("listen");
        }, told?.sentences ?? [], told?.state === "changed");
      }
      if (item.kind !== "score") return tell(t("media.kept", { name: item.name }), [], false);
      player.stop();
      const { title: name, report, made, changed } = await openScore(store, item);
      tell(t("open.done", { name }), report, false, undefined, made, changed);
      if (!report.length && !changed) go("roll");
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return tell(t("media.stopped", { name: file.name }), [], false);
      tell(error instanceof Error ? error.message : t("open.unreadable"), [], true);
    } finally {
      buttons.forEach((item) => (item.disabled = false));
    }
  }

  /** `listen`: what goes on where a recording has come. `made`: what the file says of its makers, told in full at once
   * only where the file was changed since. */
  function tell(sentence: string, report: readonly string[], bad: boolean, listen?: () => void, made: readonly string[] = [], changed = false): void {
    news.hidden = false;
    news.classList.toggle("bad", bad);
    news.replaceChildren(
      h("div", { class: "row" }, h("b", {}, sentence), report.length || (changed && !listen)
        ? button({ label: t("open.goOn"), kind: "primary", onclick: () => go("roll") })
        : listen ? button({ label: t("listen.go"), icon: "spark", text: true, kind: "primary", onclick: listen })
        : button({ label: t("common.close"), icon: "close", text: false, onclick: () => (news.hidden = true) })),
      report.length ? h("p", {}, t("open.changed")) : "",
      report.length ? h("ul", {}, report.map((line) => h("li", {}, line))) : "",
      made.length ? h("details", { class: "made", open: changed }, h("summary", {}, made[0]!), h("ul", {}, made.slice(1).map((line) => h("li", {}, line)))) : "");
  }

  acceptDrops(page, (file) => void (isWithheld("open") || open(file)), signal);
  store.subscribe((event) => {
    if (event.type === "notice") tell(event.text, [], false);
  }, signal);
}
