import { describe, expect, it } from "vitest";
import * as doc from "../src/document/index.js";
import { raised } from "../src/listen/capture.js";
import { labelName, makeLabel, readLabel } from "../src/listen/chords.js";
import * as fix from "../src/listen/corrections.js";
import { changesBetween, type Heard, type HeardNote } from "../src/listen/heard.js";
import { readKept } from "../src/listen/kept.js";
import { asPiece, asTracks } from "../src/listen/onward.js";
import { levels, toggled, type Part } from "../src/stems/apartsound.js";

const note = (start: number, pitch: number, length = 0.4): HeardNote => ({ start, end: start + length, pitch, velocity: 80, confidence: 0.4, cents: 12 });
const beats = Array.from({ length: 16 }, (_, i) => i / 2);

function heard(part: Partial<Heard> = {}): Heard {
  const melody = [note(0, 60), note(0.5, 62), note(1, 64), note(2, 67, 1)];
  return {
    duration: 8, tuning_cents: 0, tempo: 120, beats, downbeats: beats.filter((_, i) => i % 4 === 1), beat_confidence: beats.map(() => 0.8),
    metre: 4, key: "C major", key_confidence: 0.8, chords: [{ start: 0, end: 2, label: "C:maj", confidence: 0.3 }], melody,
    notes: [...melody, note(2, 48, 2)].sort((a, b) => a.start - b.start || a.pitch - b.pitch), drums: [], sections: [], tags: {}, kind: "band", model: "", remarks: [], changed: [], ...part,
  };
}

/** What the server does with what it is told. */
function follow(before: Heard, after: Heard): Heard {
  let out: Record<string, unknown> = { ...before };
  for (const change of changesBetween(before, after)) {
    if ("value" in change) out = change.field === "beats" ? { ...out, ...(change.value as object) } : { ...out, [change.field]: change.value };
    else out = { ...out, [change.field]: [...(out[change.field] as unknown[])].toSpliced(change.at, change.remove, ...change.add) };
  }
  return out as unknown as Heard;
}

const ones = (value: Heard): number[] => value.downbeats.map((time) => value.beats.indexOf(time));

describe("corrections", () => {
  it("change one note, which then is sure, and leave the rest", () => {
    const before = heard(), after = fix.moveNote(before, "melody", 1, 63);
    expect(after.melody[1]).toEqual({ start: 0.5, end: 0.9, pitch: 63, velocity: 80, confidence: 1 });
    expect(after.melody[0]).toBe(before.melody[0]);
    expect(before.melody[1]!.pitch).toBe(62);
    expect(fix.retimeNote(before, "melody", 0, 1.2, 0.9).melody.map((item) => item.pitch)).toEqual([62, 64, 60, 67]);
    expect(fix.removeNote(before, "melody", 2).melody.map((item) => item.pitch)).toEqual([60, 62, 67]);
  });

  it("split and join notes", () => {
    const halves = fix.splitNote(heard(), "melody", 3, 2.25);
    expect(halves.melody.slice(3).map(({ start, end, pitch }) => [start, end, pitch])).toEqual([[2, 2.25, 67], [2.25, 3, 67]]);
    const joined = fix.mergeNotes(halves, "melody", 3);
    expect(joined.melody.slice(3).map(({ start, end, pitch }) => [start, end, pitch])).toEqual([[2, 3, 67]]);
    expect(fix.mergeNotes(heard(), "melody", 3).melody).toHaveLength(4);
    expect(fix.mergeNotes(heard(), "melody", 2).melody.at(-1)).toMatchObject({ start: 1, end: 3, pitch: 67 });
  });

  it("of the melody reach its twins among all notes, and the other way round", () => {
    const before = heard();
    const moved = fix.mirrored(before, fix.moveNote(before, "melody", 3, 69));
    expect(moved.notes.map((item) => item.pitch)).toEqual([60, 62, 64, 48, 69]);
    const gone = fix.mirrored(before, fix.removeNote(before, "notes", 0));
    expect(gone.melody.map((item) => item.pitch)).toEqual([62, 64, 67]);
    const bass = fix.mirrored(before, fix.moveNote(before, "notes", 3, 47));
    expect(bass.melody).toBe(before.melody);
  });

  it("write chords over others without overlaps", () => {
    const after = fix.putChord(heard(), 1, 3, "A:min7");
    expect(after.chords.map(({ start, end, label }) => [start, end, label])).toEqual([[0, 1, "C:maj"], [1, 3, "A:min7"]]);
    expect(fix.splitChord(heard(), 0, 0.9).chords.map(({ start, end }) => [start, end])).toEqual([[0, 1], [1, 2]]);
    expect(fix.barAt(heard(), 3)).toEqual([2.5, 4.5]);
  });

  it("are told as splices that the server can follow", () => {
    const before = heard();
    for (const after of [
      fix.mirrored(before, fix.moveNote(before, "melody", 1, 70)), fix.retimeNote(before, "melody", 0, 5, 6),
      fix.halfTime(before), fix.putChord(before, 1, 3, "N"), { ...before, key: null, tuning_cents: 3 },
    ]) expect(follow(before, after)).toEqual(after);
    expect(changesBetween(before, before)).toEqual([]);
    expect(changesBetween(before, fix.moveNote(before, "melody", 1, 70))).toHaveLength(1);
  });
});

