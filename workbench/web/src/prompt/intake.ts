/** Getting things in: chosen, dropped anywhere, pasted, photographed, sung, or an example; each finds its slot. */
import { sendFile } from "../home/open.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { button } from "../ui/controls.js";
import { h, isTyping } from "../ui/dom.js";
import type { Desk } from "./desk.js";
import { slotsFor } from "./kinds.js";
import type { Slot } from "./types.js";

/** Characters of words that the server takes. */
export const MOST_WORDS = 2_000;

export interface Intake {
  /** Where a person is asked what a file is, and told what cannot be used. */
  readonly element: HTMLElement;
  file(file: File, slot?: Slot): Promise<void>;
  words(text: string): void;
  example(slot: Slot): void;
}

export function makeIntake(desk: Desk, area: HTMLElement): Intake {
  const { context } = desk, { host, store, signal } = context;
  const element = h("div", { class: "asking" });

  function tell(sentence: string): void {
    element.replaceChildren(h("p", { class: "news bad wb-card", role: "alert" }, sentence));
  }

  function put(file: File, slot: Slot): void {
    element.replaceChildren();
    if (slot === "words") return void file.text().then(words);
    void desk.give(slot, {
      name: file.name,
      bring: async (stop, progress) => ({ media: (await sendFile(host, file, { signal: stop, progress })).id }),
    });
  }

  function words(text: string): void {
    const clean = text.trim();
    if (!clean) return;
    if (clean.length > MOST_WORDS) return tell(t("prompt.wordsTooLong", { count: MOST_WORDS }));
    element.replaceChildren();
    void desk.give("words", { name: t("prompt.slot.words"), bring: () => Promise.resolve({ text: clean }) });
  }

  /** A file that could be several things: the person says which. */
  function ask(file: File, slots: readonly Slot[]): void {
    element.replaceChildren(h("div", { class: "question wb-card", role: "group", "aria-label": t("prompt.whatIs", { name: file.name }) },
      h("p", {}, t("prompt.whatIs", { name: file.name })),
      h("div", { class: "row" }, slots.map((slot, i) => button({
        label: t(`prompt.itIs.${slot}`), text: true, kind: i ? "outlined" : "primary", onclick: () => put(file, slot),
      })), button({ label: t("prompt.cancel"), text: true, onclick: () => element.replaceChildren() }))));
    element.querySelector("button")?.focus();
    element.scrollIntoView({ block: "nearest" });
  }

  async function file(given: File, slot?: Slot): Promise<void> {
    if (given.size === 0) return tell(t("open.empty", { name: given.name }));
    try {
      const slots = await slotsFor(given);
      if (!slots.length) return tell(t("prompt.unknownFile", { name: given.name }));
      if (slot && !slots.includes(slot)) {
        return slots.length === 1 ? tell(t("prompt.otherSlot", { name: given.name, slot: t(`prompt.slot.${slots[0]!}`) })) : ask(given, slots);
      }
      if (slot || slots.length === 1) return put(given, slot ?? slots[0]!);
      ask(given, slots);
    } catch (error) {
      tell(sentenceOf(error));
    }
  }

  function example(slot: Slot): void {
    element.replaceChildren();
    void desk.give(slot, {
      name: t("prompt.exampleName"),
      bring: async () => {
        if (slot === "words") return { text: t("prompt.wordsPlace") }; // in the language of the page
        const { media, text } = await store.call({ type: "prompt.example", slot });
        return { ...(media ? { media } : {}), ...(text ? { text } : {}) };
      },
    });
  }

  acceptMany(area, (files, slot) => files.forEach((each) => void file(each, slot)), signal);
  acceptPaste(area, { file: (each) => void file(each), words }, signal);
  return { element, file, words, example };
}

/** The slot that a file was dropped on; undefined for anywhere else on the page. */
function slotUnder(event: Event): Slot | undefined {
  const card = event.composedPath().find((each): each is HTMLElement => each instanceof HTMLElement && Boolean(each.dataset["slot"]));
  return card?.dataset["slot"] as Slot | undefined;
}

/** Files, any number at once, dropped anywhere on the page. */
function acceptMany(area: HTMLElement, take: (files: File[], slot?: Slot) => void, signal: AbortSignal): void {
  let depth = 0;
  const over = (): void => void area.classList.toggle("dropping", depth > 0);
  const carriesFiles = (event: DragEvent): boolean => [...(event.dataTransfer?.types ?? [])].includes("Files");
  area.addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth += 1;
    over();
  }, { signal });
  area.addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault(), { signal });
  area.addEventListener("dragleave", (event) => {
    if (!carriesFiles(event)) return;
    depth = Math.max(0, depth - 1);
    over();
  }, { signal });
  area.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    over();
    const files = [...(event.dataTransfer?.files ?? [])];
    take(files, files.length === 1 ? slotUnder(event) : undefined);
  }, { signal });
}

/** A picture, another file or a text from the clipboard, unless it is pasted into a field. */
function acceptPaste(area: HTMLElement, take: { file(file: File): void; words(text: string): void }, signal: AbortSignal): void {
  document.addEventListener("paste", (event) => {
    if (!area.isConnected || area.offsetParent === null || isTyping(event)) return;
    const files = [...(event.clipboardData?.files ?? [])], text = event.clipboardData?.getData("text/plain") ?? "";
    if (!files.length && !text.trim()) return;
    event.preventDefault();
    if (files.length) files.forEach((file) => take.file(file));
    else take.words(text);
  }, { signal });
}
