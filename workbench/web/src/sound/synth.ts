/**
 * The synthesiser: spessasynth behind a small interface.
 * Every track has a MIDI channel of its own; one worklet serves fifteen melodic tracks (and a drum track on channel
 * 10), and further worklets join when there are more. Effects are off: the mixer is ours.
 */
import { WorkletSynthesizer } from "spessasynth_lib";
import { BasicMIDI } from "spessasynth_core";
import { writeSmf, type SmfEvent } from "./smf.js";

export interface Place { readonly synth: number; readonly channel: number }

/** Files by name, as the player fetched them. */
export type Banks = ReadonlyMap<string, ArrayBuffer>;

const DRUM_CHANNEL = 9;
const MELODIC = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15];

/** Must have run once for a context before an engine is made in it. */
export async function addProcessor(context: BaseAudioContext, code: ArrayBuffer): Promise<void> {
  // A page opened from a file has no origin that a Blob's address could belong to; a data address needs none.
  const url = self.origin === "null"
    ? `data:text/javascript;charset=utf-8,${encodeURIComponent(new TextDecoder().decode(code))}`
    : URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  try {
    await context.audioWorklet.addModule(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** Which worklet and channel each key gets; drums and the rest are counted apart. */
export class Places {
  private readonly places = new Map<string, Place>();
  private melodic = 0;
  private drums = 0;

  get(key: string, isDrum: boolean): Place {
    const name = `${isDrum ? "d" : "m"}:${key}`;
    let place = this.places.get(name);
    if (!place) {
      const count = isDrum ? this.drums++ : this.melodic++;
      place = isDrum
        ? { synth: count, channel: DRUM_CHANNEL }
        : { synth: Math.floor(count / MELODIC.length), channel: MELODIC[count % MELODIC.length]! };
      this.places.set(name, place);
    }
    return place;
  }
}

export class Engine {
  private readonly synths: Promise<WorkletSynthesizer>[] = [];
  private readonly ready: (WorkletSynthesizer | undefined)[] = [];
  private readonly programs = new Map<string, number>();
  private readonly connected = new Set<string>();
  private readonly loaded = new Map<string, ArrayBuffer>();
  private readonly taught: Set<string>[] = [];
  private queue: Promise<void> = Promise.resolve();
  private readonly places = new Places();

  constructor(private readonly context: AudioContext) {}

  /** Make the sounds of a soundfont file known to every worklet, now and later. */
  addBank(name: string, data: ArrayBuffer): Promise<void> {
    if (this.loaded.has(name)) return this.queue;
    this.loaded.set(name, data);
    return this.inTurn(async () => {
      for (const [index, synth] of this.synths.entries()) await this.teach(await synth, index, name);
    });
  }

  private async teach(synth: WorkletSynthesizer, index: number, name: string): Promise<void> {
    const known = (this.taught[index] ??= new Set());
    if (known.has(name)) return;
    known.add(name);
    await synth.soundBankManager.addSoundBank(this.loaded.get(name)!.slice(0), name);
  }

  /** The worklet answers one question at a time: a second one before the answer would never be answered. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const next = this.queue.then(work);
    this.queue = next.catch(() => {});
    return next;
  }

  /** A channel for `key`, its dry sound connected to `output`. Resolves when it can sound. */
  async open(key: string, isDrum: boolean, output: AudioNode): Promise<Place> {
    const place = this.places.get(key, isDrum);
    const synth = await this.synth(place.synth);
    await this.inTurn(async () => {
      for (const name of [...this.loaded.keys()]) await this.teach(synth, place.synth, name);
    });
    const name = `${place.synth}/${place.channel}`;
    if (!this.connected.has(name)) {
      synth.connectChannel(output, place.channel);
      this.connected.add(name);
    }
    return place;
  }

  private synth(index: number): Promise<WorkletSynthesizer> {
    return (this.synths[index] ??= (async () => {
      const synth = new WorkletSynthesizer(this.context, { eventsEnabled: false });
      await synth.isReady;
      synth.setSystemParameter("effectsEnabled", false);
      for (let channel = 0; channel < 16; channel++) {
        synth.controllerChange(channel, 7, 127);
        synth.controllerChange(channel, 91, 0);
        synth.controllerChange(channel, 93, 0);
      }
      this.ready[index] = synth;
      return synth;
    })());
  }

  /** Strike a key; `time` in seconds of the context (left out: now). */
  noteOn(place: Place, program: number, key: number, velocity: number, time?: number): void {
    const synth = this.ready[place.synth];
    if (!synth) return;
    const options = time === undefined ? undefined : { time };
    const name = `${place.synth}/${place.channel}`;
    if (this.programs.get(name) !== program) {
      this.programs.set(name, program);
      synth.programChange(place.channel, program, options);
    }
    synth.noteOn(place.channel, key, velocity, options);
  }

  noteOff(place: Place, key: number, time?: number): void {
    this.ready[place.synth]?.noteOff(place.channel, key, time === undefined ? undefined : { time });
  }

  /** Let everything ring out (`force`: silence at once). */
  stopAll(force: boolean): void {
    for (const synth of this.ready) synth?.stopAll(force);
  }

  destroy(): void {
    for (const synth of this.ready) synth?.destroy();
  }
}

export interface OfflinePart {
  readonly key: string;
  readonly isDrum: boolean;
  readonly output: AudioNode;
  readonly notes: readonly { start: number; end: number; key: number; velocity: number; program: number }[];
}

/** Feed an OfflineAudioContext (its processor added already) with the parts' notes; then call `startRendering`. */
export async function prepareOffline(
  context: OfflineAudioContext, parts: readonly OfflinePart[], banks: Banks, seconds: number,
): Promise<void> {
  const places = new Places();
  const groups = new Map<number, { part: OfflinePart; channel: number }[]>();
  for (const part of parts) {
    const place = places.get(part.key, part.isDrum);
    groups.set(place.synth, [...(groups.get(place.synth) ?? []), { part, channel: place.channel }]);
  }
  for (const group of groups.values()) {
    const synth = new WorkletSynthesizer(context, { eventsEnabled: false });
    const events: SmfEvent[] = [];
    for (const { part, channel } of group) {
      for (const [controller, value] of [[7, 127], [91, 0], [93, 0]] as const) {
        events.push({ seconds: 0, data: [0xb0 | channel, controller, value] });
      }
      events.push(...partEvents(part, channel));
    }
    const midi = writeSmf(events, seconds);
    const sequence = BasicMIDI.fromArrayBuffer(midi.buffer as ArrayBuffer);
    await synth.startOfflineRender({
      midiSequence: sequence,
      loopCount: 0,
      soundBankList: [...banks.values()].map((data) => ({ bankOffset: 0, soundBankBuffer: data.slice(0) })),
      sequencerOptions: { skipToFirstNoteOn: false },
    });
    for (const { part, channel } of group) synth.connectChannel(part.output, channel);
  }
}

/** A part as MIDI: a key that is struck again while it sounds is let go first. */
function partEvents(part: OfflinePart, channel: number): SmfEvent[] {
  const events: SmfEvent[] = [];
  let program = -1;
  const next = new Map<number, number>();
  for (let i = part.notes.length - 1; i >= 0; i--) {
    const note = part.notes[i]!;
    const again = next.get(note.key) ?? Infinity;
    next.set(note.key, note.start);
    events.push({ seconds: Math.min(note.end, again), data: [0x80 | channel, note.key, 0] });
  }
  for (const note of part.notes) {
    if (note.program !== program) {
      program = note.program;
      events.push({ seconds: note.start, data: [0xc0 | channel, program] });
    }
    events.push({ seconds: note.start, data: [0x90 | channel, note.key, note.velocity] });
  }
  return events;
}
