/** An anywidget model (Jupyter, marimo, VS Code) as a host; files come as messages with buffers. */
import { remember } from "./assets.js";
import { isMessage, type Channel, type Host, type Message, type Model } from "./model.js";

const PATIENCE_MS = 15_000;

class JupyterChannel implements Channel {
  private readonly waiting = new Map<number, (message: Message) => void>();
  private next = 1;

  constructor(private readonly model: Model) {
    model.on("msg:custom", (content: unknown) => {
      if (!isMessage(content) || typeof content["reply_to"] !== "number") return;
      this.waiting.get(content["reply_to"])?.(content);
      this.waiting.delete(content["reply_to"]);
    });
  }

  send(message: Message): void {
    this.model.send(message);
  }

  /** A reply carries the call's number as `reply_to`. */
  call(message: Message): Promise<Message> {
    const number = this.next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(number);
        reject(new Error("Python does not answer. Is the kernel running?"));
      }, PATIENCE_MS);
      this.waiting.set(number, (reply) => {
        clearTimeout(timer);
        resolve(reply);
      });
      this.model.send({ ...message, call: number });
    });
  }

  onMessage(listener: (message: Message) => void, signal: AbortSignal): void {
    const receive = (content: unknown): void => {
      if (isMessage(content) && content.type !== "asset" && content["reply_to"] === undefined) listener(content);
    };
    this.model.on("msg:custom", receive);
    signal.addEventListener("abort", () => this.model.off("msg:custom", receive));
  }
}

/** Ask Python for a file of `public/`; several views may wait for the same one. */
function assetsByMessage(model: Model): (name: string) => Promise<ArrayBuffer> {
  return (name) => new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer);
      model.off("msg:custom", receive);
    };
    const receive = (content: unknown, buffers?: (DataView | ArrayBuffer)[]): void => {
      if (!isMessage(content) || content.type !== "asset" || content["name"] !== name) return;
      done();
      const buffer = buffers?.[0];
      if (!content["found"] || !buffer) return reject(new Error(`The file ${name} is not part of this installation.`));
      if (buffer instanceof ArrayBuffer) return resolve(buffer);
      const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
      resolve(bytes.slice().buffer);
    };
    const timer = setTimeout(() => {
      done();
      reject(new Error(`The file ${name} did not arrive. Is the kernel running?`));
    }, PATIENCE_MS * 2);
    model.on("msg:custom", receive);
    model.send({ type: "asset", name });
  });
}

export function jupyterHost(model: Model): Host {
  const app = model.get("app");
  return {
    kind: "jupyter",
    app: typeof app === "string" && app ? app : "notebook",
    model,
    channel: new JupyterChannel(model),
    asset: remember(assetsByMessage(model)),
  };
}
