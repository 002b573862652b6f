/** The Prompt page's plain parts: what a file is, the plan and its changes, what is read out of a description. */
import { describe, expect, it } from "vitest";
import { added, barsOf, chordText, handles, moved, placed, pulled, readBrief, readChords, removed, resized, valueAt, withSections, type Brief, type Section } from "../src/prompt/brief.js";
import { adherence, readIdea, readLines, runsOf } from "../src/prompt/ideas.js";
import { slotsOfHead } from "../src/prompt/kinds.js";
import { linesOf } from "../src/prompt/plain.js";
import { readState } from "../src/prompt/types.js";

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const section = (kind: string, bars: number): Section =>
  ({ kind, bars, first_bar: 1, energy: 50, start: 0, end: 0, tune: [0, 0], instruments: ["Piano"], label: "" });
const brief: Brief = {
  seconds: 24, exact: false, bars: 12, tempo: 120, metre: [4, 4], tonic: 0, mode: "major", style: "rock", melody: { source: "", how: "new" },
  sections: placed([section("intro", 4), section("verse", 8)]), instruments: [], chords: [[1, 1, "C"], [2, 1, "Am"], [2, 3, "F"], [12, 2, "G"]],
  dynamics: [], density: [], sync: [], conflicts: [], remarks: [], alternatives: 2, seed: 0,
};

describe("what a file is", () => {
  it.each([
    ["\x89PNG\r\n\x1a\n", ["picture"]], ["\xff\xd8\xff\xe0", ["picture"]], ["%PDF-1.7", ["picture"]], ["\0\0\0\x18ftypheic", ["picture"]],
    ["RIFF\0\0\0\0WAVEfmt ", ["recording", "voice"]], ["ID3\x04", ["recording", "voice"]], ["OggS\0", ["recording", "voice"]],
    ["\0\0\0\x20ftypM4A ", ["recording", "voice"]], ["\0\0\0\x20ftypisom", ["video", "recording", "voice"]],
    ["\x1aE\xdf\xa3", ["video", "recording", "voice"]], ["MThd\0\0\0\x06", ["notes"]], ["PK\x03\x04", ["notes"]],
    ["<?xml version='1.0'?><score-partwise version='4.0'>", ["notes"]], ["X:1\nT:Tune\nK:C\n", ["notes"]],
    ["calm and sparse, thirty seconds", ["words"]], ["<html><body>", []], ["\0\x01\x02\x03", []], ["", []],
  ])("%j", (head, slots) => expect(slotsOfHead(bytes(head))).toEqual(slots));
});

