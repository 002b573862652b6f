/** A recording taken apart, below the stems of the piece: hear, mute and combine its stems, write one down, keep them. */
import type { JobResults } from "../host/messages.js";
import type { MediaItem } from "../host/model.js";
import type { ViewContext } from "../host/view.js";
import { save } from "../genie/export.js";
import { sendFile } from "../home/open.js";
import { formerSession } from "../host/session.js";
import { SOUNDS } from "../listen/intake.js";
import { makeWork, type Work } from "../listen/work.js";
import { exampleRecording } from "../media/example.js";
import { clock } from "../roll/speech.js";
import { isStopped } from "../store/jobs.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { button, relabel } from "../ui/controls.js";
import { everyFrame, h } from "../ui/dom.js";
import { partRow, stemName } from "./apartrow.js";
import { ApartSound, type Part } from "./apartsound.js";
import { makeStandIns } from "./standins.js";

type Made = JobResults["separate"];

/** Longer recordings are too large to be decoded whole in a browser, in seconds. */
const LONGEST = 900;

export function apartPanel(context: ViewContext): HTMLElement {
  const { store, host, signal } = context;
  const news = h("p", { class: "soft", role: "status" });
  const work = makeWork(signal);
  const choices = h("div", { class: "apart-choices" });
  const place = h("div", {});
  const element = h("section", { class: "apart wb-card", "aria-label": t("apart.title"), hidden: !host.media },
    h("h2", {}, t("apart.title")), choices, news, work.element, place);
  let shown: { close(): void } | null = null;
  const picker = h("input", {
    type: "file", accept: SOUNDS, hidden: true, "aria-label": t("listen.open"),
    onchange: () => {
      const file = picker.files?.[0];
      if (file) void bring(file.name, (signal) => sendFile(host, file, { signal }));
      picker.value = "";
    },
  });
  const open = button({ label: t("listen.open"), icon: "plus", text: true, onclick: () => picker.click() });
  const example = button({ label: t("prompt.example"), icon: "spark", text: true,
    onclick: () => void bring(t("prompt.exampleName"), () => exampleRecording(store, "recording")) });
  element.append(picker);

  /** A recording that is not on the shelf yet comes there, and is taken apart. */
  async function bring(name: string, come: (signal: AbortSignal) => Promise<MediaItem>): Promise<void> {
    news.textContent = "";
    const stopper = work.begin(t("media.sending", { name }));
    try {
      const item = await come(stopper.signal);
      work.end(stopper);
      void refresh();
      if (item.kind === "sound" || item.kind === "video") await take(item);
      else news.textContent = t("listen.noRecording", { name: item.name });
    } catch (error) {
      work.end(stopper);
      news.textContent = isStopped(error) ? t("media.stopped", { name }) : sentenceOf(error);
    }
  }

  async function refresh(): Promise<void> {
    if (!host.media) return;
    try {
      const { items } = await store.call({ type: "media", was: formerSession() });
      const sounds = items.filter((item) => item.kind === "sound" || item.kind === "video");
      const whole = sounds.filter((item) => !item.name.endsWith(").flac"));
      choices.replaceChildren(h("span", { class: "soft" }, t(whole.length ? "apart.choose" : "apart.none")),
        ...whole.slice(-6).map((item) => button({ label: item.name, kind: "outlined", onclick: () => void take(item) })),
        open, ...(whole.length ? [] : [example]));
    } catch {
      // the server is away; the list comes with it
    }
  }

  async function take(item: MediaItem): Promise<void> {
    news.textContent = "";
    const stopper = work.begin(t("apart.working", { name: item.name }));
    try {
      const made = await store.job("separate", { media: item.id }, stopper.signal, { progress: (progress) => work.progress(progress) }).result;
      work.end(stopper);
      shown?.close();
      news.textContent = [...made.remarks, ...(made.fallback_reason ? [made.fallback_reason] : [])].join(" ");
      const view = partsView(context, item, made);
      shown = view;
      place.replaceChildren(view.element);
    } catch (error) {
      work.end(stopper);
      news.textContent = isStopped(error) ? t("apart.stopped") : sentenceOf(error);
    }
  }

  void store.ready.then(refresh);
  store.whenBack(() => void refresh(), signal);
  // A recording may have come by another tab.
  new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && void refresh()).observe(element);
  signal.addEventListener("abort", () => shown?.close());
  return element;
}

