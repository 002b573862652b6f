/** The document: a score of tracks and notes on an integer time line; the twin of `workbench/score/score.py`. */
import {
  BadDocument, checkAuthor, checkFlag, checkId, checkInt, checkList, checkRecord, checkText, isRecord, MAX_TICK,
  type JsonRecord,
} from "./check.js";
import {
  readLane, type Bend, type Chord, type Control, type Key, type LaneName, type Meter, type Program, type Raw,
  type Silence, type Tempo, type Text,
} from "./lanes.js";

export const SCHEMA = 1;
export const DEFAULT_PPQ = 960;
export const MAX_NOTES = 200_000;
export const MAX_TRACKS = 1_024;

/** One note; ticks, MIDI pitch and velocity. Duration 0 is a grace note. Never changed in place. */
export interface Note {
  readonly id: string;
  readonly start: number;
  readonly duration: number;
  readonly pitch: number;
  readonly velocity: number;
  readonly author: string;
  readonly edited_by: readonly string[];
  readonly locked: boolean;
}

/** Settings of a track that an operation may set. */
export interface TrackFields {
  name: string;
  program: number;
  is_drum: boolean;
  volume: number;
  pan: number;
  room: number;
  mute: boolean;
  solo: boolean;
  locked: boolean;
  color: number;
}

export interface TrackLanes {
  bends: readonly Bend[];
  controls: readonly Control[];
  programs: readonly Program[];
  raws: readonly Raw[];
  silences: readonly Silence[];
  texts: readonly Text[];
}

export interface Track extends TrackFields, TrackLanes {
  readonly id: string;
  notes: Map<string, Note>;
}

export interface ScoreLanes {
  tempos: readonly Tempo[];
  meters: readonly Meter[];
  keys: readonly Key[];
  chords: readonly Chord[];
  texts: readonly Text[];
  raws: readonly Raw[];
}

export interface Score extends ScoreLanes {
  title: string;
  ppq: number;
  pickup: number;
  tracks: Track[];
  meta: Record<string, string>;
}

/** A stretch of some tracks, in ticks, `end` exclusive: a note belongs to it if its onset lies inside. */
export interface Region { readonly start: number; readonly end: number; readonly tracks: readonly string[] }

export const SCORE_LANES = ["chords", "keys", "meters", "tempos", "texts", "raws"] as const;
export const TRACK_LANES = ["bends", "controls", "programs", "raws", "silences", "texts"] as const;

const TRACK_FIELD_TABLE: Record<keyof TrackFields, [string | number | boolean, (value: unknown) => unknown]> = {
  color: [0, (value) => checkInt(value, 0, 255, "A track's colour")],
  is_drum: [false, (value) => checkFlag(value, "A track's drum flag")],
  locked: [false, (value) => checkFlag(value, "A track's lock")],
  mute: [false, (value) => checkFlag(value, "A track's mute")],
  name: ["", (value) => checkText(value, "A track's name", 1_000)],
  pan: [64, (value) => checkInt(value, 0, 127, "A track's pan")],
  program: [0, (value) => checkInt(value, 0, 127, "A track's program")],
  room: [40, (value) => checkInt(value, 0, 127, "A track's room")],
  solo: [false, (value) => checkFlag(value, "A track's solo")],
  volume: [100, (value) => checkInt(value, 0, 127, "A track's volume")],
};
export const TRACK_FIELDS = Object.keys(TRACK_FIELD_TABLE) as (keyof TrackFields)[];

/** The value as track field `name` holds it (flags become booleans); throws BadDocument. */
export function checkTrackField(name: string, value: unknown): string | number | boolean {
  const entry = Object.hasOwn(TRACK_FIELD_TABLE, name) ? TRACK_FIELD_TABLE[name as keyof TrackFields] : undefined;
  if (!entry) throw new BadDocument(`'${name.slice(0, 40)}' is not a field of a track.`);
  return entry[1](value) as string | number | boolean;
}

export function checkMeta(value: unknown): Record<string, string> {
  if (!isRecord(value) || Object.keys(value).length > 100) {
    throw new BadDocument("The facts about a piece must be at most 100 named texts.");
  }
  const out: Record<string, string> = {};
  for (const [name, text] of Object.entries(value)) out[checkId(name, "A fact's name")] = checkText(text, "A fact's text");
  return out;
}

