/** A video of the shelf in a player: as it is where the browser can show it, else the small copy that the server makes. */
import type { MediaItem } from "../host/model.js";
import type { ViewContext } from "../host/view.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";

export interface VideoWay {
  /** The address of the file itself. */
  address(): Promise<string>;
  /** The address of a copy that any browser plays; `tell` hears the share that is done. Left out: there can be none. */
  copy?(tell: (done: number | null) => void): Promise<string>;
}

/**
 * Show a video; `say` gets a sentence while it is not there yet, "" when it is, and `lost` the one that says why it
 * never will be. A browser that knows a file's sound but not its picture gives no error, only a picture without a size.
 */
export function playVideo(video: HTMLVideoElement, way: VideoWay, say: (words: string) => void, lost: (words: string) => void, signal: AbortSignal): void {
  let copying = false;
  const gone = new AbortController();
  signal.addEventListener("abort", () => gone.abort(), { once: true });

  const end = (words: string): void => {
    gone.abort();
    video.removeAttribute("src");
    video.load();
    lost(words);
  };

  async function instead(): Promise<void> {
    if (signal.aborted) return;
    if (copying || !way.copy) return end(t("cards.video.noPlayer"));
    copying = true;
    try {
      say(t("media.copying"));
      const url = await way.copy((done) => say(done === null ? t("media.copying") : t("media.copyingShare", { percent: Math.round(100 * done) })));
      if (!signal.aborted) video.src = url;
    } catch (error) {
      if (!signal.aborted) end(sentenceOf(error));
    }
  }

  video.addEventListener("error", () => void (video.getAttribute("src") && instead()), { signal: gone.signal });
  video.addEventListener("loadedmetadata", () => {
    if (!video.videoWidth) return void instead();
    say("");
  }, { signal: gone.signal });
  way.address().then((url) => {
    if (!signal.aborted) video.src = url;
  }, (error) => signal.aborted || end(sentenceOf(error)));
}

interface Making {
  readonly made: Promise<MediaItem>;
  readonly tells: Set<(done: number | null) => void>;
  readonly stopper: AbortController;
}

/** Copies that are being made, by page and file: two players of one video wait for the same one. */
const making = new WeakMap<object, Map<string, Making>>();

/** The copy of a file of the shelf, made on the server; it stops when nobody waits for it any more. */
export async function copyOf({ store, host }: Pick<ViewContext, "store" | "host">, media: string, tell: (done: number | null) => void, signal: AbortSignal): Promise<string> {
  const here = making.get(store) ?? new Map<string, Making>();
  making.set(store, here);
  let now = here.get(media);
  if (!now) {
    const tells: Making["tells"] = new Set(), stopper = new AbortController();
    const made = store.job("media.playable", { media }, stopper.signal, { progress: ({ done }) => tells.forEach((each) => each(done ?? null)) })
      .result.then(({ item }) => item as MediaItem).finally(() => here.delete(media));
    now = { made, tells, stopper };
    here.set(media, now);
  }
  const { made, tells, stopper } = now;
  const leave = (): void => {
    tells.delete(tell);
    if (!tells.size) stopper.abort();
  };
  tells.add(tell);
  signal.addEventListener("abort", leave, { once: true });
  try {
    return await host.media!.address(await made, signal);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}
