/** Sessions of an interaction log played again on the page's own piece: at any speed, event by event, or at once. */
import { scoreEnd } from "../document/types.js";
import type { ViewContext } from "../host/view.js";
import { playAgain, type Layer } from "../genie/take.js";
import { clock } from "../roll/speech.js";
import { plural, t, type StringKey } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { announcer } from "../ui/announce.js";
import { button, choice, relabel, slider } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { drawPreview } from "../ui/preview.js";
import { addStyle, isDark } from "../ui/root.js";
import { followEvents } from "./eventlist.js";
import { CHANGES, readEvents, Replay, timesOf, type LogEvent } from "./run.js";
import { weightsOf } from "./weights.js";
import style from "./replay.css";

/** Times as fast as it was; 0: at once. */
const SPEEDS = [1, 2, 4, 16, 64, 0] as const;
/** A pause that is skipped becomes as long as this, in seconds of the session. */
const PAUSE = 2;
/** The most that is played between two pictures, so that the page stays alive. */
const AT_ONCE = 400;

/** The times at which a session is shown when long pauses are skipped. */
export function shortened(times: readonly number[], longest = PAUSE): number[] {
  let gone = 0;
  return times.map((time, i) => {
    gone += Math.max(0, time - (times[i - 1] ?? time) - longest);
    return time - gone;
  });
}

export function replay(context: ViewContext): void {
  const { root, store, signal } = context;
  addStyle(root, style);
  const said = announcer(root, () => false);
  const sessions = h("ul", { class: "sessions", "aria-label": t("replay.sessions") });
  const desk = h("section", { class: "desk wb-card", hidden: true });
  const problem = h("p", { class: "bad", role: "alert", hidden: true });
  root.append(h("div", { class: "replay" }, h("h1", {}, t("replay.title")), h("p", { class: "soft" }, t("replay.about")), problem,
    h("div", { class: "both" }, sessions, desk)));
  let gone = new AbortController();

  const fail = (error: unknown): void => {
    problem.hidden = false;
    problem.textContent = sentenceOf(error);
  };

  async function choose(session: string, chosen: HTMLButtonElement): Promise<void> {
    gone.abort();
    gone = new AbortController();
    const mine = gone.signal;
    signal.addEventListener("abort", () => gone.abort(), { once: true });
    problem.hidden = true;
    for (const each of sessions.querySelectorAll("button")) each.setAttribute("aria-pressed", String(each === chosen));
    desk.hidden = false;
    desk.replaceChildren(h("p", { class: "soft", role: "status" }, t("replay.loading")));
    try {
      const events: unknown[] = [];
      for (let from: number | null = 0; from !== null;) {
        const reply: { events: unknown; next: number | null } = await store.call({ type: "replay.events", sitting: session, from });
        if (mine.aborted) return;
        events.push(...(reply.events as unknown[]));
        from = reply.next;
      }
      showSession(context, desk, readEvents(events), (text) => said.say(text), mine);
    } catch (error) {
      if (mine.aborted) return;
      desk.hidden = true;
      fail(error);
    }
  }

  async function list(): Promise<void> {
    try {
      const found = await store.call({ type: "replay.list" });
      sessions.replaceChildren(...found.sessions.map(({ session, began, seconds, events, holes }) => {
        const entry: HTMLButtonElement = h("button", { type: "button", "aria-pressed": "false", onclick: () => void choose(session, entry) },
          h("b", {}, t("replay.session", { name: session.slice(0, 8) })),
          t("replay.facts", { date: new Date(began).toLocaleString(), length: clock(seconds), events: plural("replay.events", events) }),
          holes ? h("span", { class: "bad" }, ` ${t("replay.holes", { text: holes })}`) : null);
        return h("li", {}, entry);
      }));
      if (!found.sessions.length) sessions.append(h("li", { class: "soft" }, t("replay.none")));
    } catch (error) {
      fail(error);
    }
  }
  void store.ready.then(list);
}