/** The value as score field `title`, `ppq`, `pickup` or `meta` holds it; throws BadDocument. */
export function checkScoreField(name: string, value: unknown): string | number | Record<string, string> {
  if (name === "title") return checkText(value, "A title", 1_000);
  if (name === "ppq") return checkInt(value, 1, 32_767, "The number of ticks to a quarter");
  if (name === "pickup") return checkInt(value, 0, MAX_TICK, "The pickup's length");
  if (name === "meta") return checkMeta(value);
  throw new BadDocument(`'${name.slice(0, 40)}' is not a field of a score.`);
}

const NOTE_KNOWN = ["author", "duration", "id", "pitch", "start", "velocity", "edited_by", "locked"];
const NOTE_NEEDED = ["id", "start", "duration", "pitch"];

const byCodePoint = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Build a checked note; missing fields take the document's defaults. */
export function makeNote(fields: Partial<Note> & Pick<Note, "id" | "start" | "duration" | "pitch">): Note {
  const editors = fields.edited_by ?? [];
  return Object.freeze({
    id: checkId(fields.id, "A note's id"),
    start: checkInt(fields.start, 0, MAX_TICK, "A note's start"),
    duration: checkInt(fields.duration, 0, MAX_TICK, "A note's duration"),
    pitch: checkInt(fields.pitch, 0, 127, "A note's pitch"),
    velocity: checkInt(fields.velocity ?? 80, 1, 127, "A note's velocity"),
    author: checkAuthor(fields.author ?? "human"),
    edited_by: editors.length ? [...new Set(editors.map(checkAuthor))].sort(byCodePoint) : NO_EDITORS,
    locked: checkFlag(fields.locked ?? false, "A note's lock"),
  });
}
const NO_EDITORS: readonly string[] = Object.freeze([]);

export function readNote(data: unknown): Note {
  const record = checkRecord(data, NOTE_KNOWN, NOTE_NEEDED, "A note");
  const edited = record["edited_by"] ?? [];
  if (!Array.isArray(edited) || !edited.every((name) => typeof name === "string")) {
    throw new BadDocument("A note's editors must be a list of names.");
  }
  for (const name of ["velocity", "author", "locked"]) {
    if (record[name] === null) throw new BadDocument(`A note's ${name} is missing its value.`);
  }
  return makeNote({ ...(record as unknown as Note), edited_by: edited });
}

export function noteToDict(note: Note): JsonRecord {
  const out: JsonRecord = {
    author: note.author, duration: note.duration, id: note.id, pitch: note.pitch, start: note.start,
    velocity: note.velocity,
  };
  if (note.edited_by.length) out["edited_by"] = [...note.edited_by];
  if (note.locked) out["locked"] = 1;
  return out;
}

/** First tick after the note. */
export const noteEnd = (note: Note): number => note.start + note.duration;

/** Canonical order: by start, pitch, id. */
export function compareNotes(a: Note, b: Note): number {
  return a.start - b.start || a.pitch - b.pitch || byCodePoint(a.id, b.id);
}

export function sortedNotes(track: Track): Note[] {
  return [...track.notes.values()].sort(compareNotes);
}

export function makeTrack(id: string, fields: Partial<TrackFields> = {}, notes: Iterable<Note> = []): Track {
  const track = {
    id: checkId(id, "A track's id"), notes: new Map<string, Note>(),
    bends: [], controls: [], programs: [], raws: [], silences: [], texts: [],
  } as unknown as Track;
  for (const name of TRACK_FIELDS) {
    const given = Object.hasOwn(fields, name) ? fields[name] : TRACK_FIELD_TABLE[name][0];
    (track as unknown as JsonRecord)[name] = checkTrackField(name, given);
  }
  for (const note of notes) {
    if (track.notes.has(note.id)) throw new BadDocument("Two notes of one track have the same id.");
    track.notes.set(note.id, note);
  }
  return track;
}

export function readTrack(data: unknown): Track {
  const record = checkRecord(data, ["id", "notes", ...TRACK_FIELDS, ...TRACK_LANES], ["id"], "A track");
  const notes = checkList(record["notes"] ?? [], "A track's notes", MAX_NOTES).map(readNote);
  const track = makeTrack(record["id"] as string, record as Partial<TrackFields>, notes);
  for (const name of TRACK_LANES) setLane(track, name, readLane(name, record[name] ?? []));
  return track;
}

/** Assign a lane by name (the lanes' element types differ, so this is the one place that casts). */
export function setLane(owner: Score | Track, name: LaneName, events: readonly unknown[]): void {
  (owner as unknown as JsonRecord)[name] = events;
}

