/** Everything by keys. The roll is an application: Tab or Enter leads in, Escape leads out, and both are announced. */
import { noteEnd } from "../document/types.js";
import { noteKey } from "../store/viewstate.js";
import { plural, t, type StringKey } from "../strings/index.js";
import { clamp, isTyping } from "../ui/dom.js";
import * as commands from "./commands.js";
import { markGap } from "./gestures/span.js";
import { ghostAt, ghostWords } from "./ghosts.js";
import { snapDown, stepTicks } from "./snap.js";
import { lengthName, noteWords, placeName, soundName, trackName } from "./speech.js";
import { currentTrack, score, select, time, type RollState, type Tool } from "./state.js";

export interface KeyHooks {
  fill(): void;
  chords(): void;
  help(): void;
  leave(): void;
  tool(tool: Tool): void;
}

interface Command {
  /** `Ctrl+` stands for the Command key of a Mac too. */
  readonly keys: readonly string[];
  readonly label: StringKey;
  run(state: RollState, hooks: KeyHooks): void;
}

const step = (state: RollState): number =>
  Math.round(stepTicks(time(state), state.context.store.view.snap || 4));

/** Put the cursor somewhere, sound what is there and say it. */
function moveCursor(state: RollState, tick: number, pitch: number): void {
  const { store, player } = state.context;
  const track = currentTrack(state);
  state.cursorShown = true;
  state.cursorPitch = clamp(pitch, 0, 127);
  store.setView({ cursor: Math.max(0, tick) });
  state.viewport.reveal(store.view.cursor, state.cursorPitch);
  state.redraw();
  if (!track) return;
  const note = state.index.at(track.id, store.view.cursor, state.cursorPitch);
  const ghost = ghostAt(state, store.view.cursor, state.cursorPitch);
  const idea = ghost ? `, ${ghostWords(state, ghost)}` : "";
  if (note) {
    if (!player.playing) player.audition(track.id, note.pitch, note.velocity);
    state.announcer.say(noteWords(score(state), time(state), track, note) + idea);
  } else {
    const sound = soundName(score(state), track, state.cursorPitch, store.view.cursor, true);
    state.announcer.say(`${placeName(time(state), store.view.cursor)}, ${sound}${idea || `, ${t("say.empty")}`}`);
  }
}

function stepCursor(state: RollState, steps: number, semitones: number): void {
  const { cursor, snap } = state.context.store.view;
  const line = snapDown(time(state), snap || 4, cursor);
  let next = line + steps * step(state);
  if (steps < 0 && line < cursor) next = line; // from between two lines, back to the one before
  if (steps === 0) next = cursor;
  else next = snapDown(time(state), snap || 4, Math.max(0, next + 1));
  moveCursor(state, next, state.cursorPitch + semitones);
}

function nextNote(state: RollState, direction: 1 | -1): void {
  const track = currentTrack(state);
  if (!track) return;
  const note = state.index.step(track.id, state.context.store.view.cursor, state.cursorPitch, direction);
  if (!note) return state.announcer.say(t(direction > 0 ? "say.lastNote" : "say.firstNote"));
  select(state, [noteKey(track.id, note.id)]);
  moveCursor(state, note.start, note.pitch);
}

function enter(state: RollState): void {
  const track = currentTrack(state);
  if (!track) return;
  const { cursor, selection } = state.context.store.view;
  state.cursorShown = true;
  const there = state.index.at(track.id, cursor, state.cursorPitch);
  if (there) {
    const key = noteKey(track.id, there.id);
    const chosen = selection.has(key);
    select(state, chosen ? [...selection].filter((item) => item !== key) : [...selection, key]);
    return state.announcer.say(t(chosen ? "say.unselected" : "say.selectedOne"));
  }
  const duration = state.drawLength || step(state);
  const note = commands.addNote(state, track, { start: cursor, duration, pitch: state.cursorPitch });
  if (!note) return;
  if (!state.context.player.playing) state.context.player.audition(track.id, note.pitch, note.velocity);
  select(state, []);
  state.announcer.say(t("say.added", { note: noteWords(score(state), time(state), track, note) }));
}

function switchTrack(state: RollState, by: number): void {
  const { store } = state.context;
  const { tracks } = store.score;
  const at = tracks.findIndex((track) => track === currentTrack(state));
  const track = tracks[clamp(at + by, 0, tracks.length - 1)];
  if (!track) return;
  store.setView({ track: track.id, selection: new Set() });
  state.announcer.say(plural("say.track", track.notes.size, { name: trackName(track, store.score) }));
}

