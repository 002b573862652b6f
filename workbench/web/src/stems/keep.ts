/** Taking the piece away: one sound file for everybody, everything for musicians. */
import { SOUND_KINDS, VIDEO_KIND, VIDEO_SHAPES } from "../host/formats.js";
import type { ViewContext } from "../host/view.js";
import { isStopped } from "../store/jobs.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { named } from "../ui/conditions.js";
import { button, choice } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { waitingText } from "../ui/waiting.js";
import { makersPanel } from "./makers.js";
import { whosePanel } from "./whose.js";

interface Ready {
  readonly name: string;
  readonly url: string;
}

/** Ask the server for a file and follow its making. One at a time; the next request stops the one before. */
export class Maker {
  private stopper: AbortController | null = null;

  constructor(private readonly context: ViewContext, private readonly show: (state: MakerState) => void) {}

  make(kind: string, options: Record<string, unknown> = {}): void {
    this.stop();
    void this.run((this.stopper = new AbortController()), kind, options);
  }

  private async run(stopper: AbortController, kind: string, options: Record<string, unknown>): Promise<void> {
    const { store } = this.context;
    const show = (state: MakerState): void => void (this.stopper === stopper && this.show(state));
    show({ state: "working", done: null, text: "" });
    try {
      const { name, url } = await store.job("export", { kind, options }, stopper.signal, {
        progress: (progress) => show({ state: "working", done: progress.done, text: waitingText(progress) }),
      }).result;
      show({ state: "ready", file: { name, url: String(url) } });
    } catch (error) {
      show(isStopped(error) ? { state: "idle" } : { state: "failed", text: sentenceOf(error) });
    } finally {
      if (this.stopper === stopper) this.stopper = null;
    }
  }

  stop(): void {
    this.stopper?.abort();
    this.stopper = null;
    this.show({ state: "idle" });
  }
}

export type MakerState =
  | { state: "idle" }
  /** `text`: what is waited for, if anything. */
  | { state: "working"; done: number | null; text: string }
  | { state: "ready"; file: Ready }
  | { state: "failed"; text: string };