export function laneOf(owner: Score | Track, name: string): readonly { readonly tick: number }[] {
  return (owner as unknown as Record<string, readonly { readonly tick: number }[]>)[name]!;
}

export function trackToDict(track: Track): JsonRecord {
  const out: JsonRecord = { id: track.id, notes: sortedNotes(track).map(noteToDict) };
  for (const name of TRACK_FIELDS) {
    const value = track[name];
    out[name] = typeof value === "boolean" ? Number(value) : value;
  }
  for (const name of TRACK_LANES) if (track[name].length) out[name] = track[name];
  return out;
}

/** A new score carries 120 quarters a minute and 4/4 explicitly. */
export function makeScore(fields: Partial<Pick<Score, "title" | "ppq" | "pickup" | "meta">> = {}): Score {
  return {
    title: checkScoreField("title", fields.title ?? "") as string,
    ppq: checkScoreField("ppq", fields.ppq ?? DEFAULT_PPQ) as number,
    pickup: checkScoreField("pickup", fields.pickup ?? 0) as number,
    tracks: [],
    tempos: [{ tick: 0, us_per_quarter: 500_000 }],
    meters: [{ tick: 0, numerator: 4, denominator: 4, clocks: 24, thirty_seconds: 8 }],
    keys: [], chords: [], texts: [], raws: [],
    meta: checkMeta(fields.meta ?? {}),
  };
}

/** Read the canonical form; throws BadDocument on anything else. */
export function readScore(data: unknown): Score {
  const known = ["schema", "title", "ppq", "pickup", "tracks", "meta", ...SCORE_LANES];
  const record = checkRecord(data, known, ["schema", "ppq", "tracks"], "A score");
  if (record["schema"] !== SCHEMA) {
    throw new BadDocument("This project was made by a newer version of the workbench; update it to open this file.");
  }
  const score = makeScore(record as Partial<Score>);
  score.tracks = checkList(record["tracks"], "A score's tracks", MAX_TRACKS).map(readTrack);
  if (new Set(score.tracks.map((track) => track.id)).size < score.tracks.length) {
    throw new BadDocument("Two tracks have the same id.");
  }
  if (noteCount(score) > MAX_NOTES) throw new BadDocument("A piece may hold at most 200,000 notes.");
  for (const name of SCORE_LANES) setLane(score, name, readLane(name, record[name] ?? []));
  return score;
}

export function scoreToDict(score: Score): JsonRecord {
  const out: JsonRecord = {
    schema: SCHEMA, title: score.title, ppq: score.ppq, pickup: score.pickup, tracks: score.tracks.map(trackToDict),
  };
  for (const name of SCORE_LANES) if (score[name].length) out[name] = score[name];
  if (Object.keys(score.meta).length) out["meta"] = { ...score.meta };
  return out;
}

export function findTrack(score: Score, id: string): Track {
  const track = score.tracks.find((item) => item.id === id);
  if (!track) throw new BadDocument(`There is no track '${String(id).slice(0, 64)}' in this piece.`);
  return track;
}

export function noteCount(score: Score): number {
  return score.tracks.reduce((sum, track) => sum + track.notes.size, 0);
}

/** First tick after the last note (0 for an empty score). */
export function scoreEnd(score: Score): number {
  let end = 0;
  for (const track of score.tracks) for (const note of track.notes.values()) end = Math.max(end, noteEnd(note));
  return end;
}

/** A copy that can be changed by itself (notes and lanes are shared: they never change). */
export function copyScore(score: Score): Score {
  const tracks = score.tracks.map((track) => ({ ...track, notes: new Map(track.notes) }));
  return { ...score, meta: { ...score.meta }, tracks };
}

/** `count` ids `prefix1`, `prefix2` ... that continue after the highest one in `taken`. */
export function freshIds(taken: Iterable<string>, prefix: string, count: number): string[] {
  let highest = 0;
  for (const name of taken) {
    const tail = name.slice(prefix.length);
    if (name.startsWith(prefix) && /^[0-9]{1,15}$/.test(tail)) highest = Math.max(highest, Number(tail));
  }
  return Array.from({ length: count }, (_, step) => `${prefix}${highest + step + 1}`);
}

export const inRegion = (region: Region, trackId: string, note: Note): boolean =>
  region.tracks.includes(trackId) && region.start <= note.start && note.start < region.end;
