/** What can be done with notes: one function a command, each one step of undo. Buttons and keys call the same ones. */
import { addNotes, changeNotes, compound, lockNotes, removeNotes, setVelocity } from "../document/edits.js";
import type { Operation } from "../document/operations.js";
import { findTrack, freshIds, makeNote, noteEnd, type Note, type Track } from "../document/types.js";
import { noteKey, selectionByTrack } from "../store/viewstate.js";
import { t, plural } from "../strings/index.js";
import { isWithheld } from "../ui/conditions.js";
import { clamp } from "../ui/dom.js";
import { stepTicks } from "./snap.js";
import { noteWords } from "./speech.js";
import { attempt, currentTrack, score, select, selectedNotes, time, type Clip, type RollState } from "./state.js";

/** Notes to act on: the selection, or the note under the keyboard's cursor. */
export function targets(state: RollState): Map<string, string[]> {
  const { store } = state.context;
  if (store.view.selection.size) return selectionByTrack(store.view.selection);
  const track = currentTrack(state);
  const note = track && state.cursorShown && state.index.at(track.id, store.view.cursor, state.cursorPitch);
  return note ? new Map([[track.id, [note.id]]]) : new Map();
}

export const targetCount = (state: RollState): number =>
  [...targets(state).values()].reduce((sum, ids) => sum + ids.length, 0);

/** One edit for all tracks involved. */
function editAll(state: RollState, name: string, make: (track: string, ids: string[]) => Operation): boolean {
  const parts = [...targets(state)].map(([track, ids]) => make(track, ids));
  if (!parts.length) {
    state.announcer.say(t("say.nothing"));
    return false;
  }
  return attempt(state, () => state.context.store.edit(parts.length === 1 ? parts[0]! : compound(name, parts)));
}

export function addNote(state: RollState, track: Track, fields: Pick<Note, "start" | "duration" | "pitch"> & { velocity?: number }): Note | null {
  const [id] = freshIds(track.notes.keys(), "n", 1);
  const note = makeNote({ velocity: state.drawVelocity, ...fields, id: id! });
  return attempt(state, () => state.context.store.edit(addNotes(track.id, [note]))) ? note : null;
}

export function removeSelected(state: RollState): void {
  const count = targetCount(state);
  if (editAll(state, "remove", (track, ids) => removeNotes(score(state), track, ids))) {
    state.announcer.say(plural("say.removed", count));
  }
}

/** Move by ticks and semitones; stays inside the piece and the keyboard. */
export function moveSelected(state: RollState, ticks: number, semitones: number): void {
  const notes = [...targets(state)].flatMap(([id, ids]) => ids.map((note) => findTrack(score(state), id).notes.get(note)!));
  if (!notes.length) return state.announcer.say(t("say.nothing"));
  const dt = Math.max(ticks, -Math.min(...notes.map((note) => note.start)));
  const low = Math.min(...notes.map((note) => note.pitch));
  const high = Math.max(...notes.map((note) => note.pitch));
  const dp = clamp(semitones, -low, 127 - high);
  if (!dt && !dp) return;
  const only = notes.length === 1 ? [...targets(state)][0]! : null;
  const moved = editAll(state, "move", (track, ids) => changeNotes("move_notes", score(state), track, ids,
    (note) => ({ start: note.start + dt, pitch: note.pitch + dp })));
  if (!moved) return;
  if (only) sayNote(state, findTrack(score(state), only[0]), only[1][0]!);
  else state.announcer.say(plural("say.moved", notes.length));
}

/** Speak and sound one note, and put the keyboard's cursor on it. */
export function sayNote(state: RollState, track: Track, id: string): void {
  const note = track.notes.get(id);
  if (!note) return;
  const { store, player } = state.context;
  state.cursorPitch = note.pitch;
  store.setView({ cursor: note.start });
  if (!player.playing) player.audition(track.id, note.pitch, note.velocity);
  state.announcer.say(noteWords(score(state), time(state), track, note));
}

export function resizeSelected(state: RollState, ticks: number): void {
  const least = Math.max(1, Math.min(stepTicks(time(state), state.context.store.view.snap), Math.abs(ticks)));
  const done = editAll(state, "resize", (track, ids) => changeNotes("resize_notes", score(state), track, ids,
    (note) => ({ start: note.start, duration: Math.max(Math.min(least, note.duration || least), note.duration + ticks) })));
  if (done) sayOnly(state);
}

export function velocitySelected(state: RollState, by: number): void {
  const done = editAll(state, "velocity", (track, ids) => {
    const { notes } = findTrack(score(state), track);
    return setVelocity(score(state), track,
      new Map(ids.map((id) => [id, clamp(notes.get(id)!.velocity + by, 1, 127)])));
  });
  const first = [...targets(state)][0];
  if (!done || !first) return;
  const velocity = findTrack(score(state), first[0]).notes.get(first[1][0]!)!.velocity;
  state.announcer.say(t("say.velocity", { velocity }));
}

