/** Recording: one large button, a level meter with hints, and, for those who want it, a count-in and clicks. */
import type { ViewContext } from "../host/view.js";
import { clock } from "../roll/speech.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import type { Announcer } from "../ui/announce.js";
import { choice } from "../ui/controls.js";
import { clamp, h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { Capture, LONGEST, type Taken } from "./capture.js";
import { Microphone, microphoneSilence } from "./microphone.js";

export interface Recorder {
  readonly element: HTMLElement;
  readonly busy: boolean;
  stop(): void;
}

interface Hooks {
  taken(take: Taken): void;
  failed(sentence: string): void;
  /** Asking, counting in or recording; or no longer. */
  changed(): void;
}

const FLOOR_DB = -60;
/** After so long without anything louder than this, a person is told to come closer. */
const QUIET_SECONDS = 2.5, QUIET = 0.02;
const HINT_SECONDS = 2;
const TEMPO = { low: 40, usual: 96, high: 200 };

const share = (value: number): number => clamp(1 + (20 * Math.log10(Math.max(value, 1e-6))) / -FLOOR_DB, 0, 1);

/** Choosing a tempo, a metre, and whether there are clicks at all. */
function makeClickChoice(): { element: HTMLElement; tempo(): number; metre(): number; on(): boolean } {
  const box = h("input", { type: "checkbox", onchange: () => (rest.hidden = !box.checked) });
  const tempo = h("input", { type: "number", min: TEMPO.low, max: TEMPO.high, step: 1, "aria-label": t("listen.tempo") });
  tempo.value = String(TEMPO.usual);
  const metre = choice({
    label: t("listen.metre"), value: "4", hideLabel: true, onchange: () => {},
    options: [["2", t("listen.metreOf", { count: 2 })], ["3", t("listen.metreOf", { count: 3 })], ["4", t("listen.metreOf", { count: 4 })],
      ["6", t("listen.metreOf", { count: 6 })]],
  });
  const rest = h("span", { class: "click-rest", hidden: true }, h("label", { class: "wb-choice" }, tempo, h("span", {}, t("listen.perMinute"))), metre,
    h("span", { class: "soft" }, t("listen.headphones")));
  return {
    element: h("div", { class: "click-choice" }, h("label", { class: "check" }, box, h("span", {}, t("listen.clicks"))), rest),
    tempo: () => clamp(Math.round(tempo.valueAsNumber) || TEMPO.usual, TEMPO.low, TEMPO.high),
    metre: () => Number(metre.querySelector("select")!.value),
    on: () => box.checked,
  };
}

/** Decides what to say about the level; speaks only when it changes. */
class Hints {
  private quiet = 0;
  private until = 0;
  private now = "";

  constructor(private readonly show: (text: string) => void) {}

  hear(found: { peak: number; clipped: boolean }, seconds: number, dt: number): void {
    this.quiet = found.peak < QUIET ? this.quiet + dt : 0;
    if (found.clipped) this.say(t("listen.tooLoud"), seconds);
    else if (this.quiet > QUIET_SECONDS) this.say(t("listen.tooQuiet"), seconds);
    else if (seconds > this.until) this.say("", seconds);
  }

  private say(text: string, seconds: number): void {
    if (text) this.until = seconds + HINT_SECONDS;
    if (text !== this.now) this.show((this.now = text));
  }
}

export function makeRecorder({ signal, player }: ViewContext, said: Announcer, hooks: Hooks): Recorder {
  const clicks = makeClickChoice();
  const sign = h("i", { "aria-hidden": "true" }, icon("record") as unknown as Node);
  const words = h("b", {}, t("listen.record"));
  const main = h("button", { type: "button", class: "record-button", onclick: () => (state === "idle" ? void begin() : stop()) }, sign, words);
  const level = h("div", { class: "level" }), time = h("span", { class: "time" });
  const meter = h("div", { class: "meter", role: "meter", "aria-label": t("listen.level"), "aria-valuemin": 0, "aria-valuemax": 100 }, level);
  const hint = h("p", { class: "hint", role: "status" });
  const live = h("div", { class: "live", hidden: true }, meter, time, hint);
  const silence = microphoneSilence();
  const sorry = h("p", { class: "soft", hidden: !silence }, silence);
  const element = h("div", { class: "recorder" }, main, live, sorry, clicks.element);
  main.disabled = Boolean(silence);
  clicks.element.hidden = Boolean(silence);

  let state: "idle" | "asking" | "counting" | "recording" = "idle";
  let microphone: Microphone | null = null;
  let capture: Capture | null = null;
  let hints = new Hints(() => {});
  let loud = 0, last = 0;

  function enter(next: typeof state): void {
    state = next;
    element.dataset["state"] = next;
    live.hidden = next === "idle" || next === "asking";
    clicks.element.hidden = next !== "idle";
    main.disabled = next === "asking" || Boolean(silence);
    sign.replaceChildren(icon(next === "idle" || next === "asking" ? "record" : "stop") as unknown as Node);
    words.textContent = t(next === "idle" ? "listen.record" : next === "asking" ? "listen.asking" : "listen.stop");
    hooks.changed();
  }

  async function begin(): Promise<void> {
    player.stop();
    enter("asking");
    try {
      microphone = await Microphone.open();
    } catch (error) {
      enter("idle");
      return hooks.failed(sentenceOf(error));
    }
    if (signal.aborted) return close();
    microphone.onEnd = () => {
      const take = capture?.finish();
      close();
      if (take) hooks.taken(take);
      hooks.failed(t("listen.micGone"));
    };
    capture = new Capture(microphone, { tempo: clicks.tempo(), metre: clicks.metre(), clicks: clicks.on() });
    hints = new Hints((text) => (hint.textContent = text));
    hint.textContent = "";
    [loud, last] = [0, performance.now()];
    enter(clicks.on() ? "counting" : "recording");
    requestAnimationFrame(draw);
  }

  function draw(now: number): void {
    if (!microphone || !capture) return;
    const found = microphone.meter(), dt = Math.max(0, now - last) / 1_000;
    last = now;
    if (found) hints.hear(found, now / 1_000, dt);
    loud = Math.max(found?.peak ?? 0, loud * Math.exp(-dt * 5));
    level.style.transform = `scaleX(${share(loud)})`;
    meter.classList.toggle("full", loud >= 0.99);
    meter.setAttribute("aria-valuenow", String(Math.round(100 * share(loud))));
    const left = capture.countIn;
    if (!left && state === "counting") enter("recording");
    time.textContent = left ? t("listen.countIn", { count: left }) : clock(Math.max(0, capture.seconds));
    if (capture.seconds > LONGEST) return stop();
    requestAnimationFrame(draw);
  }

  function stop(): void {
    if (state !== "counting" && state !== "recording") return;
    const counted = state === "counting";
    const take = capture?.finish() ?? null;
    close();
    if (take && !counted) hooks.taken(take);
    else said.say(t("listen.nothingTaken"));
  }

  function close(): void {
    microphone?.close();
    [microphone, capture] = [null, null];
    enter("idle");
  }

  signal.addEventListener("abort", () => {
    capture?.drop();
    microphone?.close();
    [microphone, capture] = [null, null];
  });
  element.dataset["state"] = "idle";
  return {
    element, stop,
    get busy() {
      return state !== "idle";
    },
  };
}
