/** What was heard, put into the piece: as a piece of its own, or as tracks beside those that are there. */
import { addTrack, compound, removeTrack, setLaneTo, setScore } from "../document/edits.js";
import type { Operation } from "../document/operations.js";
import { freshIds, makeNote, readScore, SCORE_LANES, type Note, type Score, type Track } from "../document/types.js";
import { TimeMap } from "../document/timemap.js";
import { t } from "../strings/index.js";
import { freeColor } from "../ui/palette.js";

/** The piece gives way to what was heard, in one step that can be taken back. */
export function asPiece(score: Score, heard: Score): Operation {
  const ratio = score.ppq / heard.ppq;
  const scaled = (tick: number): number => Math.round(tick * ratio);
  return compound(t("listen.step"), [
    ...score.tracks.map((track) => removeTrack(score, track.id)).reverse(),
    ...SCORE_LANES.map((name) => setLaneTo(score, name, heard[name].map((event) => scaledEvent(event, scaled)))),
    setScore(score, { title: heard.title, pickup: scaled(heard.pickup), meta: heard.meta }),
    ...heard.tracks.map((track, index): Operation => addTrack(score, scaledTrack(track, scaled), index)),
  ]);
}

/** Tracks beside the piece's own, beat to beat from a tick on; its tempo and its chords stay. */
export function asTracks(score: Score, heard: Score, from: number): { operation: Operation; tracks: string[] } {
  const ratio = score.ppq / heard.ppq;
  const ids = freshIds(score.tracks.map((track) => track.id), "t", heard.tracks.length);
  const colors = score.tracks.map((track) => track.color);
  const first = new TimeMap(heard).bar(1).start;
  const move = (tick: number): number => from + Math.round((tick - first) * ratio);
  const parts = heard.tracks.map((track, i): Operation => {
    const color = freeColor(colors);
    colors.push(color);
    const notes = [...track.notes.values()].filter((note) => move(note.start) >= 0);
    const moved = notes.map((note) => makeNote({ ...note, start: move(note.start), duration: Math.round(note.duration * ratio) }));
    return addTrack(score, {
      ...track, id: ids[i]!, color, notes: new Map(moved.map((note) => [note.id, note])), controls: [], bends: [], programs: [], silences: [],
    }, score.tracks.length + i);
  });
  return { operation: compound(t("listen.step"), parts), tracks: ids };
}

type Ticks = { readonly tick: number; readonly duration?: number };
const scaledEvent = <T extends Ticks>(event: T, scaled: (tick: number) => number): T =>
  ({ ...event, tick: scaled(event.tick), ...(event.duration === undefined ? {} : { duration: scaled(event.duration) }) });

function scaledTrack(track: Track, scaled: (tick: number) => number): Track {
  const notes = [...track.notes.values()].map((note): Note => makeNote({ ...note, start: scaled(note.start), duration: scaled(note.duration) }));
  return { ...track, notes: new Map(notes.map((note) => [note.id, note])) };
}

/** The score as the server wrote it. */
export const scoreOf = (data: unknown): Score => readScore(data);
