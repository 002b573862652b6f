/** One take of a model: whose it is, hearing it, how far it does what was asked beside our own, keeping it or not. */
import { t, type StringKey } from "../strings/index.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { makeAdherence } from "./adherence.js";
import type { Desk } from "./desk.js";
import { readLines, type Ideas, type Line } from "./ideas.js";
import type { Taken } from "./types.js";

/** `ours`: the lines of the idea that it is a take of; `signal`: it is shown no longer. */
export function makeTaken(desk: Desk, ideas: Ideas, taken: Taken, ours: readonly Line[], signal: AbortSignal): HTMLElement {
  const { store, host, player } = desk.context;
  const title = t("takes.by", { title: taken.title, number: taken.idea });
  const audio = h("audio", { controls: true, preload: "metadata", "aria-label": title, onplay: () => {
    player.stop();
    ideas.player.stop();
    store.log("audition", { what: `take ${taken.sha256.slice(0, 12)}` });
  } });
  // One sound at a time: the open piece, an idea, or this.
  player.subscribe(() => player.playing && audio.pause(), signal);
  ideas.player.subscribe(() => ideas.player.playing && audio.pause(), signal);
  signal.addEventListener("abort", () => audio.pause());
  void host.media?.address({ id: taken.media }, signal).then((url) => void (audio.src = url)).catch(() => audio.remove());

  const lines = readLines(taken.card), met = lines.filter((line) => line.met).length;
  const keep = taken.kept
    ? h("span", { class: "soft" }, t(taken.answer === "yes" ? "takes.kept" : "takes.keptBound"))
    : button({ label: t("takes.keep"), icon: "check", text: true, kind: "outlined", onclick: () => void desk.tryAsk(null, { type: "take.keep", take: taken.sha256 }) });
  return h("article", { class: "taken", "aria-label": title },
    h("header", { class: "row" }, h("h4", {}, title), h("span", { class: `sale ${taken.answer}` }, t(`takes.sale.${taken.answer}` as StringKey))),
    audio,
    taken.instead ? h("p", { class: "bad" }, taken.instead) : null,
    taken.remarks.length ? h("ul", { class: "plain soft" }, taken.remarks.map((remark) => h("li", {}, remark))) : null,
    lines.length ? h("details", {}, h("summary", {}, t("maker.obeysCount", { met, all: lines.length })), makeAdherence(lines, null, ours)) : null,
    h("div", { class: "row" }, keep,
      button({ label: t("takes.drop"), icon: "trash", text: true, kind: "quiet", onclick: () => void desk.tryAsk(null, { type: "take.drop", take: taken.sha256 }) })));
}
