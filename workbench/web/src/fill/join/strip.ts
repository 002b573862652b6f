/** The cards of the styles: searched by a word, gone through by arrows, heard by a tap or Enter, used by a second Enter. */
import { givenName } from "../../strings/given.js";
import { plural, t } from "../../strings/index.js";
import type { Announcer } from "../../ui/announce.js";
import { button } from "../../ui/controls.js";
import { h } from "../../ui/dom.js";
import { freeColor, shapeIcon, trackStyle, type TrackStyle } from "../../ui/palette.js";
import { isDark } from "../../ui/root.js";
import { drawStyle } from "./picture.js";
import { feelOf, findStyles, partsOf, type Style } from "./styles.js";

/** Where the cards stand. */
export interface StripPlace {
  readonly root: HTMLElement;
  readonly announcer: Announcer;
  /** How the cards are used, in a sentence. */
  readonly hint: string;
  /** The colours that tracks have already. */
  taken(): readonly number[];
}

export interface StripHooks {
  hear(style: Style): void;
  use(style: Style): void;
  stop(): void;
}

export interface Strip {
  readonly element: HTMLElement;
  set(styles: readonly Style[]): void;
  /** `heard`: id of the style that is heard or waited for. */
  update(heard: string, playing: boolean): void;
  /** To the card that is gone to by Tab. */
  focus(): void;
  /** Tab goes to this card, and it stands in sight; only the list is scrolled, the page stays where it is. */
  reveal(id: string): void;
}

/** Which card is heard, sounds and is gone to by Tab; the cards stay, so that a finger or a reader on one keeps it. */
function markCards(list: HTMLElement, { heard, playing, here }: { heard: string; playing: boolean; here: string }): void {
  for (const item of list.querySelectorAll<HTMLElement>(".style-card")) {
    const on = item.dataset["id"] === heard;
    item.classList.toggle("heard", on);
    item.classList.toggle("sounding", on && playing);
    item.setAttribute("aria-selected", String(on));
    item.tabIndex = item.dataset["id"] === here ? 0 : -1;
  }
}

/** Scroll the list alone until a card stands in its middle. */
function bringIn(list: HTMLElement, item: HTMLElement | null): void {
  if (!item) return;
  const [box, card] = [list.getBoundingClientRect(), item.getBoundingClientRect()];
  list.scrollBy({ left: card.left - box.left - (box.width - card.width) / 2, top: card.top - box.top - Math.max(0, box.height - card.height) / 2, behavior: "instant" });
}

export function makeStrip(where: StripPlace, hooks: StripHooks): Strip {
  let styles: readonly Style[] = [];
  let shown: readonly Style[] = [];
  let heard = "";
  let playing = false;
  /** The id of the card that Tab goes to. */
  let here = "";
  let drawn = "";
  const search = h("input", { type: "search", "aria-label": t("join.search"), placeholder: t("join.searchFor"), oninput: () => {
    render();
    where.announcer.say(plural("join.match", shown.length));
  } });
  const clear = button({ label: t("join.all"), text: true, kind: "quiet", onclick: () => {
    search.value = "";
    render();
    search.focus();
  } });
  const none = h("p", { class: "none", hidden: true }, h("span", {}, t("join.none")), clear);
  const list = h("div", { class: "style-cards", role: "listbox", "aria-label": t("join.styles"), "aria-describedby": "wb-join-keys",
    onkeydown: (event: KeyboardEvent) => keys(event) });
  const element = h("div", { class: "styles" },
    h("div", { class: "find" }, search, h("span", { class: "hint", id: "wb-join-keys" }, where.hint)), none, list);

  /** The colours that the parts would get in the piece. */
  function colorsOf(style: Style): TrackStyle[] {
    const used = [...where.taken()];
    return style.parts.map(() => {
      const color = freeColor(used);
      used.push(color);
      return trackStyle(color, isDark(where.root));
    });
  }

  function card(style: Style): HTMLElement {
    const colors = colorsOf(style);
    return h("div", { class: "style-card", role: "option", "data-id": style.id,
      "aria-label": t("join.card", { title: style.title, words: style.words, feel: feelOf(style), parts: partsOf(style) }),
      onclick: () => {
        here = style.id;
        if (heard === style.id && playing) hooks.stop();
        else hooks.hear(style);
      } },
    drawStyle(style, colors) as unknown as Node,
    h("div", { class: "head" }, h("strong", {}, style.title), h("span", { class: "feel" }, feelOf(style))),
    h("p", { class: "words" }, style.words),
    h("p", { class: "parts" }, style.parts.map((part, i) => h("span", { style: `--deep:${colors[i]!.deep}` },
      shapeIcon(colors[i]!.shape, 10) as unknown as Node, givenName(part.name)))));
  }

  function go(index: number): void {
    const style = shown[Math.max(0, Math.min(shown.length - 1, index))];
    if (!style) return;
    here = style.id;
    mark();
    focus();
  }

  function keys(event: KeyboardEvent): void {
    const at = shown.findIndex((style) => style.id === here);
    const style = shown[at];
    const columns = Math.max(1, getComputedStyle(list).gridTemplateColumns.split(" ").length);
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns < shown.length ? columns : 1,
      ArrowUp: columns < shown.length ? -columns : -1, Home: -shown.length, End: shown.length };
    const step = steps[event.key];
    if (step !== undefined) go(at + step);
    else if (event.key === "Enter" && style) {
      if (heard === style.id) hooks.use(style);
      else hooks.hear(style);
    } else if (event.key === " " && style) {
      if (heard === style.id && playing) hooks.stop();
      else hooks.hear(style);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function focus(): void {
    const item = list.querySelector<HTMLElement>(".style-card[tabindex='0']");
    item?.focus({ preventScroll: true });
    item?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  const mark = (): void => markCards(list, { heard, playing, here });

  function render(): void {
    shown = findStyles(styles, search.value);
    if (!shown.some((style) => style.id === here)) here = shown[0]?.id ?? "";
    const signature = JSON.stringify([shown.map((style) => style.id), where.root.dataset["theme"], where.taken()]);
    none.hidden = shown.length > 0 || !styles.length;
    if (signature === drawn) return mark();
    drawn = signature;
    const inside = list.contains((list.getRootNode() as ShadowRoot).activeElement);
    const place = [list.scrollLeft, list.scrollTop] as const;
    list.replaceChildren(...shown.map(card));
    mark();
    [list.scrollLeft, list.scrollTop] = place;
    if (inside) focus();
  }

  function reveal(id: string): void {
    here = id;
    mark();
    bringIn(list, list.querySelector<HTMLElement>(`.style-card[data-id="${CSS.escape(id)}"]`));
  }

  return {
    element, focus, reveal,
    set(next) {
      styles = next;
      render();
    },
    update(id, sounding) {
      heard = id;
      playing = sounding;
      render();
    },
  };
}
