/**
 * Convenient ways to make operations; the twin of `workbench/score/edits.py`.
 * Nothing here changes the score: hand the result to `Store.edit` (or to `apply`).
 */
import { dumpsJson } from "./canonical.js";
import { BadOperation } from "./check.js";
import type { LaneEvent, LaneName } from "./lanes.js";
import type { Operation } from "./operations.js";
import {
  findTrack, inRegion, laneOf, noteToDict, sortedNotes, trackToDict, type Note, type Region, type Score, type Track,
  type TrackFields,
} from "./types.js";

type NoteValues = Partial<Record<"start" | "duration" | "pitch" | "velocity" | "locked", number>>;

export function addNotes(trackId: string, notes: Iterable<Note>): Operation {
  return { op: "add_notes", track: trackId, notes: [...notes].map(noteToDict) };
}

function findNote(score: Score, trackId: string, id: string): Note {
  const note = findTrack(score, trackId).notes.get(id);
  if (!note) throw new BadOperation(`There is no note ${id.slice(0, 64)} in track ${trackId}.`);
  return note;
}

export function removeNotes(score: Score, trackId: string, ids: Iterable<string>): Operation {
  return {
    op: "remove_notes", track: trackId, notes: [...ids].map((id) => noteToDict(findNote(score, trackId, id))),
  };
}

/** Change notes by id; `change` returns the new values of the fields that the kind of operation allows. */
export function changeNotes(
  kind: "move_notes" | "resize_notes" | "set_velocity" | "edit_notes",
  score: Score, trackId: string, ids: Iterable<string>, change: (note: Note) => NoteValues, editor = "human",
): Operation {
  const changes = [...ids].map((id) => {
    const note = findNote(score, trackId, id);
    const after: Record<string, unknown> = { ...change(note) };
    const before: Record<string, unknown> = {};
    for (const name of Object.keys(after)) before[name] = Number(note[name as keyof Note]);
    if (editor !== note.author && !note.edited_by.includes(editor)) {
      before["edited_by"] = [...note.edited_by];
      after["edited_by"] = [...note.edited_by, editor].sort();
    }
    return { id, old: before, new: after };
  });
  return { op: kind, track: trackId, changes };
}

export function moveNotes(
  score: Score, trackId: string, ids: Iterable<string>, ticks: number, semitones: number, editor = "human",
): Operation {
  return changeNotes("move_notes", score, trackId, ids,
    (note) => ({ start: note.start + ticks, pitch: note.pitch + semitones }), editor);
}

export function resizeNotes(
  score: Score, trackId: string, spans: ReadonlyMap<string, readonly [number, number]>, editor = "human",
): Operation {
  return changeNotes("resize_notes", score, trackId, spans.keys(),
    (note) => ({ start: spans.get(note.id)![0], duration: spans.get(note.id)![1] }), editor);
}

export function setVelocity(
  score: Score, trackId: string, values: ReadonlyMap<string, number>, editor = "human",
): Operation {
  return changeNotes("set_velocity", score, trackId, values.keys(),
    (note) => ({ velocity: values.get(note.id)! }), editor);
}

/** Lock or free notes: a locked note is never changed by a model. */
export function lockNotes(
  score: Score, trackId: string, ids: Iterable<string>, locked: boolean, editor = "human",
): Operation {
  return changeNotes("edit_notes", score, trackId, ids, () => ({ locked: Number(locked) }), editor);
}

/** Put notes into a region, instead of its unlocked notes or (`around`) beside them. */
export function replaceRegion(
  score: Score, region: Region, added: Readonly<Record<string, readonly Note[]>>, around = false,
): Operation {
  const removed: Record<string, unknown[]> = {};
  for (const name of region.tracks) {
    const track = findTrack(score, name);
    if (around || track.locked) continue;
    const leaving = sortedNotes(track).filter((note) => inRegion(region, name, note) && !note.locked);
    if (leaving.length) removed[name] = leaving.map(noteToDict);
  }
  const coming = Object.entries(added).filter(([, notes]) => notes.length);
  return {
    op: "replace_region",
    region: { start: region.start, end: region.end, tracks: [...region.tracks] },
    removed,
    added: Object.fromEntries(coming.map(([name, notes]) => [name, notes.map(noteToDict)])),
  };
}

const plain = (value: string | number | boolean): string | number =>
  typeof value === "boolean" ? Number(value) : value;

export function setTrack(score: Score, trackId: string, settings: Partial<TrackFields>): Operation {
  const track = findTrack(score, trackId);
  const before: Record<string, string | number> = {};
  const after: Record<string, string | number> = {};
  for (const name of Object.keys(settings) as (keyof TrackFields)[]) {
    before[name] = plain(track[name]);
    after[name] = plain(settings[name]!);
  }
  return { op: "set_track", track: trackId, old: before, new: after };
}

export function addTrack(score: Score, track: Track, index: number = score.tracks.length): Operation {
  return { op: "add_track", index, content: trackToDict(track) };
}

export function removeTrack(score: Score, trackId: string): Operation {
  const track = findTrack(score, trackId);
  return { op: "remove_track", index: score.tracks.indexOf(track), content: trackToDict(track) };
}

export function moveTrack(score: Score, trackId: string, place: number): Operation {
  return { op: "move_track", track: trackId, old: score.tracks.indexOf(findTrack(score, trackId)), new: place };
}

/** Make a lane hold exactly `events`; the operation carries only the stretch that differs. */
export function setLaneTo(score: Score, lane: LaneName, events: readonly LaneEvent[], trackId = ""): Operation {
  const before = laneOf(trackId ? findTrack(score, trackId) : score, lane);
  const after = [...events].sort((a, b) => a.tick - b.tick);
  const same = (a: unknown, b: unknown): boolean => dumpsJson(a) === dumpsJson(b);
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && same(before[head], after[head])) head++;
  let tail = 0;
  while (tail < shorter - head && same(before[before.length - 1 - tail], after[after.length - 1 - tail])) tail++;
  return {
    op: "set_lane", track: trackId, lane, at: head,
    old: before.slice(head, before.length - tail), new: after.slice(head, after.length - tail),
  };
}

/** Change the title, the pickup's length in ticks or the facts about the piece. */
export function setScore(score: Score, facts: Partial<Pick<Score, "title" | "pickup" | "meta">>): Operation {
  const before = Object.fromEntries(Object.keys(facts).map((name) => [name, score[name as keyof Score]]));
  return { op: "set_score", old: before, new: { ...facts } };
}

/** Several operations as one step of undo. */
export function compound(name: string, operations: readonly Operation[]): Operation {
  return { op: "compound", name, ops: [...operations] };
}
