/**
 * Every change of a score, as data; the twin of `workbench/score/operations.py`, where the kinds are listed.
 * An operation carries old and new values, so it can be checked, undone exactly, sent, logged and replayed.
 */
import { dumpsJson } from "./canonical.js";
import {
  BadDocument, BadOperation, checkInt, checkList, checkRecord, isRecord, MAX_TICK, type JsonRecord,
} from "./check.js";
import { readLane, type LaneName } from "./lanes.js";
import {
  checkScoreField, checkTrackField, findTrack, inRegion, laneOf, makeNote, MAX_NOTES, MAX_TRACKS, noteCount, readNote,
  readTrack, SCORE_LANES, setLane, TRACK_FIELDS, TRACK_LANES, trackToDict, type Note, type Region, type Score,
  type Track,
} from "./types.js";

/** An operation as JSON; `op` names its kind. */
export type Operation = { readonly op: string } & { readonly [field: string]: unknown };

const MAX_DEPTH = 8;
const CHANGE_FIELDS: Record<string, readonly string[]> = {
  move_notes: ["start", "pitch", "edited_by"],
  resize_notes: ["start", "duration", "edited_by"],
  set_velocity: ["velocity", "edited_by"],
  edit_notes: ["start", "duration", "pitch", "velocity", "locked", "edited_by"],
};
const SCORE_FIELDS = ["meta", "pickup", "title"];

/** Apply an operation in place; on failure the score is left as it was and BadOperation is thrown. */
export function apply(score: Score, operation: unknown): void {
  applyAt(score, operation, 0);
}

/** The operation that exactly undoes `operation`. */
export function inverse(operation: Operation): Operation {
  const op = operation.op;
  if (op === "add_notes") return { ...operation, op: "remove_notes" };
  if (op === "remove_notes") return { ...operation, op: "add_notes" };
  if (Object.hasOwn(CHANGE_FIELDS, op)) {
    const changes = operation["changes"] as { id: string; old: unknown; new: unknown }[];
    return { ...operation, changes: changes.map((item) => ({ id: item.id, old: item.new, new: item.old })) };
  }
  if (op === "replace_region") return { ...operation, removed: operation["added"], added: operation["removed"] };
  if (op === "add_track") return { ...operation, op: "remove_track" };
  if (op === "remove_track") return { ...operation, op: "add_track" };
  if (["set_track", "move_track", "set_lane", "set_score"].includes(op)) {
    return { ...operation, old: operation["new"], new: operation["old"] };
  }
  if (op === "compound") return { ...operation, ops: (operation["ops"] as Operation[]).map(inverse).reverse() };
  throw new BadOperation(`'${String(op).slice(0, 40)}' is not a kind of operation.`);
}

function applyAt(score: Score, operation: unknown, depth: number): void {
  const kind = isRecord(operation) ? operation["op"] : undefined;
  try {
    if (kind === "compound") return applyCompound(score, operation as JsonRecord, depth);
    const handler = typeof kind === "string" && Object.hasOwn(HANDLERS, kind) ? HANDLERS[kind] : undefined;
    if (!handler) throw new BadOperation(`'${String(kind).slice(0, 40)}' is not a kind of operation.`);
    handler(score, operation as JsonRecord);
  } catch (error) {
    if (error instanceof BadDocument) throw new BadOperation(error.message);
    throw error;
  }
}

function applyCompound(score: Score, operation: JsonRecord, depth: number): void {
  checkRecord(operation, ["op", "name", "ops"], ["name", "ops"], "A compound operation");
  if (typeof operation["name"] !== "string" || depth >= MAX_DEPTH) {
    throw new BadOperation("A compound operation needs a name and at most eight levels.");
  }
  const done: Operation[] = [];
  try {
    for (const part of checkList(operation["ops"], "A compound's parts", MAX_NOTES)) {
      applyAt(score, part, depth + 1);
      done.push(part as Operation);
    }
  } catch (error) {
    for (const part of done.reverse()) applyAt(score, inverse(part), depth + 1);
    throw error;
  }
}

