/** An idea as it grows and as it came: notes that are no notes yet, what keeps it, and how sure its model was. */
import type { Operation } from "../document/operations.js";
import { makeNote, makeTrack, readTrack, type Note, type Score, type Track } from "../document/types.js";
import { freeColor } from "../ui/palette.js";
import type { FillOptions, FillRequest } from "./request.js";

/** Percent by `start/pitch`, by track. */
export type Confidence = ReadonlyMap<string, ReadonlyMap<string, number>>;

export interface Idea {
  readonly number: number;
  /** What it was asked for with: an idea stands for its own gaps, whatever is asked for after it. */
  readonly options: FillOptions;
  readonly request: FillRequest;
  /** Revision of the document it was made on. */
  readonly base: number;
  notes: Readonly<Record<string, readonly Note[]>>;
  /** The notes just as the server sent them, to be sent back with a wish to try a part again. */
  raw: Readonly<Record<string, unknown>>;
  done: boolean;
  /** What keeps it, once it is finished. */
  operation: Operation | null;
  seed: number | null;
  model: string;
  /** What a person calls the model, in English. */
  madeBy: string;
  /** The id of the run that made it; empty until it is finished. What was asked and of what stands in the log once. */
  run: string;
  remarks: readonly string[];
  confidence: Confidence | null;
  /** What kind of idea it is, in figures. */
  traits: Readonly<Record<string, unknown>>;
}

export const emptyIdea = (number: number, options: FillOptions, request: FillRequest, base: number): Idea => ({
  number, options, request, base, notes: {}, raw: {}, done: false, operation: null, seed: null, model: "", madeBy: "",
  run: "", remarks: [], confidence: null, traits: {},
});

/** Notes as they came: ids may be missing or the same for all, since they are no notes yet. */
export function readNotes(value: unknown): Record<string, Note[]> {
  const out: Record<string, Note[]> = {};
  for (const [track, notes] of Object.entries((value ?? {}) as Record<string, unknown[]>)) {
    out[track] = notes.map((note, i) => makeNote({ ...(note as Note), id: `g${i + 1}` }));
  }
  return out;
}

/** `{track: [[start, pitch, percent], ...]}`; null where nothing of the kind came. */
export function readConfidence(value: unknown): Confidence | null {
  if (!value || typeof value !== "object") return null;
  const out = new Map<string, Map<string, number>>();
  for (const [track, rows] of Object.entries(value as Record<string, unknown>)) {
    if (!Array.isArray(rows)) continue;
    const all = rows.filter((row): row is number[] => Array.isArray(row) && row.length === 3 && row.every(Number.isFinite));
    if (all.length) out.set(track, new Map(all.map(([start, pitch, percent]) => [`${start}/${pitch}`, percent!])));
  }
  return out.size ? out : null;
}

/** How sure the model was of one note, in percent. */
export const sureness = (confidence: Confidence | null | undefined, track: string, note: Note): number | null =>
  confidence?.get(track)?.get(`${note.start}/${note.pitch}`) ?? null;

/** From two thirds on a model is called sure, below one third unsure. */
export const sureClass = (percent: number): "sure" | "half" | "unsure" =>
  percent >= 67 ? "sure" : percent >= 34 ? "half" : "unsure";

/** The runs behind the ideas chosen for tracks, as an edit names them: run -> the tracks it wrote (none: all of them). */
export function runsOf(chosen: ReadonlyMap<string, Idea>): Record<string, string[]> {
  const out: Record<string, string[]> = {};
  for (const [track, { run }] of chosen) if (run) (out[run] ??= []).push(track);
  const names = Object.keys(out);
  return names.length === 1 ? { [names[0]!]: [] } : out;
}

export const noteCount = (idea: Idea): number => Object.values(idea.notes).reduce((sum, notes) => sum + notes.length, 0);

/** Parts of a compound, or the operation by itself. */
const partsOf = (operation: Operation | null): readonly Operation[] =>
  !operation ? [] : operation.op === "compound" ? (operation["ops"] as Operation[]) : [operation];

/** The tracks that an idea would add, empty, in colours that no track of the piece has. */
export function newTracksOf(score: Score, idea: Pick<Idea, "options" | "operation">): Track[] {
  const used = score.tracks.map((track) => track.color);
  const made = new Map(partsOf(idea.operation).filter((part) => part.op === "add_track")
    .map((part) => readTrack(part["content"])).map((track) => [track.id, track]));
  return (idea.options.newTracks ?? []).filter((item) => !score.tracks.some((track) => track.id === item.id)).map((item) => {
    const color = freeColor(used);
    used.push(color);
    const { id, name, program, is_drum } = item;
    return { ...(made.get(id) ?? makeTrack(id, { name, program, is_drum })), color, notes: new Map() };
  });
}

/** The piece with the tracks that ideas would add: to draw and to compute with, never to keep. */
export const scoreWith = (score: Score, tracks: readonly Track[]): Score =>
  tracks.length ? { ...score, tracks: [...score.tracks, ...tracks] } : score;
