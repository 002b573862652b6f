/** Tables of what is not a note: chords, tempos, metres, keys and markers, each line of them editable. */
import { setLaneTo } from "../document/edits.js";
import { QUALITIES, type Chord, type Key, type LaneEvent, type LaneName, type Meter, type Tempo, type Text } from "../document/lanes.js";
import { t } from "../strings/index.js";
import { chordName, pitchClassName } from "./speech.js";
import { attempt, score, time, type RollState } from "./state.js";
import { makeTable, type Column } from "./table.js";

/** What a person types, as a number; a comma will do. */
export const number = (value: string): number => Number(value.replace(",", "."));

/** A place as "bar.beat", beats with a fraction: 3.2.5 is bar 3, beat 2 and a half. */
function beatsIn(state: RollState, tick: number): [bar: number, beat: number] {
  const bar = time(state).barAt(tick);
  return [bar.number, 1 + ((tick - bar.start) * bar.denominator) / (4 * score(state).ppq)];
}

function tickOf(state: RollState, bar: number, beat: number): number {
  const found = time(state).bar(bar);
  return Math.max(0, Math.round(found.start + ((beat - 1) * 4 * score(state).ppq) / found.denominator));
}

export const rounded = (value: number): number => Number(value.toFixed(3));

/** The two columns of a place, for anything that has a tick. */
export const placeColumns = <R>(
  state: RollState, tickOfRow: (row: R) => number, move: (row: R, tick: number) => boolean,
): Column<R>[] => [
  { label: t("list.bar"), min: 0, get: (row) => beatsIn(state, tickOfRow(row))[0],
    set: (row, value) => move(row, tickOf(state, number(value), beatsIn(state, tickOfRow(row))[1])) },
  { label: t("list.beat"), min: 1, step: "any", get: (row) => rounded(beatsIn(state, tickOfRow(row))[1]),
    set: (row, value) => move(row, tickOf(state, beatsIn(state, tickOfRow(row))[0], number(value))) },
];

/** Lanes of the score that the list view shows. */
const LANES = { chords: 1, tempos: 1, meters: 1, keys: 1, texts: 1 } as const;

/** A table of one of the score's lanes. */
function laneTable<E extends LaneEvent>(
  state: RollState, lane: LaneName & keyof typeof LANES, label: string, addLabel: string, columns: Column<E>[], fresh: (tick: number) => E,
  filter: (event: E) => boolean = () => true,
): ReturnType<typeof makeTable<E>> {
  const { store } = state.context;
  const all = (): readonly E[] => score(state)[lane] as unknown as readonly E[];
  const put = (from: E | null, to: E | null): boolean => {
    const rest = all().filter((event) => event !== from);
    return attempt(state, () => store.edit(setLaneTo(score(state), lane, to ? [...rest, to] : rest)));
  };
  return makeTable<E>({
    label, addLabel, rows: () => all().filter(filter), key: (event) => String(all().indexOf(event)),
    columns: [
      ...placeColumns<E>(state, (event) => event.tick, (event, tick) => put(event, { ...event, tick })),
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

const keyNames = (): (readonly [string, string])[] => Array.from({ length: 15 }, (_, i) => i - 7).flatMap((fifths) => (["major", "minor"] as const).map((mode) => {
  const root = (fifths * 7 + (mode === "minor" ? 9 : 0) + 84) % 12;
  return [`${fifths} ${mode}`, `${pitchClassName(root, { tick: 0, fifths, mode })} ${t(mode === "minor" ? "list.minor" : "list.major")}`] as const;
}));

export function laneTables(state: RollState): { readonly element: HTMLElement; update(): void }[] {
  return [
    laneTable<Chord>(state, "chords", t("list.chords"), t("list.addChord"), [
      made({ label: t("list.root"), options: Array.from({ length: 12 }, (_, i) => [String(i), pitchClassName(i)] as const),
        get: (chord) => chord.root, make: (chord, value) => ({ ...chord, root: Number(value) }) }),
      made({ label: t("list.kind"), options: Object.keys(QUALITIES).map((quality) =>
        [quality, chordName({ root: 0, quality, bass: -1 }).slice(1) || t("list.majorChord")] as const),
      get: (chord) => chord.quality, make: (chord, value) => ({ ...chord, quality: value }) }),
      made({ label: t("list.length"), min: 0, step: "any", get: (chord) => rounded(chord.duration / score(state).ppq),
        make: (chord, value) => ({ ...chord, duration: Math.max(0, Math.round(number(value) * score(state).ppq)) }) }),
    ], (tick) => ({ tick, duration: time(state).barAt(tick).end - tick, root: 0, quality: "maj", bass: -1 })),
    laneTable<Tempo>(state, "tempos", t("list.tempos"), t("list.addTempo"), [
      made({ label: t("list.beats"), min: 4, max: 1000, step: "any", get: (tempo) => rounded(60e6 / tempo.us_per_quarter),
        make: (tempo, value) => ({ ...tempo, us_per_quarter: Math.round(60e6 / Math.max(4, number(value))) }) }),
    ], (tick) => ({ tick, us_per_quarter: time(state).tempoAt(tick) })),
    laneTable<Meter>(state, "meters", t("list.meters"), t("list.addMeter"), [
      made({ label: t("list.upper"), min: 1, max: 64, get: (meter) => meter.numerator,
        make: (meter, value) => ({ ...meter, numerator: Math.round(number(value)) }) }),
      made({ label: t("list.lower"), options: ["1", "2", "4", "8", "16", "32"].map((value) => [value, value] as const),
        get: (meter) => meter.denominator, make: (meter, value) => ({ ...meter, denominator: Number(value) }) }),
    ], (tick) => ({ tick, numerator: 4, denominator: 4, clocks: 24, thirty_seconds: 8 })),
    laneTable<Key>(state, "keys", t("list.keys"), t("list.addKey"), [
      made({ label: t("list.key"), options: keyNames(), get: (key) => `${key.fifths} ${key.mode}`,
        make: (key, value) => ({ ...key, fifths: Number(value.split(" ")[0]), mode: value.split(" ")[1] as "major" }) }),
    ], (tick) => ({ tick, fifths: 0, mode: "major" })),
    laneTable<Text>(state, "texts", t("list.markers"), t("list.addMarker"), [
      made({ label: t("list.text"), type: "text", get: (text) => text.text, make: (text, value) => ({ ...text, text: value }) }),
    ], (tick) => ({ tick, kind: "marker", text: t("list.newMarker") }), (text) => text.kind === "marker"),
  ];
}