export function lockSelected(state: RollState): void {
  const notes = selectedNotes(state);
  const locked = !notes.every(({ note }) => note.locked);
  if (editAll(state, "lock", (track, ids) => lockNotes(score(state), track, ids, locked))) {
    state.announcer.say(t(locked ? "say.lockedNow" : "say.unlockedNow"));
  }
}

function sayOnly(state: RollState): void {
  const all = [...targets(state)];
  if (all.length === 1 && all[0]![1].length === 1) sayNote(state, findTrack(score(state), all[0]![0]), all[0]![1][0]!);
}

export function selectAll(state: RollState): void {
  const track = currentTrack(state);
  if (!track) return;
  select(state, [...track.notes.keys()].map((id) => noteKey(track.id, id)));
  state.announcer.say(plural("say.selected", track.notes.size));
}


export function copySelected(state: RollState): void {
  const notes = selectedNotes(state).map(({ track, note }) => ({ track: track.id, note }));
  if (!notes.length) return state.announcer.say(t("say.nothing"));
  const start = Math.min(...notes.map(({ note }) => note.start));
  const length = Math.max(...notes.map(({ note }) => noteEnd(note))) - start;
  state.clip = { start, length, notes };
  state.announcer.say(plural("say.copied", notes.length));
}

export function cutSelected(state: RollState): void {
  copySelected(state);
  removeSelected(state);
}

/** Put notes in, `shift` ticks later than they were; all into the current track if they come from one track. */
function insert(state: RollState, clip: Clip, shift: number, name: string, into: string | null): void {
  const byTrack = new Map<string, Note[]>();
  for (const { track: from, note } of clip.notes) {
    const id = into ?? from;
    const track = score(state).tracks.find((item) => item.id === id);
    if (!track) continue;
    const list = byTrack.get(id) ?? [];
    const [name] = freshIds([...track.notes.keys(), ...list.map((item) => item.id)], "n", 1);
    list.push(makeNote({ ...note, id: name!, start: note.start + shift }));
    byTrack.set(id, list);
  }
  const parts = [...byTrack].map(([track, notes]) => addNotes(track, notes));
  if (!parts.length) return;
  if (attempt(state, () => state.context.store.edit(parts.length === 1 ? parts[0]! : compound(name, parts)))) {
    select(state, [...byTrack].flatMap(([track, notes]) => notes.map((note) => noteKey(track, note.id))));
  }
}

export function paste(state: RollState): void {
  const { store } = state.context;
  const { clip } = state;
  if (!clip) return state.announcer.say(t("say.clipEmpty"));
  const tracks = new Set(clip.notes.map((item) => item.track));
  insert(state, clip, store.view.cursor - clip.start, "paste", tracks.size === 1 ? store.view.track : null);
  store.setView({ cursor: store.view.cursor + clip.length });
  state.announcer.say(plural("say.pasted", clip.notes.length));
}

/** A copy right behind the selection, on the grid of bars or beats that the selection fills. */
export function duplicate(state: RollState): void {
  const notes = selectedNotes(state).map(({ track, note }) => ({ track: track.id, note }));
  if (!notes.length) return state.announcer.say(t("say.nothing"));
  const start = Math.min(...notes.map(({ note }) => note.start));
  const end = Math.max(...notes.map(({ note }) => noteEnd(note)));
  const step = Math.max(stepTicks(time(state), state.context.store.view.snap || 4), score(state).ppq);
  const length = Math.max(step, Math.ceil((end - start) / step) * step);
  insert(state, { start, length, notes }, length, "duplicate", null);
  state.announcer.say(plural("say.duplicated", notes.length));
}

/** Pull the starts of the selected notes (or of the whole track) to the grid. */
export function quantise(state: RollState): void {
  const { store } = state.context;
  const track = currentTrack(state);
  if (!track) return;
  const step = stepTicks(time(state), store.view.snap || 4);
  if (!store.view.selection.size) select(state, [...track.notes.keys()].map((id) => noteKey(track.id, id)));
  const done = editAll(state, "quantise", (id, ids) => changeNotes("move_notes", score(state), id, ids,
    (note) => ({ start: Math.max(0, Math.round(Math.round(note.start / step) * step)), pitch: note.pitch })));
  if (done) state.announcer.say(t("say.quantised"));
}

export function undo(state: RollState): void {
  if (isWithheld("undo")) return;
  const change = state.context.store.undo();
  state.announcer.say(change ? t("say.undone") : t("say.nothingToUndo"));
}

export function redo(state: RollState): void {
  if (isWithheld("undo")) return;
  const change = state.context.store.redo();
  state.announcer.say(change ? t("say.redone") : t("say.nothingToRedo"));
}
