/** Writing a chord into the chord lane: a double click (or double tap) on a bar of the lane opens this. */
import { setLaneTo } from "../document/edits.js";
import { QUALITIES, type Chord } from "../document/lanes.js";
import { t } from "../strings/index.js";
import { button, choice } from "../ui/controls.js";
import { clamp, h } from "../ui/dom.js";
import { chordName, keyAt, pitchClassName } from "./speech.js";
import { foundAt } from "./found.js";
import { attempt, score, time, type RollState } from "./state.js";
import { inside } from "./viewport.js";

export function makeChordMenu(state: RollState, surface: HTMLElement, back: () => void): HTMLElement {
  const { store, signal } = state.context;
  const element = h("div", { class: "chord-menu wb-card", role: "group", "aria-label": t("list.chords"), hidden: true,
    onkeydown: (event: KeyboardEvent) => event.key === "Escape" && close() });

  function close(): void {
    element.hidden = true;
    back();
  }

  /** Replace what begins at `tick`; null takes it away. */
  function put(tick: number, chord: Chord | null): void {
    const rest = score(state).chords.filter((item) => item.tick !== tick);
    attempt(state, () => store.edit(setLaneTo(score(state), "chords", chord ? [...rest, chord] : rest)));
    if (chord && !state.context.player.playing) sound(chord);
  }

  function sound(chord: Chord): void {
    const track = store.view.track;
    for (const step of QUALITIES[chord.quality] ?? []) if (track) state.context.player.audition(track, 48 + chord.root + step, 80, 0.9);
  }

  function open(tick: number, clientX: number, clientY: number): void {
    const bar = time(state).barAt(tick);
    const here = score(state).chords.find((item) => item.tick <= tick && tick < item.tick + Math.max(1, item.duration));
    const heard = foundAt(state, tick);
    let chord: Chord = here ?? heard ?? { tick: bar.start, duration: bar.end - bar.start, root: 0, quality: "maj", bass: -1 };
    const key = keyAt(score(state), tick);
    const set = (part: Partial<Chord>): void => put(chord.tick, (chord = { ...chord, ...part }));
    element.replaceChildren(
      choice({ label: t("list.root"), hideLabel: true, value: String(chord.root), onchange: (root) => set({ root: Number(root) }),
        options: Array.from({ length: 12 }, (_, i) => [String(i), pitchClassName(i, key)] as const) }),
      choice({ label: t("list.kind"), hideLabel: true, value: chord.quality, onchange: (quality) => set({ quality }),
        options: Object.keys(QUALITIES).map((quality) =>
          [quality, chordName({ root: 0, quality, bass: -1 }).slice(1) || t("list.majorChord")] as const) }),
      button({ label: t("list.remove"), icon: "trash", kind: "danger", onclick: () => {
        put(chord.tick, null);
        close();
      } }),
      button({ label: t("common.close"), icon: "check", onclick: close }));
    if (!here) put(chord.tick, chord);
    element.hidden = false;
    const box = (element.offsetParent ?? element.parentElement!).getBoundingClientRect();
    element.style.left = `${clamp(clientX - box.left, 6, Math.max(6, box.width - element.offsetWidth - 6))}px`;
    element.style.top = `${clientY - box.top + 16}px`;
    element.querySelector("select")?.focus();
  }

  surface.addEventListener("dblclick", (event) => {
    if (!inside(state.viewport.chords, event.offsetX, event.offsetY)) return;
    open(Math.max(0, Math.floor(state.viewport.tickAt(event.offsetX))), event.clientX, event.clientY);
  }, { signal });
  document.addEventListener("pointerdown", (event) => {
    if (!element.hidden && !event.composedPath().includes(element)) element.hidden = true;
  }, { signal, capture: true });
  return element;
}
