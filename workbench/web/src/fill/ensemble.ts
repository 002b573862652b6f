/** Instruments to add: a band or one instrument by a plain name; the server says which tracks that means. */
import type { Store } from "../store/store.js";
import { sentenceOf } from "../strings/sentence.js";
import { t, type StringKey } from "../strings/index.js";
import { h } from "../ui/dom.js";
import type { Controls, Ensemble, NewTrack } from "./request.js";

const GROUPS = ["band", "piano", "strings", "jazz", "folk", "four voices"] as const;
/** One instrument: the plain name that the server is asked for, and whose General MIDI program it is (128: drums). */
const SINGLE: readonly [name: string, program: number][] = [
  ["drums", 128], ["electric bass", 33], ["double bass", 32], ["grand piano", 0], ["electric piano", 4],
  ["nylon guitar", 24], ["steel guitar", 25], ["church organ", 19], ["accordion", 21], ["violin", 40], ["viola", 41],
  ["cello", 42], ["harp", 46], ["flute", 73], ["clarinet", 71], ["oboe", 68], ["alto saxophone", 65], ["trumpet", 56],
  ["trombone", 57], ["french horn", 60], ["vibraphone", 11], ["marimba", 12], ["choir", 52],
];

export interface EnsembleChoice {
  readonly element: HTMLElement;
  /** The instruments chosen and not left out; null: none, the marked tracks are filled. */
  current(): Ensemble | null;
  /** All instruments of the choice, and whether each is wanted. */
  tracks(): readonly { readonly track: NewTrack; readonly wanted: boolean }[];
  toggle(id: string): void;
  /** True if the choice is known and fits the piece as it is now; else a promise of that, false if it cannot be had. */
  ready(): true | Promise<boolean>;
  reset(): void;
}

export function makeEnsembleChoice(store: Store, changed: () => void, tell: (text: string) => void): EnsembleChoice {
  let known: Ensemble | null = null;
  const left = new Set<string>();
  const name = (group: string): string => t(`fill.ensemble.${group.replace(" ", "")}` as StringKey);
  const select = h("select", { "aria-label": t("fill.ensemble"), onchange: () => void choose() },
    h("option", { value: "" }, t("fill.ensemble.none")),
    h("optgroup", { label: t("fill.ensemble.together") }, GROUPS.map((group) => h("option", { value: group }, name(group)))),
    h("optgroup", { label: t("fill.ensemble.single") }, SINGLE.map(([value, program]) =>
      h("option", { value }, program === 128 ? t("track.drums") : t(`program.${program}` as StringKey)))));
  let asking: Promise<boolean> = Promise.resolve(true);

  function choose(): Promise<boolean> {
    known = null;
    left.clear();
    changed();
    asking = select.value ? fetch(select.value) : Promise.resolve(true);
    return asking;
  }

  async function fetch(wanted: string): Promise<boolean> {
    try {
      await store.flush(); // so that the server knows which ids are free
      const reply = await store.call({ type: "ensemble", name: wanted });
      if (select.value !== wanted) return asking; // another was chosen meanwhile
      known = {
        tracks: reply.new_tracks as unknown as NewTrack[], controls: reply.controls as Controls,
        perTrack: reply.per_track as Record<string, Controls>,
      };
      changed();
      return true;
    } catch (error) {
      if (select.value === wanted) {
        select.value = "";
        changed();
        tell(sentenceOf(error));
      }
      return false;
    }
  }

  const taken = (): boolean => !!known?.tracks.some((item) => store.score.tracks.some((track) => track.id === item.id));

  return {
    element: h("div", { class: "ensemble" }, h("label", { class: "wb-choice" }, h("span", { "aria-hidden": "true" }, t("fill.ensemble")), select),
      h("p", { class: "hint" }, t("fill.ensemble.hint"))),
    current() {
      const tracks = known?.tracks.filter((track) => !left.has(track.id)) ?? [];
      return known && tracks.length ? { ...known, tracks } : null;
    },
    tracks: () => (known?.tracks ?? []).map((track) => ({ track, wanted: !left.has(track.id) })),
    toggle(id) {
      if (left.has(id)) left.delete(id);
      else if (known && left.size < known.tracks.length - 1) left.add(id);
      changed();
    },
    ready: () => (!select.value || (known && !taken()) ? true : known ? choose() : asking),
    reset() {
      select.value = "";
      known = null;
      left.clear();
      asking = Promise.resolve(true);
    },
  };
}
