/** Move: drag notes in time and pitch; Ctrl makes copies, Shift keeps to one direction, Alt leaves the grid. */
import { addNotes, changeNotes, compound } from "../../document/edits.js";
import type { Operation } from "../../document/operations.js";
import { freshIds, makeNote, type Note, type Track } from "../../document/types.js";
import { noteKey } from "../../store/viewstate.js";
import { clamp } from "../../ui/dom.js";
import { snapNear } from "../snap.js";
import { attempt, score, select, selectedNotes, time, type RollState } from "../state.js";
import type { Gesture, Point } from "./gesture.js";

export function beginMove(state: RollState, track: Track, grabbed: Note, begin: Point): Gesture {
  const { store, player } = state.context;
  const key = noteKey(track.id, grabbed.id);
  const wasSelected = store.view.selection.has(key);
  if (!wasSelected) select(state, begin.shift || begin.ctrl ? [...store.view.selection, key] : [key]);
  const notes = selectedNotes(state);
  const hidden = new Set(notes.map((item) => noteKey(item.track.id, item.note.id)));
  const earliest = Math.min(...notes.map(({ note }) => note.start));
  const low = Math.min(...notes.map(({ note }) => note.pitch));
  const high = Math.max(...notes.map(({ note }) => note.pitch));
  let [ticks, semitones, copy, moved] = [0, 0, false, false];
  if (!player.playing) player.audition(track.id, grabbed.pitch, grabbed.velocity);

  const shifted = (note: Note): Note => makeNote({ ...note, start: note.start + ticks, pitch: note.pitch + semitones });
  const finish = (): void => {
    state.preview = null;
    state.redraw();
  };
  return {
    move(point) {
      if (!moved && Math.hypot(point.x - begin.x, point.y - begin.y) < (point.touch ? 10 : 4)) return;
      moved = true;
      copy = point.ctrl;
      const wanted = snapNear(time(state), point.alt ? 0 : store.view.snap, grabbed.start + point.tick - begin.tick);
      ticks = Math.max(-earliest, wanted - grabbed.start);
      const before = semitones;
      semitones = clamp(point.pitch - begin.pitch, -low, 127 - high);
      if (point.shift) {
        if (Math.abs(point.x - begin.x) > Math.abs(point.y - begin.y)) semitones = 0;
        else ticks = 0;
      }
      if (semitones !== before && !player.playing) {
        player.audition(track.id, grabbed.pitch + semitones, grabbed.velocity);
      }
      state.preview = {
        hidden: copy ? new Set() : hidden,
        notes: notes.map(({ track: { id }, note }) => ({ track: id, note: shifted(note) })),
      };
      state.redraw();
    },
    end(point) {
      if (!moved) {
        if (wasSelected && (point.shift || point.ctrl)) {
          select(state, [...store.view.selection].filter((item) => item !== key));
        } else if (!point.shift && !point.ctrl) select(state, [key]);
        return finish();
      }
      if (ticks || semitones) attempt(state, () => (copy ? commitCopies() : commitMoves()));
      finish();
    },
    cancel: finish,
  };

  function commitMoves(): void {
    const parts = [...byTrack()].map(([id, ids]) => changeNotes("move_notes", score(state), id, ids,
      (note) => ({ start: note.start + ticks, pitch: note.pitch + semitones })));
    store.edit(parts.length === 1 ? parts[0]! : compound("move", parts));
  }

  function commitCopies(): void {
    const keys: string[] = [];
    const parts: Operation[] = [...byTrack()].map(([id, ids]) => {
      const from = score(state).tracks.find((item) => item.id === id)!;
      const names = freshIds(from.notes.keys(), "n", ids.length);
      keys.push(...names.map((name) => noteKey(id, name)));
      return addNotes(id, ids.map((note, i) => makeNote({ ...shifted(from.notes.get(note)!), id: names[i]! })));
    });
    store.edit(parts.length === 1 ? parts[0]! : compound("copy", parts));
    select(state, keys);
  }

  function byTrack(): Map<string, string[]> {
    const out = new Map<string, string[]>();
    for (const item of notes) out.set(item.track.id, [...(out.get(item.track.id) ?? []), item.note.id]);
    return out;
  }
}
