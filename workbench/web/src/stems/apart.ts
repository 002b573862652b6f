/** A recording taken apart, below the stems of the piece: hear, mute and combine its stems, write one down, keep them. */
import type { JobResults } from "../host/messages.js";
import type { MediaItem } from "../host/model.js";
import type { ViewContext } from "../host/view.js";
import { save } from "../genie/export.js";
import { preciseClock } from "../listen/part.js";
import { makeWork } from "../listen/work.js";
import { clock } from "../roll/speech.js";
import { isStopped } from "../store/jobs.js";
import { known, t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { button, relabel, setPressed, slider } from "../ui/controls.js";
import { everyFrame, h } from "../ui/dom.js";
import { shapeIcon, trackStyle } from "../ui/palette.js";
import { isDark } from "../ui/root.js";
import { ApartSound, toggled, type Part } from "./apartsound.js";

type Made = JobResults["separate"];
type Stem = Made["stems"][number];

/** Longer recordings are too large to be decoded whole in a browser, in seconds. */
const LONGEST = 900;

export const stemName = (name: string): string => (known(`apart.stem.${name}`) ? t(`apart.stem.${name}` as "apart.stem.drums") : name);

export function apartPanel(context: ViewContext): HTMLElement {
  const { store, host, signal } = context;
  const news = h("p", { class: "soft", role: "status" });
  const work = makeWork(signal);
  const choices = h("div", { class: "apart-choices" });
  const place = h("div", {});
  const element = h("section", { class: "apart wb-card", "aria-label": t("apart.title"), hidden: !host.media },
    h("h2", {}, t("apart.title")), choices, news, work.element, place);
  let shown: { close(): void } | null = null;

  async function refresh(): Promise<void> {
    if (!host.media) return;
    try {
      const { items } = await store.call({ type: "media" });
      const sounds = items.filter((item) => item.kind === "sound" || item.kind === "video");
      const whole = sounds.filter((item) => !item.name.endsWith(").flac"));
      choices.replaceChildren(...(whole.length ? [h("span", { class: "soft" }, t("apart.choose"))] : [h("span", { class: "soft" }, t("apart.none"))]),
        ...whole.slice(-6).map((item) => button({ label: item.name, kind: "outlined", onclick: () => void take(item) })));
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
  const play = button({ label: t("stems.play"), icon: "play", kind: "primary", text: true, onclick: () => void toggle() });
  const time = h("span", { class: "clock" });
  const mix = button({ label: t("apart.saveMix"), icon: "down", text: true, onclick: () => void saveMix() });
  const zip = button({ label: t("stems.zip"), text: true, onclick: () => void pack() });
  const packing = makeWork(gone.signal);
  let sound: ApartSound | null = null;
  let loading: Promise<ApartSound> | null = null;

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
    save: () => void host.media!.address(stem.item, gone.signal).then((url) => download(root, url, stem.item.name)),
  }));
  const element = h("div", { class: "apart-parts" },
    h("div", { class: "bar" }, h("b", {}, item.name), play, time, mix, zip, trouble), packing.element,
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

  /** The server hears each stem, and packs all that a workstation reads. */
  async function pack(): Promise<void> {
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

function download(root: HTMLElement, href: string, name: string): void {
  const link = h("a", { href, download: name, hidden: true });
  root.append(link);
  link.click();
  link.remove();
}

interface RowHooks { changed(): void; seek(time: number): void; write(): void; save(): void }

function partRow(
  stem: Stem, index: number, seconds: number, part: Part, root: HTMLElement, hooks: RowHooks,
): { element: HTMLElement; draw(now: number, pale: boolean): void } {
  const name = stemName(stem.name);
  let chosen: [number, number] | null = null;
  let head = 0;
  const mute = button({ label: t("stems.mute", { name }), icon: "mute", pressed: false, onclick: () => set({ mute: !part.mute }) });
  const solo = button({ label: t("stems.solo", { name }), icon: "solo", pressed: false, onclick: () => set({ solo: !part.solo }) });
  const volume = slider({ label: t("stems.volume", { name }), hideLabel: true, min: 0, max: 100, value: 100, oninput: (value) => set({ volume: value / 100 }) });
  const muteHere = button({ label: t("stems.muteHere"), icon: "mute", text: true, onclick: () => silence() });
  muteHere.hidden = true;
  const canvas = h("canvas", { class: "wave", "aria-hidden": "true" });
  const needle = h("div", { class: "needle" });
  const box = h("div", {
    class: "wave-box", tabindex: 0, role: "slider", "aria-label": t("stems.wave", { name }), "aria-valuemin": 0, "aria-valuemax": Math.round(seconds),
    title: t("apart.keys"), onkeydown: (event: KeyboardEvent) => key(event), onpointerdown: (event: PointerEvent) => drag(event),
  }, canvas, needle);
  const badge = h("i", { class: "badge", "aria-hidden": "true" });
  const element = h("div", { class: "row wb-card", role: "group", "aria-label": name },
    h("div", { class: "head" }, h("span", { class: "name" }, badge, h("b", {}, name)), h("span", { class: "buttons" }, mute, solo),
      h("span", { class: "sliders apart-tools" }, volume, button({ label: t("apart.write"), kind: "outlined", onclick: hooks.write }),
        button({ label: t("apart.save", { name }), icon: "down", onclick: hooks.save }), muteHere)), box);

  function set(values: Partial<Part>): void {
    Object.assign(part, values);
    setPressed(mute, part.mute);
    setPressed(solo, part.solo);
    hooks.changed();
  }

  function silence(): void {
    if (!chosen) return;
    set({ silences: toggled(part.silences, ...chosen) });
  }

  function choose(from: number, to: number): void {
    const [a, b] = [Math.max(0, Math.min(from, to)), Math.min(seconds, Math.max(from, to))];
    chosen = b - a > 0.05 ? [a, b] : null;
    muteHere.hidden = !chosen;
    hooks.changed();
  }

  function key(event: KeyboardEvent): void {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (event.key === "Enter") silence();
    else if (event.key === "Escape") choose(0, 0);
    else if (step) {
      const from = event.shiftKey ? (chosen ? (head === chosen[1] ? chosen[0] : chosen[1]) : head) : null;
      head = Math.min(seconds, Math.max(0, head + step));
      if (from !== null) choose(from, head);
      else {
        choose(0, 0);
        hooks.seek(head);
      }
    } else return;
    event.preventDefault();
  }

  function drag(event: PointerEvent): void {
    const area = box.getBoundingClientRect();
    const at = (x: number): number => ((x - area.left) / area.width) * seconds;
    const from = at(event.clientX);
    box.setPointerCapture(event.pointerId);
    const move = (moved: PointerEvent): void => choose(from, at(moved.clientX));
    box.addEventListener("pointermove", move);
    box.addEventListener("pointerup", (up) => {
      box.removeEventListener("pointermove", move);
      if (Math.abs(up.clientX - event.clientX) < 4) {
        choose(0, 0);
        hooks.seek((head = from));
      }
    }, { once: true });
  }

  return {
    element,
    draw(now, pale) {
      const style = trackStyle(index, isDark(root));
      badge.style.color = style.deep;
      if (!badge.firstChild) badge.append(shapeIcon(style.shape, 16));
      drawPart(canvas, stem.peaks, { seconds, color: style.fill, pale, chosen, silences: part.silences });
      needle.style.transform = `translateX(${(canvas.clientWidth * now) / seconds}px)`;
      box.setAttribute("aria-valuenow", String(Math.round(now)));
      box.setAttribute("aria-valuetext", chosen ? t("stems.chosen", { from: preciseClock(chosen[0]), to: preciseClock(chosen[1]) }) : preciseClock(head));
      if (!chosen) return;
      const all = part.silences.some(([start, end]) => start <= chosen![0] && end >= chosen![1]);
      relabel(muteHere, all ? t("stems.hearHere") : t("stems.muteHere"), all ? "sound" : "mute");
    },
  };
}

interface DrawOptions {
  readonly seconds: number;
  readonly color: string;
  readonly pale: boolean;
  readonly chosen: readonly [number, number] | null;
  readonly silences: Part["silences"];
}

function drawPart(canvas: HTMLCanvasElement, peaks: readonly number[], options: DrawOptions): void {
  const ratio = Math.min(3, devicePixelRatio || 1), width = canvas.clientWidth, height = canvas.clientHeight;
  const ink = canvas.getContext("2d");
  if (!width || !height || !ink) return;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  ink.setTransform(ratio, 0, 0, ratio, 0, 0);
  const look = getComputedStyle(canvas), x = (second: number): number => (second / options.seconds) * width;
  if (options.chosen) {
    ink.fillStyle = look.getPropertyValue("--wb-accent-soft");
    ink.fillRect(x(options.chosen[0]), 0, x(options.chosen[1]) - x(options.chosen[0]), height);
  }
  ink.fillStyle = options.color;
  for (let left = 0; left < width; left += 3) {
    const second = ((left + 1.5) / width) * options.seconds;
    const silent = options.pale || options.silences.some(([from, to]) => from <= second && second < to);
    const from = Math.floor((left * peaks.length) / width), to = Math.max(from + 1, Math.floor(((left + 3) * peaks.length) / width));
    let peak = 0;
    for (let i = from; i < to && i < peaks.length; i++) peak = Math.max(peak, peaks[i]!);
    const half = Math.max(0.5, Math.sqrt(peak / 255) * (height / 2 - 4));
    ink.globalAlpha = silent ? 0.22 : 1;
    ink.fillRect(left, height / 2 - half, 2, 2 * half);
  }
  ink.globalAlpha = 1;
}
