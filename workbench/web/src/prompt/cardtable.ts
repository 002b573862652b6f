/** Which card shows which description. */
import { isRecord } from "../document/check.js";
import { notesCard, pictureCard, styleCard, videoCard, voiceCard, wordsCard, type Card, type CardHost } from "./cards/index.js";
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

/** A tune may have come as a piece, as from a music file, instead of something that was heard or read. */
const orPiece = (card: (host: CardHost) => Card) => (host: CardHost): Card => (isRecord(host.json) && Array.isArray(host.json["tracks"]) ? notesCard : card)(host);

const CARDS: Partial<Record<CardKind, (host: CardHost) => Card>> = {
  words: wordsCard, voice: orPiece(voiceCard), recording: orPiece(voiceCard), style: styleCard, picture: orPiece(pictureCard), video: videoCard, notes: notesCard,
};

export const cardFor = (kind: CardKind): ((host: CardHost) => Card) => CARDS[kind] ?? plainCard(kind);
