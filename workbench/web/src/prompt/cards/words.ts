/** The words as they were understood: stretches of the sentence marked, and a chip for each that can be taken away. */
import { isRecord } from "../../document/check.js";
import { t } from "../../strings/index.js";
import { served, servedPair } from "../../strings/served.js";
import { button } from "../../ui/controls.js";
import { h } from "../../ui/dom.js";
import type { Card, CardHost } from "./card.js";
import { Told } from "./told.js";

export interface Chip { readonly id: string; readonly start: number; readonly end: number; readonly kind: string; readonly sentence: string }
export interface Wishes {
  readonly text: string;
  readonly chips: readonly Chip[];
  readonly unread: readonly string[];
  readonly remarks: readonly string[];
  readonly refused: string;
}

const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

export function wishesOf(data: unknown): Wishes {
  if (!isRecord(data) || typeof data["text"] !== "string") throw new Error(t("cards.words.unread"));
  const chips = (Array.isArray(data["chips"]) ? data["chips"] : []).filter(isRecord).map((chip): Chip => ({
    id: String(chip["id"]), start: Number(chip["start"]) || 0, end: Number(chip["end"]) || 0, kind: String(chip["kind"]), sentence: servedPair(String(chip["sentence"])),
  }));
  return { text: data["text"], chips, unread: texts(data["not_understood"]), remarks: texts(data["remarks"]).map(served), refused: typeof data["refused"] === "string" ? data["refused"] : "" };
}

/** A piece of the text and the chip it belongs to; where chips lie over each other, the shorter one has it. */
export interface Stretch { readonly text: string; readonly chip: Chip | null }

export function stretchesOf({ text, chips }: Wishes): Stretch[] {
  // Python counts characters, JavaScript half of some of them.
  const letters = [...text];
  const owner = letters.map((_, i) => chips.filter((chip) => chip.start <= i && i < chip.end)
    .reduce<Chip | null>((best, chip) => (best && best.end - best.start <= chip.end - chip.start ? best : chip), null));
  const out: { text: string; chip: Chip | null }[] = [];
  letters.forEach((letter, i) => {
    if (out.length && out.at(-1)!.chip === owner[i]) out.at(-1)!.text += letter;
    else out.push({ text: letter, chip: owner[i]! });
  });
  return out;
}

/** Kinds that look alike: what is measured, who plays, how it feels, what must not be. */
const LOOKS: Readonly<Record<string, string>> = {
  instrument: "who", only: "who", without: "not", not: "not", mood: "feel", energy: "feel", density: "feel", loudness: "feel", brightness: "feel", style: "feel", shape: "feel", form: "form",
};
const lookOf = (kind: string): string => LOOKS[kind] ?? "number";

export function wordsCard(host: CardHost): Card {
  const told = new Told(host, host.json, wishesOf);
  const sentence = h("p", { class: "said" });
  const chips = h("ul", { class: "chips", "aria-label": t("cards.words.chips") });
  const notes = h("div", { class: "notes" });
  const undo = button({ label: t("cards.undo"), icon: "undo", text: true, kind: "quiet", onclick: () => told.undo() });
  const element = h("div", { class: "wb-words" }, sentence, chips, notes, undo);

  function light(id: string | null): void {
    for (const item of element.querySelectorAll<HTMLElement>("[data-chip]")) item.classList.toggle("lit", item.dataset["chip"] === id);
  }

  function makeChip(chip: Chip): HTMLElement {
    return h("li", {
      class: `chip ${lookOf(chip.kind)}`, "data-chip": chip.id, onpointerenter: () => light(chip.id), onpointerleave: () => light(null),
      onfocusin: () => light(chip.id), onfocusout: () => light(null),
    }, h("span", {}, chip.sentence),
    button({ label: t("cards.words.remove", { what: chip.sentence }), icon: "close", kind: "quiet", onclick: () => {
      host.say?.(t("cards.words.removed", { what: chip.sentence }));
      told.correct({ without: chip.id });
    } }));
  }

  function update(): void {
    const { value } = told;
    const place = [...chips.querySelectorAll("button")].findIndex((item) => item.matches(":focus"));
    sentence.replaceChildren(...stretchesOf(value).map(({ text, chip }) => (chip
      ? h("mark", { class: lookOf(chip.kind), "data-chip": chip.id, title: chip.sentence, onpointerenter: () => light(chip.id), onpointerleave: () => light(null) }, text)
      : document.createTextNode(text))));
    chips.replaceChildren(...value.chips.map(makeChip));
    if (place >= 0) (chips.querySelectorAll("button")[Math.min(place, value.chips.length - 1)] ?? undo).focus();
    notes.replaceChildren(
      ...(value.chips.length || value.refused ? [] : [h("p", { class: "soft" }, t("cards.words.nothing"))]),
      ...(value.refused ? [h("p", { class: "refused", role: "note" }, value.refused)] : []),
      ...(value.unread.length ? [h("p", { class: "soft" }, t("cards.words.notUnderstood", { words: value.unread.map((word) => `“${word}”`).join(", ") }))] : []),
      ...value.remarks.map((line) => h("p", { class: "soft" }, line)));
    undo.hidden = !told.canUndo;
  }

  update();
  return {
    element,
    update(json) {
      told.update(json);
      update();
    },
  };
}
