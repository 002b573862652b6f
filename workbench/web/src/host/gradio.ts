/** Gradio's `gr.HTML` as a host: `{props, trigger, watch, server}` turned into an anywidget-shaped model. */
import { fetchFrom, remember, type AssetLoader } from "./assets.js";
import { Emitter, isMessage, readJson, type Channel, type Host, type Listener, type Message, type Model } from "./model.js";
import { pageSession } from "./session.js";
import { byRequest } from "./upload.js";
import { beforehand, heard, signedBy } from "./writer.js";

/** What `js_on_load` has at hand; `base` is the address of `public/`. */
export interface GradioApi {
  props: Record<string, unknown>;
  trigger(event: string, data?: unknown): void;
  watch?(prop: string, listener: () => void): void;
  server?: Record<string, (argument: string) => Promise<unknown>>;
  base: string;
}

const WATCHED = ["value", "document", "patch", "options"];

class GradioModel implements Model {
  private readonly emitter = new Emitter();

  constructor(private readonly api: GradioApi) {
    for (const name of WATCHED) {
      if (!(name in api.props)) continue;
      api.watch?.(name, () => {
        this.emitter.emit(`change:${name}`);
        if (name === "patch") this.receive(readJson(api.props["patch"]));
      });
    }
  }

  get(name: string): unknown {
    return this.api.props[name];
  }

  set(name: string, value: unknown): void {
    this.api.props[name] = value;
  }

  save_changes(): void {} // a prop is saved by being set

  on(event: string, listener: Listener): void {
    this.emitter.on(event, listener);
  }

  off(event: string, listener?: Listener): void {
    this.emitter.off(event, listener);
  }

  send(content: unknown): void {
    this.api.trigger("message", { message: JSON.stringify(content) });
  }

  /** One message, or a list of them that came in one push. */
  receive(content: unknown): void {
    for (const message of Array.isArray(content) ? content : [content]) {
      if (isMessage(message)) this.emitter.emit("msg:custom", withAddress(message, this.api.base));
    }
  }
}

const rootOf = (base: string): string => base.slice(0, Math.max(0, base.indexOf("/gradio_api/")));

/** A file the server has made comes as its `path` there; the page needs the address, which depends on the mount. */
function withAddress(message: Message, base: string): Message {
  const path = message["path"];
  if (typeof path !== "string") return message;
  return { ...message, url: `${rootOf(base)}/gradio_api/file=${path.split("/").map(encodeURIComponent).join("/")}` };
}

class GradioChannel implements Channel {
  constructor(private readonly model: GradioModel, private readonly api: GradioApi, private readonly app: string) {}

  private signed(message: Message): Message {
    return { app: this.app, session: pageSession(), ...signedBy(message, this.app) };
  }

  send(message: Message): void {
    this.model.send(this.signed(message));
  }

  async call(message: Message): Promise<Message> {
    const server = this.api.server?.["message"];
    if (!server) {
      this.send(message);
      return { type: "sent" };
    }
    await beforehand(message, this.app);
    const reply = readJson(await server(JSON.stringify(this.signed(message))));
    if (!isMessage(reply)) throw new Error("The server's answer could not be read.");
    return withAddress(heard(reply, this.app), this.api.base);
  }

  leave(message: Message): boolean {
    const body = new Blob([JSON.stringify(this.signed(message))], { type: "application/json" });
    return navigator.sendBeacon?.(`${rootOf(this.api.base)}/gradio_api/log`, body) ?? false;
  }

  onMessage(listener: (message: Message) => void, signal: AbortSignal): void {
    this.model.on("msg:custom", listener);
    signal.addEventListener("abort", () => this.model.off("msg:custom", listener));
  }
}

const loaders = new Map<string, AssetLoader>();

export function gradioHost(api: GradioApi): Host {
  const model = new GradioModel(api);
  const app = typeof api.props["app"] === "string" && api.props["app"] ? api.props["app"] : "workbench";
  const load = loaders.get(api.base) ?? remember(fetchFrom(api.base));
  loaders.set(api.base, load);
  return { kind: "gradio", app, model, channel: new GradioChannel(model, api, app), asset: load, media: byRequest(rootOf(api.base)) };
}

/** A signal that aborts when the element has left the page: `gr.HTML` has no hook for being taken away. */
export function whileConnected(el: HTMLElement, everyMs = 1_000): AbortSignal {
  const controller = new AbortController();
  let gone = 0;
  const timer = setInterval(() => {
    gone = el.isConnected ? 0 : gone + 1;
    if (gone < 2) return;
    clearInterval(timer);
    controller.abort();
  }, everyMs);
  return controller.signal;
}
