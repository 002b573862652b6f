import { describe, expect, it } from "vitest";
import { apply, inverse } from "../src/document/operations.js";
import { hearAs, otherSounds, soundOf, withState } from "../src/document/recorded.js";
import { TimeMap } from "../src/document/timemap.js";
import { makeNote, makeScore, makeTrack, type Score } from "../src/document/types.js";
import { Schedule, tracksOf } from "../src/sound/schedule.js";

const FACT = `${"ab".repeat(32)} 250 4000 -602 recorded`;

function piece(): Score {
  const score = makeScore();
  score.tracks = [makeTrack("drums-1", {}, [makeNote({ id: "n1", start: 0, duration: 480, pitch: 60 })])];
  score.meta = { composer: "me", "sound.drums-1": FACT };
  return score;
}

describe("a track that sounds as it was recorded", () => {
  it("is named by the piece's facts, as Python writes them", () => {
    const sound = soundOf(piece(), "drums-1")!;
    expect(sound).toMatchObject({ sha256: "ab".repeat(32), start: 0.25, seconds: 4, heard: true });
    expect(sound.gain).toBeCloseTo(0.5, 3);
    expect(soundOf(piece(), "other")).toBeNull();
    expect(soundOf({ ...piece(), meta: { "sound.drums-1": "nonsense" } }, "drums-1")).toBeNull();
  });

  it("plays its notes after one step, which one undo takes back", () => {
    const score = piece();
    const step = hearAs(score, "drums-1", false);
    apply(score, step);
    expect(soundOf(score, "drums-1")!.heard).toBe(false);
    expect(score.meta["composer"]).toBe("me");
    apply(score, inverse(step));
    expect(score.meta["sound.drums-1"]).toBe(FACT);
    expect(withState(withState(FACT, false), true)).toBe(FACT);
  });

  it("makes the player begin anew from the same place, which other facts do not", () => {
    const score = piece();
    expect(tracksOf(hearAs(score, "drums-1", false))).toBeNull();
    expect(tracksOf({ op: "set_score", old: { meta: score.meta }, new: { meta: { ...score.meta, composer: "you" } } })?.size).toBe(0);
    expect(otherSounds({ "sound.a": FACT }, {})).toBe(true);
  });

  it("strikes no note of its own while the recording sounds, and lasts as long as it does", () => {
    const score = piece();
    let heard = true;
    const recordings = { of: (track: string) => (heard ? soundOf(score, track) : null), end: 4 };
    const schedule = new Schedule(() => score, () => new TimeMap(score), () => null, recordings);
    expect(schedule.starting(score.tracks[0]!, 0, 5)).toEqual([]);
    expect(schedule.end()).toBe(4);
    heard = false;
    schedule.forget(null);
    expect(schedule.starting(score.tracks[0]!, 0, 5)).toHaveLength(1);
  });
});
