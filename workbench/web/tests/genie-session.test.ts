import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { guessKey, scaleOf } from "../src/genie/accompaniment.js";
import { parseLine } from "../src/genie/chords.js";
import { Decoder } from "../src/genie/decoder.js";
import { midiFile } from "../src/genie/export.js";
import { encodeWav } from "../src/sound/wav.js";
import { bassKey, voicing } from "../src/genie/groove.js";
import { buttonOfKey } from "../src/genie/keys.js";
import { Hand } from "../src/genie/midi.js";
import { makeTake, Session, type SessionEvent } from "../src/genie/session.js";
import { guessTempo, notesOf, playAgain, soundingNotes, takeTrack, type Layer, type Take } from "../src/genie/take.js";

const file = readFileSync(new URL("../../../models/piano-genie/model.safetensors", import.meta.url));
const decoder = Decoder.read(Uint8Array.from(file).buffer);

interface Heard { log: string[]; ended: Layer[]; session: Session }

function begin(seed = 5): Heard {
  const session = new Session();
  const heard: Heard = { log: [], ended: [], session };
  session.fixedSeed = seed;
  session.sinks.add({
    on: (pitch) => void heard.log.push(`+${pitch}`),
    off: (pitch) => void heard.log.push(`-${pitch}`),
    pedal: (down) => void heard.log.push(down ? "pedal" : "free"),
  });
  session.listeners.add((event: SessionEvent) => {
    if (event.type === "end") heard.ended.push(event.layer);
  });
  session.ready(decoder);
  return heard;
}

function line(presses: readonly (readonly [at: number, button: number])[]): Layer {
  const { session, ended } = begin();
  for (const [at, button] of presses) {
    session.press("key", button, 80, at);
    session.release("key", at + 100);
  }
  session.finish(presses.at(-1)![0] + 200);
  return ended[0]!;
}

describe("the session", () => {
  it("counts time from the first press and plays a take again from seed and settings", () => {
    const { session, ended } = begin();
    session.press("a", 3, 90, 10_000.4);
    session.change({ temperature: 1.2, mode: "replayable" });
    for (let i = 1; i < 30; i++) {
      session.press("a", (i * 5) % 8, 60, 10_000 + i * 210);
      session.release("a", 10_100 + i * 210);
      if (i === 12) session.change({ scale: [0, 2, 4, 7, 9] });
    }
    session.finish(20_000);
    const layer = ended[0]!;
    expect(layer.presses.map((press) => press.time).slice(0, 3)).toEqual([0, 0.21, 0.42]);
    expect(layer.presses[0]).toMatchObject({ velocity: 90, button: 3, release: 0.21 });
    expect(layer.model).toBe("piano-genie"); // as the file of the weights says
    expect(playAgain(decoder, layer)).toEqual(layer.presses.map((press) => press.pitch));
  });

  it("lets a key go when the last finger does", () => {
    const { session, log } = begin();
    const first = session.press("one", 4, 80, 0)!;
    const second = session.press("two", 4, 80, 50)!;
    expect(second.pitch).toBe(first.pitch);
    session.release("one", 100);
    expect(log.at(-1)).toBe(`+${first.pitch}`);
    session.release("two", 150);
    expect(log.at(-1)).toBe(`-${first.pitch}`);
  });

  it("holds with the pedal, and a key struck again under it sounds again", () => {
    const { session, log } = begin();
    session.setPedal(true, 0);
    const { pitch } = session.press("a", 2, 80, 10)!;
    session.release("a", 20);
    session.press("a", 2, 80, 500);
    session.release("a", 520);
    expect(log).toEqual(["pedal", `+${pitch}`, `-${pitch}`, `+${pitch}`]);
    session.setPedal(false, 600);
    expect(log.slice(4)).toEqual([`-${pitch}`, "free"]);
  });

  it("keeps presses that come before the model, in order and with their lengths", () => {
    const session = new Session();
    const buttons: number[] = [];
    session.listeners.add((event) => event.type === "press" && buttons.push(event.played.button));
    session.press("a", 6, 80, 0);
    session.press("b", 1, 80, 5);
    session.release("a", 100);
    session.ready(decoder);
    expect(buttons).toEqual([6, 1]);
    expect(session.holding).toBe(true);
    session.releaseAll(300);
    expect(session.holding).toBe(false);
  });
});

