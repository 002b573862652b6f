/** Something to try a page with: the voice and the recording that ship with the workbench, put on the shelf when asked for. */
import type { MediaItem } from "../host/model.js";
import type { Store } from "../store/store.js";
import { t } from "../strings/index.js";

/** Rejects with one sentence. */
export async function exampleRecording(store: Pick<Store, "call">, which: "voice" | "recording"): Promise<MediaItem> {
  const { media } = await store.call({ type: "prompt.example", slot: which });
  const { items } = await store.call({ type: "media" });
  const item = items.find(({ id }) => id === media);
  if (!item) throw new Error(t("open.unreadable"));
  return item;
}
