/** One way to write a view for every host. */
import type { Player } from "../sound/player.js";
import { getPlayer } from "../sound/player.js";
import { getStore, type Store } from "../store/store.js";
import { showRefusal } from "../ui/refused.js";
import { createRoot } from "../ui/root.js";
import { chosenLanguage, onLanguage, speak, speaks, type Language } from "../strings/language.js";
import { markEnglish } from "../strings/served.js";
import { spoken } from "../strings/spoken.js";
import { speakAround } from "./around.js";
import { followDoors } from "./follow.js";
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
    const store = getStore(host.app);
    store.connect(host, signal);
    const context = { host, store, player: getPlayer(store, host) } as { -readonly [K in keyof ViewContext]: ViewContext[K] };
    let shown = new AbortController();
    signal.addEventListener("abort", () => shown.abort());
    /** Build the view; once more in another language, on the same piece. */
    const show = (): void => {
      shown.abort();
      shown = new AbortController();
      context.signal = shown.signal;
      context.root = createRoot(el, name, shown.signal);
      setup(context);
      showRefusal(context.root, store, shown.signal);
      markEnglish(context.root, shown.signal);
    };
    const change = (language: Language): void => void speak(language, host.asset).then(() => {
      if (host.kind !== "jupyter") speakAround();
      if (!signal.aborted && context.root?.lang !== spoken().tag) show();
    });
    context.signal = signal;
    const wanted = chosenLanguage(host.model.get("language"));
    if (speaks(wanted)) {
      if (host.kind !== "jupyter") speakAround();
      show();
    }
    else change(wanted);
    onLanguage(change, signal);
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
      const connected = whileConnected(el);
      followDoors(el, connected);
      start(el, gradioHost(api), connected);
    },
    mountPage(el, options) {
      return start(el, pageHost(options), whileConnected(el));
    },
  };
}
