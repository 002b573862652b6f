/** The row of cards; made anew only when something on them has changed: a button must not vanish under a finger. */
import type { Region } from "../document/types.js";
import type { RollState } from "../roll/state.js";
import { h } from "../ui/dom.js";
import type { Audition } from "./audition.js";
import { ideaCard, originalCard, type CardHooks } from "./cards.js";
import { noteCount, type Idea } from "./idea.js";

export interface CardsNow {
  readonly ideas: readonly Idea[];
  /** Number of the first idea of those that were asked for last. */
  readonly first: number;
  readonly shown: Idea | null;
  readonly blend: ReadonlyMap<string, Idea>;
  readonly heard: Audition["heard"];
  readonly busy: boolean;
  /** The gaps as they are marked now. */
  readonly regions: readonly Region[];
}

export interface CardRow {
  readonly element: HTMLElement;
  update(now: CardsNow, hooks: CardHooks): void;
  /** The first button of the idea that is shown. */
  first(): HTMLElement | null;
}

export function makeCardRow(state: RollState): CardRow {
  const { store, player } = state.context;
  const element = h("div", { class: "cards", role: "list" });
  let drawn = "";
  /** Number of the idea that the row has shown as the first of those that came last. */
  let came = 1;

  /** Which button of which card an element is. */
  function placeOf(item: Element | null): readonly [number, number] | null {
    const card = item?.closest(".idea");
    if (!card || !element.contains(card)) return null;
    return [[...element.children].indexOf(card), [...card.querySelectorAll("button")].indexOf(item as HTMLButtonElement)];
  }

  return {
    element,
    first: () => element.querySelector<HTMLElement>(".shown .acts button"),
    update({ ideas, first, shown, blend, heard, busy, regions }, hooks) {
      const signature = JSON.stringify([busy, shown?.number, heard, player.playing, state.context.root.dataset["theme"],
        [...blend].map(([track, idea]) => [track, idea.number]), store.revision,
        ideas.map((idea) => [idea.number, idea.done, noteCount(idea)])]);
      if (signature === drawn) return;
      drawn = signature;
      const list = ideas.map((idea) => ideaCard(state, idea, {
        shown: shown === idea && !blend.size, playing: heard === idea.number && player.playing, blend, all: ideas }, hooks));
      if (list.length) list.unshift(originalCard(state, shown?.options.regions ?? regions, heard === "original" && player.playing, hooks));
      const focused = placeOf((element.getRootNode() as ShadowRoot).activeElement);
      const place = element.scrollLeft;
      element.replaceChildren(...list);
      element.scrollLeft = place;
      const chosen = element.querySelector<HTMLElement>(".shown");
      if (chosen && chosen.offsetLeft + chosen.offsetWidth > element.scrollLeft + element.clientWidth) {
        element.scrollLeft = chosen.offsetLeft + chosen.offsetWidth - element.clientWidth + 8;
      }
      // More ideas come behind those that were there: the first of them is brought in sight, once.
      const fresh = ideas.findIndex((idea) => idea.number >= first);
      if (fresh > 0 && first !== came) {
        const card = element.children[fresh + 1] as HTMLElement;
        if (card.offsetLeft + card.offsetWidth > element.scrollLeft + element.clientWidth) element.scrollLeft = card.offsetLeft - 8;
      }
      if (fresh >= 0) came = first;
      if (focused) element.children[focused[0]]?.querySelectorAll("button")[focused[1]]?.focus();
    },
  };
}