function setLength(state: RollState, factor: number): void {
  const now = state.drawLength || step(state);
  state.drawLength = clamp(Math.round(now * factor), Math.max(1, Math.round(score(state).ppq / 16)), score(state).ppq * 16);
  state.announcer.say(t("say.drawLength", { length: lengthName(state.drawLength, score(state).ppq) }));
}

function loopSelection(state: RollState): void {
  const { store } = state.context;
  if (store.view.loop) {
    store.setView({ loop: null });
    return state.announcer.say(t("say.loopOff"));
  }
  const [start, end] = barsInHand(state);
  store.setView({ loop: [start, end] });
  state.announcer.say(t("say.loopOn", { first: time(state).barAt(start).number, last: time(state).barAt(end - 1).number }));
}

/** The bars of the selection, or the bar of the cursor. */
export function barsInHand(state: RollState): [number, number] {
  const { store } = state.context;
  const track = currentTrack(state);
  const notes = track ? [...track.notes.values()].filter((note) => store.view.selection.has(noteKey(track.id, note.id))) : [];
  const from = notes.length ? Math.min(...notes.map((note) => note.start)) : store.view.cursor;
  const to = notes.length ? Math.max(...notes.map((note) => noteEnd(note) - 1)) : store.view.cursor;
  return [time(state).barAt(from).start, time(state).barAt(Math.max(from, to)).end];
}

/** Mark just the selected notes (or the step at the cursor) as one more gap: an upbeat, a run of four notes. */
export function markExactly(state: RollState): void {
  const { store } = state.context;
  const track = currentTrack(state);
  const notes = track ? [...track.notes.values()].filter((note) => store.view.selection.has(noteKey(track.id, note.id))) : [];
  const from = notes.length ? Math.min(...notes.map((note) => note.start)) : store.view.cursor;
  const to = notes.length ? Math.max(...notes.map((note) => Math.max(noteEnd(note), note.start + 1))) : from + step(state);
  markGap(state, from, to, true);
}

const tool = (name: Tool, key: string, label: StringKey): Command =>
  ({ keys: [key], label, run: (_, hooks) => hooks.tool(name) });

