/** The bar above the roll: transport, tools, grid, zoom. On a phone the tools move to a bar below. */
import { setLaneTo } from "../document/edits.js";
import type { Snap } from "../store/viewstate.js";
import { t, type StringKey } from "../strings/index.js";
import { button, choice, relabel, setPressed } from "../ui/controls.js";
import { named } from "../ui/conditions.js";
import { h } from "../ui/dom.js";
import type { IconName } from "../ui/icons.js";
import { redo, undo } from "./commands.js";
import { SNAPS } from "./snap.js";
import { clock } from "./speech.js";
import { attempt, score, time, type RollState, type Tool } from "./state.js";

export interface ToolbarHooks {
  tool(tool: Tool): void;
  fit(): void;
  zoom(factor: number): void;
  list(): void;
  tracks(): void;
  help(): void;
  fill(): void;
  /** Let a band play along. */
  join(): void;
}

const TOOLS: readonly [Tool, IconName, string][] = [
  ["draw", "draw", "1"], ["select", "select", "2"], ["erase", "erase", "3"], ["gap", "gap", "4"]];

export interface Toolbar {
  readonly top: HTMLElement;
  readonly bottom: HTMLElement;
  update(): void;
  /** Called every frame while playing. */
  tick(): void;
}

export function makeToolbar(state: RollState, hooks: ToolbarHooks): Toolbar {
  const { store, player } = state.context;
  const toggle = (key: "metronome" | "follow"): void => store.setView({ [key]: !store.view[key] });
  const play = button({ label: t("roll.play"), icon: "play", kind: "primary", keys: "Space", onclick: () => player.toggle() });
  play.classList.add("play");
  const start = button({ label: t("roll.start"), icon: "start", keys: "Home", onclick: () => player.seek(0) });
  const loop = button({
    label: t("roll.loop"), icon: "loop", pressed: false, keys: "L",
    onclick: () => store.setView({ loop: store.view.loop ? null : barsInSight() }) });
  const metronome = button({
    label: t("roll.metronome"), icon: "metronome", pressed: false, onclick: () => toggle("metronome") });
  const follow = button({ label: t("roll.follow"), icon: "follow", pressed: true, onclick: () => toggle("follow") });
  const place = h("output", { class: "place", "aria-hidden": "true" });
  const back = button({ label: t("roll.undo"), icon: "undo", keys: "Ctrl+Z", onclick: () => undo(state) });
  const again = button({ label: t("roll.redo"), icon: "redo", keys: "Ctrl+Y", onclick: () => redo(state) });

  /** The selection's bars, or the four bars at the left of the screen. */
  function barsInSight(): readonly [number, number] {
    const bar = time(state).barAt(Math.max(0, Math.ceil(state.viewport.tick)));
    return [bar.start, time(state).bar(bar.number + 3).end];
  }

  const toolButtons = (text: boolean): [Tool, HTMLButtonElement][] => TOOLS.map(([name, picture, keys]) => [name, button({
    label: t(`roll.${name}` as StringKey), icon: picture, pressed: false, text, keys, onclick: () => hooks.tool(name) })]);
  const tools = [toolButtons(false), toolButtons(false)];
  const snap = choice({
    label: t("roll.snap"), value: String(store.view.snap), hideLabel: true,
    options: SNAPS.map((value) => [String(value), t(`snap.${value}` as StringKey)] as const),
    onchange: (value) => store.setView({ snap: Number(value) as Snap }) });
  const tempo = h("input", {
    type: "number", min: 10, max: 400, step: 1, "aria-label": t("roll.tempo"), title: t("roll.tempo"), class: "tempo",
    onchange: () => setTempo(tempo.valueAsNumber) });

  /** The tempo in force where the cursor is; the whole stretch up to the next change gets the new one. */
  function setTempo(beats: number): void {
    if (!Number.isFinite(beats) || beats < 4 || beats > 1000) return update();
    const at = store.view.cursor;
    const { tempos } = score(state);
    const here = tempos.findLast((item) => item.tick <= at)?.tick ?? 0;
    const next = { tick: here, us_per_quarter: Math.round(60_000_000 / beats) };
    const events = [...tempos.filter((item) => item.tick !== here), next];
    attempt(state, () => store.edit(setLaneTo(score(state), "tempos", events)));
  }

  const list = button({ label: t("roll.list"), icon: "list", pressed: false, onclick: () => {
    hooks.list();
    setPressed(list, list.getAttribute("aria-pressed") !== "true");
  } });
  const top = h("div", { class: "toolbar", role: "toolbar", "aria-label": t("roll.toolbar") },
    h("div", { class: "group transport" }, start, play, loop, h("span", { class: "wide" }, metronome, follow), place),
    named("undo", h("div", { class: "group" }, back, again)),
    h("div", { class: "group wide", role: "group" }, tools[0]!.map(([, element]) => element)),
    h("div", { class: "group wide" }, snap, h("span", { class: "tempo-box" }, tempo, h("span", { "aria-hidden": "true" }, "bpm"))),
    h("div", { class: "group wide" },
      button({ label: t("roll.zoomOut"), icon: "zoomOut", onclick: () => hooks.zoom(1 / 1.5) }),
      button({ label: t("roll.zoomIn"), icon: "zoomIn", onclick: () => hooks.zoom(1.5) }),
      button({ label: t("roll.fit"), icon: "fit", onclick: hooks.fit })),
    h("div", { class: "group end" },
      list,
      h("span", { class: "wide" }, button({ label: t("roll.help"), icon: "help", keys: "?", onclick: hooks.help })),
      named("styles", h("span", { class: "wide" }, button({ label: t("join.open"), icon: "band", text: true, kind: "outlined", onclick: hooks.join }))),
      named("ideas", h("span", { class: "wide" }, button({
        label: t("roll.fill"), icon: "spark", text: true, kind: "primary", keys: "F", onclick: hooks.fill })))));
  const bottom = h("div", { class: "bottombar", role: "toolbar", "aria-label": t("roll.more") },
    tools[1]!.map(([, element]) => element),
    button({ label: t("roll.tracks"), icon: "tracks", onclick: hooks.tracks }),
    named("styles", button({ label: t("join.open"), icon: "band", onclick: hooks.join })),
    named("ideas", button({ label: t("roll.fill"), icon: "spark", kind: "primary", onclick: hooks.fill })));

  function update(): void {
    const { view } = store;
    relabel(play, t(player.playing ? "roll.stop" : "roll.play"), player.playing ? "stop" : "play");
    play.classList.toggle("busy", player.loading);
    setPressed(loop, view.loop !== null);
    setPressed(metronome, view.metronome);
    setPressed(follow, view.follow);
    back.disabled = !store.canUndo;
    again.disabled = !store.canRedo;
    for (const [name, element] of tools.flat()) setPressed(element, name === state.tool);
    snap.set(String(view.snap));
    const beats = String(Math.round(60_000_000 / time(state).tempoAt(Math.floor(view.cursor))));
    if (tempo.value !== beats && tempo !== (tempo.getRootNode() as ShadowRoot).activeElement) tempo.value = beats;
    tick();
  }

  function tick(): void {
    const tick = Math.max(0, Math.floor(player.position));
    const { bar, beat } = time(state).beatPosition(tick);
    const text = `${bar}.${beat}  ${clock(time(state).seconds(tick))}`;
    if (place.textContent !== text) place.textContent = text;
  }
  update();
  return { top, bottom, update, tick };
}
