import { describe, expect, it } from "vitest";
import * as doc from "../src/document/index.js";
import { rebase } from "../src/store/rebase.js";

function piece(): doc.Score {
  const score = doc.makeScore();
  const notes = [0, 1, 2].map((i) => doc.makeNote({ id: `n${i + 1}`, start: i * 960, duration: 900, pitch: 60 + i }));
  score.tracks.push(doc.makeTrack("t1", {}, notes), doc.makeTrack("t2"));
  return score;
}
const region = { start: 0, end: 3840, tracks: ["t1", "t2"] };
const model = (id: string, start: number): doc.Note =>
  doc.makeNote({ id, start, duration: 100, pitch: 72, author: "model:markov" });

describe("a model's patch that comes late", () => {
  it("removes only what is still as it was, and keeps what a person did meanwhile", () => {
    const score = piece();
    const patch = doc.replaceRegion(score, region, { t1: [model("m1", 5)], t2: [model("m1", 7)] });
    doc.apply(score, doc.moveNotes(score, "t1", ["n2"], 10, 0));
    doc.apply(score, doc.addNotes("t1", [doc.makeNote({ id: "n9", start: 3000, duration: 5, pitch: 40 })]));
    doc.apply(score, doc.removeNotes(score, "t1", ["n3"]));
    doc.apply(score, rebase(score, patch));
    expect([...score.tracks[0]!.notes.keys()].sort()).toEqual(["m1", "n2", "n9"]);
    expect(score.tracks[1]!.notes.size).toBe(1);
  });

  it("gives its notes fresh ids where theirs were taken meanwhile", () => {
    const score = piece();
    const patch = doc.replaceRegion(score, { ...region, tracks: ["t2"] }, { t2: [model("n1", 5), model("n2", 9)] });
    doc.apply(score, doc.addNotes("t2", [doc.makeNote({ id: "n1", start: 0, duration: 1, pitch: 1 })]));
    doc.apply(score, rebase(score, patch));
    expect([...score.tracks[1]!.notes.keys()]).toEqual(["n1", "n3", "n2"]);
    expect(score.tracks[1]!.notes.get("n1")!.pitch).toBe(1);
  });

  it("leaves out tracks that have gone, and notes that were locked", () => {
    const score = piece();
    const patch = doc.compound("fill", [doc.replaceRegion(score, region, { t1: [model("m1", 5)], t2: [model("m1", 5)] })]);
    doc.apply(score, doc.lockNotes(score, "t1", ["n1"], true));
    doc.apply(score, doc.removeTrack(score, "t2"));
    const fitting = rebase(score, patch);
    doc.apply(score, fitting);
    expect([...score.tracks[0]!.notes.keys()].sort()).toEqual(["m1", "n1"]);
    doc.apply(score, doc.inverse(fitting));
    expect(score.tracks[0]!.notes.size).toBe(3);
  });
});
