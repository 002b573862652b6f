/** "What I understood": a card for each thing that was given, to be put right before anything is made. */
import { copyOf } from "../media/playable.js";
import { t } from "../strings/index.js";
import { button, setPressed } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import type { Card, CardHost } from "./cards/card.js";
import { cardFor, type CardKind } from "./cardtable.js";
import type { Desk } from "./desk.js";
import { plainList } from "./plain.js";
import { SLOTS, type Item, type Slot } from "./types.js";

interface Shown {
  readonly element: HTMLElement;
  readonly media: string;
  readonly gone: AbortController;
  update(item: Item): void;
}

export function makeUnderstood(desk: Desk): HTMLElement {
  const place = h("div", { class: "cards" });
  const element = h("section", { class: "understood", "aria-labelledby": "prompt-understood", hidden: true },
    h("h2", { id: "prompt-understood" }, t("prompt.understoodTitle")), h("p", { class: "soft" }, t("prompt.understoodWhy")), place);
  const shown = new Map<Slot, Shown>();

  function update(): void {
    for (const slot of SLOTS) {
      const item = desk.item(slot), now = shown.get(slot);
      if (now && (!item || now.media !== `${item.media}${item.name}`)) {
        now.gone.abort();
        now.element.remove();
        shown.delete(slot);
      }
      if (!item) continue;
      const view = shown.get(slot) ?? makeItem(desk, item);
      shown.set(slot, view);
      view.update(item);
    }
    const elements = SLOTS.flatMap((slot) => shown.get(slot)?.element ?? []);
    if (elements.some((each, i) => place.children[i] !== each)) place.replaceChildren(...elements);
    element.hidden = !elements.length;
  }
  desk.onChange(update);
  desk.context.signal.addEventListener("abort", () => shown.forEach(({ gone }) => gone.abort()));
  update();
  return element;
}

/** The cards of one thing: what was heard, read, seen or said, and, where it has a style, that too. */
function makeItem(desk: Desk, first: Item): Shown {
  const { slot } = first, gone = new AbortController();
  const kinds: CardKind[] = first.style !== null && slot === "recording" ? ["style", slot] : [slot];
  const cards = new Map<CardKind, Card>();
  const list = h("div", { hidden: true });
  const faces = h("div", { class: "faces wb-cards" });
  const asList = button({
    label: t("prompt.asList"), icon: "list", pressed: false, onclick: () => {
      list.hidden = !list.hidden;
      faces.hidden = !list.hidden;
      setPressed(asList, !list.hidden);
    },
  });
  const title = t(`prompt.slot.${slot}`);
  const element = h("article", { class: "understood-item wb-card", "data-understood": slot, "aria-label": t("prompt.understoodOf", { slot: title }) },
    h("header", {}, h("h3", {}, title), h("span", { class: "soft name" }, slot === "words" ? "" : first.name), asList), faces, list);

  return {
    element, gone, media: `${first.media}${first.name}`,
    update(item) {
      list.replaceChildren(plainList(item));
      for (const kind of kinds) {
        const json = kind === "style" ? item.style : item.understood;
        const card = cards.get(kind);
        if (card) card.update(json, item.locked);
        else {
          const made = cardFor(kind)(hostOf(desk, kind, item, gone.signal));
          cards.set(kind, made);
          faces.append(made.element);
        }
      }
    },
  };
}

function hostOf(desk: Desk, kind: CardKind, item: Item, signal: AbortSignal): CardHost {
  const { context, said } = desk, { player } = context, { slot } = item;
  const correct = (changes: object): void => void desk.tryAsk(slot, { type: "prompt.correct", slot, what: kind === "style" ? "style" : "understood", changes: changes as never });
  return {
    json: kind === "style" ? item.style : item.understood, signal, correct,
    locked: item.locked,
    restore: (before) => correct({ restore: before }),
    lock: (dimension, on) => {
      const locked = (desk.item(slot)?.locked ?? []).filter((name) => name !== dimension);
      void desk.tryAsk(slot, { type: "prompt.change", slot, locked: on ? [...locked, dimension] : locked });
    },
    image: async (page) => String((await context.store.call({ type: "prompt.page", page })).url),
    media: async () => {
      const found = await desk.address(desk.item(slot) ?? item, signal);
      if (!found) throw new Error(t("prompt.fileGone"));
      return found.url;
    },
    copy: (tell) => copyOf(context, (desk.item(slot) ?? item).media, tell, signal),
    sound: (pitches, seconds = 0.6) => pitches.forEach((pitch) => player.audition({ program: 0, isDrum: false }, pitch, 90, seconds)),
    say: (text) => said.say(text),
  };
}
