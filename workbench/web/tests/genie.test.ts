import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { chordAt, chordTones, parseLine, parseSymbol, type PlayChord } from "../src/genie/chords.js";
import { Decoder } from "../src/genie/decoder.js";
import { GeniePlayer } from "../src/genie/geniePlayer.js";
import { DEFAULTS, type GenieSettings } from "../src/genie/rules.js";
import { halfToFloat, readSafetensors } from "../src/genie/safetensors.js";

const root = new URL("../../../", import.meta.url);
const bytes = (name: string): ArrayBuffer => Uint8Array.from(readFileSync(new URL(name, root))).buffer;
const json = <T>(name: string): T => JSON.parse(readFileSync(new URL(name, root), "utf8")) as T;
const decoder = Decoder.read(bytes("models/piano-genie/model.safetensors"));

interface Steps { steps: number[][]; logits: number[][] }
interface Case {
  name: string; settings: Partial<GenieSettings>; seed: number; chords: PlayChord[]; chord_text: string;
  presses: { time: number; button: number }[]; pitches: number[];
}

describe("safetensors", () => {
  it("decodes half precision exactly", () => {
    expect([0x3c00, 0xc000, 0x0001, 0x7bff, 0x8000].map(halfToFloat)).toEqual([1, -2, 2 ** -24, 65504, -0]);
  });
  it("refuses a file that is cut off, and weights of another model", () => {
    const whole = bytes("models/piano-genie/model.safetensors");
    expect(() => readSafetensors(whole.slice(0, 100_000))).toThrow(/damaged/);
    expect(() => readSafetensors(new ArrayBuffer(4))).toThrow(/damaged/);
    expect(() => Decoder.read(bytes("models/piano-genie/encoder.safetensors"))).toThrow(/weights/);
  });
});

describe("the decoder", () => {
  it("gives torch's logits within 1e-4 on the golden steps", () => {
    const golden = json<Steps>("tests/golden/genie_steps.json");
    let state = Decoder.start();
    let worst = 0;
    golden.steps.forEach(([button, lastButton, lastKey, timeBin, root_, family], i) => {
      const answer = decoder.step({
        button: button!, lastButton: lastButton!, lastKey: lastKey!, timeBin: timeBin!, root: root_!, family: family!,
      }, state);
      state = answer.state;
      golden.logits[i]!.forEach((value, key) => (worst = Math.max(worst, Math.abs(value - answer.logits[key]!))));
    });
    expect(golden.steps.length).toBeGreaterThan(100);
    expect(worst).toBeLessThan(1e-4);
  });
});

describe("the rules", () => {
  for (const item of json<Case[]>("tests/golden/genie_decode.json")) {
    it(`plays the keys that Python plays: ${item.name}`, () => {
      const player = new GeniePlayer(decoder, { ...DEFAULTS, ...item.settings }, item.seed);
      const pitches = item.presses.map((press) => player.press(press.button, press.time, chordAt(item.chords, press.time)));
      expect(pitches).toEqual(item.pitches);
    });
  }
  it("looking inside changes nothing, sums to one and obeys the rules", () => {
    const [one, two] = [new GeniePlayer(decoder, DEFAULTS, 3), new GeniePlayer(decoder, DEFAULTS, 3)];
    for (let i = 0; i < 12; i++) {
      const rows = one.probabilities(i * 0.3);
      const last = two.press((i * 3) % 8, i * 0.3);
      expect(one.press((i * 3) % 8, i * 0.3)).toBe(last);
      expect(rows[(i * 3) % 8]![last - 21]).toBeGreaterThan(0);
      for (const row of rows) expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
    }
  });
});

describe("chords", () => {
  it("reads what the golden file's chord texts say", () => {
    for (const item of json<Case[]>("tests/golden/genie_decode.json")) {
      if (!item.chord_text) continue;
      const read = parseLine(item.chord_text);
      read.forEach((chord, i) => {
        const { root: r, quality, bass } = item.chords[i]!;
        expect([chord.root, chord.quality, chord.bass]).toEqual([r, quality, bass]);
      });
    }
  });
  it("knows tones and refuses what is no chord", () => {
    expect([...chordTones(parseSymbol("C/B"))].sort((a, b) => a - b)).toEqual([0, 4, 7, 11]);
    expect(() => parseSymbol("H7")).toThrow(/H7/);
    expect(parseLine("c | am, F#m7")).toMatchObject([{ name: "C" }, { name: "Am" }, { name: "F#m7", root: 6 }]);
  });
});
