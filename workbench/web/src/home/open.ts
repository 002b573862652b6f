/** Opening a file of one's own: pick or drop, send to the server, take over the score it finds. */
import { readScore } from "../document/types.js";
import { SCORES } from "../host/formats.js";
import type { Host, MediaItem, UploadOptions } from "../host/model.js";
import type { Store } from "../store/store.js";
import { t } from "../strings/index.js";

/** What may be chosen: scores are opened, everything else goes to the shelf. */
export const ANYTHING = `${SCORES},audio/*,video/*,image/*,.heic,application/pdf`;

export interface Opened {
  title: string;
  /** What the import changed on purpose, a sentence each. */
  report: readonly string[];
  /** What the file says of its makers, a sentence each. */
  made: readonly string[];
  /** It was changed after it was saved. */
  changed: boolean;
}

/** Send a file to the page's shelf; rejects with one sentence, or with an AbortError after Stop. */
export async function sendFile(host: Host, file: File, options: UploadOptions = {}): Promise<MediaItem> {
  if (file.size === 0) throw new Error(t("open.empty", { name: file.name }));
  if (!host.media) throw new Error(t("media.noServer"));
  return host.media.upload(file, options);
}

/** Open a score of the shelf into the page's store; rejects with one sentence and leaves the piece as it was. */
export async function openScore(store: Store, item: MediaItem): Promise<Opened> {
  const reply = await store.call({ type: "import", id: item.id });
  const score = readScore(reply.score);
  store.open(score, { reason: "file" });
  return {
    title: score.title || item.name, report: reply.report, made: reply.made.sentences,
    changed: reply.made.state === "changed",
  };
}

/** Let files be dropped anywhere on `area`. */
export function acceptDrops(area: HTMLElement, take: (file: File) => void, signal: AbortSignal): void {
  let depth = 0;
  const over = (active: boolean): void => void area.classList.toggle("dropping", active);
  area.addEventListener("dragenter", (event) => {
    event.preventDefault();
    depth += 1;
    over(true);
  }, { signal });
  area.addEventListener("dragover", (event) => event.preventDefault(), { signal });
  area.addEventListener("dragleave", () => {
    depth -= 1;
    over(depth > 0);
  }, { signal });
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    over(false);
    const file = event.dataTransfer?.files[0];
    if (file) take(file);
  }, { signal });
}
