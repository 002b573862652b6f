import { describe, expect, it } from "vitest";
import * as doc from "../src/document/index.js";
import type { Chord } from "../src/document/lanes.js";
import { differences, differenceWords, measure } from "../src/fill/differ.js";
import { marksOf } from "../src/fill/join/picture.js";
import { feelOf, findStyles, heardBars, readStyles, type Style } from "../src/fill/join/styles.js";
import { withFitted } from "../src/roll/found.js";

const BAR = 3840;
const style = (id: string, change: Partial<Style> = {}): Style => ({
  id, title: id, words: "", synonyms: [], tempo: [60, 120, 160], metre: [4, 4], swing: 0.5,
  parts: [{ name: "Drums", program: 0, is_drum: true }, { name: "Pad", program: 48, is_drum: false }],
  miniature: [{ part: "Drums", is_drum: true, notes: [[0, 10, 0], [250, 10, 1], [0, 10, 2]] }, { part: "Pad", is_drum: false, notes: [[0, 1000, 60], [0, 1000, 67]] }],
  ...change });

describe("styles", () => {
  const lullaby = style("lullaby", { title: "Lullaby", words: "Rocking in three.", tempo: [50, 66, 80], metre: [3, 4] });
  const house = style("house", { synonyms: ["dance", "club"], tempo: [118, 124, 130], parts: [{ name: "Keys", program: 4, is_drum: false }] });

  it("are found by how they feel, by their words, and by what plays in them", () => {
    expect(findStyles([lullaby, house], "calm")).toEqual([lullaby]);
    expect(findStyles([lullaby, house], "dance")).toEqual([house]);
    expect(findStyles([lullaby, house], "STRINGS")).toEqual([lullaby]);
    expect(findStyles([lullaby, house], "3/4 rock")).toEqual([lullaby]);
    expect(findStyles([lullaby, house], "calm dance")).toEqual([]);
    expect(findStyles([lullaby, house], " ")).toHaveLength(2);
  });

  it("say how they move, and one that is damaged takes no other away", () => {
    expect(feelOf(lullaby)).toBe("slow, 3/4");
    expect(feelOf(style("swing", { tempo: [90, 150, 240], swing: 0.667 }))).toBe("fast, swung");
    expect(readStyles([{ id: "x" }, lullaby as never])).toEqual([lullaby]);
  });

  it("are drawn with the kick below the snare below the cymbals, all of them below the tones, inside the picture", () => {
    const marks = marksOf(lullaby);
    const [kick, snare, cymbal] = [0, 1, 2].map((i) => marks.filter((mark) => mark.part === 0)[i]!);
    expect(kick!.y).toBeGreaterThan(snare!.y);
    expect(snare!.y).toBeGreaterThan(cymbal!.y);
    const tones = marks.filter((mark) => mark.part === 1);
    expect(Math.max(...tones.map((mark) => mark.y + mark.height))).toBeLessThanOrEqual(cymbal!.y);
    expect(tones[1]!.y).toBeLessThan(tones[0]!.y);
    for (const mark of marks) expect(mark.x + mark.width <= 205 && mark.y >= 0 && mark.y + mark.height <= 60).toBe(true);
  });
});

describe("the bars in which a style is heard", () => {
  const piece = (first: number, count: number): doc.Score => {
    const score = doc.makeScore();
    score.tracks.push(doc.makeTrack("t1", {}, Array.from({ length: count }, (_, i) =>
      doc.makeNote({ id: `n${i}`, start: (first - 1 + i) * BAR, duration: BAR, pitch: 60 }))));
    return score;
  };
  const bars = (score: doc.Score, marks: [number, number][] = []): unknown => heardBars(score, new doc.TimeMap(score),
    marks.map(([from, to]) => ({ start: (from - 1) * BAR, end: to * BAR, tracks: ["t1"] })));

  it("are the first four with notes, or those that are marked with what stands around them", () => {
    expect(bars(piece(1, 12))).toEqual([1, 4]);
    expect(bars(piece(3, 12))).toEqual([3, 6]);
    expect(bars(piece(1, 2))).toEqual([1, 2]);
    expect(bars(piece(1, 12), [[5, 5]])).toEqual([5, 8]);
    expect(bars(piece(1, 40), [[5, 30]])).toEqual([5, 12]);
    expect(bars(piece(1, 12), [[12, 12]])).toEqual([9, 12]);
    expect(bars(piece(1, 4), [[9, 9]])).toEqual([1, 4]);
    expect(bars(doc.makeScore())).toBe(null);
  });
});

describe("chords that a style was fitted to", () => {
  const chord = (tick: number, duration: number, root: number): Chord => ({ tick, duration, root, quality: "maj", bass: -1 });
  it("are shown where it is heard, and found ones around it stay", () => {
    const shown = withFitted([chord(0, 3 * BAR, 0), chord(3 * BAR, BAR, 5)], [chord(BAR, BAR, 9)]);
    expect(shown.map((item) => [item.tick / BAR, item.duration / BAR, item.root])).toEqual([[0, 1, 0], [1, 1, 9], [2, 1, 0], [3, 1, 5]]);
    expect(withFitted(shown, [])).toBe(shown);
  });
});

describe("how ideas differ", () => {
  const notes = (count: number, pitch: number, shift = 0): doc.Note[] => Array.from({ length: count }, (_, i) =>
    doc.makeNote({ id: `n${i}`, start: i * 960 + shift, duration: 480, pitch, velocity: 80 }));
  const of = (own: doc.Note[], drums = 8): ReturnType<typeof measure> => measure({ t1: own, t2: notes(drums, 36) }, new Set(["t2"]), 960);

  it("is counted from their notes, the plainest first, and two things are enough", () => {
    const usual = of(notes(8, 60));
    expect(differences(of(notes(2, 72)), [usual, usual])).toEqual(["higher", "fewer"]);
    expect(differences(of(notes(8, 60, 480)), [usual])).toEqual(["off"]);
    expect(differences(of(notes(8, 48)), [usual])).toEqual(["lower"]);
    expect(differences(usual, [usual])).toEqual([]);
    expect(differences(of([], 16), [of([], 8)])).toEqual(["more"]);
  });

  it("is said in plain words, and of a lone idea nothing", () => {
    const usual = of(notes(8, 60));
    expect(differenceWords(of(notes(2, 72)), [usual])).toBe("higher, fewer notes");
    expect(differenceWords(usual, [usual])).toBe("much like the other");
    expect(differenceWords(usual, [])).toBe("");
  });
});
