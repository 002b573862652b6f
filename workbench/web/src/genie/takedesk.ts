/** What has been played: the takes, hearing one, playing over one, taking one away or into the piece. */
import type { ViewContext } from "../host/view.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import type { Announcer } from "../ui/announce.js";
import { button } from "../ui/controls.js";
import type { Accompaniment } from "./accompaniment.js";
import { modelOf } from "./decoder.js";
import { canShare, midiFile, save, sendToPiece, share, soundFile } from "./export.js";
import type { Pads } from "./pads.js";
import type { TakePlayback } from "./playback.js";
import { makeTake, type Session } from "./session.js";
import { keepTakes, restoreTakes } from "./shelf.js";
import type { Backing, Layer, Take } from "./take.js";
import { takeName, TakesPanel, type TakeHooks } from "./takesPanel.js";
import type { Voices } from "./voices.js";

export interface DeskParts {
  readonly session: Session;
  readonly voices: Voices;
  readonly band: Accompaniment;
  readonly playback: TakePlayback;
  readonly pads: Pads;
  readonly spoken: Announcer;
  fail(text: string): void;
}

export class TakeDesk {
  /** The take that is played over now. */
  over: Take | null = null;
  private takes: Take[];
  private readonly list: TakesPanel;
  private backing: Backing | null = null;
  private song: number | null = null;

  constructor(private readonly view: ViewContext, private readonly parts: DeskParts) {
    const { host, root, signal } = view;
    this.takes = host.kind === "jupyter" ? [] : restoreTakes(host.app);
    this.list = new TakesPanel(root, this.hooks(), signal);
    parts.playback.onChange = () => {
      this.list.mark(parts.playback.take?.number ?? -1);
      if (!parts.playback.transport.running && !this.over) parts.session.companion = parts.band;
    };
  }

  get element(): HTMLElement {
    return this.list.element;
  }

  show(): void {
    this.list.show(this.takes);
  }

  /** The first note of a take sounds. */
  begin(): void {
    const { band, playback } = this.parts;
    if (playback.transport.running && !this.over) playback.stop();
    this.backing = band.with === "chords" && band.transport.running ? band.backing : null;
    this.song = band.songNow();
  }

  /** A take is over: keep it. */
  add(layer: Layer): void {
    const number = Math.max(0, ...this.takes.map((take) => take.number)) + 1;
    const { over, backing, song } = this;
    this.set([...this.takes, makeTake(number, layer, { over, backing, song })], true);
    this.view.store.log("genie", { action: "take", number, ...layer });
  }

  /** End what is being played in. */
  finish(): void {
    const { band, pads, playback, session } = this.parts;
    pads.forget();
    session.finish(performance.now());
    if (this.over) playback.stop();
    this.over = null;
    session.companion = band;
  }

  private set(next: Take[], fresh = false): void {
    const { host } = this.view;
    this.takes = next;
    this.show();
    if (host.kind !== "jupyter") keepTakes(host.app, next);
    if (fresh && host.kind !== "gradio") {
      host.model.set("take", JSON.stringify(next.at(-1) ?? null)); // a notebook reads it as a score
      host.model.save_changes();
    }
  }

  private hooks(): TakeHooks {
    const { band, playback, session, fail } = this.parts;
    const { host } = this.view;
    const start = (take: Take, over: boolean): void => void playback.start(take, over).catch((error: unknown) => fail(sentenceOf(error)));
    const hear = (take: Take): void => {
      this.finish();
      band.stop();
      start(take, false);
    };
    return {
      hear,
      stop: () => {
        playback.stop();
        this.finish();
      },
      over: (take) => {
        this.finish();
        band.stop();
        this.over = take;
        session.companion = playback.companion;
        start(take, true);
      },
      change: (take) => {
        const again = playback.take?.number === take.number;
        this.set(this.takes.map((item) => (item.number === take.number ? take : item)));
        if (again) hear(take);
      },
      remove: (take) => {
        if (playback.take?.number === take.number) playback.stop();
        this.set(this.takes.filter((item) => item.number !== take.number));
      },
      midi: (take) => save(midiFile(take), `piano-genie-${take.number}.mid`),
      keep: (take, tell) => this.keep(take, tell),
      // A page by itself has no piece besides.
      send: host.kind === "page" && !host.channel ? null : (take, tell) => this.send(take, tell),
    };
  }

  private async keep(take: Take, tell: Parameters<TakeHooks["keep"]>[1]): Promise<void> {
    tell(t("genie.making"));
    if (!this.parts.voices.ready) throw new Error(t("genie.noRender"));
    const blob = await soundFile(take, this.view.host.asset);
    const name = `piano-genie-${take.number}.wav`;
    const actions = [button({ label: t("genie.save"), onclick: () => save(blob, name) })];
    if (canShare(blob, name)) actions.unshift(button({ label: t("genie.share"), kind: "primary", onclick: () => void share(blob, name) }));
    else save(blob, name);
    tell(t("genie.saved", { name }), actions);
    this.view.store.log("export", { name: "wav", from: "genie" });
  }

  private send(take: Take, tell: Parameters<TakeHooks["keep"]>[1]): void {
    const { root, store, host } = this.view;
    const { operation, track } = sendToPiece(take, store, `${t("genie.track")} ${take.number}`);
    const seeds = take.layers.map((layer) => layer.seed);
    const played = { model: modelOf(take.layers[0]?.model), seed: seeds[0] ?? 0, settings: { layers: take.layers } };
    store.edit(operation, { facts: { take: take.number, seeds, played } });
    store.setView({ track });
    const text = t("genie.sent", { name: takeName(take), track: `${t("genie.track")} ${take.number}` });
    const go = (): void => void root.dispatchEvent(new CustomEvent("wb-go", { detail: "roll", bubbles: true, composed: true }));
    tell(text, host.kind === "gradio" ? [button({ label: t("genie.openRoll"), kind: "primary", onclick: go })] : []);
    this.parts.spoken.say(text);
  }
}
