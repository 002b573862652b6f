/** One way to write a view for every host. */
import type { Player } from "../sound/player.js";
import { getPlayer } from "../sound/player.js";
import { getStore, type Store } from "../store/store.js";
import { showRefusal } from "../ui/refused.js";
import { createRoot } from "../ui/root.js";
import { gradioHost, whileConnected, type GradioApi } from "./gradio.js";
import { jupyterHost } from "./jupyter.js";
import type { Host, Model } from "./model.js";
import { pageHost, type PageOptions } from "./page.js";

export interface ViewContext {
  /** Empty element inside a shadow root that carries the theme. */
  readonly root: HTMLElement;
  readonly host: Host;
  readonly store: Store;
  readonly player: Player;
  /** Aborts when the view is taken away: remove listeners, stop timers. */
  readonly signal: AbortSignal;
}

export interface View {
  /** anywidget's entry; the returned function takes the view away. */
  render(context: { model: Model; el: HTMLElement; signal?: AbortSignal }): () => void;
  /** Called from `js_on_load`. */
  mountGradio(el: HTMLElement, api: GradioApi): void;
  /** A page without a host; returns what tests want to look at. */
  mountPage(el: HTMLElement, options: PageOptions): ViewContext;
}

export function defineView(name: string, setup: (context: ViewContext) => void): View {
  const start = (el: HTMLElement, host: Host, signal: AbortSignal): ViewContext => {
    const root = createRoot(el, name, signal);
    const store = getStore(host.app);
    store.connect(host, signal);
    const context = { root, host, store, player: getPlayer(store, host), signal };
    setup(context);
    showRefusal(root, store, signal);
    return context;
  };
  return {
    render({ model, el, signal }) {
      const controller = new AbortController();
      signal?.addEventListener("abort", () => controller.abort());
      start(el, jupyterHost(model), controller.signal);
      return () => controller.abort();
    },
    mountGradio(el, api) {
      start(el, gradioHost(api), whileConnected(el));
    },
    mountPage(el, options) {
      return start(el, pageHost(options), whileConnected(el));
    },
  };
}
