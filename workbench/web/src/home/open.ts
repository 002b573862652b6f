/** Opening a file of one's own: pick or drop, send to the server, take over the score it finds. */
import { readScore } from "../document/types.js";
import type { Store } from "../store/store.js";
import { t } from "../strings/index.js";

export const ACCEPT = ".mid,.midi,.rmi,.musicxml,.xml,.mxl,.abc,.wbz,audio/midi";
const LARGEST = 64 * 2 ** 20;

export interface Opened {
  title: string;
  /** What the import changed on purpose, a sentence each. */
  report: readonly string[];
}

/** The file's bytes in base64, without the prefix of a data address. */
function base64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(new Error(t("open.unreadable")));
    reader.readAsDataURL(file);
  });
}

/** Open a file into the page's store; rejects with one sentence and leaves the piece as it was. */
export async function openFile(store: Store, file: File): Promise<Opened> {
  if (file.size > LARGEST) throw new Error(t("open.tooLarge", { megabytes: LARGEST / 2 ** 20 }));
  if (file.size === 0) throw new Error(t("open.empty", { name: file.name }));
  const reply = await store.call({ type: "import", name: file.name, data: await base64(file) });
  if (reply.type !== "open") throw new Error(typeof reply["text"] === "string" ? reply["text"] : t("open.unreadable"));
  const score = readScore(reply["score"]);
  store.open(score, { reason: "file" });
  const report = Array.isArray(reply["report"]) ? reply["report"].map(String) : [];
  return { title: score.title || file.name, report };
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
