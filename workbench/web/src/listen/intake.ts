/** Getting sound in: the microphone, a file that is chosen or dropped, or one that lies on the shelf already. */
import type { MediaItem } from "../host/model.js";
import type { ViewContext } from "../host/view.js";
import { sendFile } from "../home/open.js";
import { formerSession } from "../host/session.js";
import { exampleRecording } from "../media/example.js";
import { isStopped } from "../store/jobs.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import type { Announcer } from "../ui/announce.js";
import { button, choice } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { keepRecording } from "./again.js";
import type { Click } from "./capture.js";
import { makeRecorder } from "./recorder.js";

/** What it is to be heard as; `auto`: the ears decide. */
export const KINDS = ["auto", "singing", "piano", "band"] as const;
export type Kind = (typeof KINDS)[number];

export interface Intake {
  readonly element: HTMLElement;
  readonly kind: Kind;
  open(file: File, click?: Click | null): Promise<void>;
  refresh(): Promise<void>;
  /** Small, while something that was heard is looked at. */
  compact(small: boolean): void;
}

export interface IntakeHooks {
  /** Something was brought, and is on its way to the server. */
  brought(): void;
  /** A recording is there, on the shelf. */
  come(item: MediaItem, click: Click | null): void;
  failed(sentence: string): void;
}

/** What a file chooser offers. */
export const SOUNDS = "audio/*,video/*,.wav,.mp3,.m4a,.flac,.ogg,.opus,.aiff,.aif,.mp4,.mov,.mkv,.webm,.avi";

export function makeIntake(context: ViewContext, said: Announcer, hooks: IntakeHooks): Intake {
  const { host, store, signal } = context;
  const recorder = makeRecorder(context, said, {
    taken: (take) => {
      void keepRecording(host.app, take.file, take.click); // before it goes out: nobody else has it
      void open(take.file, take.click, true);
    },
    failed: hooks.failed,
    changed: () => (others.hidden = recorder?.busy ?? false),
  });
  const picker = h("input", {
    type: "file", accept: SOUNDS, hidden: true, "aria-label": t("listen.open"),
    onchange: () => {
      const file = picker.files?.[0];
      if (file) void open(file);
      picker.value = "";
    },
  });
  const kind = choice<Kind>({ label: t("listen.kind"), value: "auto", onchange: () => {}, options: KINDS.map((name) => [name, t(`listen.kind.${name}`)] as const) });
  const shelf = h("div", { class: "shelf-row", role: "group", "aria-label": t("listen.shelf") });
  const sending = h("div", { class: "sending", hidden: true });
  const openButton = h("button", { type: "button", class: "open-button", onclick: () => picker.click() },
    h("i", { "aria-hidden": "true" }, icon("plus") as unknown as Node), h("span", {}, h("b", {}, t("listen.open")), h("small", {}, t("listen.openWhy"))));
  const tries = (["voice", "recording"] as const).map((which) => button({
    label: t(which === "voice" ? "listen.tryVoice" : "listen.trySong"), icon: "spark", text: true, onclick: () => void example(which) }));
  const others = h("div", { class: "others" }, openButton, picker,
    h("div", { class: "more" }, h("div", { class: "tries" }, h("span", { class: "soft" }, t("listen.tryOne")), tries), kind, shelf));
  const element = h("section", { class: "intake wb-card", "aria-label": t("listen.intake") }, recorder.element, others, sending);
  if (!host.media) others.replaceChildren(h("p", { class: "soft" }, t("media.noServer")));

  /** `kept`: it is in this browser's storage already. */
  async function open(file: File, click: Click | null = null, kept = false): Promise<void> {
    hooks.brought();
    const stopper = new AbortController();
    const bar = h("progress", { max: "1", value: "0", "aria-label": t("media.sending", { name: file.name }) });
    sending.replaceChildren(h("span", {}, t("media.sending", { name: file.name })), bar,
      button({ label: t("media.stop", { name: file.name }), icon: "stop", onclick: () => stopper.abort() }));
    const soon = setTimeout(() => (sending.hidden = false), 400);
    signal.addEventListener("abort", () => stopper.abort(), { once: true });
    try {
      const item = await sendFile(host, file, { signal: stopper.signal, progress: (done) => (bar.value = done) });
      void refresh();
      if (item.kind === "sound" || item.kind === "video") {
        if (!kept) void keepRecording(host.app, file, click);
        hooks.come(item, click);
      } else hooks.failed(t("listen.noRecording", { name: item.name }));
    } catch (error) {
      hooks.failed(isStopped(error) ? t("media.stopped", { name: file.name }) : sentenceOf(error));
    } finally {
      clearTimeout(soon);
      sending.hidden = true;
    }
  }

  /** For whoever has nothing at hand: what ships with the workbench. */
  async function example(which: "voice" | "recording"): Promise<void> {
    for (const one of tries) one.disabled = true;
    try {
      const item = await exampleRecording(store, which);
      void refresh();
      hooks.come(item, null);
    } catch (error) {
      hooks.failed(sentenceOf(error));
    } finally {
      for (const one of tries) one.disabled = false;
    }
  }

  async function refresh(): Promise<void> {
    if (!host.media) return;
    try {
      const { items } = await store.call({ type: "media", was: formerSession() });
      const sounds = items.filter((item) => item.kind === "sound" || item.kind === "video").slice(-6).reverse();
      shelf.replaceChildren(...(sounds.length ? [h("span", { class: "soft" }, t("listen.shelf"))] : []),
        ...sounds.map((item) => button({ label: item.name, kind: "outlined", onclick: () => hooks.come(item, null) })));
    } catch {
      // the server is away; what was brought is shown when it is back
    }
  }

  void store.ready.then(refresh);
  store.whenBack(() => void refresh(), signal);
  return {
    element, open, refresh,
    get kind() {
      return kind.querySelector("select")!.value as Kind;
    },
    compact: (small) => void element.classList.toggle("compact", small),
  };
}
