import { describe, expect, it } from "vitest";
import * as doc from "../src/document/index.js";
import { TimeMap } from "../src/document/timemap.js";
import { beatTimes, nearestOf, withCut } from "../src/roll/video/cutruler.js";
import { fits, stepTo } from "../src/roll/video/sync.js";
import { givenVideo } from "../src/roll/video/video.js";

describe("a video beside the music", () => {
  const picture = (time: number, paused = false): { time: number; paused: boolean; duration: number } => ({ time, paused, duration: 20 });

  it("goes to where the music stands, and rests there", () => {
    expect(stepTo(5, false, picture(2))).toEqual({ seek: 5, play: false, rate: 1 });
    expect(stepTo(5, false, picture(5.01))).toEqual({ seek: null, play: false, rate: 1 });
    expect(stepTo(25, false, picture(3)).seek).toBe(20);
  });

  it("starts with the music at its place, and stops at its own end", () => {
    expect(stepTo(5, true, picture(2, true))).toEqual({ seek: 5, play: true, rate: 1 });
    expect(stepTo(21, true, picture(20)).play).toBe(false);
  });

  it("runs a little faster where it is late, slower where it is early, and jumps where it is far off", () => {
    expect(stepTo(5.1, true, picture(5)).rate).toBeCloseTo(1.1);
    expect(stepTo(6.5, true, picture(5))).toEqual({ seek: null, play: true, rate: 2 });
    expect(stepTo(5, true, picture(5.05)).rate).toBeCloseTo(0.95);
    expect(stepTo(5, true, picture(5.01)).rate).toBe(1);
    expect(stepTo(9, true, picture(5)).seek).toBe(9);
  });

  it("comes into step within three seconds and stays there", () => {
    let [time, music] = [0, 0.25];
    for (let frame = 0; frame < 180; frame++) {
      const { seek, rate } = stepTo(music, true, picture(time));
      time = (seek ?? time) + rate / 60;
      music += 1 / 60;
    }
    expect(Math.abs(music - time)).toBeLessThan(0.04);
  });

  it("is shown with a piece of its length alone", () => {
    expect([fits(29, 30), fits(30.5, 30), fits(12, 30), fits(0, 1)]).toEqual([true, true, false, false]);
    const seen = { duration: 30, cuts: [4] };
    expect(givenVideo({ items: [{ slot: "words" }, { slot: "video", media: "a", understood: seen }] })?.seen.cuts).toEqual([4]);
    expect([givenVideo({ items: [{ slot: "video", media: "", understood: seen }] }), givenVideo({ items: [{ slot: "video", media: "a", understood: {} }] }), givenVideo(null)]).toEqual([null, null, null]);
  });
});

describe("cuts on the ruler", () => {
  it("know the nearest beat, also where the tempo changes", () => {
    const score = doc.makeScore({ ppq: 480 });
    doc.setLane(score, "tempos", [{ tick: 0, us_per_quarter: 500_000 }, { tick: 1920, us_per_quarter: 1_000_000 }]);
    doc.setLane(score, "meters", [{ tick: 0, numerator: 4, denominator: 4, clocks: 24, thirty_seconds: 8 }]);
    score.tracks.push(doc.makeTrack("a", {}, [doc.makeNote({ id: "n", start: 0, duration: 3840, pitch: 60 })]));
    const beats = beatTimes({ context: { store: { score, time: new TimeMap(score) } } } as never);
    expect(beats).toEqual([0, 0.5, 1, 1.5, 2, 3, 4, 5]);
    expect([nearestOf(beats, 1.7), nearestOf(beats, 2.6), nearestOf(beats, 99)]).toEqual([1.5, 3, 5]);
  });

  it("are added where there is none yet", () => {
    expect(withCut([4, 9], 6, 20)).toEqual({ cuts: [4, 6, 9], index: 1 });
    const cuts = [4, 9];
    expect(withCut(cuts, 4.01, 20)).toEqual({ cuts, index: 0 });
  });
});
