/** "Filled by": which model writes the ideas. Those that are here for it, remembered in this browser. */
import type { ViewContext } from "../host/view.js";
import { givenName } from "../strings/given.js";
import { t } from "../strings/index.js";
import { button, choice } from "../ui/controls.js";
import { h } from "../ui/dom.js";

const KEY = "wb-fill-model";
/** The default: the server takes the best that is there. */
const BEST = "";

export interface ModelChoice {
  readonly element: HTMLElement;
  /** What is sent as `model`; null: the best that is there. */
  current(): string | null;
  /** A model may have come or gone since: ask again. */
  look(): void;
}

/** Storage is forbidden in some frames and full in some browsers: then the choice lasts as long as the page. */
function remembered(): string {
  try {
    return localStorage.getItem(KEY) ?? BEST;
  } catch {
    return BEST;
  }
}

function remember(id: string): void {
  try {
    if (id === BEST) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, id);
  } catch {
    // nothing is lost but the memory of a choice
  }
}

export function makeModelChoice({ root, host, store }: ViewContext, tell: (text: string) => void): ModelChoice {
  const element = h("div", { class: "filled-by", hidden: true });
  let chosen = BEST;
  let seen = "";

  /** Ask which models are here; a remembered one that has gone is told of, once. */
  async function look(): Promise<void> {
    try {
      const { choices, more } = await store.call({ type: "models.choices", task: "infill" });
      if (JSON.stringify(choices) === seen) return; // what somebody may be choosing from stays as it is
      seen = JSON.stringify(choices);
      const best = choices[0];
      const known = (id: string): boolean => id === BEST || choices.some((item) => item.id === id);
      const wanted = chosen || remembered();
      if (!known(wanted)) {
        remember(BEST);
        if (best) tell(t("fill.by.gone", { name: givenName(best.title) }));
      }
      chosen = known(wanted) ? wanted : BEST;
      const select = choice({
        label: t("fill.by"), value: chosen === best?.id ? BEST : chosen,
        options: choices.map((item, i) => [i ? item.id : BEST, givenName(item.title)] as const),
        onchange: (id) => {
          chosen = id;
          remember(id);
        } });
      const get = more && host.kind === "gradio" ? button({ label: t("fill.by.more"), text: true, kind: "quiet", onclick: () =>
        void root.dispatchEvent(new CustomEvent("wb-go", { detail: "models", bubbles: true, composed: true })) }) : null;
      element.replaceChildren(select, ...(get ? [get] : []));
      element.hidden = choices.length < 2 && !get;
    } catch {
      element.hidden = true; // an older server, or none at all: it chooses by itself
    }
  }
  if (store.hasServer) void store.ready.then(look);
  return { element, current: () => chosen || null, look: () => void (store.hasServer && look()) };
}
