/** Eight buttons that play a whole piano: the view puts its parts together. */
import type { ViewContext } from "../host/view.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { announcer, type Announcer } from "../ui/announce.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { addStyle } from "../ui/root.js";
import { Accompaniment, scaleOf, type PlayKey, type With } from "./accompaniment.js";
import { companionPanel } from "./companionPanel.js";
import { Decoder } from "./decoder.js";
import { listenToGamepads } from "./gamepad.js";
import style from "./genie.css";
import { warmUp } from "./geniePlayer.js";
import { listenToKeys } from "./keys.js";
import { Midi } from "./midi.js";
import { Mind } from "./mind.js";
import { Pads } from "./pads.js";
import { TakePlayback } from "./playback.js";
import { LAYOUTS, type ButtonCount } from "./rules.js";
import { Session, type SessionEvent } from "./session.js";
import { settingsPanel } from "./settingsPanel.js";
import { Stage } from "./stage.js";
import { TakeDesk } from "./takedesk.js";
import { clock } from "./takesPanel.js";
import { makePedal, makeRecorder, makeTopBar, type TopBar } from "./topbar.js";
import { Voices } from "./voices.js";

const IDLE_MS = 12_000; // a silence after which a take is over by itself
const NARROW = 700;

export function genie(view: ViewContext): void {
  addStyle(view.root, style);
  new Genie(view).start();
}

class Genie {
  private readonly session = new Session();
  private readonly voices: Voices;
  private readonly stage: Stage;
  private readonly band: Accompaniment;
  private readonly pads: Pads;
  private readonly midi: Midi;
  private readonly playback: TakePlayback;
  private readonly spoken: Announcer;
  private readonly mind: Mind;
  private readonly companion: ReturnType<typeof companionPanel>;
  private readonly settings: ReturnType<typeof settingsPanel>;
  private readonly desk: TakeDesk;
  private readonly recorder = makeRecorder(() => {
    this.desk.finish();
    this.view.root.querySelector<HTMLElement>(".take .take-main button")?.focus(); // what was just played, to be heard
  });
  private readonly pedal = makePedal((down) => this.session.setPedal(down, performance.now()), () => this.session.pedal);
  private readonly notice = h("div", { class: "g-notice wb-card", hidden: true, role: "status" });
  private readonly lags: number[] = [];
  private chosenKey: PlayKey | null = null;
  private sure = false;
  private following = false;
  private top: TopBar | null = null;
  private along = 0;

  constructor(private readonly view: ViewContext) {
    const { root, store, player, signal } = view;
    const { session } = this;
    this.voices = new Voices(player);
    this.stage = new Stage(root, signal);
    this.band = session.companion = new Accompaniment(store, player, this.voices);
    this.pads = new Pads(root, { press: this.press, release: this.release, touched: () => root.focus({ preventScroll: true }) }, signal);
    this.midi = new Midi({
      buttons: this.buttons, press: this.press, release: this.release, pedal: this.setPedal, changed: () => this.settings.ports(),
    }, signal);
    const screen = {
      on: (pitch: number, velocity: number, place: number) => this.stage.on(pitch, velocity, place),
      off: (pitch: number) => this.stage.off(pitch),
    };
    session.sinks.add(this.voices).add(this.midi).add(screen);
    this.playback = new TakePlayback(this.voices, [this.midi, screen]);
    this.spoken = announcer(root, () => player.playing || session.holding || this.playback.transport.running);
    this.mind = new Mind(session, this.stage, this.pads);
    this.companion = companionPanel(this.band, () => this.rules(), this.fail);
    this.settings = settingsPanel(session, this.midi, {
      key: (key) => {
        this.chosenKey = key;
        this.rules();
      },
      buttons: (count) => {
        this.everythingOff();
        session.change({ buttons: count });
        this.pads.show(count);
        this.mind.look();
      },
      midiOut: (id) => {
        this.everythingOff();
        this.midi.choose(id);
        this.voices.audible = id === "";
      },
      fail: this.fail,
    });
    const { voices, band, playback, pads, spoken, fail } = this;
    this.desk = new TakeDesk(view, { session, voices, band, playback, pads, spoken, fail });
  }