describe("tempo and the one", () => {
  it("goes at half and at twice the speed, bars of as many beats", () => {
    const half = fix.halfTime(heard());
    expect(half.beats).toEqual(beats.filter((_, i) => i % 2 === 1));
    expect(half.tempo).toBeCloseTo(60);
    expect(ones(half)).toEqual([0, 4]);
    const twice = fix.doubleTime(heard());
    expect(twice.beats).toHaveLength(31);
    expect(twice.tempo).toBeCloseTo(240);
    expect(ones(twice)).toEqual([2, 6, 10, 14, 18, 22, 26, 30]);
    expect(twice.beat_confidence).toHaveLength(31);
  });

  it("shifts bars by as little as it takes", () => {
    expect(ones(heard())).toEqual([1, 5, 9, 13]);
    expect(ones(fix.shiftOne(heard(), 1))).toEqual([2, 6, 10, 14]);
    expect(ones(fix.shiftOne(heard(), -1))).toEqual([0, 4, 8, 12]);
    expect(ones(fix.thisIsTheOne(heard(), 8))).toEqual([0, 4, 8, 12]);
    expect(ones(fix.thisIsTheOne(heard(), 7))).toEqual([3, 7, 11, 15]);
    expect(ones(fix.setMetre(heard(), 3))).toEqual([1, 4, 7, 10, 13]);
  });

  it("moves a beat between its neighbours, and bars go along", () => {
    const after = fix.moveBeat(heard(), 5, 2.6);
    expect(after.beats[5]).toBe(2.6);
    expect(after.downbeats).toContain(2.6);
    expect(fix.moveBeat(heard(), 5, 99).beats[5]).toBeLessThan(3);
    expect(ones(fix.removeBeat(heard(), 3))).toEqual([1, 4, 8, 12]);
  });

  it("is tapped along, and goes on before and behind", () => {
    const after = fix.tapped(heard(), [2, 2.61, 3.2, 3.79, 4.4, 5]);
    expect(after.beats[0]).toBeLessThan(0.61);
    expect(after.beats.at(-1)).toBeGreaterThan(7.39);
    expect(after.tempo).toBeCloseTo(100, 0);
    expect(after.downbeats).toContain(2);
    expect(fix.tapped(heard(), [1, 2, 3])).toEqual(heard());
  });
});

describe("chords in words", () => {
  it("are those of the roll", () => {
    expect(["A:min7", "C:maj", "Eb:maj/3", "F#:dim", "N"].map(labelName)).toEqual(["Am7", "C", "E♭/G", "F♯°", "–"]);
    expect(readLabel("Bb:sus4(b7)/b7")).toEqual({ root: 10, kind: "sus4(b7)", bass: "b7" });
    expect(makeLabel(10, "min")).toBe("Bb:min");
  });
});

