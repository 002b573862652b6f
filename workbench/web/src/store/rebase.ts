/** Fit an operation that was made on an older revision to the score as it is now; the rules are in `src/README.md`. */
import { isRecord, type JsonRecord } from "../document/check.js";
import type { Operation } from "../document/operations.js";
import { freshIds, noteToDict, readTrack, type Score } from "../document/types.js";
import { dumpsJson } from "../document/canonical.js";

type NotesByTrack = Record<string, JsonRecord[]>;

/** The operation to apply instead; the score is not changed. */
export function rebase(score: Score, operation: Operation): Operation {
  if (operation.op === "compound" && Array.isArray(operation["ops"])) return rebaseAll(score, operation);
  if (operation.op !== "replace_region") return operation;
  const region = operation["region"] as { start: number; end: number; tracks: string[] };
  const removed: NotesByTrack = {};
  const added: NotesByTrack = {};
  const tracks = region.tracks.filter((id) => score.tracks.some((track) => track.id === id));
  for (const id of tracks) {
    const notes = score.tracks.find((track) => track.id === id)!.notes;
    const wanted = notesOf(operation["removed"], id);
    const leaving = wanted.filter((note) => {
      const now = notes.get(note["id"] as string);
      return now !== undefined && !now.locked && dumpsJson(noteToDict(now)) === dumpsJson(note);
    });
    if (leaving.length) removed[id] = leaving;
    const gone = new Set(leaving.map((note) => note["id"]));
    const coming = notesOf(operation["added"], id);
    const taken = new Set([...notes.keys()].filter((name) => !gone.has(name)));
    const clashes = coming.filter((note) => taken.has(note["id"] as string));
    const names = freshIds([...notes.keys(), ...coming.map((note) => String(note["id"]))], "n", clashes.length);
    const renamed = coming.map((note) => (clashes.includes(note) ? { ...note, id: names.shift()! } : note));
    if (renamed.length) added[id] = renamed;
  }
  return { ...operation, region: { ...region, tracks }, removed, added };
}

/** Part by part; what fills a track that an earlier part adds finds that track there. */
function rebaseAll(score: Score, operation: Operation): Operation {
  let known = score;
  const ops = (operation["ops"] as Operation[]).map((part) => {
    if (part.op !== "add_track" || !isRecord(part["content"])) return rebase(known, part);
    const index = Math.min(Number(part["index"]), known.tracks.length); // others may have gone meanwhile
    known = { ...known, tracks: [...known.tracks, readTrack(part["content"])] };
    return { ...part, index };
  });
  return { ...operation, ops };
}

function notesOf(value: unknown, track: string): JsonRecord[] {
  const notes = isRecord(value) ? value[track] : undefined;
  return Array.isArray(notes) ? (notes as JsonRecord[]) : [];
}