export const COMMANDS: readonly Command[] = [
  { keys: ["Space"], label: "key.play", run: ({ context }) => context.player.toggle() },
  { keys: ["ArrowLeft"], label: "key.left", run: (state) => stepCursor(state, -1, 0) },
  { keys: ["ArrowRight"], label: "key.right", run: (state) => stepCursor(state, 1, 0) },
  { keys: ["ArrowUp"], label: "key.up", run: (state) => stepCursor(state, 0, 1) },
  { keys: ["ArrowDown"], label: "key.down", run: (state) => stepCursor(state, 0, -1) },
  { keys: ["PageUp"], label: "key.octaveUp", run: (state) => stepCursor(state, 0, 12) },
  { keys: ["PageDown"], label: "key.octaveDown", run: (state) => stepCursor(state, 0, -12) },
  { keys: ["Ctrl+ArrowRight", "n"], label: "key.nextNote", run: (state) => nextNote(state, 1) },
  { keys: ["Ctrl+ArrowLeft", "p"], label: "key.previousNote", run: (state) => nextNote(state, -1) },
  { keys: ["Home"], label: "key.home", run: (state) => moveCursor(state, 0, state.cursorPitch) },
  { keys: ["End"], label: "key.end", run: (state) => moveCursor(state, lastBar(state), state.cursorPitch) },
  { keys: ["Ctrl+ArrowUp"], label: "key.trackUp", run: (state) => switchTrack(state, -1) },
  { keys: ["Ctrl+ArrowDown"], label: "key.trackDown", run: (state) => switchTrack(state, 1) },
  { keys: ["Enter"], label: "key.enter", run: enter },
  { keys: ["Delete", "Backspace"], label: "key.delete", run: commands.removeSelected },
  { keys: ["Alt+ArrowLeft"], label: "key.moveLeft", run: (state) => commands.moveSelected(state, -step(state), 0) },
  { keys: ["Alt+ArrowRight"], label: "key.moveRight", run: (state) => commands.moveSelected(state, step(state), 0) },
  { keys: ["Alt+ArrowUp"], label: "key.moveUp", run: (state) => commands.moveSelected(state, 0, 1) },
  { keys: ["Alt+ArrowDown"], label: "key.moveDown", run: (state) => commands.moveSelected(state, 0, -1) },
  { keys: ["Shift+ArrowRight"], label: "key.longer", run: (state) => commands.resizeSelected(state, step(state)) },
  { keys: ["Shift+ArrowLeft"], label: "key.shorter", run: (state) => commands.resizeSelected(state, -step(state)) },
  { keys: ["Shift+ArrowUp"], label: "key.louder", run: (state) => commands.velocitySelected(state, 8) },
  { keys: ["Shift+ArrowDown"], label: "key.softer", run: (state) => commands.velocitySelected(state, -8) },
  { keys: ["+", "="], label: "key.drawLonger", run: (state) => setLength(state, 2) },
  { keys: ["-"], label: "key.drawShorter", run: (state) => setLength(state, 0.5) },
  { keys: ["Ctrl+a"], label: "key.selectAll", run: commands.selectAll },
  { keys: ["Ctrl+c"], label: "key.copy", run: commands.copySelected },
  { keys: ["Ctrl+x"], label: "key.cut", run: commands.cutSelected },
  { keys: ["Ctrl+v"], label: "key.paste", run: commands.paste },
  { keys: ["Ctrl+d"], label: "key.duplicate", run: commands.duplicate },
  { keys: ["q"], label: "key.quantise", run: commands.quantise },
  { keys: ["k"], label: "key.lock", run: commands.lockSelected },
  { keys: ["Ctrl+z"], label: "key.undo", run: commands.undo },
  { keys: ["Ctrl+y", "Ctrl+Shift+z"], label: "key.redo", run: commands.redo },
  { keys: ["l"], label: "key.loop", run: loopSelection },
  { keys: ["g"], label: "key.gap", run: (state) => markGap(state, ...barsInHand(state), false) },
  { keys: ["Shift+g"], label: "key.gapMore", run: (state) => markGap(state, ...barsInHand(state), true) },
  { keys: ["Alt+g"], label: "key.gapExact", run: (state) => markExactly(state) },
  { keys: ["f"], label: "key.fill", run: (_, hooks) => hooks.fill() },
  { keys: ["Shift+c"], label: "key.chords", run: (_, hooks) => hooks.chords() },
  tool("draw", "1", "key.draw"), tool("select", "2", "key.select"), tool("erase", "3", "key.erase"),
  tool("gap", "4", "key.gapTool"),
  { keys: ["?"], label: "key.help", run: (_, hooks) => hooks.help() },
  { keys: ["Escape"], label: "key.leave", run: leave },
];

function lastBar(state: RollState): number {
  const end = Math.max(0, ...score(state).tracks.flatMap((track) => state.index.all(track.id).slice(-1).map((note) => note.start)));
  return time(state).barAt(end).start;
}

/** Escape first drops the selection, then the gaps, then leads out. */
function leave(state: RollState, hooks: KeyHooks): void {
  const { store } = state.context;
  if (state.context.store.view.selection.size) {
    select(state, []);
    state.announcer.say(plural("say.selected", 0));
    state.redraw();
  } else if (store.view.marks.length) {
    store.setView({ marks: [] });
    state.announcer.say(t("say.gapGone"));
  } else hooks.leave();
}

/** The name of a pressed combination as the table writes it. */
export function keyName(event: KeyboardEvent): string {
  const key = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const symbol = event.key.length === 1 && !/[a-z]/i.test(event.key);
  return `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${event.shiftKey && !symbol ? "Shift+" : ""}${key}`;
}

const TABLE = new Map(COMMANDS.flatMap((command) => command.keys.map((key) => [key, command] as const)));

/** Listen on the focusable element; what we understand goes no further (notebooks have keys of their own). */
export function listenToKeys(state: RollState, element: HTMLElement, hooks: KeyHooks, signal: AbortSignal): void {
  element.addEventListener("keydown", (event) => {
    if (isTyping(event)) return;
    const command = TABLE.get(keyName(event));
    if (!command) return;
    event.preventDefault();
    event.stopPropagation();
    command.run(state, hooks);
    state.redraw();
  }, { signal });
  element.addEventListener("focus", () => {
    const track = currentTrack(state);
    state.cursorShown = element.matches(":focus-visible");
    state.redraw();
    if (track) state.announcer.say(plural("say.welcome", track.notes.size, { name: trackName(track, score(state)) }));
  }, { signal });
  element.addEventListener("blur", () => {
    state.cursorShown = false;
    state.redraw(true);
  }, { signal });
}
