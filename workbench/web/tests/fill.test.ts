import { describe, expect, it } from "vitest";
import * as doc from "../src/document/index.js";
import { cellsOf, Curves, pointsOf, refit, stroke, type Point } from "../src/fill/curves.js";
import { emptyIdea, newTracksOf, readConfidence, readNotes, sureClass, sureness, type Idea } from "../src/fill/idea.js";
import { filledBy, keepOperation, mixOperation } from "../src/fill/keep.js";
import { againOf, barsOf, requestOf, spansOf, trackAgain, withEnsemble, type FillOptions } from "../src/fill/request.js";
import { rebase } from "../src/store/rebase.js";

const Q = 960;
const BAR = 4 * Q;

function piece(): doc.Score {
  const score = doc.makeScore();
  const notes = Array.from({ length: 16 }, (_, i) => doc.makeNote({ id: `n${i + 1}`, start: i * Q, duration: Q, pitch: 60 + (i % 5) }));
  score.tracks.push(doc.makeTrack("t1", { color: 0 }, notes), doc.makeTrack("t2", { color: 2 }, [notes[0]!]));
  return score;
}
const options = (change: Partial<FillOptions> = {}): FillOptions => ({
  regions: [{ start: BAR, end: 2 * BAR, tracks: ["t1"] }], around: false, overhang: false, count: 3, controls: {}, seed: null,
  model: null, ...change });
const draft = (start: number, pitch: number): object => ({ id: "draft", start, duration: 480, pitch, velocity: 80, author: "model:markov" });

function idea(number: number, from: FillOptions, notes: Record<string, object[]>, change: Partial<Idea> = {}): Idea {
  return { ...emptyIdea(number, from, requestOf(from), 0), notes: readNotes(notes), raw: notes, done: true, model: "markov", ...change };
}

/** What a curve asks for at a tick, as `InfillControls.value` of the server reads its points. */
function valueAt(points: readonly Point[], tick: number): number | null {
  const at = Math.max(0, points.findLastIndex(([left]) => left <= tick));
  const [left, low] = points[at]!;
  const next = points[at + 1];
  if (low === null || tick <= left || !next) return low;
  return next[1] === null ? low : low + ((next[1] - low) * (tick - left)) / (next[0] - left);
}

