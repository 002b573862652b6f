/** What can be done with what is picked: everything that a drag or a key does, as buttons. */
import { t } from "../strings/index.js";
import { button, choice } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { pitchClassName } from "../roll/speech.js";
import { CHORD_KINDS, kindName, makeLabel, NO_CHORD, readLabel } from "./chords.js";
import {
  addNote, barAt, mergeNotes, moveBeat, moveNote, putChord, removeBeat, removeNote, setChord, splitChord, splitNote, thisIsTheOne,
} from "./corrections.js";
import type { Desk } from "./desk.js";
import type { Heard } from "./heard.js";
import { words } from "./spoken.js";

export interface PickedBar {
  readonly element: HTMLElement;
  update(): void;
  /** Put the focus into the choice of a chord. */
  focusChord(): void;
}

export interface PickedHooks {
  now(): number;
  hearChord(label: string): void;
}

const NUDGE = 0.02;

export function makePickedBar(desk: Desk, hooks: PickedHooks): PickedBar {
  const { book } = desk;
  const text = h("b", { class: "picked-words" });
  const tools = h("div", { class: "tools" });
  const element = h("div", { class: "picked", role: "group", "aria-label": t("listen.picked") }, text, tools);
  let built = "";

  const change = (next: Heard): void => {
    if (!desk.correct(next)) return;
    const { note } = desk;
    if (note) desk.audition(desk.layer, note.pitch);
    if (desk.picked) desk.said.say(words(desk, desk.picked));
  };
  const tool = (label: string, icon: Parameters<typeof button>[0]["icon"], act: () => void, text = false): HTMLButtonElement =>
    button({ label, ...(icon ? { icon } : {}), text: text || !icon, onclick: act });

  function noteTools(): HTMLElement[] {
    const index = (): number => desk.picked!.index, pitched = desk.layer !== "drums";
    const note = (): number => book.heard[desk.layer][index()]!.pitch;
    return [
      ...(pitched ? [
        tool(t("listen.higher"), "up", () => change(moveNote(book.heard, desk.layer, index(), note() + 1))),
        tool(t("listen.lower"), "down", () => change(moveNote(book.heard, desk.layer, index(), note() - 1))),
        tool(t("listen.split"), undefined, () => change(splitNote(book.heard, desk.layer, index(), hooks.now()))),
        tool(t("listen.merge"), undefined, () => change(mergeNotes(book.heard, desk.layer, index())))] : []),
      tool(t("listen.hear"), "sound", () => desk.audition(desk.layer, note())),
      button({ label: t("listen.remove"), icon: "trash", kind: "danger", onclick: () => change(removeNote(book.heard, desk.layer, index())) })];
  }

  function chordTools(): HTMLElement[] {
    const index = (): number => desk.picked!.index;
    const now = book.heard.chords[index()]!, parts = readLabel(now.label);
    const set = (root: string, kind: string): void => {
      const label = root === NO_CHORD ? NO_CHORD : makeLabel(Number(root), kind);
      change(setChord(book.heard, index(), label));
      hooks.hearChord(label);
    };
    const kinds: string[] = [...CHORD_KINDS];
    if (parts && !kinds.includes(parts.kind)) kinds.push(parts.kind);
    const kind = choice({ label: t("listen.chordKind"), hideLabel: true, value: parts?.kind ?? "maj", onchange: (value) => set(root.querySelector("select")!.value, value),
      options: kinds.map((name) => [name, kindName(name)] as const) });
    const root = choice({ label: t("listen.chordRoot"), hideLabel: true, value: parts ? String(parts.root) : NO_CHORD,
      onchange: (value) => set(value, kind.querySelector("select")!.value),
      options: [...Array.from({ length: 12 }, (_, i) => [String(i), pitchClassName(i)] as [string, string]), [NO_CHORD, t("listen.noChord")] as [string, string]] });
    kind.hidden = !parts;
    return [root, kind,
      tool(t("listen.hear"), "sound", () => hooks.hearChord(book.heard.chords[index()]!.label)),
      tool(t("listen.split"), undefined, () => change(splitChord(book.heard, index(), hooks.now())))];
  }

  function beatTools(): HTMLElement[] {
    const index = (): number => desk.picked!.index, by = (step: number): void =>
      change(moveBeat(book.heard, index(), book.heard.beats[index()]! + step));
    return [
      tool(t("listen.thisIsOne"), undefined, () => change(thisIsTheOne(book.heard, index()))),
      tool(t("listen.earlier"), "left", () => by(-NUDGE)), tool(t("listen.later"), "right", () => by(NUDGE)),
      button({ label: t("listen.removeBeat"), icon: "trash", kind: "danger", onclick: () => change(removeBeat(book.heard, index())) })];
  }

  /** Nothing is picked: what can be added where the needle is. */
  function freeTools(): HTMLElement[] {
    const { heard } = book;
    return [
      ...(desk.layer === "drums" ? [] : [tool(t("listen.addNote"), "plus", () => {
        const near = heard[desk.layer].reduce<number>((pitch, note) => (note.start <= hooks.now() ? note.pitch : pitch), heard[desk.layer][0]?.pitch ?? 60);
        desk.picked = { lane: "notes", index: 0 };
        change(addNote(book.heard, desk.layer, hooks.now(), near));
      }, true)]),
      tool(t("listen.addChord"), "plus", () => {
        const [start, end] = barAt(book.heard, hooks.now());
        desk.picked = { lane: "chords", index: 0 };
        change(putChord(book.heard, start, end, book.heard.chords.find((chord) => chord.start <= hooks.now() && hooks.now() < chord.end)?.label ?? "C:maj"));
      }, true)];
  }

  return {
    element,
    update() {
      const { picked } = desk;
      text.textContent = picked ? words(desk, picked) : t("listen.pickHint");
      text.classList.toggle("soft", !picked);
      const chord = picked?.lane === "chords" ? book.heard.chords[picked.index]?.label : "";
      const now = `${picked?.lane} ${desk.layer === "drums"} ${picked?.lane === "chords" ? `${picked.index} ${chord}` : ""}`;
      if (now === built) return;
      built = now;
      const focused = (tools.getRootNode() as ShadowRoot).activeElement;
      const place = focused && tools.contains(focused) ? [...tools.querySelectorAll("button, select")].indexOf(focused) : -1;
      tools.replaceChildren(...(picked ? { notes: noteTools, chords: chordTools, beats: beatTools }[picked.lane]() : freeTools()));
      if (place >= 0) [...tools.querySelectorAll<HTMLElement>("button, select")][place]?.focus();
    },
    focusChord: () => void tools.querySelector("select")?.focus(),
  };
}
