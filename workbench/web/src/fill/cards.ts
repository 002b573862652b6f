/** One card an idea: a small picture of it, and what can be done with it. */
import type { Region } from "../document/types.js";
import { trackName } from "../roll/speech.js";
import { givenName } from "../strings/given.js";
import { score, styleOf, time, type RollState } from "../roll/state.js";
import { t, plural } from "../strings/index.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { shapeIcon } from "../ui/palette.js";
import { drawPreview } from "../ui/preview.js";
import { isDark } from "../ui/root.js";
import { notesWith } from "../sound/schedule.js";
import { differenceWords, measure } from "./differ.js";
import { newTracksOf, noteCount, scoreWith, type Idea } from "./idea.js";

export interface CardHooks {
  listen(idea: Idea | null): void;
  keep(idea: Idea): void;
  reject(idea: Idea): void;
  show(idea: Idea): void;
  /** Take this track from this idea into the mixture. */
  take(track: string, idea: Idea): void;
}

export interface CardState {
  readonly shown: boolean;
  readonly playing: boolean;
  readonly blend: ReadonlyMap<string, Idea>;
  /** All ideas of the row, so that it can be said how this one differs. */
  readonly all: readonly Idea[];
}

/** The gap and a bar around it. */
function rangeOf(state: RollState, regions: readonly Region[]): [number, number] {
  const start = Math.min(...regions.map((region) => region.start));
  const end = Math.max(...regions.map((region) => region.end));
  return [time(state).barAt(Math.max(0, start - 1)).start, time(state).barAt(end).end];
}

function picture(state: RollState, regions: readonly Region[], idea: Idea | null): HTMLCanvasElement {
  const canvas = h("canvas", { class: "thumb", "aria-hidden": "true" });
  const piece = idea ? scoreWith(score(state), newTracksOf(score(state), idea)) : score(state);
  const overlay = idea ? { regions, around: idea.options.around, notes: idea.notes } : null;
  const notes = overlay
    ? Object.fromEntries(piece.tracks.map((track) => [track.id, notesWith(track, overlay)])) : null;
  requestAnimationFrame(() => canvas.isConnected && drawPreview(canvas, piece, time(state), {
    range: rangeOf(state, regions), dark: isDark(state.context.root),
    mark: [Math.min(...regions.map((region) => region.start)), Math.max(...regions.map((region) => region.end))],
    ...(notes ? { notes } : {}),
  }));
  return canvas;
}

/** "fewer notes, higher": against the finished ideas beside it that were asked for in the same places. */
export function differs(state: RollState, idea: Idea, all: readonly Idea[]): string {
  const drums = new Set(scoreWith(score(state), newTracksOf(score(state), idea)).tracks.filter((track) => track.is_drum).map((track) => track.id));
  const of = (item: Idea): ReturnType<typeof measure> => measure(item.notes, drums, score(state).ppq);
  const places = (item: Idea): string => JSON.stringify(item.options.regions);
  return idea.done ? differenceWords(of(idea), all.filter((item) => item !== idea && item.done && places(item) === places(idea)).map(of)) : "";
}

export function originalCard(
  state: RollState, regions: readonly Region[], playing: boolean, hooks: CardHooks,
): HTMLElement {
  return h("div", { class: "idea original", role: "listitem" },
    h("header", {}, h("h3", {}, t("fill.original"))),
    picture(state, regions, null),
    h("div", { class: "acts" }, button({
      label: t(playing ? "fill.pause" : "fill.playOriginal"), icon: playing ? "stop" : "play", onclick: () => hooks.listen(null) })));
}

export function ideaCard(state: RollState, idea: Idea, now: CardState, hooks: CardHooks): HTMLElement {
  const { number } = idea;
  const { regions } = idea.options;
  const tracks = scoreWith(score(state), newTracksOf(score(state), idea)).tracks.filter((track) => idea.notes[track.id]?.length);
  const several = new Set(regions.flatMap((region) => region.tracks)).size > 1;
  const made = idea.madeBy ? t("fill.madeBy", { model: givenName(idea.madeBy) }) : "", exactly = t("fill.howMade", { model: idea.model, seed: idea.seed ?? "?" });
  const said = differs(state, idea, now.all);
  return h("div", { class: `idea${now.shown ? " shown" : ""}${idea.done ? "" : " growing"}`, role: "listitem" },
    h("header", {},
      h("button", { type: "button", class: "title", "aria-pressed": String(now.shown), onclick: () => hooks.show(idea) },
        h("h3", {}, t("fill.idea", { number })), h("span", {}, plural("track.notes", noteCount(idea)))),
      button({ label: t("fill.reject", { number }), icon: "close", kind: "quiet", onclick: () => hooks.reject(idea) })),
    picture(state, regions, idea),
    several && idea.done ? h("div", { class: "chips" }, h("span", { class: "mix" }, t("fill.mix")), tracks.map((track) => {
      const style = styleOf(state, track);
      return h("button", { type: "button", class: "chip small", "aria-pressed": String(now.blend.get(track.id) === idea),
        "aria-label": t("fill.blend", { track: trackName(track, score(state)), number }), title: t("fill.blend", { track: trackName(track, score(state)), number }),
        style: `--fill:${style.fill};--on:${style.on};--deep:${style.deep}`, onclick: () => hooks.take(track.id, idea) },
      shapeIcon(style.shape, 11) as unknown as Node);
    })) : null,
    said ? h("p", { class: "differs" }, said) : null,
    made ? h("p", { class: "made", title: exactly }, made) : null,
    idea.remarks.length ? h("p", { class: "remark" }, idea.remarks.join(" ")) : null,
    h("div", { class: "acts" },
      button({ label: t(now.playing ? "fill.pause" : "fill.play", { number }), icon: now.playing ? "stop" : "play",
        onclick: () => hooks.listen(idea) }),
      h("button", { type: "button", class: "wb-button primary keep", disabled: !idea.done, "aria-label": t("fill.keep", { number }),
        onclick: () => hooks.keep(idea) }, t("fill.keepShort"))));
}
