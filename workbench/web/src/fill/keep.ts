/** The operation that keeps an idea, or for each track the idea chosen for it: always one step of undo. */
import { addTrack, compound, replaceRegion } from "../document/edits.js";
import type { Operation } from "../document/operations.js";
import { freshIds, inRegion, makeNote, type Note, type Region, type Score, type Track } from "../document/types.js";
import { rebase } from "../store/rebase.js";
import { newTracksOf, scoreWith, type Idea } from "./idea.js";

/** What the server says keeps an idea, fitted to the piece as it is now; the new tracks get the colours they were seen in. */
export function keepOperation(score: Score, revision: number, idea: Idea): Operation {
  const clash = idea.options.newTracks?.some((item) => score.tracks.some((track) => track.id === item.id));
  if (!idea.operation || clash) return mixOperation(score, everyTrack(idea));
  const colors = new Map(newTracksOf(score, idea).map((track) => [track.id, track.color]));
  const colored = colorTracks(idea.operation, colors);
  return revision === idea.base ? colored : rebase(score, colored);
}

/** An idea as a mixture of itself alone. */
export const everyTrack = (idea: Idea): Map<string, Idea> =>
  new Map(idea.options.regions.flatMap((region) => region.tracks.map((id) => [id, idea] as const)));

function colorTracks(operation: Operation, colors: ReadonlyMap<string, number>): Operation {
  if (operation.op === "compound") {
    return { ...operation, ops: (operation["ops"] as Operation[]).map((part) => colorTracks(part, colors)) };
  }
  if (operation.op !== "add_track") return operation;
  const content = operation["content"] as { id: string };
  return colors.has(content.id) ? { ...operation, content: { ...content, color: colors.get(content.id) } } : operation;
}

/**
 * Regions filled from the idea that is chosen for each track; tracks without one stay as they are. Tracks that do not
 * exist yet are added first, each once, if anything is to stand in them.
 */
export function mixOperation(score: Score, wanted: ReadonlyMap<string, Idea>): Operation {
  const chosen = renamed(score, wanted);
  const fresh = newTracks(score, chosen);
  const whole = scoreWith(score, fresh);
  const taken = new Map(whole.tracks.map((track) => [track.id, new Set(track.notes.keys())]));
  const parts: Operation[] = fresh.map((track, i) => addTrack(score, track, score.tracks.length + i));
  for (const { region, around, ideas } of filledBy(chosen, (id) => taken.has(id))) {
    const added: Record<string, Note[]> = {};
    for (const [id, idea] of ideas) {
      const coming = (idea.notes[id] ?? []).filter((note) => inRegion(region, id, note));
      const names = freshIds(taken.get(id)!, "n", coming.length);
      for (const name of names) taken.get(id)!.add(name);
      added[id] = coming.map((note, i) => makeNote({ ...note, id: names[i]!, author: `model:${idea.model || "unknown"}` }));
    }
    parts.push(replaceRegion(whole, region, added, around));
  }
  return parts.length === 1 ? parts[0]! : compound("fill", parts);
}

function newTracks(score: Score, chosen: ReadonlyMap<string, Idea>): Track[] {
  const out = new Map<string, Track>();
  for (const [id, idea] of chosen) {
    const track = idea.notes[id]?.length ? newTracksOf(score, idea).find((item) => item.id === id) : undefined;
    if (track) out.set(id, track);
  }
  return [...out.values()];
}

/** A person may have added a track of their own under the id of one that an idea would add: the idea's gets another. */
function renamed(score: Score, chosen: ReadonlyMap<string, Idea>): ReadonlyMap<string, Idea> {
  const taken = new Set(score.tracks.map((track) => track.id));
  const names = new Map<string, string>();
  for (const idea of chosen.values()) {
    for (const { id } of idea.options.newTracks ?? []) {
      if (!taken.has(id) || names.has(id)) continue;
      const [name] = freshIds([...taken, ...chosen.keys(), ...names.values()], "t", 1);
      names.set(id, name!);
    }
  }
  if (!names.size) return chosen;
  const name = (idea: Idea, id: string): string =>
    (idea.options.newTracks?.some((track) => track.id === id) ? names.get(id) : undefined) ?? id;
  return new Map([...chosen].map(([id, idea]) => [name(idea, id), {
    ...idea, operation: null,
    notes: Object.fromEntries(Object.entries(idea.notes).map(([track, notes]) => [name(idea, track), notes])),
    options: {
      ...idea.options,
      newTracks: (idea.options.newTracks ?? []).map((track) => ({ ...track, id: name(idea, track.id) })),
      regions: idea.options.regions.map((region) => ({ ...region, tracks: region.tracks.map((track) => name(idea, track)) })),
    },
  }]));
}

export interface Filled { region: Region; around: boolean; ideas: Map<string, Idea> }

/** The chosen ideas' own regions, those of the same stretch together. */
export function filledBy(chosen: ReadonlyMap<string, Idea>, known: (track: string) => boolean = () => true): Filled[] {
  const out = new Map<string, Filled>();
  for (const [id, idea] of chosen) {
    if (!known(id)) continue;
    const { around } = idea.options;
    for (const { start, end, tracks } of idea.options.regions) {
      if (!tracks.includes(id)) continue;
      const key = `${start}/${end}/${around}`;
      const item = out.get(key) ?? { region: { start, end, tracks: [] }, around, ideas: new Map() };
      item.region = { ...item.region, tracks: [...item.region.tracks, id] };
      item.ideas.set(id, idea);
      out.set(key, item);
    }
  }
  return [...out.values()].sort((a, b) => a.region.start - b.region.start);
}