  start(): void {
    this.listen();
    this.layOut();
    this.watch();
    this.load();
  }

  // -- input: every press goes straight through to the note -------------------------------------------------------
  private readonly buttons = (): ButtonCount => this.session.settings.buttons;
  private readonly visible = (): boolean => this.view.root.offsetParent !== null && !document.hidden;
  private readonly press = (source: string, place: number, velocity: number, at: number): void =>
    void this.session.press(source, place, velocity, at);
  private readonly release = (source: string, at: number): void => this.session.release(source, at);
  private readonly setPedal = (down: boolean, at: number): void => this.session.setPedal(down, at);
  private readonly everythingOff = (): void => {
    this.session.releaseAll(performance.now());
    this.pads.forget();
  };

  private listen(): void {
    const { buttons, press, release, setPedal: pedal, visible, everythingOff, band, playback } = this;
    const { root, host, signal } = this.view;
    root.tabIndex = -1;
    listenToKeys(root, host.kind === "jupyter", {
      buttons, release, pedal, press: (source, place, at) => press(source, place, 84, at), escape: everythingOff,
    }, signal);
    listenToGamepads({ buttons, press, release, pedal, visible }, signal);
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
    this.session.listeners.add((event) => this.heard(event));
  }

  private readonly fail = (text: string): void => {
    const { notice } = this;
    notice.replaceChildren(h("span", {}, text),
      button({ label: t("common.close"), icon: "close", onclick: () => (notice.hidden = true) }));
    notice.hidden = false;
    this.spoken.say(text, true);
  };

  // -- what is on the page -----------------------------------------------------------------------------------------
  private layOut(): void {
    const { root, host } = this.view;
    const { session, mind, stage, settings } = this;
    const insideText = h("p", { class: "soft inside-text", hidden: true }, t("genie.insideText"));
    const top = makeTopBar({
      choose: (way) => this.choose(way),
      sure: (on) => {
        this.sure = on;
        this.rules();
      },
      mood: (temperature) => {
        session.change({ temperature });
        mind.look();
      },
      inside: (on) => {
        mind.shown = on;
        insideText.hidden = !on;
        stage.element.parentElement!.classList.toggle("looking", on);
        mind.look();
      },
      more: () => {
        settings.element.hidden = !settings.element.hidden;
        if (!settings.element.hidden) settings.element.scrollIntoView({ block: "nearest" });
        this.latency();
        return !settings.element.hidden;
      },
    }, session.settings.temperature, host.kind !== "page" || host.channel !== null);
    this.top = top;
    const loading = h("div", { class: "g-loading", role: "status" }, t("genie.loading"));
    root.append(h("div", { class: "genie" }, top.element, this.companion.element, this.notice,
      h("div", { class: "g-play" }, stage.element, loading, this.recorder.element, this.pedal),
      insideText, this.pads.element, settings.element, this.desk.element));
    this.pads.show(LAYOUTS[8].length as ButtonCount);
    this.desk.show();
    this.companion.show();
  }

  private choose(way: With): void {
    const { band } = this;
    if (way === band.with) return;
    band.stop();
    band.with = way;
    band.held = null;
    this.top!.show(way);
    this.companion.show();
    this.rules();
  }

  /** Chords and key as switch, key and company say. */
  private rules(): void {
    const key = this.chosenKey ?? (this.sure ? this.band.key() ?? { tonic: 0, minor: false } : null);
    this.session.change({ chords: this.sure ? "hard" : "soft", scale: key ? scaleOf(key) : [] });
    this.mind.look();
  }