describe("a take", () => {
  it("is made as loud as 16 bits need, and no louder than they allow", () => {
    expect(Math.max(...raised(Float32Array.of(0.01, -0.02, 0)).map(Math.abs))).toBeCloseTo(0.9);
    expect(raised(Float32Array.of(0, 0))).toEqual(Float32Array.of(0, 0));
    const loud = Float32Array.of(0.95, -0.2);
    expect(raised(loud)).toBe(loud);
  });
});

describe("what was heard, in the piece", () => {
  const piece = (ppq: number): doc.Score => {
    const score = doc.makeScore({ title: `of ${ppq}`, ppq });
    score.tracks = [doc.makeTrack("t1", { name: "old" }, [doc.makeNote({ id: "n1", start: 0, duration: ppq, pitch: 50 })])];
    score.chords = [{ tick: 0, duration: ppq, root: 2, quality: "maj", bass: -1 }];
    return score;
  };

  it("takes its place in one step that can be taken back", () => {
    const score = piece(480), before = doc.scoreToDict(score), operation = asPiece(score, piece(960));
    doc.apply(score, operation);
    expect(score.title).toBe("of 960");
    expect([...score.tracks[0]!.notes.values()][0]).toMatchObject({ duration: 480 });
    expect(score.chords[0]).toMatchObject({ duration: 480 });
    doc.apply(score, doc.inverse(operation));
    expect(doc.scoreToDict(score)).toEqual(before);
  });

  it("stands beside what is there, beat to beat", () => {
    const score = piece(480), { operation, tracks } = asTracks(score, piece(960), 1920);
    doc.apply(score, operation);
    expect(score.title).toBe("of 480");
    expect(score.tracks.map((track) => track.id)).toEqual(["t1", "t2"]);
    expect(tracks).toEqual(["t2"]);
    expect([...score.tracks[1]!.notes.values()][0]).toMatchObject({ start: 1920, duration: 480 });
    expect(score.tracks[1]!.color).not.toBe(score.tracks[0]!.color);
  });
});

describe("the stems of a recording", () => {
  const part = (values: Partial<Part> = {}): Part => ({ mute: false, solo: false, volume: 1, silences: [], ...values });

  it("are silent where they are muted, and while another is heard alone", () => {
    const parts = [part({ volume: 0.5, silences: [[2, 3], [5, 6]] }), part({ mute: true }), part()];
    expect(levels(parts, 0)).toEqual([[0, 0.5], [2, 0], [3, 0.5], [5, 0], [6, 0.5]]);
    expect(levels(parts, 1)).toEqual([[0, 0]]);
    parts[2]!.solo = true;
    expect(levels(parts, 0)[0]).toEqual([0, 0]);
    expect(levels(parts, 2)).toEqual([[0, 1]]);
  });

  it("join muted stretches that touch, and let a part of one be heard again", () => {
    expect(toggled([[1, 2], [6, 7]], 1.5, 4)).toEqual([[1, 4], [6, 7]]);
    expect(toggled([[1, 4]], 2, 3)).toEqual([[1, 2], [3, 4]]);
    expect(toggled([[1, 4]], 1, 4)).toEqual([]);
  });
});

describe("what was heard before a reload", () => {
  it("comes back as it was put right, and is left out where it cannot be read", () => {
    const kept = { sha256: "a", part: [0, 8], id: "b", run: "c", heard: fix.moveNote(heard(), "melody", 1, 63) };
    expect(readKept(structuredClone(kept))).toEqual(kept);
    for (const odd of [null, {}, { ...kept, part: [8, 0] }, { ...kept, heard: { duration: 8 } }, { ...kept, sha256: 1 }]) expect(readKept(odd)).toBeNull();
  });
});