function showSession(context: ViewContext, desk: HTMLElement, events: readonly LogEvent[], say: (text: string) => void, signal: AbortSignal): void {
  const { root, store, host, player } = context;
  const run = new Replay(events, {
    open: (score) => store.open(score, { reason: "file" }),
    apply: (operation, kind, source) => void store.edit(operation, { kind, source }),
    hash: () => store.document.hash,
  });
  const own = timesOf(events), short = shortened(own);
  let times = short, speed: number = SPEEDS[1], playing = false, now = 0, last = 0;
  const weights = weightsOf(host.asset);

  const canvas = h("canvas", { "aria-hidden": "true" });
  const when = h("span", { class: "when", role: "timer" }), state = h("p", { class: "soft", role: "status" });
  const wrong = h("p", { class: "bad", role: "alert", hidden: true });
  const list = followEvents(events, own, (place) => jump(place + 1));
  const toggle = button({ label: t("replay.play"), icon: "play", text: true, kind: "primary", onclick: () => set(!playing) });
  const place = slider({
    label: t("replay.place"), min: 0, max: Math.max(1, events.length), value: 0, hideLabel: true,
    say: (value) => t("replay.at", { time: clock(own[value - 1] ?? 0), number: value, count: events.length }), oninput: (value) => jump(value),
  });
  const marks = h("div", { class: "marks", "aria-hidden": "true" }, events.map(({ kind, source }, i) =>
    h("i", { class: source === "model" || kind === "suggest" ? "model" : CHANGES.includes(kind) ? "change" : "", style: `left:${(100 * (i + 1)) / Math.max(1, events.length)}%` })));
  desk.replaceChildren(
    h("div", { class: "bar" }, toggle,
      button({ label: t("replay.back"), icon: "left", onclick: () => jump(run.place - 1) }), button({ label: t("replay.next"), icon: "right", onclick: () => jump(run.place + 1) }),
      choice({ label: t("replay.speed"), value: String(speed), options: SPEEDS.map((each) => [String(each), each === 0 ? t("replay.atOnce") : each === 1 ? t("replay.asItWas") : t("replay.times", { times: each })] as const),
        onchange: (value) => void (speed = Number(value)) }),
      h("label", {}, h("input", { type: "checkbox", checked: true, onchange: (event: Event) => {
        const at = run.place;
        times = (event.target as HTMLInputElement).checked ? short : own;
        now = times[at - 1] ?? 0;
      } }), ` ${t("replay.skip")}`), when),
    marks, place, canvas, state, wrong,
    h("div", { class: "bar" }, button({ label: t("replay.roll"), kind: "outlined", text: true, onclick: () => void root.dispatchEvent(new CustomEvent("wb-go", { detail: "roll", bubbles: true, composed: true })) })),
    list.element);

  function draw(): void {
    const end = Math.max(1, scoreEnd(store.score));
    drawPreview(canvas, store.score, store.time, { range: [0, end], dark: isDark(root) });
    when.textContent = t("replay.at", { time: clock(own[run.place - 1] ?? 0), number: run.place, count: events.length });
    place.set(run.place);
    list.show(run.place);
    wrong.hidden = !run.problem;
    wrong.textContent = run.problem;
    state.textContent = run.place >= events.length && events.length ? `${t(run.checks ? "replay.end" : "replay.endNothing")} ${right()}` : right();
  }

  const right = (): string => (run.checks ? plural("replay.right", run.checks) : "");

  function jump(to: number): void {
    run.go(to);
    now = times[run.place - 1] ?? 0;
    draw();
    const event = events[run.place - 1];
    if (event) say(kindText(event.kind));
    if (event?.kind === "genie") void genie(event);
  }

  function set(on: boolean): void {
    playing = on;
    relabel(toggle, t(on ? "replay.pause" : "replay.play"), on ? "stop" : "play");
    if (!on) return;
    if (run.place >= events.length) run.go(0);
    now = times[run.place - 1] ?? 0;
    last = performance.now();
    requestAnimationFrame(tick);
  }

  function tick(): void {
    if (!playing || signal.aborted) return;
    const at = performance.now();
    now += speed ? ((at - last) / 1_000) * speed : Infinity;
    last = at;
    for (let left = AT_ONCE; left > 0 && !run.done && times[run.place]! <= now; left -= 1) {
      const event = run.step();
      if (event?.kind === "genie" && speed) void genie(event);
    }
    if (!Number.isFinite(now)) now = times[run.place - 1] ?? 0;
    draw();
    if (!run.done) return void requestAnimationFrame(tick);
    set(false);
    say(run.problem || state.textContent || "");
  }

  /** The Genie plays what was pressed again, and says whether the same notes come. */
  async function genie({ payload }: LogEvent): Promise<void> {
    const layer = payload as unknown as Layer;
    if (!Array.isArray(layer.presses) || !Array.isArray(layer.changes)) return;
    try {
      const pitches = playAgain(await weights(layer), layer), other = pitches.filter((pitch, i) => pitch !== layer.presses[i]!.pitch).length;
      if (signal.aborted) return;
      state.textContent = other ? t("replay.genieOther", { other, count: pitches.length }) : plural("replay.genieSame", pitches.length);
      const first = layer.presses[0]?.time ?? 0;
      layer.presses.forEach((press, i) => setTimeout(() => {
        if (!signal.aborted) player.audition({ program: 0, isDrum: false }, pitches[i]!, press.velocity, Math.min(2, press.release - press.time));
      }, (1_000 * (press.time - first)) / (speed || 1)));
    } catch (error) {
      state.textContent = sentenceOf(error);
    }
  }

  const sizes = new ResizeObserver(() => draw());
  sizes.observe(canvas);
  root.addEventListener("themechange", () => draw(), { signal });
  signal.addEventListener("abort", () => {
    playing = false;
    sizes.disconnect();
  });
  jump(0);
}

export const kindText = (kind: string): string => t(`replay.kind.${kind}` as StringKey);
