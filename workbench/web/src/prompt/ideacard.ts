/** One idea: its picture, hearing it, keeping it, trying a part of it again, and how far it does what was asked. */
import { scoreEnd } from "../document/types.js";
import { clock, trackName } from "../roll/speech.js";
import { t, type StringKey } from "../strings/index.js";
import { button, relabel } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { trackStyle } from "../ui/palette.js";
import { drawPreview } from "../ui/preview.js";
import { isDark } from "../ui/root.js";
import { makeAdherence } from "./adherence.js";
import { readBrief } from "./brief.js";
import type { Desk } from "./desk.js";
import type { Idea, Ideas, Line } from "./ideas.js";

export interface IdeaHooks {
  keep(idea: Idea): void;
  again(idea: Idea, what: { readonly tracks?: readonly string[]; readonly section?: number }): void;
  harder(idea: Idea, line: Line): void;
}

export interface IdeaCard {
  readonly element: HTMLElement;
  update(idea: Idea): void;
  /** Playing has begun or ended. */
  playing(): void;
  /** 0 to 1. */
  needle(share: number): void;
  unmeasured(sentence: string): void;
  close(): void;
}

export function makeIdeaCard(desk: Desk, ideas: Ideas, first: Idea, hooks: IdeaHooks): IdeaCard {
  const { root } = desk.context, gone = new AbortController();
  let idea = first;
  const title = t("maker.idea", { number: idea.number });
  const canvas = h("canvas", { "aria-hidden": "true" }), needle = h("i", { class: "needle" });
  const facts = h("span", { class: "soft" }), parts = h("div", { class: "parts" });
  const play = button({ label: t("maker.play", { title }), icon: "play", onclick: () => ideas.toggle(idea) });
  play.classList.add("play");
  const keep = button({ label: t(desk.context.host.kind === "jupyter" ? "genie.keep" : "maker.keep"), icon: "check", text: true, kind: "primary", onclick: () => hooks.keep(idea) });
  const again = h("details", { class: "again" }, h("summary", {}, t("maker.changePart")));
  const obeys = h("details", { class: "obeys", hidden: true }, h("summary", {}, t("maker.obeys")));
  const unmeasured = h("p", { class: "soft", hidden: true });
  const element = h("article", { class: "idea wb-card", "aria-label": title, "data-idea": idea.number },
    h("header", { class: "row" }, play, h("h3", {}, title), facts, h("span", { class: "end" }, keep)),
    h("div", { class: "picture" }, canvas, needle), parts, again, obeys, unmeasured);

  const draw = (): void => drawPreview(canvas, idea.score, idea.time, { range: [0, Math.max(1, scoreEnd(idea.score))], dark: isDark(root) });
  const sizes = new ResizeObserver(draw);
  sizes.observe(canvas);
  root.addEventListener("themechange", () => update(idea), { signal: gone.signal });
  gone.signal.addEventListener("abort", () => sizes.disconnect());

  function drawAgain(): void {
    const brief = readBrief(desk.state.brief);
    again.hidden = !idea.whole;
    again.replaceChildren(again.firstElementChild!,
      h("div", { class: "row", role: "group", "aria-label": t("maker.parts") }, h("span", { class: "soft" }, t("maker.parts")),
        idea.score.tracks.map((track) => button({ label: t("maker.partAgain", { name: trackName(track, idea.score) }), icon: "again", text: true, kind: "outlined", onclick: () => hooks.again(idea, { tracks: [track.id] }) }))),
      h("div", { class: "row", role: "group", "aria-label": t("plan.sections") }, h("span", { class: "soft" }, t("plan.sections")),
        (brief?.sections ?? []).map((section, i) => button({
          label: t("maker.sectionAgain", { kind: t(`plan.kind.${section.kind}` as StringKey), bar: section.first_bar }), icon: "again", text: true, kind: "outlined",
          onclick: () => hooks.again(idea, { section: i }),
        }))));
  }

  function drawLines(): void {
    obeys.hidden = !idea.lines;
    if (!idea.lines) return;
    const met = idea.lines.filter((line) => line.met).length;
    obeys.replaceChildren(h("summary", {}, t("maker.obeysCount", { met, all: idea.lines.length })), makeAdherence(idea.lines, (line) => hooks.harder(idea, line)));
  }

  function update(next: Idea): void {
    idea = next;
    const seconds = idea.time.seconds(scoreEnd(idea.score));
    facts.textContent = idea.whole ? t("maker.facts", { time: clock(seconds), count: idea.score.tracks.length }) : t("maker.growing", { time: clock(seconds) });
    parts.replaceChildren(...idea.score.tracks.map((track) => h("span", { class: "part" },
      h("i", { style: `background:${trackStyle(track.color, isDark(root)).fill}` }), trackName(track, idea.score))));
    keep.disabled = !idea.whole;
    unmeasured.hidden = true;
    drawAgain();
    drawLines();
    draw();
  }

  const playing = (): void => {
    const on = ideas.player.playing && ideas.heard === idea.number;
    relabel(play, on ? t("maker.stop", { title }) : t("maker.play", { title }), on ? "stop" : "play");
    element.classList.toggle("heard", on);
  };
  update(first);
  playing();
  return {
    element, update, playing,
    needle: (share) => void (needle.style.left = `${Math.min(100, 100 * share)}%`),
    unmeasured(sentence) {
      unmeasured.hidden = false;
      unmeasured.textContent = sentence;
    },
    close: () => gone.abort(),
  };
}
