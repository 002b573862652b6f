import { describe, expect, it } from "vitest";
import * as doc from "../src/document/index.js";
import { taskOf } from "../src/models/entry.js";
import { snapDown, snapNear } from "../src/roll/snap.js";
import { chordName, lengthName, noteWords, placeName } from "../src/roll/speech.js";
import { en } from "../src/strings/en.js";
import { t } from "../src/strings/index.js";

describe("words for places and notes", () => {
  const score = doc.makeScore();
  score.keys = [{ tick: 0, fifths: -3, mode: "major" }];
  const track = doc.makeTrack("t1");
  score.tracks.push(track, doc.makeTrack("t2", { is_drum: true }));
  const time = new doc.TimeMap(score);
  const say = (start: number, duration: number, pitch: number, into = track): string =>
    noteWords(score, time, into, doc.makeNote({ id: "n", start, duration, pitch }));

  it("are what a musician would say", () => {
    expect(say(2 * 3840 + 960, 960, 64)).toBe("bar 3, beat 2, E4, quarter");
    expect(say(240, 640, 63)).toBe("bar 1, beat 1 and a quarter, E flat 4, quarter triplet");
    expect(say(480, 2880, 38, score.tracks[1])).toBe("bar 1, beat 1 and a half, Snare, dotted half");
    expect(placeName(time, 320)).toBe("bar 1, beat 1 and a third");
    expect(lengthName(0, 960)).toBe("grace note");
    expect(lengthName(1234, 960)).toBe("1.29 quarters");
    expect(chordName({ root: 9, quality: "min7", bass: 0 })).toBe("Am7/C");
  });
});

describe("the grid", () => {
  const score = doc.makeScore();
  score.meters = [{ tick: 0, numerator: 7, denominator: 8, clocks: 24, thirty_seconds: 8 }];
  const time = new doc.TimeMap(score);
  it("counts from each bar, and bar lines belong to it", () => {
    expect(snapDown(time, 1, 3360 + 959)).toBe(3360);
    expect(snapDown(time, 3, 3360 + 700)).toBe(3360 + 640);
    expect(snapNear(time, 1, 3300)).toBe(3360);
    expect(snapNear(time, 0, 17.4)).toBe(17);
  });
});

describe("the catalogue", () => {
  it("fills its placeholders", () => {
    expect(t("say.place", { bar: 3, beat: 2 })).toBe("bar 3, beat 2");
  });
  it("holds whole sentences without technical words", () => {
    for (const [key, text] of Object.entries(en)) {
      expect(text, key).not.toMatch(/undefined|null|exception|tensor|traceback/i);
      expect(text.trim().length, key).toBeGreaterThan(0);
    }
  });
});

describe("what a model is for", () => {
  it("is said of every task, and of a task that a plug-in brings", () => {
    expect(taskOf({ task: "arrange" })).toContain("band");
    expect(taskOf({ task: "infill" })).toContain("gaps");
    expect(taskOf({ task: "count_notes" })).toBe("count notes");
  });
});
