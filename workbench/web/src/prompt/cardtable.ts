/** Which card shows which description. */
import { pictureCard, type Card, type CardHost } from "./cards/index.js";
import { linesOf } from "./plain.js";
import { h } from "../ui/dom.js";
import type { Slot } from "./types.js";

export type CardKind = Slot | "style";

/** A card that reads out what was understood. */
function plainCard(kind: CardKind): (host: CardHost) => Card {
  return (host) => {
    const element = h("ul", { class: "plain" });
    const update = (json: unknown): void => element.replaceChildren(...linesOf(json, kind === "style").map((line) => h("li", {}, line)));
    update(host.json);
    return { element, update };
  };
}

const CARDS: Partial<Record<CardKind, (host: CardHost) => Card>> = { picture: pictureCard };

export const cardFor = (kind: CardKind): ((host: CardHost) => Card) => CARDS[kind] ?? plainCard(kind);