describe("the plan", () => {
  it("keeps its sections one after the other; their chords go along", () => {
    const [intro, verse] = brief.sections as [Section, Section];
    const swapped = withSections(brief, [verse, { ...intro, bars: 6 }]);
    expect(swapped.sections!.map((each) => each.first_bar)).toEqual([1, 9]);
    expect(swapped.bars).toBe(14);
    expect(swapped.chords).toEqual([[1, 1, "F"], [8, 2, "G"], [9, 1, "C"], [10, 1, "Am"], [10, 3, "F"], [13, 1, "C"], [14, 1, "Am"], [14, 3, "F"]]);
    expect(withSections(brief, brief.sections).chords!.slice(0, 3)).toEqual(brief.chords.slice(0, 3));
    expect(withSections(brief, [{ ...verse, tune: [3, 8], bars: 2 }]).sections![0]!.tune).toEqual([3, 2]);
    expect(barsOf(brief.sections)).toBe(12);
  });

  it("takes bars from the section beside where the length is fixed", () => {
    const bars = (sections: Section[] | null): number[] | undefined => sections?.map((each) => each.bars);
    const fixed = { ...brief, exact: true };
    expect(bars(resized(brief, 0, 6))).toEqual([6, 8]);
    expect(bars(resized(fixed, 0, 6))).toEqual([6, 6]);
    expect(bars(resized(fixed, 1, 10))).toEqual([2, 10]);
    expect(resized(fixed, 1, 12)).toBeNull();
    expect(bars(removed(brief, 0))).toEqual([8]);
    expect(bars(removed(fixed, 0))).toEqual([12]);
    expect(bars(added(brief, 0))).toEqual([4, 4, 8]);
    expect(bars(added(fixed, 1))).toEqual([4, 4, 4]);
  });

  it("moves a section to another place", () => {
    expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
    expect(moved(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
    expect(moved(["a", "b"], 0, 9)).toEqual(["b", "a"]);
  });

  it("writes and reads chords bar by bar; a chord that stays keeps its beat", () => {
    const text = chordText(brief);
    expect(text.split("|").length).toBe(12);
    expect(text).toMatch(/^C \| Am F \|/);
    expect(readChords(text, brief)).toEqual(brief.chords);
    expect(readChords("C | Am F | Dm G", brief)).toEqual([[1, 1, "C"], [2, 1, "Am"], [2, 3, "F"], [3, 1, "Dm"], [3, 3, "G"]]);
    expect(readChords("C\n| F", { ...brief, bars: 1 })).toEqual([[1, 1, "C"]]);
  });

  it("pulls a curve at a handle, and keeps what is finer than the handles", () => {
    expect(handles([], 24, 3)).toEqual([[0, 0.5], [12, 0.5], [24, 0.5]]);
    expect(pulled([], 24, 3, 1, 0.9)).toEqual([[0, 0.5], [12, 0.9], [24, 0.5]]);
    const fine: [number, number][] = Array.from({ length: 25 }, (_, i) => [i, i % 2 ? 0.4 : 0.6]);
    const next = pulled(fine, 24, 3, 0, 0.8);
    expect(next[0]).toEqual([0, 0.8]);
    expect(next[24]).toEqual([24, 0.6]);
    expect(next[2]![1] - next[1]![1]).toBeGreaterThan(0.1);
    expect(valueAt([[2, 0], [4, 1]], 3)).toBe(0.5);
    expect(valueAt([[2, 0.25], [4, 1]], 0)).toBe(0.25);
  });

  it("is only shown where it has the form of one", () => {
    expect(readBrief(null)).toBeNull();
    expect(readBrief({ seconds: 3 })).toBeNull();
    expect(readBrief(brief)).toBe(brief);
  });
});

describe("what the server says", () => {
  it("is taken as far as it makes sense", () => {
    const state = readState({ items: [{ slot: "words", roles: ["style", "magic"], strength: 40, possible: ["style"] }, { slot: "cake" }, 3], sentence: [["A piece ", false], ["calm", true]], stale: true });
    expect(state.items.map((item) => [item.slot, item.roles, item.strength])).toEqual([["words", ["style"], 40]]);
    expect(state.sentence).toEqual([["A piece ", false], ["calm", true]]);
    expect([state.stale, state.faithful, state.seconds]).toEqual([true, true, null]);
    expect(readState("nonsense").items).toEqual([]);
  });

  it("holds the takes of models, and believes no answer on selling that it does not know", () => {
    const take = { sha256: "a".repeat(64), media: "m1", title: "MusicGen", idea: 2, answer: "no", card: { prompts: [] }, remarks: ["Quiet."], kept: true };
    const { takes } = readState({ items: [], takes: [take, { ...take, answer: "surely" }, { title: "no file" }, 7] });
    expect(takes.map(({ title, idea, answer, kept, instead }) => [title, idea, answer, kept, instead])).toEqual([["MusicGen", 2, "no", true, ""], ["MusicGen", 2, "unclear", true, ""]]);
  });

  it("gives the lines of a card", () => {
    const [line] = readLines({ prompts: [{ slot: "words", measure: "tempo", value: 0.5, target: 0.9, met: false, sentence: "Slower than asked.", picture: "curve", asked: [[0, 1]], got: [[0, 1], [1]] }, 7] });
    expect(line).toMatchObject({ slot: "words", value: 0.5, met: false, asked: [[0, 1]], got: [[0, 1]] });
    expect(() => readIdea({ score: 3 }, 1, true)).toThrow();
  });

  it("is read out in sentences", () => {
    expect(linesOf({ chips: [{ sentence: "Calm" }], not_understood: ["zorp"], refused: "" })).toEqual(["Calm", "I did not understand: zorp"]);
    expect(linesOf({ duration: 65, cuts: [3, 61], moments: [], speech: [[1, 2]] })[1]).toBe("Cuts (2): 0:03, 1:01");
    expect(linesOf({ tracks: [{ name: "Tune", notes: [1, 2] }] })).toEqual(["Tune, notes: 2"]);
    expect(linesOf({ melody: [{ pitch: 61 }], notes: [], chords: [{ label: "N" }], key: "A minor", tempo: 96.4 })).toEqual(["Notes heard: 1", "96 beats a minute", "Key: A minor", "Notes: C♯4"]);
    expect(linesOf({ pages: [{ systems: [{ staves: [{ events: [{ pitches: [60, 64], confidence: 0.2 }, { rest: true, pitches: [], confidence: 1 }] }] }] }] })).toEqual(["Notes and chords read: 1; staves: 1", "Doubtful ones: 1", "Notes: C4+E4"]);
  });
});

describe("what a log is told of ideas", () => {
  it("names every run, and how far each thing that was asked is done", () => {
    const idea = (number: number, runs: string[]) => readIdea({ score: { schema: 1, ppq: 960, tracks: [] }, runs }, number, true);
    expect(runsOf([idea(1, ["r1", "r2"]), idea(2, ["r2", "r3"])])).toEqual({ r1: [], r2: [], r3: [] });
    const lines = readLines({ prompts: [{ slot: "voice", measure: "melody", value: 0.98765 }, { slot: "words", measure: "tempo", value: 0 }] });
    expect(adherence(lines)).toEqual({ voice_melody: 0.988, words_tempo: 0 });
  });
});