function fieldsOf(operation: JsonRecord, ...names: string[]): void {
  checkRecord(operation, ["op", ...names], names, "The operation");
}

const trackOf = (score: Score, operation: JsonRecord): Track => findTrack(score, operation["track"] as string);

function readNotes(value: unknown): Note[] {
  const notes = checkList(value, "The notes", MAX_NOTES).map(readNote);
  if (new Set(notes.map((note) => note.id)).size < notes.length) {
    throw new BadOperation("An operation names one note twice.");
  }
  return notes;
}

function sameNote(a: Note | undefined, b: Note): boolean {
  return a === b || (a !== undefined && a.id === b.id && a.start === b.start && a.duration === b.duration
    && a.pitch === b.pitch && a.velocity === b.velocity && a.author === b.author && a.locked === b.locked
    && a.edited_by.join(" ") === b.edited_by.join(" "));
}

function notAsSaid(track: Track, id: string): BadOperation {
  return new BadOperation(`Note ${id} of track ${track.id} is not there as the operation says.`);
}

function checkPresent(track: Track, notes: readonly Note[]): void {
  for (const note of notes) if (!sameNote(track.notes.get(note.id), note)) throw notAsSaid(track, note.id);
}

function checkAbsent(track: Track, notes: readonly Note[], leaving: ReadonlySet<string> = new Set()): void {
  for (const note of notes) {
    if (track.notes.has(note.id) && !leaving.has(note.id)) {
      throw new BadOperation(`Track ${track.id} already has a note ${note.id}.`);
    }
  }
}

function checkRoom(score: Score, growth: number): void {
  if (noteCount(score) + growth > MAX_NOTES) throw new BadOperation("A piece may hold at most 200,000 notes.");
}

function addNotes(score: Score, operation: JsonRecord): void {
  fieldsOf(operation, "track", "notes");
  const track = trackOf(score, operation);
  const notes = readNotes(operation["notes"]);
  checkAbsent(track, notes);
  checkRoom(score, notes.length);
  for (const note of notes) track.notes.set(note.id, note);
}

function removeNotes(score: Score, operation: JsonRecord): void {
  fieldsOf(operation, "track", "notes");
  const track = trackOf(score, operation);
  const notes = readNotes(operation["notes"]);
  checkPresent(track, notes);
  for (const note of notes) track.notes.delete(note.id);
}

function readSide(value: unknown, allowed: readonly string[]): JsonRecord {
  const side: JsonRecord = { ...checkRecord(value, allowed, [], "A change") };
  if ("edited_by" in side) {
    const names = checkList(side["edited_by"], "A note's editors", 100);
    if (!names.every((name) => typeof name === "string")) {
      throw new BadOperation("A note's editors must be a list of names.");
    }
  }
  if ("locked" in side) side["locked"] = Boolean(checkInt(side["locked"], 0, 1, "A note's lock"));
  return side;
}

const sameValue = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) && Array.isArray(b) ? a.join(" ") === b.join(" ") && a.length === b.length : a === b;

function changeNotes(score: Score, operation: JsonRecord): void {
  fieldsOf(operation, "track", "changes");
  const track = trackOf(score, operation);
  const allowed = CHANGE_FIELDS[operation["op"] as string]!;
  const changed = new Map<string, Note>();
  for (const raw of checkList(operation["changes"], "The changes", MAX_NOTES)) {
    const item = checkRecord(raw, ["id", "old", "new"], ["id", "old", "new"], "A change");
    const note = typeof item["id"] === "string" ? track.notes.get(item["id"]) : undefined;
    const before = readSide(item["old"], allowed);
    const after = readSide(item["new"], allowed);
    const sameFields = Object.keys(before).length === Object.keys(after).length
      && Object.keys(before).every((name) => Object.hasOwn(after, name));
    if (!note || changed.has(note.id) || !sameFields) {
      throw new BadOperation("A change names a note that is not there, twice, or with different fields.");
    }
    for (const [name, value] of Object.entries(before)) {
      if (!sameValue((note as unknown as JsonRecord)[name], value)) throw notAsSaid(track, note.id);
    }
    const editors = (after["edited_by"] as string[] | undefined) ?? [];
    if (editors.some((name, i) => i > 0 && editors[i - 1]! >= name)) {
      throw new BadOperation("A note's editors must be sorted and named once.");
    }
    for (const [name, value] of Object.entries(after)) {
      if (value === null || value === undefined) throw new BadOperation(`A note's ${name} is missing its value.`);
    }
    changed.set(note.id, makeNote({ ...note, ...(after as Partial<Note>) }));
  }
  for (const [id, note] of changed) track.notes.set(id, note);
}

