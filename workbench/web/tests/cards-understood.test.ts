import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as doc from "../src/document/index.js";
import type { Heard, HeardNote } from "../src/listen/heard.js";
import { spanOf } from "../src/prompt/cards/miniroll.js";
import { FAMILIES } from "../src/prompt/cards/style.js";
import { changeOf, DIMENSIONS, NOTCHES, notchOf, RANGES, styleOf, valueAtNotch, wordsOf } from "../src/prompt/cards/styledims.js";
import { octave, pieceOfHeard, pieceOfScore } from "../src/prompt/cards/tune.js";
import { strikesFrom } from "../src/prompt/cards/tuneplay.js";
import { stretchesOf, wishesOf } from "../src/prompt/cards/words.js";

const python = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

describe("words", () => {
  const chip = (id: string, start: number, end: number): object => ({ id, start, end, kind: "mood", sentence: id });

  it("are cut where chips begin and end, the shorter one above the longer", () => {
    const wishes = wishesOf({ text: "a very calm song", chips: [chip("long", 2, 16), chip("calm", 7, 11)], not_understood: [] });
    expect(stretchesOf(wishes).map(({ text, chip: owner }) => [text, owner?.id ?? ""])).toEqual([
      ["a ", ""], ["very ", "long"], ["calm", "calm"], [" song", "long"]]);
  });

  it("count characters as Python does", () => {
    const wishes = wishesOf({ text: "🎹🎹 calm", chips: [chip("calm", 3, 7)] });
    expect(stretchesOf(wishes).map(({ text }) => text)).toEqual(["🎹🎹 ", "calm"]);
  });

  it("that are none are refused", () => expect(() => wishesOf({ chips: [] })).toThrow("write them once more"));
});

describe("a style", () => {
  const style = styleOf({ tempo: 117, metre: 3, mode: "minor", density: 1.8, strokes: 0, voices: 1.1, low: 55, middle: 62, high: 70, loudness: 80, dynamics: 20, swing: 0.66, chord_beats: 2, sevenths: 0.3, instruments: ["piano"] });

  it("goes to a slider and back, within a step", () => {
    for (const [name, range] of Object.entries(RANGES)) {
      for (const share of [0, 0.3, 0.7, 1]) {
        const value = valueAtNotch(share * NOTCHES, range);
        expect(Math.abs(valueAtNotch(notchOf(value, range), range) - value), name).toBeLessThanOrEqual(Math.max(range.step, value * 0.02));
      }
      expect([valueAtNotch(0, range), valueAtNotch(NOTCHES, range)]).toEqual([range.low, range.high]);
    }
    expect(notchOf(9_999, RANGES.tempo!)).toBe(NOTCHES);
  });

  it("moves its register as a whole", () => {
    expect(changeOf(style, "middle", 60)).toEqual({ low: 53, middle: 60, high: 68 });
    expect(changeOf(styleOf({}), "middle", 64)).toEqual({ low: 58, middle: 64, high: 70 });
    expect(changeOf(style, "tempo", 96)).toEqual({ tempo: 96 });
  });

  it("is said in plain words", () => {
    expect(DIMENSIONS.map((name) => wordsOf(style, name))).toEqual([
      "117 beats a minute, lively", "3 beats a bar", "minor", "airy, 1.8 notes a beat", "no drums heard", "one line",
      "in the middle, mostly G3 to A♯4", "medium, with some shape", "swung hard", "a chord every 2 beats, some of them rich", "piano"]);
    expect(wordsOf(styleOf({}), "tempo")).toBe("could not be told");
  });

  it("has the dimensions that Python locks, and the families that it hears", () => {
    const locks = /^LOCKS = \(([^)]*)\)/m.exec(python("create/prompt/prompts.py"))![1]!;
    expect([...locks.matchAll(/"(\w+)"/g)].map((found) => found[1]).sort()).toEqual([...DIMENSIONS].sort());
    const heard = /^FAMILIES[^{]*\{([^}]*)\}/m.exec(python("nets/colour.py"))![1]!;
    expect([...heard.matchAll(/"(\w+)":/g)].map((found) => found[1]).sort()).toEqual([...FAMILIES].sort());
  });
});

describe("a tune", () => {
  const note = (start: number, pitch: number, confidence = 0.9): HeardNote => ({ start, end: start + 0.4, pitch, velocity: 80, confidence });
  const melody = [note(0, 60), note(0.5, 64, 0.2)];
  const heard: Heard = {
    duration: 4, tuning_cents: 0, tempo: 120, beats: [0, 0.5, 1], downbeats: [0], beat_confidence: [1, 1, 1], metre: 4, key: null, key_confidence: 0, chords: [],
    melody, notes: [...melody, note(0.5, 48)], drums: [], sections: [], tags: {}, kind: "band", model: "", remarks: [], changed: [],
  };

  it("is drawn with its melody in front of the other notes, doubtful ones marked", () => {
    expect(pieceOfHeard(heard).notes.map(({ pitch, color, doubtful }) => [pitch, color, doubtful])).toEqual([[48, 0, false], [60, 1, false], [64, 1, true]]);
    expect(spanOf(pieceOfHeard(heard).notes)).toEqual([48, 64]);
    expect(spanOf([])).toEqual([60, 72]);
  });

  it("goes an octave up with all its notes, unless one would leave the keyboard", () => {
    const up = octave(heard, 1);
    expect([up.melody.map((each) => each.pitch), up.notes.map((each) => each.pitch)]).toEqual([[72, 76], [72, 60, 76]]);
    const high = { ...heard, melody: [note(0, 120)] };
    expect(octave(high, 1)).toBe(high);
  });

  it("of a piece has its times in seconds", () => {
    const score = doc.makeScore({ ppq: 480 });
    score.tracks.push(doc.makeTrack("a", { color: 3 }, [doc.makeNote({ id: "n", start: 480, duration: 480, pitch: 64 })]));
    expect(pieceOfScore(score)).toEqual({ duration: 1, bars: [0], notes: [{ start: 0.5, end: 1, pitch: 64, color: 3, doubtful: false }] });
  });

  it("sounds from where it is told to, chords as one", () => {
    expect(strikesFrom(pieceOfHeard(heard).notes, 0.3).map(([wait, pitches]) => [Number(wait.toFixed(2)), pitches])).toEqual([[0.2, [48, 64]]]);
    expect(strikesFrom(pieceOfHeard(heard).notes, 0)).toHaveLength(2);
  });
});
