/** The picture as a part of the page: its canvas, the moving needle, sizes, themes, hands and keys. */
import { t } from "../strings/index.js";
import { everyFrame, h } from "../ui/dom.js";
import { isDark } from "../ui/root.js";
import type { Desk } from "./desk.js";
import { rangeOf } from "./heard.js";
import { keyHandler, type KeyHooks } from "./keys.js";
import { drumRows, paint } from "./paint.js";
import { listenToPointers, type PointerHooks } from "./pointer.js";
import { words } from "./spoken.js";

export interface Timeline {
  readonly element: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  /** Move the needle; while it plays the picture follows. */
  needle(time: number, playing: boolean): void;
}

/** Most seconds shown at first. */
const FIRST = 40, FIRST_NARROW = 14;

/** The grey picture of the spectrum in the colour of the ink, as clear as it is quiet. */
async function tinted(url: string, ink: string): Promise<HTMLCanvasElement> {
  const image = new Image();
  image.src = url;
  await image.decode();
  const canvas = h("canvas", { width: image.width, height: image.height });
  const context = canvas.getContext("2d")!;
  context.drawImage(image, 0, 0);
  const data = context.getImageData(0, 0, image.width, image.height);
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(ink.slice(at, at + 2), 16)) as [number, number, number];
  for (let i = 0; i < data.data.length; i += 4) {
    const grey = data.data[i]!;
    data.data.set([red, green, blue, grey ** 3 / 255 ** 2], i);
  }
  context.putImageData(data, 0, 0);
  return canvas;
}

export function makeTimeline(desk: Desk, hooks: PointerHooks & KeyHooks): Timeline {
  const { root, signal } = desk.context, { scale } = desk;
  const keys = keyHandler(desk, hooks);
  const canvas = h("canvas", {
    tabindex: 0, role: "application", "aria-roledescription": t("listen.picture"), "aria-label": t("listen.pictureLabel"),
    onkeydown: keys,
  });
  const needle = h("div", { class: "needle" });
  const element = h("div", { class: "timeline" }, canvas, needle);
  let spectrum: HTMLCanvasElement | null = null;
  let fitted = false;
  let now = 0;

  const draw = everyFrame(() => {
    if (scale.width < 2) return;
    const { heard } = desk;
    scale.hasSections = heard.sections.length > 0;
    scale.drumRows = drumRows(heard.drums).length;
    scale.keys = (scale.width < 700 ? 30 : 46) + (scale.drumRows ? 28 : 0); // drums have names
    scale.duration = Math.max(0.1, heard.duration);
    if (!fitted) {
      fitted = true;
      scale.fit(...rangeOf(heard), scale.width < 700 ? FIRST_NARROW : FIRST);
    }
    scale.hold();
    const ratio = Math.min(3, devicePixelRatio || 1);
    if (canvas.width !== Math.round(scale.width * ratio) || canvas.height !== Math.round(scale.height * ratio)) {
      canvas.width = Math.round(scale.width * ratio);
      canvas.height = Math.round(scale.height * ratio);
    }
    const ink = canvas.getContext("2d")!;
    ink.setTransform(ratio, 0, 0, ratio, 0, 0);
    paint(ink, desk, { css: getComputedStyle(canvas), dark: isDark(root), spectrum });
    canvas.setAttribute("aria-description", desk.picked ? words(desk, desk.picked) : t("listen.pictureKeys"));
    place();
  });

  function place(): void {
    const x = scale.x(now);
    needle.hidden = x < scale.keys || x > scale.width;
    needle.style.transform = `translateX(${x}px)`;
  }

  async function load(): Promise<void> {
    const { picture } = desk.backdrop;
    if (!picture) return;
    try {
      spectrum = await tinted(picture.url, getComputedStyle(canvas).getPropertyValue("--wb-ink").trim());
      draw.request();
    } catch {
      // it is only a background: the notes are drawn on plain rows
    }
  }

  listenToPointers(desk, canvas, hooks);
  desk.onRedraw(() => draw.request());
  root.addEventListener("themechange", () => {
    void load();
    draw.request();
  }, { signal });
  const sizes = new ResizeObserver(() => {
    [scale.width, scale.height] = [element.clientWidth, element.clientHeight];
    draw.request();
  });
  sizes.observe(element);
  signal.addEventListener("abort", () => sizes.disconnect());
  void Promise.resolve().then(load);
  return {
    element, canvas,
    needle(time, playing) {
      now = time;
      if (playing && scale.follow(time)) draw.request();
      else place();
    },
  };
}
