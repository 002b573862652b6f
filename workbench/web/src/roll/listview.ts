/** The list view: everything in the piece as words and numbers, each of them editable. */
import { changeNotes, removeNotes, resizeNotes, setVelocity } from "../document/edits.js";
import type { Operation } from "../document/operations.js";
import { noteEnd, type Note } from "../document/types.js";
import { t } from "../strings/index.js";
import { named } from "../ui/conditions.js";
import { button } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { addNote } from "./commands.js";
import { laneTables, number, placeColumns, rounded } from "./lanetables.js";
import { drumName, pitchName, trackName } from "./speech.js";
import { attempt, currentTrack, score, type RollState } from "./state.js";
import { makeTable } from "./table.js";

export interface ListView { readonly element: HTMLElement; update(): void }

/** `chords`: opens the panel of other chords. */
export function makeListView(state: RollState, chords: () => void): ListView {
  const { store, player } = state.context;
  const edit = (operation: Operation): boolean => attempt(state, () => store.edit(operation));
  const current = (): string => currentTrack(state)?.id ?? "";

  const change = (note: Note, values: Partial<Record<"start" | "pitch", number>>): boolean =>
    edit(changeNotes("move_notes", score(state), current(), [note.id],
      () => ({ start: values.start ?? note.start, pitch: values.pitch ?? note.pitch })));

  const notes = (): readonly Note[] => state.index.all(current());
  const pitches = (): [string, string][] => Array.from({ length: 128 }, (_, i) => {
    const pitch = 127 - i;
    return [String(pitch), currentTrack(state)?.is_drum ? drumName(pitch) : pitchName(pitch)];
  });
  const makeNotes = (): ReturnType<typeof makeTable<Note>> => makeTable<Note>({
    label: t("list.notes"), rows: notes, key: (note) => note.id, addLabel: t("list.addNote"),
    columns: [
      ...placeColumns<Note>(state, (note) => note.start, (note, start) => change(note, { start })),
      { label: t("list.note"), options: pitches(), get: (note) => note.pitch, set: (note, value) => change(note, { pitch: Number(value) }) },
      { label: t("list.length"), min: 0, step: "any", get: (note) => rounded(note.duration / score(state).ppq),
        set: (note, value) => edit(resizeNotes(score(state), current(),
          new Map([[note.id, [note.start, Math.max(0, Math.round(number(value) * score(state).ppq))]]]))) },
      { label: t("list.loudness"), min: 1, max: 127, get: (note) => note.velocity,
        set: (note, value) => edit(setVelocity(score(state), current(), new Map([[note.id, Math.round(number(value))]]))) },
    ],
    remove: (note) => edit(removeNotes(score(state), current(), [note.id])),
    add: () => {
      const track = currentTrack(state);
      const last = notes().at(-1);
      if (track) addNote(state, track, { start: last ? noteEnd(last) : 0, duration: score(state).ppq, pitch: last?.pitch ?? 60 });
    },
    onfocus: (note) => !player.playing && player.audition(current(), note.pitch, note.velocity),
  });

  const lanes = laneTables(state);
  const heading = h("h2");
  const place = h("div", { class: "notes-place" });
  const element = h("section", { class: "listview", "aria-label": t("roll.list"), hidden: true }, heading, place,
    h("details", {}, h("summary", {}, t("list.piece")),
      named("alternatives", button({ label: t("ways.title"), text: true, kind: "outlined", onclick: chords })), lanes.map((lane) => lane.element)));
  let built = "";
  let table = makeNotes();
  return {
    element,
    update() {
      if (element.hidden) return;
      const track = currentTrack(state);
      const signature = `${track?.id}/${track?.is_drum}`;
      if (signature !== built) {
        built = signature; // the names of the pitches belong to the track
        table = makeNotes();
        place.replaceChildren(table.element);
      }
      heading.textContent = track ? trackName(track, score(state)) : t("list.noTrack");
      table.update();
      for (const lane of lanes) lane.update();
    },
  };
}