function download(file: Ready): void {
  const link = h("a", { href: file.url, download: file.name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
}

/** The device's own share sheet, where it takes files. */
async function share(file: Ready): Promise<void> {
  const blob = await (await fetch(file.url)).blob();
  await navigator.share({ files: [new File([blob], file.name, { type: blob.type })], title: file.name });
}

const canShare = (name: string): boolean => {
  const ending = name.replace(/^.*\./, "");
  const type = ending === "mp3" ? "audio/mpeg" : ending === VIDEO_KIND ? "video/mp4" : "application/octet-stream";
  const probe = new File([""], name, { type });
  return matchMedia("(pointer: coarse)").matches && Boolean(navigator.canShare?.({ files: [probe] }));
};

export function keepPanel(context: ViewContext): HTMLElement {
  const status = h("div", { class: "keep-status", role: "status" });
  const bar = h("progress", { max: 1, "aria-label": t("stems.making") });
  const words = h("span");
  const maker = new Maker(context, (state) => show(state));
  const show = (state: MakerState): void => {
    if (state.state === "idle") status.replaceChildren();
    else if (state.state === "failed") status.replaceChildren(h("p", { class: "bad" }, state.text));
    else if (state.state === "working") {
      if (state.done === null) bar.removeAttribute("value");
      else bar.value = state.done;
      words.textContent = state.text || t("stems.making");
      if (!bar.isConnected) {
        status.replaceChildren(words, bar,
          button({ label: t("stems.stopMaking"), icon: "stop", text: true, kind: "danger", onclick: () => maker.stop() }));
        status.scrollIntoView({ block: "nearest" }); // what was asked for may stand far below
      }
    } else ready(state.file);
  };
  const ready = (file: Ready): void => {
    const parts: HTMLElement[] = [h("span", {}, t("stems.ready", { name: file.name }))];
    if (canShare(file.name)) {
      parts.push(button({
        label: t("stems.share"), kind: "primary",
        onclick: () => void share(file).catch((error: unknown) => {
          if (!(error instanceof DOMException && error.name === "AbortError")) download(file); // sharing was refused
        }),
      }));
    } else download(file);
    parts.push(button({ label: t("stems.saveAgain"), kind: "outlined", onclick: () => download(file) }));
    status.replaceChildren(...parts);
    context.store.log("export", { name: file.name.replace(/^.*\./, "") });
  };

  const sound = choice({
    label: t("stems.kind"), value: SOUND_KINDS[0], hideLabel: true, onchange: () => {},
    options: SOUND_KINDS.map((kind) => [kind, kind.toUpperCase()] as const),
  });
  const shape = choice({
    label: t("stems.videoShape"), value: VIDEO_SHAPES[0], hideLabel: true, onchange: () => {},
    options: VIDEO_SHAPES.map((one) => [one, t(`stems.video.${one}`)] as const),
  });
  const rate = choice({
    label: t("stems.rate"), value: "44100", options: [["44100", "44.1 kHz"], ["48000", "48 kHz"]], onchange: () => {},
  });
  const depth = choice({
    label: t("stems.depth"), value: "pcm24", options: [["pcm24", "24 bit"], ["float", "32 bit float"]],
    onchange: () => {},
  });
  const tick = (label: string, id: string): [HTMLInputElement, HTMLLabelElement] => {
    const input = h("input", { type: "checkbox", id });
    return [input, h("label", { class: "keep-check" }, input, h("span", {}, label))];
  };
  const [onlyLoop, onlyLoopLabel] = tick(t("stems.onlyLoop"), "keep-loop");
  const [wholeBars, wholeBarsLabel] = tick(t("stems.wholeBars"), "keep-bars");
  const [forSale, forSaleLabel] = tick(t("makers.commercial"), "keep-sale");
  const sale = (): Record<string, boolean> => (forSale.checked ? { commercial: true } : {});
  const [tempoNames, tempoNamesLabel] = tick(t("stems.tempoNames"), "keep-tempo");
  const offerLoop = (): void => void (onlyLoopLabel.hidden = context.store.view.loop === null);
  context.store.subscribe((event) => {
    if (event.type === "view" || event.type === "open") offerLoop();
  }, context.signal);
  offerLoop();
  const chosen = (part: HTMLElement): string => part.querySelector("select")!.value;
  const keep = (): void => {
    const loop = context.store.view.loop;
    maker.make(chosen(sound), { ...(onlyLoop.checked && loop ? { loop } : {}), ...sale() });
  };
  const everything = (): void => maker.make("zip", {
    rate: Number(chosen(rate)), subtype: chosen(depth), whole_bars: wholeBars.checked, tempo_names: tempoNames.checked, ...sale(),
  });
  return named("export", h("section", { class: "keep wb-card" },
    h("div", { class: "keep-main" },
      button({ label: t("stems.keep"), icon: "check", text: true, kind: "primary", onclick: keep }),
      sound, onlyLoopLabel, h("p", { class: "soft" }, t("stems.keepWhy"))),
    h("div", { class: "keep-main" },
      button({
        label: t("stems.video"), text: true, kind: "outlined",
        onclick: () => maker.make(VIDEO_KIND, { shape: chosen(shape), ...sale() }),
      }),
      shape, h("p", { class: "soft" }, t("stems.videoWhy"))),
    status, makersPanel(context),
    whosePanel(context),
    h("details", {}, h("summary", {}, t("stems.musicians")),
      h("div", { class: "keep-more" }, rate, depth, wholeBarsLabel, tempoNamesLabel, forSaleLabel,
        button({ label: t("stems.zip"), kind: "plain", onclick: everything }),
        button({ label: t("stems.midi"), onclick: () => maker.make("mid", sale()) }),
        button({ label: t("stems.notation"), onclick: () => maker.make("musicxml", sale()) }),
        button({ label: t("stems.project"), onclick: () => maker.make("wbz") })),
      h("p", { class: "soft" }, t("stems.zipWhy")))));
}
