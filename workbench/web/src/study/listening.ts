/** Blind listening: two sides, a least time for each before the vote opens, and what the vote was for. */
import { t } from "../strings/index.js";
import { button, relabel } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { actions, article, onward } from "./reading.js";
import { Sides, type Side } from "./sides.js";
import type { Desktop, Face } from "./study.js";
import type { Choice, ListeningStep } from "./types.js";

const SIDES: readonly Side[] = ["a", "b"];
const CHOICES: readonly Choice[] = ["a", "b", "tie", "neither"];

export function makeListening(desktop: Desktop, step: ListeningStep): Face {
  const { desk: { keep }, signal } = desktop;
  const draft = keep.draft(step.id) as { heard?: Record<Side, number>; choice?: Choice; reasons?: string[] };
  const before = { a: draft.heard?.a ?? 0, b: draft.heard?.b ?? 0 }; // heard before a reload
  const sides = new Sides(() => update(), signal);
  const heard = (side: Side): number => before[side] + sides.heard(side);
  const needed = (side: Side): number => Math.min(step.minimum_s, Math.max(0, sides.duration(side) - 0.1));
  const enough = (side: Side): boolean => sides.duration(side) > 0 && heard(side) >= needed(side) - 0.05;
  const players = SIDES.map((side) => makeSide(side, sides, () => void desktop.attempt(() => sides.toggle(side))));
  const news = h("p", { class: "soft unlock", role: "status" }, t("study.soundLoading"));
  const missing = h("p", { class: "missing", role: "alert", hidden: true });
  const vote = makeVote(step, draft, () => {
    missing.hidden = true;
    save();
  });
  const go = onward(desktop, t("study.vote"), () => {
    if (!vote.choice()) {
      missing.textContent = t("study.voteMissing");
      missing.hidden = false;
      vote.focus();
      return null;
    }
    sides.stop();
    return { choice: vote.choice(), heard: { a: tenths(heard("a")), b: tenths(heard("b")) }, reasons: vote.reasons() };
  });

  function save(): void {
    keep.setDraft(step.id, { heard: { a: heard("a"), b: heard("b") }, choice: vote.choice(), reasons: vote.reasons() });
  }

  let open = false;
  function update(): void {
    for (const player of players) player.update(heard(player.side), needed(player.side));
    const now = SIDES.every(enough);
    if (now === open) return;
    open = now;
    vote.element.disabled = go.disabled = !open;
    news.textContent = open ? t("study.voteOpen") : t("study.listenBoth", { seconds: Math.ceil(step.minimum_s) });
    vote.element.classList.toggle("locked", !open);
  }

  vote.element.disabled = go.disabled = true;
  vote.element.classList.add("locked");
  void desktop.attempt(async () => {
    await sides.load({ a: await addressOf(desktop, step.a), b: await addressOf(desktop, step.b) }, signal);
    news.textContent = t("study.listenBoth", { seconds: Math.ceil(step.minimum_s) });
    for (const player of players) player.ready();
    update();
  });
  const timer = setInterval(() => {
    if (!sides.playing) return;
    update();
    save();
  }, 200);
  signal.addEventListener("abort", () => clearInterval(timer));
  return {
    element: article(step, h("div", { class: "sides" }, players.map((player) => player.element)), news, vote.element, missing, actions(go)),
  };
}

/** A sound on the page's shelf is found below the address that the app itself is at. */
async function addressOf({ context: { host, signal } }: Desktop, given: string): Promise<string> {
  const id = /^\/gradio_api\/media\/([^/]+)$/.exec(given)?.[1];
  return id && host.media ? host.media.address({ id }, signal) : given;
}

const tenths = (seconds: number): number => Math.round(seconds * 10) / 10;

interface Player {
  readonly side: Side;
  readonly element: HTMLElement;
  ready(): void;
  update(heard: number, needed: number): void;
}

function makeSide(side: Side, sides: Sides, toggle: () => void): Player {
  const name = side.toUpperCase();
  const play = button({ label: t("study.playSide", { side: name }), icon: "play", kind: "primary", onclick: toggle });
  play.classList.add("play-side");
  play.disabled = true;
  const line = h("div", { class: "track", "aria-hidden": "true" });
  const told = h("p", { class: "soft" });
  const element = h("section", { class: "side wb-card", "aria-label": t("study.side", { side: name }) }, h("h2", {}, name), play, line, told);
  return {
    side, element,
    ready: () => void (play.disabled = false),
    update(heard, needed) {
      const playing = sides.playing === side;
      element.classList.toggle("playing", playing);
      relabel(play, t(playing ? "study.stopSide" : "study.playSide", { side: name }), playing ? "stop" : "play");
      const duration = sides.duration(side);
      line.style.setProperty("--share", `${duration ? (100 * sides.position(side)) / duration : 0}%`);
      const done = duration > 0 && heard >= needed - 0.05;
      element.classList.toggle("enough", done);
      told.textContent = done ? t("study.heardEnough") : t("study.heard", { heard: Math.floor(heard), needed: Math.ceil(needed) });
    },
  };
}

interface Vote {
  readonly element: HTMLFieldSetElement;
  choice(): Choice | undefined;
  reasons(): string[];
  focus(): void;
}

function makeVote(step: ListeningStep, draft: { choice?: Choice; reasons?: string[] }, onchange: () => void): Vote {
  const offered = CHOICES.filter((choice) => !step.choices?.length || step.choices.includes(choice));
  const inputs = offered.map((choice) => {
    const input = h("input", { type: "radio", name: "vote", value: choice, onchange });
    input.checked = draft.choice === choice;
    return input;
  });
  const reasons = (step.reasons ?? []).map((reason) => {
    const input = h("input", { type: "checkbox", value: reason, onchange });
    input.checked = Boolean(draft.reasons?.includes(reason));
    return input;
  });
  const element = h("fieldset", { class: "item choice vote" }, h("legend", { class: "question" }, h("span", {}, step.question)),
    h("div", { class: "options" }, inputs.map((input) => h("label", { class: "option" }, input, h("span", {}, t(`study.vote.${input.value as Choice}`))))),
    reasons.length ? h("fieldset", { class: "reasons" }, h("legend", {}, t("study.reasons")),
      h("div", { class: "chips" }, reasons.map((input) => h("label", { class: "chip" }, input, h("span", {}, input.value))))) : null);
  return {
    element,
    choice: () => inputs.find((input) => input.checked)?.value as Choice | undefined,
    reasons: () => reasons.filter((input) => input.checked).map((input) => input.value),
    focus: () => inputs[0]?.focus(),
  };
}
