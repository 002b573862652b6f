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

/** The copy of a file of the shelf, made on the server. */
export async function copyOf({ store, host }: Pick<ViewContext, "store" | "host">, media: string, tell: (done: number | null) => void, signal: AbortSignal): Promise<string> {
  const made = await store.job("media.playable", { media }, signal, { progress: (progress) => tell(progress.done ?? null) }).result;
  return host.media!.address(made.item as MediaItem, signal);
}
