/** How a person's own files reach the server: one request with the bytes (Gradio), or pieces as buffers (Jupyter). */
import { t } from "../strings/index.js";
import { served } from "../strings/served.js";
import { isMessage, type MediaItem, type MediaTransfer, type Message, type UploadOptions } from "./model.js";
import { pageSession } from "./session.js";

/** Bytes of one piece in Jupyter; the server takes up to 8 MB. */
const PIECE = 4_000_000;

export const stopped = (): DOMException => new DOMException("stopped", "AbortError");

function itemOf(reply: unknown): MediaItem {
  const item = isMessage(reply) ? reply["item"] : null;
  if (item && typeof item === "object") return item as MediaItem;
  throw new Error(isMessage(reply) && typeof reply["text"] === "string" ? served(reply["text"]) : t("media.failed"));
}

/** `root`: the app's own address, without `/gradio_api`. */
export function byRequest(root: string): MediaTransfer {
  const place = `${root}/gradio_api/media`;
  return {
    upload: (file, { progress, signal }: UploadOptions = {}) => new Promise((resolve, reject) => {
      // Not fetch: it cannot tell how much has gone out.
      const request = new XMLHttpRequest();
      const stop = (): void => request.abort();
      request.open("POST", place);
      request.setRequestHeader("content-type", "application/octet-stream");
      request.setRequestHeader("x-workbench-session", pageSession());
      request.setRequestHeader("x-workbench-name", encodeURIComponent(file.name));
      request.upload.onprogress = (event) => event.lengthComputable && progress?.(event.loaded / event.total);
      request.onload = () => {
        try {
          resolve(itemOf(JSON.parse(request.responseText)));
        } catch (error) {
          reject(error instanceof SyntaxError ? new Error(t("media.failed")) : error);
        }
      };
      request.onerror = () => reject(new Error(t("media.failed")));
      request.onabort = () => reject(stopped());
      request.onloadend = () => signal?.removeEventListener("abort", stop);
      if (signal?.aborted) return reject(stopped());
      signal?.addEventListener("abort", stop);
      request.send(file);
    }),
    address: (item) => Promise.resolve(`${place}/${item.id}`),
  };
}

/** `call`: sends a message with buffers and resolves with the reply. */
export function byPieces(call: (message: Message, buffers?: ArrayBuffer[]) => Promise<Message>): MediaTransfer {
  const ask = async (message: Message, buffers?: ArrayBuffer[]): Promise<Message> => {
    const reply = await call(message, buffers);
    if (reply.type === "error") throw new Error(served(String(reply["text"])));
    return reply;
  };
  return {
    async upload(file, { progress, signal }: UploadOptions = {}) {
      const { id } = await ask({ type: "media.begin", name: file.name, size: file.size });
      for (let start = 0; ; start += PIECE) {
        if (signal?.aborted) {
          await ask({ type: "media.stop", id });
          throw stopped();
        }
        const piece = await file.slice(start, start + PIECE).arrayBuffer();
        const reply = await ask({ type: "media.piece", id }, [piece]);
        progress?.(Math.min(1, (start + piece.byteLength) / file.size));
        if (reply["item"]) return itemOf(reply);
      }
    },
    async address(item, signal) {
      const reply = await ask({ type: "media.read", id: item.id });
      const url = String(reply["url"]);
      signal.addEventListener("abort", () => URL.revokeObjectURL(url));
      return url;
    },
  };
}
