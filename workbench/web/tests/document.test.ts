import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import * as doc from "../src/document/index.js";

function tune(): doc.Score {
  const score = doc.makeScore({ title: "Größe 🎵" });
  score.tracks.push(doc.makeTrack("t1", { name: "Piano" }, [
    doc.makeNote({ id: "n1", start: 0, duration: 960, pitch: 60 }),
    doc.makeNote({ id: "n2", start: 960, duration: 480, pitch: 64, velocity: 90, author: "model:markov" }),
  ]));
  score.tracks.push(doc.makeTrack("t2", { is_drum: true }));
  return score;
}

describe("sha256", () => {
  it("equals the platform's digest at every block boundary", () => {
    for (const size of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000]) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 37 + size) & 255);
      expect(doc.sha256(bytes)).toBe(createHash("sha256").update(bytes).digest("hex"));
    }
  });
});

describe("canonical form", () => {
  it("sorts keys, keeps text unescaped, and reads back to the same hash", () => {
    const text = doc.dumps(tune());
    expect(text.startsWith('{"meters":[{"clocks":24,"denominator":4')).toBe(true);
    expect(text).toContain("Größe 🎵");
    expect(doc.projectHash(doc.loads(text))).toBe(doc.projectHash(tune()));
  });
  it.each([
    ["a fraction", { start: 0.5 }], ["a pitch above 127", { pitch: 128 }], ["an unknown field", { colour: 1 }],
    ["a lone surrogate in the author", { author: "human\ud800" }], ["a missing velocity", { velocity: null }],
  ])("refuses %s", (_, change) => {
    const note = { id: "n1", start: 0, duration: 1, pitch: 60, ...change };
    expect(() => doc.readNote(note)).toThrow(doc.BadDocument);
  });
});

describe("operations", () => {
  it("undo of every kind restores the hash, and redo the later one", () => {
    const document = new doc.Document(tune());
    const edits: (() => doc.Operation)[] = [
      () => doc.moveNotes(document.score, "t1", ["n1"], 240, 2),
      () => doc.resizeNotes(document.score, "t1", new Map([["n2", [900, 540]]])),
      () => doc.setVelocity(document.score, "t1", new Map([["n1", 3]])),
      () => doc.lockNotes(document.score, "t1", ["n1"], true),
      () => doc.addNotes("t2", [doc.makeNote({ id: "d1", start: 0, duration: 120, pitch: 36 })]),
      () => doc.replaceRegion(document.score, { start: 0, end: 3840, tracks: ["t1", "t2"] },
        { t1: [doc.makeNote({ id: "m1", start: 1, duration: 5, pitch: 50, author: "model:x" })] }),
      () => doc.setTrack(document.score, "t1", { mute: true, volume: 12, name: "Bass" }),
      () => doc.moveTrack(document.score, "t1", 1),
      () => doc.setLaneTo(document.score, "chords",
        [{ tick: 0, duration: 960, root: 0, quality: "maj", bass: -1 } as doc.LaneEvent]),
      () => doc.setScore(document.score, { title: "Other", meta: { composer: "B", licence: "A" } }),
      () => doc.removeTrack(document.score, "t2"),
      () => doc.compound("two", [
        doc.setTrack(document.score, "t1", { pan: 0 }), doc.addTrack(document.score, doc.makeTrack("t9"))]),
    ];
    const hashes = [document.hash];
    for (const edit of edits) {
      document.apply(edit());
      hashes.push(document.hash);
    }
    expect(new Set(hashes).size).toBe(hashes.length);
    for (let i = edits.length - 1; i >= 0; i--) {
      document.undo();
      expect(document.hash).toBe(hashes[i]);
    }
    for (let i = 1; i <= edits.length; i++) {
      document.redo();
      expect(document.hash).toBe(hashes[i]);
    }
    expect(document.revision).toBe(3 * edits.length);
  });

  it("an idea that is kept is undone like an edit, and of a long history the end is told", () => {
    const document = new doc.Document(tune());
    const before = document.hash;
    const note = (id: string): doc.Operation => doc.addNotes("t1", [doc.makeNote({ id, start: 0, duration: 9, pitch: 60 })]);
    expect(document.apply(note("a"), "model", {}, "accept").kind).toBe("accept");
    for (let i = 0; i < 9; i++) document.apply(note(`b${i}`));
    const size = JSON.stringify(note("b0")).length;
    expect(document.history(5).undo).toHaveLength(5);
    expect(document.history(200, 3.5 * size).undo).toEqual([note("b6"), note("b7"), note("b8")]);
    expect(document.history(200, 1).undo).toEqual([]);
    while (document.canUndo) document.undo();
    expect(document.hash).toBe(before);
  });

  it("a compound whose last part fails changes nothing", () => {
    const document = new doc.Document(tune());
    const before = document.hash;
    const bad = doc.compound("x", [
      doc.moveNotes(document.score, "t1", ["n1"], 5, 0),
      { op: "move_notes", track: "t1", changes: [{ id: "n1", old: { start: 0 }, new: { start: 9 } }] },
    ]);
    expect(() => document.apply(bad)).toThrow(doc.BadOperation);
    expect(document.hash).toBe(before);
    expect(document.revision).toBe(0);
  });

  it("filling a region leaves locked notes, and 'around' leaves everything", () => {
    const document = new doc.Document(tune());
    document.apply(doc.lockNotes(document.score, "t1", ["n1"], true));
    const region = { start: 0, end: 3840, tracks: ["t1"] };
    const around = doc.replaceRegion(document.score, region, {}, true);
    expect(around["removed"]).toEqual({});
    document.apply(doc.replaceRegion(document.score, region, {}));
    expect([...document.score.tracks[0]!.notes.keys()]).toEqual(["n1"]);
  });
});

describe("time map", () => {
  it("counts bars from a pickup, through a change of metre, past the end", () => {
    const score = tune();
    score.pickup = 960;
    score.meters = [
      { tick: 0, numerator: 4, denominator: 4, clocks: 24, thirty_seconds: 8 },
      { tick: 960 + 3840, numerator: 3, denominator: 8, clocks: 24, thirty_seconds: 8 },
    ];
    const time = new doc.TimeMap(score);
    expect(time.barAt(0)).toMatchObject({ number: 0, start: 0, end: 960 });
    expect(time.bar(1)).toMatchObject({ start: 960, end: 4800, numerator: 4 });
    expect(time.bar(2)).toMatchObject({ start: 4800, end: 4800 + 1440, denominator: 8 });
    expect(time.beatPosition(4800 + 480 + 7)).toEqual({ bar: 2, beat: 2, rest: 7 });
    expect(time.bar(1000).start).toBe(4800 + 998 * 1440);
  });
  it("turns ticks into seconds and back across tempo changes", () => {
    const score = tune();
    score.tempos = [{ tick: 0, us_per_quarter: 500_000 }, { tick: 1920, us_per_quarter: 1_000_000 }];
    const time = new doc.TimeMap(score);
    expect(time.seconds(1920)).toBe(1);
    expect(time.seconds(2880)).toBe(2);
    for (const tick of [0, 1, 959, 1920, 1921, 50_000]) expect(time.tick(time.seconds(tick))).toBe(tick);
  });
});
