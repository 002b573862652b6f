/** A page by itself, without a server: tests, and a saved page. */
import { fetchFrom, remember, type AssetLoader } from "./assets.js";
import { Emitter, type Channel, type Host, type Model } from "./model.js";

export interface PageOptions {
  base: string;
  app?: string;
  values?: Record<string, unknown>;
  channel?: Channel;
  /** Where files come from, if not from below `base` (a page that carries its files in itself). */
  asset?: AssetLoader;
}

export function pageHost(options: PageOptions): Host {
  const values: Record<string, unknown> = { ...options.values };
  const emitter = new Emitter();
  const model: Model = {
    get: (name) => values[name],
    set: (name, value) => {
      values[name] = value;
      emitter.emit(`change:${name}`);
    },
    save_changes: () => {},
    on: (event, listener) => emitter.on(event, listener),
    off: (event, listener) => emitter.off(event, listener),
    send: () => {},
  };
  return {
    kind: "page", app: options.app ?? "page", model, channel: options.channel ?? null, media: null,
    asset: remember(options.asset ?? fetchFrom(options.base)),
  };
}
