import { describe, expect, it } from "vitest";
import { VideoDesk } from "../src/prompt/cards/videodesk.js";
import { rulerStep } from "../src/prompt/cards/videoline.js";
import { addMark, frameClock, moveMark, nearestMark, removeMark, thinned, watchedOf } from "../src/prompt/cards/watched.js";

const video = (): Record<string, unknown> => ({
  duration: 20, fps: 25, width: 1080, height: 1920, cuts: [4, 9.5], moments: [2, 12], motion: [[0, 0.1], [10, 0.9]], brightness: [], speech: [[5, 7]],
  mood: { calm: 0.4, tense: 0.7 }, remarks: [],
});

function deskOf(): { desk: VideoDesk; sent: unknown[]; said: string[] } {
  const sent: unknown[] = [], said: string[] = [];
  const desk = new VideoDesk({
    json: video(), signal: new AbortController().signal, image: () => Promise.resolve(""), correct: (changes) => void sent.push(changes), say: (text) => void said.push(text),
  });
  return { desk, sent, said };
}

describe("marks of a video", () => {
  it("move between their neighbours and stay inside the video", () => {
    expect(moveMark([4, 9.5], 0, 20, 20)).toEqual([9.46, 9.5]);
    expect(moveMark([4, 9.5], 1, 25, 20)).toEqual([4, 20]);
    expect(moveMark([4, 9.5], 0, -3, 20)).toEqual([0, 9.5]);
  });

  it("are added in order, but not where one is already", () => {
    const marks = [4, 9.5];
    expect(addMark(marks, 6.12345, 20)).toEqual([4, 6.123, 9.5]);
    expect(addMark(marks, 4.01, 20)).toBe(marks);
    expect(removeMark(marks, 0)).toEqual([9.5]);
    expect([nearestMark(marks, 8), nearestMark(marks, 8, 1), nearestMark([], 8)]).toEqual([1, -1, -1]);
  });

  it("have curves whose peaks stay when they are thinned", () => {
    const points = Array.from({ length: 1_000 }, (_, i): [number, number] => [i, i === 777 ? 1 : 0.1]);
    const few = thinned(points, 50);
    expect(few).toHaveLength(50);
    expect(Math.max(...few.map(([, value]) => value))).toBe(1);
  });

  it("are said with hundredths, on a ruler whose numbers do not touch", () => {
    expect([frameClock(62.4), frameClock(59.999)]).toEqual(["1:02.40", "1:00.00"]);
    expect([rulerStep(40), rulerStep(1), rulerStep(100)]).toEqual([2, 60, 0.5]);
  });

  it("come with the surest mood first", () => {
    expect(watchedOf(video()).mood.map(([name]) => name)).toEqual(["tense", "calm"]);
    expect(() => watchedOf({ cuts: [] })).toThrow("give the video once more");
  });
});

describe("putting right what was seen", () => {
  it("tells of a drag once, when it is let go, and follows it meanwhile", () => {
    const { desk, sent } = deskOf();
    const seeks: number[] = [];
    desk.onSeek = (time) => void seeks.push(time);
    desk.pick({ lane: "cuts", index: 0 });
    desk.dragTo(4.5);
    desk.dragTo(5);
    expect([sent, desk.marks("cuts")]).toEqual([[], [5, 9.5]]);
    desk.drop(true);
    expect([sent, seeks]).toEqual([[{ cuts: [5, 9.5] }], [4, 4.5, 5]]);
  });

  it("forgets a drag that was broken off, and one that moved nothing", () => {
    const { desk, sent } = deskOf();
    desk.pick({ lane: "cuts", index: 0 });
    desk.dragTo(6);
    desk.drop(false);
    desk.dragTo(4);
    desk.drop(true);
    expect([sent, desk.marks("cuts")]).toEqual([[], [4, 9.5]]);
  });

  it("goes by keys from cut to cut and to the moments, and nudges by a picture", () => {
    const { desk, sent, said } = deskOf();
    desk.step(1);
    desk.step(1);
    desk.step(1);
    expect(said.at(-1)).toBe("Cut 2 of 2, at 0:09.50");
    desk.nudge(desk.frame);
    expect(sent).toEqual([{ cuts: [4, 9.54] }]);
    desk.switchLane();
    expect(said.at(-1)).toBe("Moment 2 of 2, at 0:12.00");
    desk.remove();
    expect(sent.at(-1)).toEqual({ moments: [2] });
  });

  it("adds a cut where the player is", () => {
    const { desk, sent, said } = deskOf();
    desk.seek(15);
    desk.add("cuts");
    expect(sent).toEqual([{ cuts: [4, 9.5, 15] }]);
    expect(said).toEqual(["Cut added at 0:15.00"]);
    expect(desk.set("cuts", 0, Number("x"))).toBe(false);
  });
});
