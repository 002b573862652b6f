/** Eight buttons that play a whole piano: the view. */
import type { ViewContext } from "../host/view.js";
import { t } from "../strings/index.js";
import { announcer } from "../ui/announce.js";
import { button, setPressed, slider } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { addStyle } from "../ui/root.js";
import { Accompaniment, NAMES, scaleOf, type PlayKey, type With } from "./accompaniment.js";
import { companionPanel } from "./companionPanel.js";
import { Decoder, LOWEST_PITCH } from "./decoder.js";
import { canShare, midiFile, save, sendToPiece, share, soundFile } from "./export.js";
import { listenToGamepads } from "./gamepad.js";
import { warmUp } from "./geniePlayer.js";
import style from "./genie.css";
import { listenToKeys } from "./keys.js";
import { Midi } from "./midi.js";
import { Pads } from "./pads.js";
import { TakePlayback } from "./playback.js";
import { LAYOUTS, type ButtonCount } from "./rules.js";
import { makeTake, Session } from "./session.js";
import { settingsPanel } from "./settingsPanel.js";
import { keepTakes, restoreTakes } from "./shelf.js";
import { Stage } from "./stage.js";
import type { Backing, Take } from "./take.js";
import { clock, takeName, TakesPanel, type TakeHooks } from "./takesPanel.js";
import { Voices } from "./voices.js";

const IDLE_MS = 12_000; // a silence after which a take is over by itself
const NARROW = 700;