describe("takes", () => {
  const take = (layer: Layer, options: Partial<Take> = {}): Take => makeTake(1, layer, options);
  const uneven = line([[0, 1], [270, 2], [480, 3], [790, 4], [1_000, 5]]);

  it("moves starts towards the grid by the strength asked for, and keeps lengths", () => {
    const backing = { bpm: 120, style: "beat", chords: [] } as const;
    const half = notesOf(take(uneven, { backing })).map((note) => note.start);
    const tidied = notesOf({ ...take(uneven, { backing }), tidy: { grid: 0.5, strength: 1 } });
    expect(tidied.map((note) => note.start)).toEqual([0, 0.25, 0.5, 0.75, 1]);
    tidied.forEach((note) => expect(note.end - note.start).toBeCloseTo(0.1, 9));
    const some = notesOf({ ...take(uneven, { backing }), tidy: { grid: 0.5, strength: 0.5 } });
    some.forEach((note, i) => expect(note.start).toBeCloseTo((half[i]! + 0.25 * i) / 2, 9));
  });

  it("finds the tempo of even playing", () => {
    expect(guessTempo([0, 0.5, 1, 1.25, 1.5, 2, 2.5, 3])).toBe(120);
    expect(guessTempo([0, 1])).toBe(100);
  });

  it("folds the pedal into what is heard, and writes it as a controller", () => {
    const layer: Layer = { ...uneven, pedals: [{ time: 0.2, down: true }, { time: 0.6, down: false }] };
    const sounding = soundingNotes(take(layer));
    expect(sounding.map((note) => note.end)).toEqual([0.1, 0.6, 0.6, 0.89, 1.1]);
    const track = takeTrack(take(layer), "t9", "Genie", 3, (seconds) => Math.round(seconds * 1_920));
    expect(track.controls.map((event) => [event.tick, event.value])).toEqual([[384, 127], [1_152, 0]]);
    expect([...track.notes.values()].every((note) => note.author === "human+model:piano-genie")).toBe(true);
  });

  it("lays a second layer over the first, and each note names the weights that it was played on", () => {
    const first = take(uneven);
    const both = makeTake(2, { ...line([[100, 7]]), model: "piano-genie-open" }, { over: first });
    const track = takeTrack(both, "t9", "Genie", 3, (seconds) => Math.round(seconds * 1_920));
    expect([...track.notes.values()].filter((note) => note.author === "human+model:piano-genie-open")).toHaveLength(1);
    expect([...track.notes.values()].filter((note) => note.author === "human+model:piano-genie")).toHaveLength(5);
    const odd = { ...first, layers: [{ ...uneven, model: "toString" }] };
    expect(notesOf(odd)[0]!.model).toBe("piano-genie");
    expect(both.layers).toHaveLength(2);
    expect(notesOf(both)).toHaveLength(6);
    expect(first.layers).toHaveLength(1);
  });

  it("writes files that others can read", async () => {
    const midi = new Uint8Array(await midiFile(take(uneven)).arrayBuffer());
    expect(new TextDecoder().decode(midi.slice(0, 4))).toBe("MThd");
    expect(midi[12]! * 256 + midi[13]!).toBe(960);
    const wav = encodeWav([Float32Array.of(0, 1, -2), Float32Array.of(0.5, 0, 0)], 44_100);
    const samples = new Int16Array(wav.buffer, 44);
    expect([...samples]).toEqual([0, 16_384, 32_767, 0, -32_767, 0]);
    expect(new DataView(wav.buffer).getUint32(4, true)).toBe(wav.length - 8);
  });
});

describe("inputs", () => {
  it("finds buttons by the key's place", () => {
    expect(["Digit1", "Numpad8", "KeyA", "Semicolon", "KeyQ", "Digit9"].map((code) => buttonOfKey(code, 8))).toEqual([0, 7, 0, 7, -1, -1]);
    expect(["Digit4", "Digit5", "KeyF", "KeyJ", "Space"].map((code) => buttonOfKey(code, 4))).toEqual([3, -1, 3, 0, -1]);
    expect(["Space", "Enter", "KeyL", "KeyQ"].map((code) => buttonOfKey(code, 1))).toEqual([0, 0, 0, -1]);
  });

  it("takes any octave's white keys, the upper C as the eighth", () => {
    const hand = new Hand();
    expect([60, 62, 64, 65, 67, 69, 71, 72, 71].map((key) => hand.button(key, 8))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 6]);
    expect([86, 84, 61].map((key) => hand.button(key, 8))).toEqual([1, 0, 0]);
    expect(new Hand().button(71, 4)).toBe(3);
  });
});

describe("playing along", () => {
  it("voices every chord with its tones, the bass below", () => {
    for (const chord of parseLine("C Am F#m7 Bb7 C/E Gsus4 Bdim")) {
      const tones = new Set(voicing(chord).map((key) => key % 12));
      expect(tones.has(chord.root)).toBe(true);
      expect(Math.min(...voicing(chord))).toBeGreaterThan(bassKey(chord));
      expect(bassKey(chord) % 12).toBe(chord.bass >= 0 ? chord.bass : chord.root);
    }
  });

  it("hears the key of the chords", () => {
    expect(guessKey(parseLine("C Am F G"))).toEqual({ tonic: 0, minor: false });
    expect(guessKey(parseLine("Em C G D"))).toEqual({ tonic: 4, minor: true });
    expect(scaleOf({ tonic: 7, minor: false })).toEqual([0, 2, 4, 6, 7, 9, 11]);
  });
});