function readRegion(value: unknown): Region {
  const data = checkRecord(value, ["start", "end", "tracks"], ["start", "end", "tracks"], "A region");
  const tracks = checkList(data["tracks"], "A region's tracks", MAX_TRACKS);
  if (!tracks.every((name) => typeof name === "string") || new Set(tracks).size < tracks.length) {
    throw new BadOperation("A region's tracks must be a list of ids, each named once.");
  }
  const start = checkInt(data["start"], 0, MAX_TICK, "A region's start");
  return { start, end: checkInt(data["end"], start, MAX_TICK, "A region's end"), tracks: tracks as string[] };
}

function notesByTrack(value: unknown, region: Region): Map<string, Note[]> {
  if (!isRecord(value) || !Object.keys(value).every((name) => region.tracks.includes(name))) {
    throw new BadOperation("A region's notes must be given by track, for its own tracks only.");
  }
  const out = new Map(Object.entries(value).map(([name, notes]) => [name, readNotes(notes)]));
  for (const [name, notes] of out) {
    if (!notes.every((note) => inRegion(region, name, note))) {
      throw new BadOperation("A note to replace begins outside the region.");
    }
  }
  return out;
}

function replaceRegion(score: Score, operation: JsonRecord): void {
  fieldsOf(operation, "region", "removed", "added");
  const region = readRegion(operation["region"]);
  const removed = notesByTrack(operation["removed"], region);
  const added = notesByTrack(operation["added"], region);
  const tracks = region.tracks.map((name) => findTrack(score, name));
  let growth = 0;
  for (const track of tracks) {
    const leaving = removed.get(track.id) ?? [];
    const coming = added.get(track.id) ?? [];
    checkPresent(track, leaving);
    checkAbsent(track, coming, new Set(leaving.map((note) => note.id)));
    growth += coming.length - leaving.length;
  }
  checkRoom(score, growth);
  for (const track of tracks) {
    for (const note of removed.get(track.id) ?? []) track.notes.delete(note.id);
    for (const note of added.get(track.id) ?? []) track.notes.set(note.id, note);
  }
}

const scalar = (value: unknown): unknown => (typeof value === "boolean" ? Number(value) : value);

function setTrack(score: Score, operation: JsonRecord): void {
  fieldsOf(operation, "track", "old", "new");
  const track = trackOf(score, operation);
  const before = checkRecord(operation["old"], TRACK_FIELDS, [], "A track's settings");
  const after = checkRecord(operation["new"], Object.keys(before), Object.keys(before), "A track's settings");
  for (const [name, value] of Object.entries(before)) {
    if (scalar((track as unknown as JsonRecord)[name]) !== scalar(value)) {
      throw new BadOperation(`The settings of track ${track.id} are not as the operation says.`);
    }
  }
  const checked = Object.entries(after).map(([name, value]) => [name, checkTrackField(name, value)] as const);
  for (const [name, value] of checked) (track as unknown as JsonRecord)[name] = value;
}