describe("curves over time", () => {
  const time = new doc.TimeMap(piece());
  const bars = (first: number, count: number): doc.Region => ({ start: first * BAR, end: (first + count) * BAR, tracks: ["t1"] });

  it("are cut into half beats, into beats and bars where the gap is long, and stay far below the limit", () => {
    expect(cellsOf(time, [bars(1, 2)])).toHaveLength(16);
    expect(cellsOf(time, [bars(1, 2)])[1]).toEqual({ start: BAR + Q / 2, end: BAR + Q });
    expect(cellsOf(time, [bars(0, 40)])).toHaveLength(160);
    expect(cellsOf(time, [bars(0, 100)])).toHaveLength(100);
    for (const count of [300, 1000, 5000]) {
      const cells = cellsOf(time, [bars(0, count)]);
      expect(cells.length).toBeLessThanOrEqual(192);
      expect(cells[0]!.start).toBe(0);
      expect(cells.at(-1)!.end).toBe(count * BAR);
      const zigzag = cells.map((_, i) => (i % 2 ? null : 10 + (i % 80)));
      expect(pointsOf(cells, zigzag).length).toBeLessThan(512);
    }
  });

  it("cut bars of the metre that holds, and gaps that begin inside a bar", () => {
    const score = piece();
    score.meters = [{ tick: 0, numerator: 3, denominator: 4, clocks: 24, thirty_seconds: 8 }];
    expect(cellsOf(new doc.TimeMap(score), [{ start: 0, end: 3 * Q, tracks: [] }])).toHaveLength(6);
    const cells = cellsOf(time, [{ start: 2 * Q, end: BAR, tracks: ["t1"] }]);
    expect(cells.map((cell) => cell.start)).toEqual([2 * Q, 2.5 * Q, 3 * Q, 3.5 * Q]);
  });

  it("become points that the server reads as they were drawn: blank, line, blank", () => {
    const cells = cellsOf(time, [bars(1, 1)]);
    const values = [null, 20, 30, 40, null, null, 70, 70];
    const points = pointsOf(cells, values);
    expect(points).toEqual([[BAR, null], [BAR + 480, 20], [BAR + 1440, 40], [BAR + 1920, null], [BAR + 2880, 70], [BAR + 3360, 70]]);
    cells.forEach((cell, i) => expect(valueAt(points, cell.start)).toBe(values[i]));
    expect(valueAt(points, BAR + 720)).toBe(25);
    expect(pointsOf(cells, cells.map(() => null))).toEqual([]);
    expect(points.every(([tick], i) => i === 0 || tick > points[i - 1]![0])).toBe(true);
  });

  it("ask nothing between two gaps, so that no line runs from one into the other", () => {
    const cells = cellsOf(time, [bars(0, 1), bars(4, 1)]);
    const points = pointsOf(cells, cells.map((_, i) => (i < 8 ? 90 : 10)));
    expect(valueAt(points, BAR - 1)).toBe(90);
    expect(valueAt(points, 2 * BAR)).toBe(null);
    expect(valueAt(points, 4 * BAR)).toBe(10);
  });

  it("are drawn without holes by a fast hand, and rubbed out", () => {
    const none = Array.from({ length: 8 }, () => null);
    const drawn = stroke(none, 1, 5, 20, 60);
    expect(drawn).toEqual([null, 20, 30, 40, 50, 60, null, null]);
    expect(stroke(drawn, 4, 2, null, null)).toEqual([null, 20, null, null, null, 60, null, null]);
    expect(stroke(none, 3, 3, 55, 55)[3]).toBe(55);
  });

  it("follow the gap: fitted where it still is, dropped where it is not", () => {
    const curves = new Curves();
    expect(curves.follow(cellsOf(time, [bars(1, 2)]))).toBe("same");
    curves.set("density", curves.cells.map((_, i) => i * 5));
    expect(curves.follow(cellsOf(time, [bars(1, 2)]))).toBe("same");
    expect(curves.follow(cellsOf(time, [bars(2, 2)]))).toBe("fitted");
    expect(curves.values("density").slice(0, 9)).toEqual([40, 45, 50, 55, 60, 65, 70, 75, null]);
    expect(Object.keys(curves.toControls())).toEqual(["density"]);
    expect(curves.follow(cellsOf(time, [bars(9, 1)]))).toBe("dropped");
    expect(curves.toControls()).toEqual({});
    expect(refit([{ start: 0, end: 10 }, { start: 10, end: 20 }], [20, 40], [{ start: 0, end: 20 }])).toEqual([30]);
  });
});