export function genie(view: ViewContext): void {
  const { root, host, store, player, signal } = view;
  addStyle(root, style);
  const session = new Session();
  const voices = new Voices(player);
  const stage = new Stage(root, signal);
  const band = new Accompaniment(store, player, voices);
  session.companion = band;
  let takes: Take[] = host.kind === "jupyter" ? [] : restoreTakes(host.app);
  let over: Take | null = null;
  let chosenKey: PlayKey | null = null;
  let sure = false;
  const lags: number[] = [];

  const buttons = (): ButtonCount => session.settings.buttons;
  const visible = (): boolean => root.offsetParent !== null && !document.hidden;

  // -- input: every press goes straight through to the note -------------------------------------------------------
  const press = (source: string, place: number, velocity: number, at: number): void =>
    void session.press(source, place, velocity, at);
  const release = (source: string, at: number): void => session.release(source, at);
  const setPedal = (down: boolean, at: number): void => session.setPedal(down, at);
  const everythingOff = (): void => {
    session.releaseAll(performance.now());
    pads.forget();
  };
  const pads = new Pads(root, { press, release, touched: () => root.focus({ preventScroll: true }) }, signal);
  const midi = new Midi({ buttons, press, release, pedal: setPedal, changed: () => settings.ports() }, signal);
  root.tabIndex = -1;
  listenToKeys(root, host.kind === "jupyter", {
    buttons, release, pedal: setPedal, press: (source, place, at) => press(source, place, 84, at), escape: everythingOff,
  }, signal);
  listenToGamepads({ buttons, press, release, pedal: setPedal, visible }, signal);
  addEventListener("blur", everythingOff, { signal });
  document.addEventListener("visibilitychange", () => document.hidden && everythingOff(), { signal });
  const shown = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => !entry.isIntersecting) || root.offsetParent !== null) return;
    everythingOff(); // another tab of the app
    playback.stop();
    if (band.with === "chords") band.stop();
  });
  shown.observe(root);
  signal.addEventListener("abort", () => {
    shown.disconnect();
    everythingOff();
    band.stop();
    playback.stop();
  });

  const screen = {
    on: (pitch: number, velocity: number, place: number) => stage.on(pitch, velocity, place),
    off: (pitch: number) => stage.off(pitch),
  };
  session.sinks.add(voices).add(midi).add(screen);
  const playback = new TakePlayback(voices, [midi, screen]);
  const spoken = announcer(root, () => player.playing || session.holding || playback.transport.running);
  const fail = (text: string): void => {
    notice.replaceChildren(h("span", {}, text), button({ label: t("common.close"), icon: "close", onclick: () => (notice.hidden = true) }));
    notice.hidden = false;
    spoken.say(text, true);
  };

  // -- the bar on top --------------------------------------------------------------------------------------------
  const ways: [With, string][] = [["alone", t("genie.alone")], ["chords", t("genie.chords")]];
  const alone = host.kind === "page" && !host.channel; // a page by itself: there is no piece besides
  if (!alone) ways.push(["project", t("genie.project")]);
  const wayButtons = ways.map(([way, label]) => {
    const made = button({ label, pressed: way === "alone", onclick: () => choose(way) });
    made.dataset["way"] = way;
    return made;
  });
  const choose = (way: With): void => {
    if (way === band.with) return;
    band.stop();
    band.with = way;
    band.held = null;
    for (const item of wayButtons) setPressed(item, item.dataset["way"] === way);
    companion.show();
    rules();
  };
  const sureButton = button({
    label: t("genie.sure"), icon: "check", text: true, pressed: false, kind: "outlined",
    onclick: () => {
      sure = !sure;
      setPressed(sureButton, sure);
      rules();
    },
  });
  sureButton.title = t("genie.sureWhy");
  /** Chords and key as switch, key and company say. */
  const rules = (): void => {
    const key = chosenKey ?? (sure ? band.key() ?? { tonic: 0, minor: false } : null);
    session.change({ chords: sure ? "hard" : "soft", scale: key ? scaleOf(key) : [] });
    look();
  };
  const mood = slider({
    label: t("genie.mood"), min: 0, max: 150, step: 5, value: session.settings.temperature * 100, hideLabel: true,
    ends: [t("genie.calmer"), t("genie.wilder")], say: (value) => t("genie.percent", { share: value }),
    oninput: (value) => {
      session.change({ temperature: value / 100 });
      look();
    },
  });
  mood.title = t("genie.moodWhy");
  let inside = false;
  const insideButton = button({
    label: t("genie.inside"), icon: "zoomIn", text: true, pressed: false, kind: "quiet",
    onclick: () => {
      inside = !inside;
      setPressed(insideButton, inside);
      insideText.hidden = !inside;
      stage.element.parentElement!.classList.toggle("looking", inside);
      look();
    },
  });
  insideButton.title = t("genie.insideWhy");
  insideButton.setAttribute("aria-label", t("genie.inside")); // on phones the icon stands alone
  const moreButton = button({
    label: t("genie.more"), icon: "more", pressed: false,
    onclick: () => {
      settings.element.hidden = !settings.element.hidden;
      setPressed(moreButton, !settings.element.hidden);
      if (!settings.element.hidden) settings.element.scrollIntoView({ block: "nearest" });
      latency();
    },
  });
  const pedal = h("button", { type: "button", class: "wb-button outlined pedal", "aria-pressed": "false", title: t("genie.pedalWhy") }, t("genie.pedal"));
  pedal.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    pedal.setPointerCapture(event.pointerId);
    setPedal(true, performance.now());
  });
  for (const name of ["pointerup", "pointercancel"]) pedal.addEventListener(name, () => setPedal(false, performance.now()));
  pedal.addEventListener("click", (event) => event.detail === 0 && setPedal(!session.pedal, performance.now()));
  const time = h("span", { class: "rec-time" }, "0:00");
  const done = button({ label: t("genie.done"), icon: "stop", text: true, kind: "outlined", onclick: () => finish() });
  const recorder = h("div", { class: "recorder idle" }, h("span", { class: "dot", role: "img", "aria-label": t("genie.recording") }), time, done);
  done.disabled = true;

  const companion = companionPanel(band, () => rules(), fail);
  const settings = settingsPanel(session, midi, {
    key: (key) => {
      chosenKey = key;
      rules();
    },
    buttons: (count) => {
      everythingOff();
      session.change({ buttons: count });
      pads.show(count);
      look();
    },
    midiOut: (id) => {
      everythingOff();
      midi.choose(id);
      voices.audible = id === "";
    },
    fail,
  });

  // -- takes ------------------------------------------------------------------------------------------------------
  const go = (tab: string): void => void root.dispatchEvent(new CustomEvent("wb-go", { detail: tab, bubbles: true, composed: true }));
  const hooks: TakeHooks = {
    hear: (take) => {
      finish();
      band.stop();
      void playback.start(take).catch((error: unknown) => fail(String(error)));
    },
    stop: () => {
      playback.stop();
      finish();
    },
    over: (take) => {
      finish();
      band.stop();
      over = take;
      session.companion = playback.companion;
      void playback.start(take, true).catch((error: unknown) => fail(String(error)));
    },
    change: (take) => {
      const again = playback.take?.number === take.number;
      setTakes(takes.map((item) => (item.number === take.number ? take : item)));
      if (again) hooks.hear(take);
    },
    remove: (take) => {
      if (playback.take?.number === take.number) playback.stop();
      setTakes(takes.filter((item) => item.number !== take.number));
    },
    midi: (take) => save(midiFile(take), `piano-genie-${take.number}.mid`),
    keep: async (take, tell) => {
      tell(t("genie.making"));
      if (!voices.ready) throw new Error(t("genie.noRender"));
      const blob = await soundFile(take, host.asset);
      const name = `piano-genie-${take.number}.wav`;
      const actions = [button({ label: t("genie.save"), onclick: () => save(blob, name) })];
      if (canShare(blob, name)) actions.unshift(button({ label: t("genie.share"), kind: "primary", onclick: () => void share(blob, name) }));
      else save(blob, name);
      tell(t("genie.saved", { name }), actions);
      store.log("export", { name: "wav", from: "genie" });
    },
    send: alone ? null : (take, tell) => {
      const { operation, track } = sendToPiece(take, store, `${t("genie.track")} ${take.number}`);
      const seeds = take.layers.map((layer) => layer.seed);
      const played = { model: "piano-genie", seed: seeds[0] ?? 0, settings: { layers: take.layers } };
      store.edit(operation, { facts: { take: take.number, seeds, played } });
      store.setView({ track });
      const text = t("genie.sent", { name: takeName(take), track: `${t("genie.track")} ${take.number}` });
      tell(text, host.kind === "gradio" ? [button({ label: t("genie.openRoll"), kind: "primary", onclick: () => go("roll") })] : []);
      spoken.say(text);
    },
  };
  const list = new TakesPanel(root, hooks, signal);
  const setTakes = (next: Take[], fresh = false): void => {
    takes = next;
    list.show(takes);
    if (host.kind !== "jupyter") keepTakes(host.app, takes);
    if (fresh && host.kind !== "gradio") {
      host.model.set("take", JSON.stringify(takes.at(-1) ?? null)); // a notebook reads it as a score
      host.model.save_changes();
    }
  };
  playback.onChange = () => {
    list.mark(playback.take?.number ?? -1);
    if (!playback.transport.running && !over) session.companion = band;
  };
  const finish = (): void => {
    pads.forget();
    session.finish(performance.now());
    if (over) playback.stop();
    over = null;
    session.companion = band;
  };

  let backing: Backing | null = null;
  let song: number | null = null;
  session.listeners.add((event) => {
    if (event.type === "press" || event.type === "release") {
      const { played } = event;
      if (event.type === "press") {
        const lag = performance.now() - event.at;
        lags.push(lag);
        if (lags.length > 200) lags.shift();
        const detail = { ...played, at: event.at, lag };
        root.dispatchEvent(new CustomEvent("genie-note", { detail, bubbles: true, composed: true }));
      }
      // With one switch the one button stands for whichever place the Genie went to.
      pads.light(buttons() === 1 ? 0 : played.button, event.type === "press");
      if (event.type === "press") look();
    } else if (event.type === "pedal") {
      pedal.setAttribute("aria-pressed", String(event.down));
    } else if (event.type === "begin") {
      if (playback.transport.running && !over) playback.stop();
      backing = band.with === "chords" && band.transport.running ? band.backing : null;
      song = band.songNow();
      recorder.classList.remove("idle");
      done.disabled = false;
      follow();
    } else {
      recorder.classList.add("idle");
      done.disabled = true;
      time.textContent = "0:00";
      const number = Math.max(0, ...takes.map((take) => take.number)) + 1;
      setTakes([...takes, makeTake(number, event.layer, { over, backing, song })], true);
      store.log("genie", { action: "take", number, ...event.layer });
      look();
    }
  });

  // -- drawing along -----------------------------------------------------------------------------------------------
  let following = false;
  function follow(): void {
    if (following || signal.aborted) return;
    following = true;
    const step = (): void => {
      const now = performance.now();
      const elapsed = session.elapsed(now);
      if (elapsed !== null) time.textContent = clock(elapsed);
      companion.follow(now);
      const quiet = !session.holding && !band.running && !over && now - session.lastPressAt > IDLE_MS;
      if (elapsed !== null && quiet) finish();
      following = !signal.aborted && (session.elapsed(now) !== null || band.running);
      if (following) requestAnimationFrame(step);
      else companion.follow(now);
    };
    requestAnimationFrame(step);
  }
  band.onChange = () => {
    companion.show();
    if (band.running) follow();
  };
  player.subscribe(() => band.onChange(), signal);
  store.subscribe((event) => {
    if (event.type === "notice") fail(event.text);
  }, signal);

  let looking = 0;
  const pitchName = (key: number): string => `${NAMES[(key + LOWEST_PITCH) % 12]}${Math.floor((key + LOWEST_PITCH) / 12) - 1}`;
  /** Show the model's mind, one frame later: never between a press and its note. */
  function look(): void {
    if (!inside) {
      stage.inside(null);
      pads.label(null);
      return;
    }
    looking ||= requestAnimationFrame(() => {
      looking = 0;
      const rows = session.inside(performance.now());
      stage.inside(rows);
      pads.label(rows && buttons() > 1 ? rows.map((row) => {
        const best = row.indexOf(Math.max(...row));
        return t("genie.best", { note: pitchName(best), share: Math.round(100 * row[best]!) });
      }) : null);
    });
  }
  const watching = setInterval(() => {
    if (inside && visible() && !session.holding) look(); // chances change with the time that passes
    if (!settings.element.hidden) latency();
  }, 500);
  signal.addEventListener("abort", () => clearInterval(watching));

  function latency(): void {
    const sorted = [...lags].sort((a, b) => a - b);
    const context = voices.context;
    settings.latency(sorted[sorted.length >> 1] ?? 0, 1_000 * ((context?.outputLatency || context?.baseLatency) ?? 0));
  }

  const notice = h("div", { class: "g-notice wb-card", hidden: true, role: "status" });
  const insideText = h("p", { class: "soft inside-text", hidden: true }, t("genie.insideText"));
  const loading = h("div", { class: "g-loading", role: "status" }, t("genie.loading"));
  root.append(h("div", { class: "genie" },
    h("div", { class: "g-bar" },
      h("div", { class: "ways", role: "group", "aria-label": t("genie.with") }, h("span", { class: "soft", "aria-hidden": "true" }, t("genie.with")), wayButtons),
      sureButton, mood, h("div", { class: "end" }, insideButton, moreButton)),
    companion.element, notice, h("div", { class: "g-play" }, stage.element, loading, recorder, pedal), insideText, pads.element,
    settings.element, list.element));

  const fit = (): void => {
    const narrow = root.clientWidth > 0 && root.clientWidth < NARROW;
    const [low, high] = narrow ? [48, 84] : [21, 108];
    if (session.settings.low !== low) session.change({ low, high });
    stage.range(low, high);
  };
  const sizes = new ResizeObserver(fit);
  sizes.observe(root);
  signal.addEventListener("abort", () => sizes.disconnect());
  root.addEventListener("themechange", () => pads.recolor(), { signal });
  pads.show(LAYOUTS[8].length as ButtonCount);
  list.show(takes);
  companion.show();
  voices.onReady = () => root.setAttribute("data-piano", "ready");
  voices.onTrouble = () => fail(t("genie.plain"));
  voices.load();
  host.asset("genie.safetensors").then((data) => {
    const decoder = Decoder.read(data);
    warmUp(decoder);
    session.ready(decoder);
    loading.remove();
    root.setAttribute("data-genie", "ready");
    look();
  }, (error: unknown) => fail(error instanceof Error ? error.message : String(error)));
}