function partsView(context: ViewContext, item: MediaItem, made: Made): { element: HTMLElement; close(): void } {
  const { host, root, store, signal } = context;
  const gone = new AbortController();
  const parts: Part[] = made.stems.map(() => ({ mute: false, solo: false, volume: 1, silences: [] }));
  const long = made.seconds > LONGEST;
  const trouble = h("span", { class: "bad", role: "alert" });
  const said = h("p", { class: "soft", role: "status" });
  const play = button({ label: t("stems.play"), icon: "play", kind: "primary", text: true, onclick: () => void toggle() });
  const time = h("span", { class: "clock" });
  const mix = button({ label: t("apart.saveMix"), icon: "down", text: true, onclick: () => void saveMix() });
  const zip = button({ label: t("stems.zip"), text: true, onclick: () => void pack(context, item, packing, zip, trouble) });
  const packing = makeWork(gone.signal);
  let sound: ApartSound | null = null;
  let loading: Promise<ApartSound> | null = null;

  const standIns = makeStandIns(context, item, made.stems, packing, (text, bad) => {
    said.textContent = bad ? "" : text;
    trouble.textContent = bad ? text : "";
    paint.request();
  });
  const rows = made.stems.map((stem, i) => partRow(stem, i, made.seconds, parts[i]!, root, {
    changed: () => {
      sound?.update();
      paint.request();
    },
    seek: (at) => sound?.seek(at),
    write: () => {
      store.setView({ listen: stem.item.id });
      root.dispatchEvent(new CustomEvent("wb-go", { detail: "listen", bubbles: true, composed: true }));
    },
    replace: () => standIns.toggle(stem, stemName(stem.name)),
    replaced: () => standIns.replaced(stem),
    save: () => void host.media!.address(stem.item, gone.signal).then((url) => download(root, url, stem.item.name)),
  }));
  const element = h("div", { class: "apart-parts" },
    h("div", { class: "bar" }, h("b", {}, item.name), play, time, standIns.button, mix, zip, trouble), packing.element, said,
    long ? h("p", { class: "soft" }, t("apart.tooLong")) : null, ...rows.map((row) => row.element));
  play.hidden = mix.hidden = long;

  async function ready(): Promise<ApartSound> {
    loading ??= (async () => {
      const urls = await Promise.all(made.stems.map((stem) => host.media!.address(stem.item, gone.signal)));
      const opened = await ApartSound.open(urls, parts, made.seconds, gone.signal);
      opened.onState = () => {
        paint.request();
        if (opened.playing) follow();
      };
      return (sound = opened);
    })();
    try {
      return await loading;
    } catch (error) {
      loading = null;
      throw error instanceof DOMException ? new Error(t("apart.cannotPlay")) : error;
    }
  }

  async function toggle(): Promise<void> {
    trouble.textContent = "";
    if (sound?.playing) return sound.stop();
    context.player.stop();
    play.disabled = true;
    try {
      await (await ready()).play();
    } catch (error) {
      trouble.textContent = sentenceOf(error);
    } finally {
      play.disabled = false;
    }
  }

  async function saveMix(): Promise<void> {
    mix.disabled = true;
    try {
      save(await (await ready()).mixed(), `${item.name.replace(/\.[^.]{1,5}$/, "")} ${t("apart.mixName")}.wav`);
    } catch (error) {
      trouble.textContent = sentenceOf(error);
    } finally {
      mix.disabled = false;
    }
  }

  const paint = everyFrame(() => {
    relabel(play, sound?.playing ? t("stems.stop") : t("stems.play"), sound?.playing ? "stop" : "play");
    const now = sound?.now ?? 0;
    time.textContent = `${clock(now)} / ${clock(made.seconds)}`;
    const alone = parts.some((part) => part.solo);
    rows.forEach((row, i) => row.draw(now, parts[i]!.mute || (alone && !parts[i]!.solo)));
  });
  function follow(): void {
    if (gone.signal.aborted || !sound?.playing) return;
    paint.force();
    requestAnimationFrame(follow);
  }
  context.player.subscribe(() => context.player.playing && sound?.playing && sound.stop(), gone.signal);
  store.subscribe((event) => (event.type === "change" || event.type === "open") && paint.request(), gone.signal);
  root.addEventListener("themechange", () => paint.request(), { signal: gone.signal });
  const sizes = new ResizeObserver(() => paint.request());
  sizes.observe(element);
  const close = (): void => {
    sizes.disconnect();
    sound?.close();
    gone.abort();
  };
  signal.addEventListener("abort", close, { once: true });
  return { element, close };
}

/** The server hears each stem, and packs all that a workstation reads. */
async function pack({ store, root }: ViewContext, item: MediaItem, packing: Work, zip: HTMLButtonElement, trouble: HTMLElement): Promise<void> {
  trouble.textContent = "";
  const stopper = packing.begin(t("stems.making"));
  zip.disabled = true;
  try {
    const made = await store.job("stems", { media: item.id }, stopper.signal, { progress: (progress) => packing.progress(progress) }).result;
    download(root, String(made.url), made.name);
  } catch (error) {
    if (!isStopped(error)) trouble.textContent = sentenceOf(error);
  } finally {
    packing.end(stopper);
    zip.disabled = false;
  }
}

function download(root: HTMLElement, href: string, name: string): void {
  const link = h("a", { href, download: name, hidden: true });
  root.append(link);
  link.click();
  link.remove();
}
