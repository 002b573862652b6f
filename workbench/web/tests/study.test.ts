import { afterEach, describe, expect, it, vi } from "vitest";
import { Keep } from "../src/study/keep.js";
import { equalGains, loudness } from "../src/study/level.js";
import { clockText, plainText } from "../src/study/text.js";

const RATE = 48_000;
const sine = (hz: number, level: number, seconds = 2): Float32Array =>
  Float32Array.from({ length: seconds * RATE }, (_, i) => level * Math.sin((2 * Math.PI * hz * i) / RATE));

describe("how loud a recording is", () => {
  it("agrees with the reference tone of the recommendation", () => {
    // BS.1770-4: a sine of 997 Hz at full scale in one channel reads -3.01.
    expect(loudness([sine(997, 1)], RATE)).toBeCloseTo(-3.01, 1);
    // EBU Tech 3341, case 1: a stereo sine of 1 kHz at -23 dBFS reads -23.
    const tone = sine(1_000, 10 ** (-23 / 20));
    expect(loudness([tone, tone], RATE)).toBeCloseTo(-23, 1);
  });

  it("leaves silence out of account", () => {
    const tone = sine(1_000, 0.1);
    const padded = new Float32Array(tone.length * 3);
    padded.set(tone);
    expect(Math.abs(loudness([padded], RATE) - loudness([tone], RATE))).toBeLessThan(0.5);
    expect(loudness([new Float32Array(RATE)], RATE)).toBe(-Infinity);
  });

  it("is made equal by turning the louder one down", () => {
    const [loud, soft] = [sine(440, 0.8), sine(660, 0.1)];
    const [a, b] = equalGains(loudness([loud], RATE), loudness([soft], RATE));
    expect(b).toBe(1);
    expect(loudness([loud.map((x) => x * a)], RATE)).toBeCloseTo(loudness([soft], RATE), 2);
    expect(equalGains(-Infinity, -20)).toEqual([1, 1]);
  });
});

describe("a study's words", () => {
  it("tell time as clocks do", () => {
    expect([0, 0.2, 59.9, 61, 600].map(clockText)).toEqual(["0:00", "0:01", "1:00", "1:01", "10:00"]);
  });
  it("are one plain line in the bar", () => {
    expect(plainText("Finish it so that *you*\n\nlike it.")).toBe("Finish it so that you like it.");
  });
});

describe("what the browser remembers of a sitting", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("is there after a reload, and gone for another person", () => {
    const kept = new Map<string, string>();
    vi.stubGlobal("localStorage", {
      getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value),
      removeItem: (name: string) => void kept.delete(name),
    });
    const first = new Keep();
    first.code = "tune-1";
    first.setDraft("q1", { mine: 5 });
    first.begin("t1");
    const again = new Keep();
    expect([again.code, again.draft("q1"), again.hasBegun("t1"), again.begunAny]).toEqual(["tune-1", { mine: 5 }, true, true]);
    again.code = "tune-2";
    const other = new Keep();
    expect([other.code, other.draft("q1"), other.hasBegun("t1"), other.begunAny]).toEqual(["tune-2", {}, false, false]);
    other.forget();
    expect(kept.size).toBe(0);
  });

  it("is nothing where a frame forbids storage, and nothing breaks", () => {
    vi.stubGlobal("localStorage", { getItem: () => { throw new Error("denied"); }, setItem: () => { throw new Error("denied"); } });
    const keep = new Keep();
    keep.code = "tune-3";
    keep.setDraft("q", { a: 1 });
    expect([keep.code, keep.draft("q")]).toEqual(["tune-3", { a: 1 }]);
  });
});
