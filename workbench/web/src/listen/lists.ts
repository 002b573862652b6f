/** Notes, chords and beats as tables: everything in the picture as words and numbers, each of them editable. */
import { drumName, pitchName } from "../roll/speech.js";
import { makeTable } from "../roll/table.js";
import { t } from "../strings/index.js";
import { h } from "../ui/dom.js";
import { CHORD_KINDS, labelName, makeLabel, NO_CHORD } from "./chords.js";
import { addNote, barAt, moveBeat, moveNote, putChord, removeBeat, removeNote, retimeNote, setChord, setMetre } from "./corrections.js";
import type { Desk } from "./desk.js";
import { SURE, type Heard, type HeardNote, type Labelled, type Layer } from "./heard.js";

export interface Lists { readonly element: HTMLElement; update(): void }

const round = (seconds: number): number => Math.round(seconds * 1_000) / 1_000;
const DRUMS = [36, 38, 42, 46, 45, 49, 51, 39] as const;

export function makeLists(desk: Desk, now: () => number): Lists {
  const { book } = desk;
  const change = (next: Heard): boolean => desk.correct(next);
  const body = h("div", { class: "tables" });
  const element = h("details", { class: "lists", ontoggle: () => update() }, h("summary", {}, t("listen.lists")), body);
  let built: Layer | null = null;
  let tables: { element: HTMLElement; update(): void }[] = [];

  function noteTable(layer: Layer): { element: HTMLElement; update(): void } {
    const at = (note: HeardNote): number => book.heard[layer].indexOf(note);
    const pitches: [string, string][] = layer === "drums" ? DRUMS.map((pitch) => [String(pitch), drumName(pitch)])
      : Array.from({ length: 88 }, (_, i) => [String(108 - i), pitchName(108 - i)]);
    return makeTable<HeardNote>({
      label: t(`listen.layer.${layer}`), rows: () => book.heard[layer], key: (note) => `${note.start} ${note.pitch}`,
      addLabel: t("listen.addNote"),
      columns: [
        { label: t("listen.start"), min: 0, step: "any", get: (note) => round(note.start), set: (note, value) => change(retimeNote(book.heard, layer, at(note), Number(value), Math.max(Number(value), note.end))) },
        { label: t("listen.end"), min: 0, step: "any", get: (note) => round(note.end), set: (note, value) => change(retimeNote(book.heard, layer, at(note), note.start, Number(value))) },
        { label: t("listen.note"), options: pitches, get: (note) => note.pitch, set: (note, value) => change(moveNote(book.heard, layer, at(note), Number(value))) },
        { label: t("listen.sure"), options: [["1", t("listen.yes")], ["0", t("listen.doubtful")]], get: (note) => (note.confidence >= SURE ? 1 : 0),
          set: (note, value) => value === "1" && change(moveNote(book.heard, layer, at(note), note.pitch)) },
      ],
      remove: (note) => change(removeNote(book.heard, layer, at(note))),
      add: () => change(addNote(book.heard, layer, now(), layer === "drums" ? 38 : book.heard[layer].at(-1)?.pitch ?? 60)),
      onfocus: (note) => desk.audition(layer, note.pitch),
    });
  }

  function chordTable(): { element: HTMLElement; update(): void } {
    const at = (chord: Labelled): number => book.heard.chords.indexOf(chord);
    const options: [string, string][] = [[NO_CHORD, t("listen.noChord")], ...Array.from({ length: 12 }, (_, root) =>
      CHORD_KINDS.map((kind): [string, string] => [makeLabel(root, kind), labelName(makeLabel(root, kind))])).flat()];
    return makeTable<Labelled>({
      label: t("listen.chords"), rows: () => book.heard.chords, key: (chord) => String(chord.start), addLabel: t("listen.addChord"),
      columns: [
        { label: t("listen.start"), min: 0, step: "any", get: (chord) => round(chord.start),
          set: (chord, value) => Number(value) < chord.end && change(putChord(setChord(book.heard, at(chord), NO_CHORD), Math.max(0, Number(value)), chord.end, chord.label)) },
        { label: t("listen.end"), min: 0, step: "any", get: (chord) => round(chord.end),
          set: (chord, value) => Number(value) > chord.start && change(putChord(setChord(book.heard, at(chord), NO_CHORD), chord.start, Math.min(book.heard.duration, Number(value)), chord.label)) },
        { label: t("listen.chord"), options, get: (chord) => chord.label, set: (chord, value) => change(setChord(book.heard, at(chord), value)) },
      ],
      remove: (chord) => change(setChord(book.heard, at(chord), NO_CHORD)),
      add: () => change(putChord(book.heard, ...barAt(book.heard, now()), "C:maj")),
    });
  }

  function beatTable(): { element: HTMLElement; update(): void } {
    const index = (row: { i: number }): number => row.i;
    const isOne = (i: number): boolean => book.heard.downbeats.some((beat) => Math.abs(beat - book.heard.beats[i]!) < 2e-3);
    return makeTable<{ i: number; time: number }>({
      label: t("listen.beats"), rows: () => book.heard.beats.map((time, i) => ({ i, time })), key: (row) => String(row.i), addLabel: t("listen.addBeat"),
      columns: [
        { label: t("listen.time"), min: 0, step: "any", get: (row) => round(row.time), set: (row, value) => change(moveBeat(book.heard, index(row), Number(value))) },
        { label: t("listen.beginsBar"), options: [["1", t("listen.yes")], ["0", t("listen.no")]], get: (row) => (isOne(row.i) ? 1 : 0),
          set: (row, value) => value === "1" && change(setMetre(book.heard, book.heard.metre, row.i)) },
      ],
      remove: (row) => change(removeBeat(book.heard, row.i)),
      add: () => change(withBeatAt(book.heard, now())),
    });
  }

  function update(): void {
    if (!element.open) return;
    if (built !== desk.layer) {
      built = desk.layer;
      tables = [noteTable(desk.layer), chordTable(), beatTable()];
      body.replaceChildren(...tables.map((table) => table.element));
    }
    for (const table of tables) table.update();
  }
  return { element, update };
}

/** A beat more, where the needle is; the same description where one is too near. */
function withBeatAt(heard: Heard, time: number): Heard {
  if (heard.beats.some((beat) => Math.abs(beat - time) < 0.05)) return heard;
  const at = heard.beats.filter((beat) => beat < time).length;
  return {
    ...heard, beats: [...heard.beats.slice(0, at), time, ...heard.beats.slice(at)],
    beat_confidence: [...heard.beat_confidence.slice(0, at), 1, ...heard.beat_confidence.slice(at)],
  };
}