  // -- what is played ----------------------------------------------------------------------------------------------
  private heard(event: SessionEvent): void {
    const { pads, recorder, desk, mind, lags } = this;
    if (event.type === "press" || event.type === "release") {
      const { played } = event;
      if (event.type === "press") {
        const lag = performance.now() - event.at;
        lags.push(lag);
        if (lags.length > 200) lags.shift();
        const detail = { ...played, at: event.at, lag };
        this.view.root.dispatchEvent(new CustomEvent("genie-note", { detail, bubbles: true, composed: true }));
      }
      // With one switch the one button stands for whichever place the Genie went to.
      pads.light(this.buttons() === 1 ? 0 : played.button, event.type === "press");
      if (event.type === "press") mind.look();
    } else if (event.type === "pedal") {
      this.pedal.setAttribute("aria-pressed", String(event.down));
    } else if (event.type === "begin") {
      desk.begin();
      recorder.recording(true);
      this.follow();
    } else {
      recorder.recording(false);
      desk.add(event.layer);
      mind.look();
    }
  }

  /** Drawing along while something is played. */
  private follow(): void {
    const { session, band, companion, desk } = this;
    const { signal } = this.view;
    if (this.following || signal.aborted) return;
    this.following = true;
    const step = (): void => {
      const now = performance.now();
      const elapsed = session.elapsed(now);
      if (elapsed !== null) this.recorder.show(clock(elapsed));
      companion.follow(now);
      const quiet = !session.holding && !band.running && !desk.over && now - session.lastPressAt > IDLE_MS;
      if (elapsed !== null && quiet) desk.finish();
      this.following = !signal.aborted && (session.elapsed(now) !== null || band.running);
      if (this.following) requestAnimationFrame(step);
      else companion.follow(now);
    };
    requestAnimationFrame(step);
  }

  private watch(): void {
    const { band, companion, mind, session, settings, stage, pads } = this;
    const { root, player, store, signal } = this.view;
    band.onChange = () => {
      companion.show();
      if (band.running) this.follow();
    };
    player.subscribe(() => band.onChange(), signal);
    store.subscribe((event) => {
      if (event.type === "notice") this.fail(event.text);
      else if (event.type === "view" && event.keys.includes("playAlong")) this.playAlong();
    }, signal);
    void store.ready.then(() => this.playAlong());
    const watching = setInterval(() => {
      if (mind.shown && this.visible() && !session.holding) mind.look(); // chances change with the time that passes
      if (!settings.element.hidden) this.latency();
    }, 500);
    const sizes = new ResizeObserver(() => {
      const narrow = root.clientWidth > 0 && root.clientWidth < NARROW;
      const [low, high] = narrow ? [48, 84] : [21, 108];
      if (session.settings.low !== low) session.change({ low, high });
      stage.range(low, high);
    });
    sizes.observe(root);
    signal.addEventListener("abort", () => {
      clearInterval(watching);
      sizes.disconnect();
    });
    root.addEventListener("themechange", () => pads.recolor(), { signal });
  }

  /** The listening page asks to play along with a recording: it is the piece now. */
  private playAlong(): void {
    const { playAlong } = this.view.store.view;
    if (playAlong === this.along) return;
    this.along = playAlong;
    this.desk.finish();
    this.playback.stop();
    this.choose("project");
    this.rules();
  }

  private latency(): void {
    const sorted = [...this.lags].sort((a, b) => a - b);
    const { context } = this.voices;
    this.settings.latency(sorted[sorted.length >> 1] ?? 0, 1_000 * ((context?.outputLatency || context?.baseLatency) ?? 0));
  }

  private load(): void {
    const { root, host } = this.view;
    this.voices.onReady = () => root.setAttribute("data-piano", "ready");
    this.voices.onTrouble = () => this.fail(t("genie.plain"));
    this.voices.load();
    host.asset("genie.safetensors").then((data) => {
      const decoder = Decoder.read(data);
      warmUp(decoder);
      this.session.ready(decoder);
      root.querySelector(".g-loading")?.remove();
      root.setAttribute("data-genie", "ready");
      this.mind.look();
    }, (error: unknown) => this.fail(sentenceOf(error)));
  }
}
