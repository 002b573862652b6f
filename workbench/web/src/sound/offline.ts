/** The same sound as in the player, rendered faster than real time: tests compare it with Python's stems. */
import { TimeMap } from "../document/timemap.js";
import { scoreEnd, type Score } from "../document/types.js";
import type { AssetLoader } from "../host/assets.js";
import { BankFiles } from "./banks.js";
import { Mixer } from "./mixer.js";
import { playedNotes } from "./sequence.js";
import { addProcessor, prepareOffline } from "./synth.js";
import { TABLE } from "./table.js";

/**
 * Render a score to a stereo buffer at `rate` Hz, before the common gain. `only`: one track by itself.
 * Ends when the last note and the room have died away (at most `tail` seconds after the last key is up).
 */
export async function renderOffline(
  score: Score, asset: AssetLoader, options: { rate?: number; only?: string; tail?: number } = {},
): Promise<AudioBuffer> {
  const rate = options.rate ?? 44_100;
  const time = new TimeMap(score);
  const end = scoreEnd(score);
  const files = new BankFiles(asset);
  const [processor] = await Promise.all([asset("processor.js"), files.prepare()]);
  const tracks = score.tracks.filter((track) => track.notes.size && (!options.only || track.id === options.only));
  const parts = tracks.map((track) => ({ track, notes: playedNotes(track, time, end) }));
  const banks = new Map<string, ArrayBuffer>();
  let last = 0;
  for (const { track, notes } of parts) {
    for (const note of notes) {
      last = Math.max(last, note.end);
      const { file } = files.voice(note.program, track.is_drum);
      if (!banks.has(file)) banks.set(file, await files.load(file));
    }
  }
  const seconds = last + (options.tail ?? 2) + TABLE.room.tail_seconds;
  const context = new OfflineAudioContext(2, Math.ceil(seconds * rate), rate);
  const mixer = new Mixer(context);
  await addProcessor(context, processor);
  mixer.update(score, time, 0, false);
  mixer.automate(score, 0, seconds, 0);
  await prepareOffline(context, parts.map(({ track, notes }) => ({
    key: track.id, isDrum: track.is_drum, output: mixer.strip(track.id).input,
    notes: notes.map((note) => ({
      ...note, key: files.key(note.key, track.is_drum), program: files.voice(note.program, track.is_drum).program,
    })),
  })), banks, seconds);
  return context.startRendering();
}