describe("requests", () => {
  it("say no more than what is wished", () => {
    expect(requestOf(options())).toEqual({ task: "infill", count: 3, controls: {}, regions: options().regions });
    expect(requestOf(options({ around: true, controls: { closeness: 60 } }))).toMatchObject({ around: true, controls: { closeness: 60 } });
  });

  it("of new instruments name these alone, and the person's own wishes come first", () => {
    const marks = [{ start: 0, end: BAR, tracks: ["t1"] }, { start: Q, end: 2 * BAR, tracks: ["t2"] }];
    const made = withEnsemble(options({ regions: marks, around: true, controls: { density: 80 } }), {
      tracks: [{ id: "t3", name: "Bass", program: 33, is_drum: false }, { id: "t4", name: "", program: 0, is_drum: true }],
      controls: { density: 30, syncopation: 70 }, perTrack: { t3: { register: 10, density: 5 }, t9: { density: 1 } } });
    expect(requestOf(made)).toEqual({
      task: "infill", count: 3, controls: { density: 80, syncopation: 70 },
      regions: [{ start: 0, end: 2 * BAR, tracks: ["t3", "t4"] }],
      per_track: { t3: { density: 80, syncopation: 70, register: 10 } },
      new_tracks: [{ id: "t3", name: "Bass", program: 33, is_drum: false }, { id: "t4", name: "", program: 0, is_drum: true }] });
    expect(spansOf([...marks, { start: 3 * BAR, end: 4 * BAR }])).toEqual([[0, 2 * BAR], [3 * BAR, 4 * BAR]]);
  });

  it("for a part of an idea again carry the idea as it came, and the part of each gap in that bar", () => {
    const time = new doc.TimeMap(piece());
    const regions = [{ start: Q, end: 2 * BAR, tracks: ["t1"] }, { start: BAR, end: 2 * BAR, tracks: ["t2"] }];
    const bars = barsOf(time, regions);
    expect(bars.map((bar) => bar.number)).toEqual([1, 2]);
    expect(bars[0]!.again).toEqual([{ start: Q, end: BAR, tracks: ["t1"] }]);
    expect(bars[1]!.again).toHaveLength(2);
    expect(trackAgain(regions, "t2")).toEqual([regions[1]]);
    const first = requestOf(options({ regions }));
    const again = againOf(againOf(first, { t1: [1] }, []), { t1: [draft(Q, 60)] }, bars[0]!.again);
    expect(again).toEqual({ ...first, count: 1, draft: { t1: [draft(Q, 60)] }, again: bars[0]!.again });
  });
});

