/** Which ideas are in sight: one as a whole, or by track where a person mixes; drawn as ghosts, heard as an overlay. */
import { inRegion, type Note } from "../document/types.js";
import { score, type RollState } from "../roll/state.js";
import { noteKey } from "../store/viewstate.js";
import type { Audition } from "./audition.js";
import { newTracksOf, sureness, type Idea } from "./idea.js";
import { everyTrack, filledBy } from "./keep.js";

type Overlay = Parameters<Audition["refresh"]>[0];

export class InSight {
  /** Which idea is shown as ghosts. */
  shown: Idea | null = null;
  /** By track, once a mixture is made. */
  readonly blend = new Map<string, Idea>();

  constructor(private readonly state: RollState) {}

  /** For each track the idea that is in sight: of the mixture where there is one, else of the idea shown. */
  chosen(): Map<string, Idea> {
    return new Map([...(this.shown ? everyTrack(this.shown) : []), ...this.blend]);
  }

  show(idea: Idea | null): void {
    this.shown = idea;
    this.blend.clear();
  }

  /** Take this idea's part of a track into the mixture, or out of it. */
  take(track: string, idea: Idea): void {
    if (this.blend.get(track) === idea) this.blend.delete(track);
    else this.blend.set(track, idea);
  }

  forget(idea: Idea): void {
    if (this.shown === idea) this.shown = null;
    for (const [track, item] of this.blend) if (item === idea) this.blend.delete(track);
  }

  /** What is heard and seen of ideas: their notes, where they stand, and the tracks that do not exist yet. */
  overlay(which: ReadonlyMap<string, Idea>): Overlay {
    const filled = filledBy(which);
    const tracks = [...new Set(which.values())].flatMap((idea) => newTracksOf(score(this.state), idea));
    return {
      regions: filled.map((item) => item.region), around: filled.some((item) => item.around), notes: notesOf(which),
      tracks: tracks.filter((track, i) => which.has(track.id) && tracks.findIndex((item) => item.id === track.id) === i) };
  }

  /** `sure`: show how sure the model was of each note, where it said so. */
  draw(sure: boolean): void {
    const { state } = this;
    const which = this.chosen();
    const replaced = new Set<string>();
    for (const { region, around } of filledBy(which)) {
      for (const track of around ? [] : score(state).tracks) {
        if (!region.tracks.includes(track.id) || track.locked) continue;
        for (const note of track.notes.values()) {
          if (inRegion(region, track.id, note) && !note.locked) replaced.add(noteKey(track.id, note.id));
        }
      }
    }
    const told = sure && [...which.values()].some((idea) => idea.confidence);
    state.ghosts = which.size ? {
      notes: notesOf(which), replaced, tracks: this.overlay(which).tracks ?? [],
      sure: told ? (track, note) => sureness(which.get(track)?.confidence, track, note) : null } : null;
    state.redraw();
  }
}

const notesOf = (which: ReadonlyMap<string, Idea>): Record<string, readonly Note[]> =>
  Object.fromEntries([...which].map(([track, idea]) => [track, idea.notes[track] ?? []]));
