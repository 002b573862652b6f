/** The list view: everything in the piece as words and numbers, each of them editable. */
import { changeNotes, removeNotes, resizeNotes, setLaneTo, setVelocity } from "../document/edits.js";
import { QUALITIES, type Chord, type Key, type LaneEvent, type LaneName, type Meter, type Tempo, type Text } from "../document/lanes.js";
import type { Operation } from "../document/operations.js";
import { noteEnd, type Note } from "../document/types.js";
import { t } from "../strings/index.js";
import { h } from "../ui/dom.js";
import { addNote } from "./commands.js";
import { chordName, drumName, pitchClassName, pitchName, trackName } from "./speech.js";
import { attempt, currentTrack, score, time, type RollState } from "./state.js";
import { makeTable, type Column } from "./table.js";

export interface ListView { readonly element: HTMLElement; update(): void }

const number = (value: string): number => Number(value.replace(",", "."));

/** A place as "bar.beat", beats with a fraction: 3.2.5 is bar 3, beat 2 and a half. */
function beatsIn(state: RollState, tick: number): [bar: number, beat: number] {
  const bar = time(state).barAt(tick);
  return [bar.number, 1 + ((tick - bar.start) * bar.denominator) / (4 * score(state).ppq)];
}

function tickOf(state: RollState, bar: number, beat: number): number {
  const found = time(state).bar(bar);
  return Math.max(0, Math.round(found.start + ((beat - 1) * 4 * score(state).ppq) / found.denominator));
}

const rounded = (value: number): number => Number(value.toFixed(3));

