/** Taking a take away: a sound file, a MIDI file, a track of the open piece. All of it happens in the browser. */
import { addTrack, compound, setLaneTo } from "../document/edits.js";
import type { Chord } from "../document/lanes.js";
import type { Operation } from "../document/operations.js";
import { freshIds, makeNote, makeScore, makeTrack, noteCount, type Track } from "../document/types.js";
import { importBytes, type AssetLoader } from "../host/assets.js";
import type * as EngineModule from "../sound/engine.js";
import { writeSmf, type SmfEvent } from "../sound/smf.js";
import { encodeWav } from "../sound/wav.js";
import type { Store } from "../store/store.js";
import { freeColor } from "../ui/palette.js";
import { GrooveLine, Kit } from "./groove.js";
import { BEATS_IN_BAR, notesOf, takeEnd, takeTrack, tempoOf, type Backing, type Take } from "./take.js";

const RATE = 44_100;
const TICKS_PER_SECOND = 1_920; // 960 to the quarter at 120 a minute
const PEAK = 10 ** (-1 / 20); // -1 dBFS

const secondsToTick = (seconds: number): number => Math.max(0, Math.round(seconds * TICKS_PER_SECOND));

/** What the groove plays up to `seconds`: its second piano as a track, its drums struck on `kit`. */
function grooveTrack(backing: Backing, seconds: number, kit: Kit): Track {
  const open = new Map<number, { start: number; velocity: number }>();
  const track = makeTrack("band", { program: 0, volume: 88, room: 30 });
  const line = new GrooveLine(() => backing, kit, () => ({
    strike: (key, velocity, time) => void open.set(key, { start: time!, velocity }),
    release: (key, time) => {
      const note = open.get(key);
      if (!note) return;
      const id = `n${track.notes.size + 1}`;
      const start = secondsToTick(note.start);
      track.notes.set(id, makeNote({ id, start, duration: Math.max(1, secondsToTick(time!) - start), pitch: key, velocity: note.velocity }));
    },
  }));
  for (const event of line.events(0, seconds)) event.fire(event.time);
  return track;
}

/** The take with its groove as a sound file of -1 dBFS peak. Rejects with one sentence. */
export async function soundFile(take: Take, asset: AssetLoader): Promise<Blob> {
  const engine = (await importBytes(await asset("engine.js"))) as unknown as typeof EngineModule;
  const score = makeScore();
  score.tracks = [takeTrack({ ...take }, "own", "", 0, secondsToTick)];
  Object.assign(score.tracks[0]!, { volume: 112, room: 44 });
  let drums: AudioBuffer | null = null;
  if (take.backing) {
    const bar = (60 / take.backing.bpm) * BEATS_IN_BAR;
    const seconds = Math.ceil(takeEnd(take) / bar) * bar;
    const context = new OfflineAudioContext(1, Math.ceil((seconds + 0.5) * RATE), RATE);
    score.tracks.push(grooveTrack(take.backing, seconds, new Kit(context)));
    drums = await context.startRendering();
  }
  const buffer = await engine.renderOffline(score, asset, { rate: RATE });
  const channels = [0, 1].map((side) => buffer.getChannelData(side));
  let peak = 1e-4;
  for (const channel of channels) {
    const beat = drums?.getChannelData(0);
    for (let i = 0; i < channel.length; i++) {
      if (beat && i < beat.length) channel[i]! += 0.4 * beat[i]!;
      peak = Math.max(peak, Math.abs(channel[i]!));
    }
  }
  for (const channel of channels) for (let i = 0; i < channel.length; i++) channel[i]! *= PEAK / peak;
  return new Blob([encodeWav(channels, RATE)], { type: "audio/wav" });
}

/** A MIDI file of 960 ticks to the quarter, in the groove's tempo (free playing: 120). */
export function midiFile(take: Take): Blob {
  const bpm = take.backing || take.tidy ? tempoOf(take) : 120;
  const events: SmfEvent[] = [{ seconds: 0, data: [0xc0, 0] }];
  const notes = notesOf(take);
  for (const note of notes) events.push({ seconds: note.end, data: [0x80, note.pitch, 0] });
  for (const { time, down } of take.layers.flatMap((layer) => layer.pedals)) {
    events.push({ seconds: time, data: [0xb0, 64, down ? 127 : 0] });
  }
  for (const note of notes) events.push({ seconds: note.start, data: [0x90, note.pitch, note.velocity] });
  const clock = { division: 960, usPerQuarter: Math.round(60e6 / bpm) };
  return new Blob([writeSmf(events, takeEnd(take), clock) as Uint8Array<ArrayBuffer>], { type: "audio/midi" });
}

function chordLane(backing: Backing, seconds: number, ppq: number): Chord[] {
  const bars = Math.ceil(seconds / ((60 / backing.bpm) * BEATS_IN_BAR));
  const length = ppq * BEATS_IN_BAR;
  return Array.from({ length: backing.chords.length ? bars : 0 }, (_, bar) => {
    const { root, quality, bass } = backing.chords[bar % backing.chords.length]!;
    return { tick: bar * length, duration: length, root, quality, bass: bass === root ? -1 : bass };
  }).filter((chord) => chord.quality);
}

/**
 * The take as one operation on the open piece. Where it was played along with the piece, it goes there; an empty piece
 * takes over tempo and chords of the groove; else it begins in the bar of the cursor.
 */
export function sendToPiece(take: Take, store: Store, name: string): { operation: Operation; track: string } {
  const { score, time } = store;
  const id = freshIds(score.tracks.map((track) => track.id), "t", 1)[0]!;
  const color = freeColor(score.tracks.map((track) => track.color));
  const { backing } = take;
  if (backing && take.song === null && noteCount(score) === 0) {
    const tick = (seconds: number): number => Math.round((seconds * backing.bpm * score.ppq) / 60);
    const tempo = { tick: 0, us_per_quarter: Math.round(60e6 / backing.bpm) };
    return {
      track: id,
      operation: compound(name, [
        setLaneTo(score, "tempos", [tempo]),
        setLaneTo(score, "chords", chordLane(backing, takeEnd(take), score.ppq)),
        addTrack(score, takeTrack(take, id, name, color, tick)),
      ]),
    };
  }
  const start = take.song ?? time.seconds(time.barAt(store.view.cursor).start);
  return { track: id, operation: addTrack(score, takeTrack(take, id, name, color, (seconds) => time.tick(start + seconds))) };
}

/** Save a file as the browser does. */
export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Whether the device has a share sheet that takes this file. */
export function canShare(blob: Blob, name: string): boolean {
  return matchMedia("(pointer: coarse)").matches && Boolean(navigator.canShare?.({ files: [new File([blob], name, { type: blob.type })] }));
}

export async function share(blob: Blob, name: string): Promise<void> {
  try {
    await navigator.share({ files: [new File([blob], name, { type: blob.type })], title: name });
  } catch (error) {
    if (!(error instanceof DOMException && error.name === "AbortError")) save(blob, name); // sharing was refused
  }
}
