import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as doc from "../src/document/index.js";

interface Step { op: doc.Operation; hash?: string; refused?: 1 }
interface Golden {
  starts: unknown[];
  sequences: { start: number; steps: Step[]; hash: string }[];
  maps: {
    bars: number[][]; seconds: [number, number][]; ticks: [number, number][]; beats: number[][];
  }[];
}
const path = new URL("../../../tests/golden/operations.json", import.meta.url);
const golden = JSON.parse(readFileSync(path, "utf8")) as Golden;

describe("the golden file that Python wrote", () => {
  it("gives the same hash after every step, and refuses the same operations", () => {
    const wrong: string[] = [];
    golden.sequences.forEach((sequence, number) => {
      const score = doc.readScore(golden.starts[sequence.start]);
      sequence.steps.forEach((step, place) => {
        const before = step.refused ? doc.projectHash(score) : "";
        let refused = false;
        try {
          doc.apply(score, step.op);
        } catch (error) {
          if (!(error instanceof doc.BadOperation)) throw error;
          refused = true;
        }
        const after = doc.projectHash(score);
        if (refused !== Boolean(step.refused)) wrong.push(`${number}.${place} refused: ${refused} ${JSON.stringify(step.op)}`);
        else if (refused ? after !== before : !after.startsWith(step.hash!)) wrong.push(`${number}.${place} hash`);
      });
      if (doc.projectHash(score) !== sequence.hash) wrong.push(`${number} end`);
    });
    expect(wrong).toEqual([]);
  });

  it("undone step by step gives the start", () => {
    for (const sequence of golden.sequences) {
      const document = new doc.Document(doc.readScore(golden.starts[sequence.start]));
      const begin = document.hash;
      for (const step of sequence.steps) if (step.hash) document.apply(step.op);
      while (document.canUndo) document.undo();
      expect(document.hash).toBe(begin);
    }
  });

  it("has the same bars, beats and seconds", () => {
    golden.starts.forEach((start, i) => {
      const time = new doc.TimeMap(doc.readScore(start));
      const expected = golden.maps[i]!;
      const bars = time.bars(20_000).slice(0, 40);
      expect(bars.map((bar) => [bar.number, bar.start, bar.end, bar.numerator, bar.denominator])).toEqual(expected.bars);
      for (const [tick, second] of expected.seconds) expect(time.seconds(tick)).toBeCloseTo(second, 9);
      for (const [second, tick] of expected.ticks) expect(time.tick(second)).toBe(tick);
      for (const [tick, ...rest] of expected.beats) {
        const place = time.beatPosition(tick!);
        expect([place.bar, place.beat, place.rest]).toEqual(rest);
      }
    });
  });
});