describe("keeping", () => {
  const added = options({
    regions: [{ start: BAR, end: 2 * BAR, tracks: ["t3", "t4"] }],
    newTracks: [{ id: "t3", name: "Bass", program: 33, is_drum: false }, { id: "t4", name: "Drums", program: 0, is_drum: true }] });

  function addition(score: doc.Score, notes: Record<string, doc.Note[]>): doc.Operation {
    const fresh = ["t3", "t4"].map((id) => doc.makeTrack(id, { name: id === "t3" ? "Bass" : "Drums", is_drum: id === "t4", volume: 90 }));
    const whole = { ...score, tracks: [...score.tracks, ...fresh] };
    return doc.compound("fill", [...fresh.map((track, i) => doc.addTrack(score, track, 2 + i)),
      doc.replaceRegion(whole, added.regions[0]!, notes)]);
  }
  const model = (id: string, start: number, pitch: number): doc.Note =>
    doc.makeNote({ id, start, duration: 480, pitch, author: "model:markov" });

  it("an idea of new tracks adds them in the colours they were seen in, and one undo takes all away", () => {
    const score = piece();
    const before = doc.projectHash(score);
    const mine = idea(1, added, { t3: [draft(BAR, 36)], t4: [draft(BAR, 38)] },
      { operation: addition(score, { t3: [model("n1", BAR, 36)], t4: [model("n1", BAR, 38)] }) });
    const seen = newTracksOf(score, mine);
    expect(new Set([...score.tracks, ...seen].map((track) => track.color)).size).toBe(4);
    const operation = keepOperation(score, 0, mine);
    doc.apply(score, operation);
    expect(score.tracks.map((track) => [track.id, track.color, track.notes.size]).slice(2))
      .toEqual(seen.map((track) => [track.id, track.color, 1]));
    expect(score.tracks[2]!.volume).toBe(90);
    doc.apply(score, doc.inverse(operation));
    expect(doc.projectHash(score)).toBe(before);
  });

  it("a mixture adds each new track once, from the idea chosen for it, as one step", () => {
    const score = piece();
    const before = doc.projectHash(score);
    const one = idea(1, added, { t3: [draft(BAR, 36), draft(BAR + Q, 38)], t4: [draft(BAR, 38)] });
    const two = idea(2, added, { t3: [draft(BAR, 41)], t4: [draft(BAR, 42), draft(BAR + Q, 42)] });
    const plain = idea(3, options(), { t1: [draft(BAR, 72)] });
    const operation = mixOperation(score, new Map([["t1", plain], ["t3", one], ["t4", two]]));
    const adds = (operation["ops"] as doc.Operation[]).filter((part) => part.op === "add_track");
    expect(adds.map((part) => (part["content"] as { id: string }).id)).toEqual(["t3", "t4"]);
    doc.apply(score, operation);
    expect([...score.tracks[2]!.notes.values()].map((note) => note.pitch)).toEqual([36, 38]);
    expect([...score.tracks[3]!.notes.values()].map((note) => note.pitch)).toEqual([42, 42]);
    expect([...score.tracks[0]!.notes.values()].filter((note) => note.start >= BAR && note.start < 2 * BAR).map((note) => note.pitch)).toEqual([72]);
    doc.apply(score, doc.inverse(operation));
    expect(doc.projectHash(score)).toBe(before);
  });

  it("leaves out a new track in which nothing would stand", () => {
    const operation = mixOperation(piece(), new Map([["t3", idea(1, added, { t3: [draft(BAR, 36)] })], ["t4", idea(2, added, {})]]));
    expect((operation["ops"] as doc.Operation[]).filter((part) => part.op === "add_track")).toHaveLength(1);
  });

  it("still works when the piece was changed meanwhile, and when a person took a new track's id", () => {
    const score = piece();
    const mine = idea(1, added, { t3: [draft(BAR, 36)], t4: [draft(BAR, 38)] },
      { operation: addition(score, { t3: [model("n1", BAR, 36)], t4: [model("n1", BAR, 38)] }) });
    doc.apply(score, doc.removeNotes(score, "t1", ["n1"]));
    doc.apply(score, keepOperation(score, 1, mine));
    expect(score.tracks.slice(2).map((track) => track.notes.size)).toEqual([1, 1]);
    const other = piece();
    doc.apply(other, doc.addTrack(other, doc.makeTrack("t3", { name: "Mine" })));
    doc.apply(other, keepOperation(other, 1, mine));
    expect(other.tracks.map((track) => track.notes.size)).toEqual([16, 1, 0, 1, 1]);
    expect(other.tracks[2]!.name).toBe("Mine");
  });

  it("fits an addition to a piece that has fewer tracks than before", () => {
    const score = piece();
    const operation = addition(score, { t3: [model("n1", BAR, 36)] });
    doc.apply(score, doc.removeTrack(score, "t2"));
    doc.apply(score, rebase(score, operation));
    expect(score.tracks.map((track) => track.id)).toEqual(["t1", "t3", "t4"]);
    expect(score.tracks[1]!.notes.size).toBe(1);
  });

  it("an idea stands for its own gap, whatever was asked for after it", () => {
    const late = options({ regions: [{ start: 0, end: Q, tracks: ["t2"] }] });
    const filled = filledBy(new Map([["t1", idea(1, options(), {})], ["t2", idea(2, late, {})]]));
    expect(filled.map(({ region }) => region)).toEqual([{ start: 0, end: Q, tracks: ["t2"] }, { start: BAR, end: 2 * BAR, tracks: ["t1"] }]);
  });
});

describe("how sure a model was", () => {
  it("is found by start and pitch, and told in three classes", () => {
    const sure = readConfidence({ t1: [[0, 60, 83], [960, 62, 12], ["x", 1, 2]], t2: "no" });
    const [note, other] = readNotes({ t1: [draft(0, 60), draft(480, 60)] })["t1"]!;
    expect(sureness(sure, "t1", note!)).toBe(83);
    expect(sureness(sure, "t1", other!)).toBe(null);
    expect(sureness(sure, "t2", note!)).toBe(null);
    expect(readConfidence(undefined)).toBe(null);
    expect(readConfidence({ t1: [] })).toBe(null);
    expect([83, 50, 12].map(sureClass)).toEqual(["sure", "half", "unsure"]);
  });
});
