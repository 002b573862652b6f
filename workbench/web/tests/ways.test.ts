import { describe, expect, it } from "vitest";
import { apply } from "../src/document/operations.js";
import * as doc from "../src/document/index.js";
import type { Chord } from "../src/document/lanes.js";
import { chordBars, keepWay, overlayOf, restingNotes, type Way } from "../src/roll/ways/ways.js";
import { notesWith } from "../src/sound/schedule.js";

const BAR = 3840;
const chord = (tick: number, duration: number, root: number, quality = "maj"): Chord => ({ tick, duration, root, quality, bass: -1 });
const own = chord(BAR, BAR, 9, "min9");
const found = [chord(0, BAR, 0), chord(2 * BAR, 2 * BAR, 7)];

function piece(): doc.Score {
  const score = doc.makeScore();
  const note = (pitch: number): doc.Note => doc.makeNote({ id: "n1", start: 0, duration: BAR, pitch });
  score.tracks.push(doc.makeTrack("tune", {}, [note(72)]), doc.makeTrack("bass", {}, [note(40)]),
    doc.makeTrack("drums", { is_drum: true }, [note(36)]));
  score.chords = [own];
  return score;
}
const way = (): Way => ({ found, chords: [found[0]!, own, found[1]!], track: doc.makeTrack("t9", {}, [doc.makeNote({ id: "n1", start: 0, duration: BAR, pitch: 60 })]) });

describe("other chords", () => {
  it("are written down beside the person's own, in one step that undo takes back", () => {
    const score = piece();
    const operation = keepWay(score, way());
    apply(score, operation);
    expect(score.chords).toEqual([found[0], own, found[1]]);
    expect(score.chords[1]).toEqual(own);
  });

  it("take the place of chords that are written where they were asked for so, and undo brings those back", () => {
    const score = piece();
    const before = score.chords;
    const operation = keepWay(score, way(), true);
    apply(score, operation);
    expect(score.chords).toEqual(found);
    apply(score, doc.inverse(operation));
    expect(score.chords).toEqual(before);
  });

  it("are heard with the tune and the drums alone where the piece plays others", () => {
    const score = piece();
    const alone = overlayOf(score, way().track, "tune", [0, BAR], true);
    const sounding = (id: string, overlay: typeof alone): number => notesWith(score.tracks.find((track) => track.id === id)!, overlay).length;
    expect(["tune", "bass", "drums"].map((id) => sounding(id, alone))).toEqual([1, 0, 1]);
    expect([...restingNotes(score, alone)]).toEqual(["bass/n1"]);
    const beside = overlayOf(score, way().track, "tune", [0, BAR], false);
    expect(["tune", "bass", "drums"].map((id) => sounding(id, beside))).toEqual([1, 1, 1]);
    expect(beside.tracks!.map((track) => track.id)).toEqual(["t9"]);
    score.tracks[1]!.locked = true;
    expect(restingNotes(score, overlayOf(score, way().track, "tune", [0, BAR], true)).size).toBe(0);
  });

  it("are told bar by bar, those that go on among them, the person's own apart", () => {
    const bars = chordBars(way(), new doc.TimeMap(piece()), [2, 4]);
    expect(bars.map((bar) => bar.chords.map(({ chord: { root }, own: mine }) => [root, mine]))).toEqual([[[9, true]], [[7, false]], [[7, false]]]);
  });
});
