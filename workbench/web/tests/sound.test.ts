import { describe, expect, it } from "vitest";
import * as doc from "../src/document/index.js";
import { automation, gainOf, heard, lineAt, panGains, silenceLine } from "../src/sound/mixer.js";
import { notesWith, Schedule, tracksOf, type Overlay } from "../src/sound/schedule.js";
import { playedNotes } from "../src/sound/sequence.js";
import { writeSmf } from "../src/sound/smf.js";
import { BasicMIDI } from "spessasynth_core";

function organ(): doc.Score {
  const score = doc.makeScore();
  const notes = [0, 1, 2, 3].map((i) => doc.makeNote({ id: `n${i + 1}`, start: i * 960, duration: 960, pitch: 60 }));
  score.tracks.push(doc.makeTrack("t1", { program: 19 }, notes), doc.makeTrack("t2", { is_drum: true }));
  return score;
}
const time = (score: doc.Score): doc.TimeMap => new doc.TimeMap(score);

describe("what is scheduled", () => {
  it("finds the notes that begin in a window and those that already sound", () => {
    const score = organ();
    const schedule = new Schedule(() => score, () => time(score), () => null);
    const track = score.tracks[0]!;
    expect(schedule.starting(track, 0.5, 1.5).map((note) => note.id)).toEqual(["n2", "n3"]);
    expect(schedule.held(track, 0.75).map((note) => note.id)).toEqual(["n2"]);
    expect(schedule.end()).toBe(2);
    doc.apply(score, doc.removeNotes(score, "t1", ["n2"]));
    schedule.forget(new Set(["t1"]));
    expect(schedule.held(track, 0.75)).toEqual([]);
  });

  it("an idea on trial replaces the unlocked notes of its region, or joins them", () => {
    const score = organ();
    doc.apply(score, doc.lockNotes(score, "t1", ["n1"], true));
    const idea = doc.makeNote({ id: "g1", start: 10, duration: 10, pitch: 72 });
    const overlay: Overlay = {
      regions: [{ start: 0, end: 1920, tracks: ["t1"] }], around: false, notes: { t1: [idea] } };
    const ids = (given: Overlay): string[] => notesWith(score.tracks[0]!, given).map((note) => note.id);
    expect(ids(overlay)).toEqual(["n1", "g1", "n3", "n4"]);
    expect(ids({ ...overlay, around: true })).toEqual(["n1", "g1", "n2", "n3", "n4"]);
  });

  it("a held pedal lets notes ring until it is lifted or the key is struck again", () => {
    const score = organ();
    doc.apply(score, doc.setLaneTo(score, "controls", [
      { tick: 0, number: 64, value: 127 }, { tick: 3360, number: 64, value: 0 }] as doc.Control[], "t1"));
    doc.apply(score, doc.resizeNotes(score, "t1", new Map([["n1", [0, 100]], ["n3", [1920, 100]], ["n4", [2880, 100]]])));
    const ends = playedNotes(score.tracks[0]!, time(score), 3840).map((note) => note.end);
    expect(ends).toEqual([0.5, 1, 1.5, 1.75]);
  });

  it("knows which tracks an operation touches", () => {
    const score = organ();
    expect(tracksOf(doc.moveNotes(score, "t1", ["n1"], 1, 0))).toEqual(new Set(["t1"]));
    expect(tracksOf(doc.setLaneTo(score, "tempos", []))).toBeNull();
    expect(tracksOf(doc.compound("x", [doc.setTrack(score, "t2", { mute: true })]))).toEqual(new Set(["t2"]));
  });
});

describe("the mixer's formulas", () => {
  it("keep power when panning, and follow the square of the volume", () => {
    for (const pan of [1, 30, 64, 100, 127]) {
      const [left, right] = panGains(pan);
      expect(left ** 2 + right ** 2).toBeCloseTo(2, 9);
    }
    expect(panGains(64)).toEqual([expect.closeTo(1, 9), expect.closeTo(1, 9)]);
    expect(gainOf(127)).toBe(1);
  });

  it("draw controllers as ramps and muted ranges as fades", () => {
    const score = organ();
    doc.apply(score, doc.setLaneTo(score, "controls", [{ tick: 960, number: 11, value: 0 }] as doc.Control[], "t1"));
    doc.apply(score, doc.setLaneTo(score, "silences", [{ tick: 960, duration: 960 }] as doc.Silence[], "t1"));
    const expression = automation(score.tracks[0]!, 11, 127, gainOf, time(score));
    expect([0, 0.499, 0.505, 0.52].map((at) => lineAt(expression, at))).toEqual([1, 1, expect.closeTo(0.5, 6), 0]);
    const silence = silenceLine(score.tracks[0]!, time(score));
    expect([0.4, 0.75, 0.9999, 1.1].map((at) => lineAt(silence, at))).toEqual([1, 0, expect.closeTo(0.98, 1), 1]);
  });

  it("solo silences the others, mute silences its own", () => {
    const score = organ();
    doc.apply(score, doc.setTrack(score, "t2", { solo: true }));
    expect(heard(score)).toEqual(new Set(["t2"]));
    doc.apply(score, doc.setTrack(score, "t2", { mute: true }));
    expect(heard(score)).toEqual(new Set());
  });
});

describe("the MIDI file of the offline render", () => {
  it("is read back with every event at its time", () => {
    const bytes = writeSmf([
      { seconds: 1.5, data: [0x80, 60, 0] }, { seconds: 0, data: [0x90, 60, 100] }, { seconds: 0.25, data: [0xc0, 5] },
    ], 3);
    const midi = BasicMIDI.fromArrayBuffer(bytes.buffer as ArrayBuffer);
    const events = midi.tracks[0]!.events.filter((event) => event.statusByte < 0xf0 && event.statusByte >= 0x80);
    expect(events.map((event) => [event.statusByte, midi.midiTicksToSeconds(event.ticks)])).toEqual(
      [[0x90, 0], [0xc0, 0.25], [0x80, 1.5]]);
  });
});