function addTrack(score: Score, operation: JsonRecord): void {
  fieldsOf(operation, "index", "content");
  const index = checkInt(operation["index"], 0, score.tracks.length, "A track's place");
  const track = readTrack(operation["content"]);
  if (score.tracks.some((other) => other.id === track.id) || score.tracks.length >= MAX_TRACKS) {
    throw new BadOperation(`There is no room for another track ${track.id}.`);
  }
  checkRoom(score, track.notes.size);
  score.tracks.splice(index, 0, track);
}

function removeTrack(score: Score, operation: JsonRecord): void {
  fieldsOf(operation, "index", "content");
  const index = checkInt(operation["index"], 0, score.tracks.length - 1, "A track's place");
  const said = dumpsJson(trackToDict(readTrack(operation["content"])));
  if (dumpsJson(trackToDict(score.tracks[index]!)) !== said) {
    throw new BadOperation("The track to remove is not there as the operation says.");
  }
  score.tracks.splice(index, 1);
}

function moveTrack(score: Score, operation: JsonRecord): void {
  fieldsOf(operation, "track", "old", "new");
  const track = trackOf(score, operation);
  const from = checkInt(operation["old"], 0, score.tracks.length - 1, "A track's place");
  const to = checkInt(operation["new"], 0, score.tracks.length - 1, "A track's place");
  if (score.tracks[from] !== track) throw new BadOperation(`Track ${track.id} is not in place ${from}.`);
  score.tracks.splice(from, 1);
  score.tracks.splice(to, 0, track);
}

function spliceLane(score: Score, operation: JsonRecord): void {
  fieldsOf(operation, "track", "lane", "at", "old", "new");
  const name = operation["lane"] as LaneName;
  const known: readonly string[] = operation["track"] ? TRACK_LANES : SCORE_LANES;
  if (typeof name !== "string" || !known.includes(name)) {
    throw new BadOperation(`'${String(name).slice(0, 40)}' is not a lane.`);
  }
  const holder = operation["track"] ? trackOf(score, operation) : score;
  const lane = laneOf(holder, name);
  const at = checkInt(operation["at"], 0, lane.length, "A place in a lane");
  const before = readLane(name, operation["old"]);
  const after = readLane(name, operation["new"]);
  if (dumpsJson(lane.slice(at, at + before.length)) !== dumpsJson(before)) {
    throw new BadOperation(`The lane ${name} is not as the operation says.`);
  }
  const around = [...lane.slice(Math.max(0, at - 1), at), ...after, ...lane.slice(at + before.length, at + before.length + 1)];
  if (around.some((event, i) => i > 0 && event.tick < around[i - 1]!.tick)) {
    throw new BadOperation(`The lane ${name} would not be in the order of time.`);
  }
  setLane(holder, name, [...lane.slice(0, at), ...after, ...lane.slice(at + before.length)]);
}

function setScore(score: Score, operation: JsonRecord): void {
  fieldsOf(operation, "old", "new");
  const before = checkRecord(operation["old"], SCORE_FIELDS, [], "The piece's facts");
  const after = checkRecord(operation["new"], Object.keys(before), Object.keys(before), "The piece's facts");
  for (const [name, value] of Object.entries(before)) {
    if (dumpsJson((score as unknown as JsonRecord)[name]) !== dumpsJson(value)) {
      throw new BadOperation("The facts about the piece are not as the operation says.");
    }
  }
  const checked = Object.entries(after).map(([name, value]) => [name, checkScoreField(name, value)] as const);
  for (const [name, value] of checked) (score as unknown as JsonRecord)[name] = value;
}

const HANDLERS: Record<string, (score: Score, operation: JsonRecord) => void> = {
  add_notes: addNotes,
  remove_notes: removeNotes,
  move_notes: changeNotes,
  resize_notes: changeNotes,
  set_velocity: changeNotes,
  edit_notes: changeNotes,
  replace_region: replaceRegion,
  set_track: setTrack,
  add_track: addTrack,
  remove_track: removeTrack,
  move_track: moveTrack,
  set_lane: spliceLane,
  set_score: setScore,
};
