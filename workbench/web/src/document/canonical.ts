/** Canonical JSON and the project hash; the twin of `workbench/score/canonical.py`. */
import { BadDocument } from "./check.js";
import { sha256 } from "./sha256.js";
import { readScore, scoreToDict, sortedNotes, type Note, type Score } from "./types.js";

/** Text that is canonical JSON already. */
class Verbatim {
  constructor(readonly text: string) {}
}

/** Canonical JSON text of a value made of integers, strings, arrays and objects: keys sorted, no spaces. */
export function dumpsJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(dumpsJson).join(",")}]`;
  if (value instanceof Verbatim) return value.text;
  if (typeof value === "object" && value !== null) {
    const record = value as Record<string, unknown>;
    const parts = Object.keys(record).sort().map((key) => `${JSON.stringify(key)}:${dumpsJson(record[key])}`);
    return `{${parts.join(",")}}`;
  }
  if (typeof value === "number" && !Number.isFinite(value)) throw new BadDocument("A document holds whole numbers only.");
  return JSON.stringify(value);
}

/** A note in canonical form; ids and authors hold nothing that JSON would escape. */
function noteText(note: Note): string {
  const editors = note.edited_by.length ? `"edited_by":["${note.edited_by.join('","')}"],` : "";
  const locked = note.locked ? '"locked":1,' : "";
  return `{"author":"${note.author}","duration":${note.duration},${editors}"id":"${note.id}",${locked}"pitch":${
    note.pitch},"start":${note.start},"velocity":${note.velocity}}`;
}

/** Canonical JSON text of the score. The notes, nearly all of it, take a short way. */
export function dumps(score: Score): string {
  const bare = scoreToDict({ ...score, tracks: score.tracks.map((track) => ({ ...track, notes: new Map() })) });
  (bare["tracks"] as { notes: unknown }[]).forEach((track, i) => {
    track.notes = new Verbatim(`[${sortedNotes(score.tracks[i]!).map(noteText).join(",")}]`);
  });
  return dumpsJson(bare);
}

/** Read a score from JSON; throws BadDocument with one sentence on anything else. */
export function loads(text: string): Score {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new BadDocument("This is not a document the workbench can read: its JSON is broken.");
  }
  return readScore(data);
}

/** SHA-256 of the canonical JSON in UTF-8, as 64 hexadecimal digits; equal to Python's. */
export function projectHash(score: Score): string {
  return sha256(new TextEncoder().encode(dumps(score)));
}
