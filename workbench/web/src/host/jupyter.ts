/** An anywidget model (Jupyter, marimo, VS Code) as a host; files come as messages with buffers. */
import { t } from "../strings/index.js";
import { remember } from "./assets.js";
import { isMessage, type Channel, type Host, type Message, type Model } from "./model.js";
import { pageSession } from "./session.js";
import { byPieces } from "./upload.js";
import { heard, signedBy } from "./writer.js";

type Buffers = readonly (DataView | ArrayBuffer)[];

const PATIENCE_MS = 15_000;
/** Waited for without end: Python may be busy with a cell, and giving up would make the page send a change twice. */
const PATIENT = new Set(["ops", "hello", "open", "render", "sheet", "import", "media.piece", "media.read"]);

class JupyterChannel implements Channel {
  private readonly waiting = new Map<string, (message: Message) => void>();
  private readonly listeners = new Set<(message: Message) => void>();
  private readonly name = crypto.randomUUID();
  private next = 1;
  private address = "";

  constructor(private readonly model: Model, private readonly app: string) {
    model.on("msg:custom", (content: unknown, buffers?: Buffers) => {
      if (!isMessage(content) || content.type === "asset" || !this.concerns(content)) return;
      const message = this.withAddress(content, buffers);
      const number = message["reply_to"];
      if (typeof number !== "string") return this.tell(message);
      this.waiting.get(number)?.(message);
      this.waiting.delete(number);
    });
  }

  /** Python speaks to every window that shows the widget; some of it is for one, or already known to one. */
  private concerns(message: Message): boolean {
    const { to, origin } = message;
    return (to === undefined || to === pageSession()) && origin !== pageSession();
  }

  private tell(message: Message): void {
    for (const listener of [...this.listeners]) listener(message);
  }

  /** A file that came as a buffer gets an address in this page; the one before is let go. */
  private withAddress(message: Message, buffers?: Buffers): Message {
    const buffer = buffers?.[0];
    if (!buffer) return message;
    const url = URL.createObjectURL(new Blob([toArrayBuffer(buffer)], { type: mediaType(message) }));
    if (message.type === "media.file") return { ...message, url }; // whoever asked lets it go
    URL.revokeObjectURL(this.address);
    this.address = url;
    return { ...message, url };
  }

  send(message: Message, buffers?: ArrayBuffer[]): void {
    this.model.send({ app: this.app, session: pageSession(), ...signedBy(message, this.app) }, undefined, buffers);
  }

  /** A reply carries the call's number as `reply_to`. */
  call(message: Message, buffers?: ArrayBuffer[]): Promise<Message> {
    const number = `${this.name}-${this.next++}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        if (PATIENT.has(message.type)) return this.tell({ type: "notice", text: t("notebook.busy") });
        this.waiting.delete(number);
        reject(new Error(t("notebook.silent")));
      }, PATIENCE_MS);
      this.waiting.set(number, (reply) => {
        clearTimeout(timer);
        if (message.type === "ops" && reply.type === "ack") this.publish(reply["revision"]);
        resolve(heard(reply, this.app));
      });
      this.send({ ...message, call: number }, buffers);
    });
  }

  /** Python has the change: a trait that others can depend on (in marimo, cells run again). */
  private publish(revision: unknown): void {
    if (this.model.get("revision") === revision) return;
    this.model.set("revision", revision);
    this.model.save_changes();
  }

  onMessage(listener: (message: Message) => void, signal: AbortSignal): void {
    this.listeners.add(listener);
    signal.addEventListener("abort", () => this.listeners.delete(listener));
  }
}

function toArrayBuffer(buffer: DataView | ArrayBuffer): ArrayBuffer {
  if (buffer instanceof ArrayBuffer) return buffer;
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength).slice().buffer;
}

const MEDIA: Record<string, string> = {
  mp3: "audio/mpeg", m4a: "audio/mp4", mp4: "video/mp4", wav: "audio/wav", flac: "audio/flac", mid: "audio/midi", zip: "application/zip",
};
const mediaType = (message: Message): string =>
  typeof message["media_type"] === "string" ? message["media_type"] : MEDIA[String(message["name"] ?? "").replace(/^.*\./, "")] ?? "application/octet-stream";

/** Ask Python for a file of `public/`; several views may wait for the same one. */
function assetsByMessage(model: Model): (name: string) => Promise<ArrayBuffer> {
  return (name) => new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer);
      model.off("msg:custom", receive);
    };
    const receive = (content: unknown, buffers?: Buffers): void => {
      if (!isMessage(content) || content.type !== "asset" || content["name"] !== name) return;
      done();
      const buffer = buffers?.[0];
      if (!content["found"] || !buffer) return reject(new Error(t("notebook.fileMissing", { name })));
      resolve(toArrayBuffer(buffer));
    };
    const timer = setTimeout(() => {
      done();
      reject(new Error(t("notebook.silent")));
    }, PATIENCE_MS * 2);
    model.on("msg:custom", receive);
    model.send({ type: "asset", name });
  });
}

export function jupyterHost(model: Model): Host {
  const given = model.get("app");
  const app = typeof given === "string" && given ? given : "notebook";
  const channel = new JupyterChannel(model, app);
  const media = byPieces((message, buffers) => channel.call(message, buffers));
  return { kind: "jupyter", app, model, channel, media, asset: remember(assetsByMessage(model)) };
}
