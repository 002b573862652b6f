/** The picture by keys alone: arrows go from note to note (chord, beat), and change what is picked. */
import { clamp } from "../ui/dom.js";
import { mergeNotes, moveBeat, moveNote, removeBeat, removeNote, splitChord, splitNote, thisIsTheOne } from "./corrections.js";
import type { Desk, Lane, Picked } from "./desk.js";
import { setChord } from "./corrections.js";
import { NO_CHORD } from "./chords.js";
import { words } from "./spoken.js";

export interface KeyHooks {
  toggle(): void;
  now(): number;
  chordMenu(): void;
}

const LANES: readonly Lane[] = ["notes", "chords", "beats"];
const NUDGE = 0.01;

const listOf = (desk: Desk, lane: Lane): readonly unknown[] =>
  lane === "beats" ? desk.heard.beats : lane === "chords" ? desk.heard.chords : desk.heard[desk.layer];

/** The item of a lane nearest to a time. */
function nearest(desk: Desk, lane: Lane, time: number): number {
  const list = listOf(desk, lane);
  let best = 0;
  list.forEach((_, i) => {
    if (Math.abs(desk.timeOf({ lane, index: i }) - time) < Math.abs(desk.timeOf({ lane, index: best }) - time)) best = i;
  });
  return list.length ? best : -1;
}

export function keyHandler(desk: Desk, hooks: KeyHooks): (event: KeyboardEvent) => void {
  const { book } = desk;
  const say = (): void => {
    if (desk.picked) desk.said.say(words(desk, desk.picked));
  };

  function go(lane: Lane, index: number): void {
    const last = listOf(desk, lane).length - 1;
    if (last < 0) return;
    desk.pick({ lane, index: clamp(index, 0, last) });
    const { note } = desk;
    if (note) desk.audition(desk.layer, note.pitch);
    say();
  }

  function change(next: typeof book.heard): void {
    if (!desk.correct(next)) return;
    const { note } = desk;
    if (note) desk.audition(desk.layer, note.pitch);
    say();
  }

  const forNote = (index: number, event: KeyboardEvent): (() => void) | undefined => {
    const { layer } = desk, step = event.shiftKey ? 12 : 1, note = book.heard[layer][index]!;
    return ({
      ArrowUp: () => change(moveNote(book.heard, layer, index, note.pitch + step)),
      ArrowDown: () => change(moveNote(book.heard, layer, index, note.pitch - step)),
      Delete: () => change(removeNote(book.heard, layer, index)),
      Backspace: () => change(removeNote(book.heard, layer, index)),
      s: () => change(splitNote(book.heard, layer, index, hooks.now())),
      m: () => change(mergeNotes(book.heard, layer, index)),
      Enter: () => desk.audition(layer, note.pitch),
    } as Record<string, () => void>)[event.key];
  };
  const forChord = (index: number, event: KeyboardEvent): (() => void) | undefined => ({
    Enter: () => hooks.chordMenu(),
    s: () => change(splitChord(book.heard, index, hooks.now())),
    Delete: () => change(setChord(book.heard, index, NO_CHORD)),
    Backspace: () => change(setChord(book.heard, index, NO_CHORD)),
  } as Record<string, () => void>)[event.key];
  const forBeat = (index: number, event: KeyboardEvent): (() => void) | undefined => ({
    ArrowUp: () => change(moveBeat(book.heard, index, book.heard.beats[index]! + NUDGE)),
    ArrowDown: () => change(moveBeat(book.heard, index, book.heard.beats[index]! - NUDGE)),
    Enter: () => change(thisIsTheOne(book.heard, index)),
    Delete: () => change(removeBeat(book.heard, index)),
    Backspace: () => change(removeBeat(book.heard, index)),
  } as Record<string, () => void>)[event.key];

  function anywhere(event: KeyboardEvent, picked: Picked | null): (() => void) | undefined {
    const lane = picked?.lane ?? "notes";
    const switchBy = (by: number): void => {
      const next = LANES[(LANES.indexOf(lane) + by + LANES.length) % LANES.length]!;
      go(next, nearest(desk, next, picked ? desk.timeOf(picked) : hooks.now()));
    };
    const step = (by: number): void => go(lane, picked ? picked.index + by : nearest(desk, lane, hooks.now()));
    return ({
      ArrowRight: () => step(1), ArrowLeft: () => step(-1), Home: () => go(lane, 0), End: () => go(lane, Infinity),
      PageDown: () => switchBy(1), PageUp: () => switchBy(-1), " ": () => hooks.toggle(),
      Escape: () => desk.pick(null),
      "+": () => zoom(1.4), "=": () => zoom(1.4), "-": () => zoom(1 / 1.4),
    } as Record<string, () => void>)[event.key];
  }

  function zoom(factor: number): void {
    desk.scale.zoom(factor, desk.scale.x(desk.picked ? desk.timeOf(desk.picked) : hooks.now()));
    desk.redraw();
  }

  return (event) => {
    const { picked } = desk;
    if (event.ctrlKey || event.metaKey) {
      const key = event.key.toLowerCase();
      if (key !== "z" && key !== "y") return;
      event.preventDefault();
      if (key === "y" || event.shiftKey) book.redo();
      else book.undo();
      return;
    }
    if (event.altKey) return;
    const own = picked && listOf(desk, picked.lane)[picked.index] !== undefined
      ? { notes: forNote, chords: forChord, beats: forBeat }[picked.lane](picked.index, event) : undefined;
    const act = own ?? anywhere(event, picked);
    if (!act) return;
    event.preventDefault();
    act();
  };
}