export function makeListView(state: RollState): ListView {
  const { store, player } = state.context;
  const edit = (operation: Operation): boolean => attempt(state, () => store.edit(operation));
  const current = (): string => currentTrack(state)?.id ?? "";

  /** The two columns of a place, for anything that has a tick. */
  const placeColumns = <R>(tickOfRow: (row: R) => number, move: (row: R, tick: number) => boolean): Column<R>[] => [
    { label: t("list.bar"), min: 0, get: (row) => beatsIn(state, tickOfRow(row))[0],
      set: (row, value) => move(row, tickOf(state, number(value), beatsIn(state, tickOfRow(row))[1])) },
    { label: t("list.beat"), min: 1, step: "any", get: (row) => rounded(beatsIn(state, tickOfRow(row))[1]),
      set: (row, value) => move(row, tickOf(state, beatsIn(state, tickOfRow(row))[0], number(value))) },
  ];

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
      ...placeColumns<Note>((note) => note.start, (note, start) => change(note, { start })),
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

  /** A table of one of the score's lanes. */
  function laneTable<E extends LaneEvent>(
    lane: LaneName & keyof typeof LANES, label: string, addLabel: string, columns: Column<E>[], fresh: (tick: number) => E,
    filter: (event: E) => boolean = () => true,
  ): ReturnType<typeof makeTable<E>> {
    const all = (): readonly E[] => score(state)[lane] as unknown as readonly E[];
    const put = (from: E | null, to: E | null): boolean => {
      const rest = all().filter((event) => event !== from);
      return edit(setLaneTo(score(state), lane, to ? [...rest, to] : rest));
    };
    return makeTable<E>({
      label, addLabel, rows: () => all().filter(filter), key: (event) => String(all().indexOf(event)),
      columns: [
        ...placeColumns<E>((event) => event.tick, (event, tick) => put(event, { ...event, tick })),
        ...columns.map((column) => ({ ...column, set: (event: E, value: string) => {
          const made = (column as unknown as { make(event: E, value: string): E }).make(event, value);
          return put(event, made);
        } })),
      ],
      remove: (event) => void put(event, null),
      add: () => void put(null, fresh(time(state).barAt(store.view.cursor).start)),
    });
  }

  const made = <E extends LaneEvent>(column: Omit<Column<E>, "set"> & { make(event: E, value: string): E }): Column<E> =>
    ({ ...column, set: () => false });
  const keyNames = Array.from({ length: 15 }, (_, i) => i - 7).flatMap((fifths) => (["major", "minor"] as const).map((mode) => {
    const root = (fifths * 7 + (mode === "minor" ? 9 : 0) + 84) % 12;
    return [`${fifths} ${mode}`, `${pitchClassName(root, { tick: 0, fifths, mode })} ${t(mode === "minor" ? "list.minor" : "list.major")}`] as const;
  }));
  const lanes = [
    laneTable<Chord>("chords", t("list.chords"), t("list.addChord"), [
      made({ label: t("list.root"), options: Array.from({ length: 12 }, (_, i) => [String(i), pitchClassName(i)] as const),
        get: (chord) => chord.root, make: (chord, value) => ({ ...chord, root: Number(value) }) }),
      made({ label: t("list.kind"), options: Object.keys(QUALITIES).map((quality) =>
        [quality, chordName({ root: 0, quality, bass: -1 }).slice(1) || t("list.majorChord")] as const),
      get: (chord) => chord.quality, make: (chord, value) => ({ ...chord, quality: value }) }),
      made({ label: t("list.length"), min: 0, step: "any", get: (chord) => rounded(chord.duration / score(state).ppq),
        make: (chord, value) => ({ ...chord, duration: Math.max(0, Math.round(number(value) * score(state).ppq)) }) }),
    ], (tick) => ({ tick, duration: time(state).barAt(tick).end - tick, root: 0, quality: "maj", bass: -1 })),
    laneTable<Tempo>("tempos", t("list.tempos"), t("list.addTempo"), [
      made({ label: t("list.beats"), min: 4, max: 1000, step: "any", get: (tempo) => rounded(60e6 / tempo.us_per_quarter),
        make: (tempo, value) => ({ ...tempo, us_per_quarter: Math.round(60e6 / Math.max(4, number(value))) }) }),
    ], (tick) => ({ tick, us_per_quarter: time(state).tempoAt(tick) })),
    laneTable<Meter>("meters", t("list.meters"), t("list.addMeter"), [
      made({ label: t("list.upper"), min: 1, max: 64, get: (meter) => meter.numerator,
        make: (meter, value) => ({ ...meter, numerator: Math.round(number(value)) }) }),
      made({ label: t("list.lower"), options: ["1", "2", "4", "8", "16", "32"].map((value) => [value, value] as const),
        get: (meter) => meter.denominator, make: (meter, value) => ({ ...meter, denominator: Number(value) }) }),
    ], (tick) => ({ tick, numerator: 4, denominator: 4, clocks: 24, thirty_seconds: 8 })),
    laneTable<Key>("keys", t("list.keys"), t("list.addKey"), [
      made({ label: t("list.key"), options: keyNames, get: (key) => `${key.fifths} ${key.mode}`,
        make: (key, value) => ({ ...key, fifths: Number(value.split(" ")[0]), mode: value.split(" ")[1] as "major" }) }),
    ], (tick) => ({ tick, fifths: 0, mode: "major" })),
    laneTable<Text>("texts", t("list.markers"), t("list.addMarker"), [
      made({ label: t("list.text"), type: "text", get: (text) => text.text, make: (text, value) => ({ ...text, text: value }) }),
    ], (tick) => ({ tick, kind: "marker", text: t("list.newMarker") }), (text) => text.kind === "marker"),
  ];

  const heading = h("h2");
  const place = h("div", { class: "notes-place" });
  const element = h("section", { class: "listview", "aria-label": t("roll.list"), hidden: true }, heading, place,
    h("details", {}, h("summary", {}, t("list.piece")), lanes.map((lane) => lane.element)));
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
      heading.textContent = track ? trackName(track) : t("list.noTrack");
      table.update();
      for (const lane of lanes) lane.update();
    },
  };
}

/** Lanes of the score that the list view shows. */
const LANES = { chords: 1, tempos: 1, meters: 1, keys: 1, texts: 1 } as const;
