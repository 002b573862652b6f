import { describe, expect, it } from "vitest";
import type { CardHost } from "../src/prompt/cards/card.js";
import { PageView } from "../src/prompt/cards/pageview.js";
import { PictureDesk } from "../src/prompt/cards/picturedesk.js";
import { keyWords } from "../src/prompt/cards/picturebar.js";
import { eventAt, find, headAt, nextDoubtful, placedOn, placeOfNew, readScoreOf, staffAt } from "../src/prompt/cards/scoreread.js";
import { alterIn, heightOf, moveSteps, pitchOfStep, spell, stepAt, stepOfName } from "../src/prompt/cards/staffsteps.js";

/** Two staffs of two bars; the picture has 10 pixels a gap between lines. */
function score(): Record<string, unknown> {
  const event = (id: string, measure: number, beat: number, pitches: number[], names: string[], box: number[], more: object = {}): object =>
    ({ id, measure, beat, pitches, names, duration: 1, rest: !pitches.length, tie: false, grace: false, voice: 1, confidence: 0.9, box, changed: false, ...more });
  const bars = [{ measure: 1, length: 4, time: [4, 4], key: 1, box: [100, 50, 400, 150] }, { measure: 2, length: 4, time: [4, 4], key: 1, box: [500, 50, 400, 150] }];
  const right = {
    clef: "G", key: 1, time: [4, 4], part: 0, box: [100, 50, 800, 40], clefs: [],
    events: [
      event("a", 1, 1, [67], ["G4"], [140, 75, 12, 10]), event("b", 1, 2, [66, 71], ["F#4", "B4"], [240, 65, 12, 25], { confidence: 0.2 }),
      event("c", 2, 1, [], [], [540, 60, 12, 20]),
    ],
  };
  const left = {
    clef: "F", key: 1, time: [4, 4], part: 0, box: [100, 160, 800, 40], clefs: [[2, 1, "G"]],
    events: [event("d", 1, 1, [43], ["G2"], [140, 195, 12, 10], { confidence: 0.4 }), event("e", 2, 3, [67], ["G4"], [740, 185, 12, 10])],
  };
  return { pages: [{ width: 1000, height: 1400, systems: [{ box: [100, 50, 800, 150], bars, staves: [right, left] }] }], parts: [{ name: "Piano", program: 0 }], remarks: [] };
}

function deskOf(): { desk: PictureDesk; sent: unknown[]; heard: number[][] } {
  const sent: unknown[] = [], heard: number[][] = [];
  const host: CardHost = {
    json: score(), signal: new AbortController().signal, image: () => Promise.resolve(""), correct: (changes) => void sent.push(changes),
    restore: (json) => void sent.push({ restore: json }), sound: (pitches) => void heard.push([...pitches]),
  };
  return { desk: new PictureDesk(host), sent, heard };
}

describe("pitches on a staff", () => {
  it("are spelled as their key spells them", () => {
    expect(spell(60, 0)).toEqual({ step: 28, alter: 0 });
    expect(spell(66, 0)).toEqual({ step: 31, alter: 1 });
    expect(spell(70, -1)).toEqual({ step: 34, alter: -1 });
    expect(spell(59, -7)).toEqual({ step: 28, alter: -1 }); // C flat 4 in C flat major
    expect(spell(72, 7)).toEqual({ step: 34, alter: 1 }); // B sharp 4 in C sharp major
  });

  it("go through every key and come back", () => {
    for (let fifths = -7; fifths <= 7; fifths++) {
      const scale = Array.from({ length: 7 }, (_, i) => alterIn(i, fifths)).reduce((sum, alter) => sum + alter, 0);
      expect(scale).toBe(fifths);
      for (let step = 15; step < 45; step++) expect(spell(pitchOfStep(step, fifths), fifths).step).toBe(step);
    }
  });

  it("move by steps with the signs of the key", () => {
    expect(moveSteps(64, 1, 0)).toBe(65);
    expect(moveSteps(64, 1, 2)).toBe(66);
    expect(moveSteps(71, -1, -3)).toBe(68);
    expect(moveSteps(60, 7, 0)).toBe(72);
  });

  it("lie where a clef puts them", () => {
    const box = [0, 100, 500, 40] as const;
    expect(heightOf(stepOfName("E4")!, "G", box)).toBe(140);
    expect(heightOf(stepOfName("F5")!, "G", box)).toBe(100);
    expect(heightOf(stepOfName("G2")!, "F", box)).toBe(140);
    expect(heightOf(stepOfName("C4")!, "C3", box)).toBe(120);
    expect(stepAt(131, "G", box)).toBe(stepOfName("G4"));
    expect(stepAt(146, "G", box)).toBe(stepOfName("D4"));
    expect(stepOfName("H4")).toBeNull();
  });
});

describe("a page that was read", () => {
  it("finds the note under a finger, and the head of a chord", () => {
    const read = readScoreOf(score());
    expect(eventAt(read, 0, 146, 80, 0)?.event.id).toBe("a");
    expect(eventAt(read, 0, 170, 80, 20)?.event.id).toBe("a");
    expect(eventAt(read, 0, 190, 80, 20)).toBeNull();
    const chord = find(read, "b")!;
    expect([headAt(chord, 88), headAt(chord, 66)]).toEqual([0, 1]);
    expect(staffAt(read, 0, 300, 170)).toEqual([0, 0, 1]);
    expect(staffAt(read, 0, 950, 170)).toBeNull();
  });

  it("goes from doubtful note to doubtful note and round", () => {
    const read = readScoreOf(score());
    expect(nextDoubtful(read, null, 0)?.event.id).toBe("b");
    expect(nextDoubtful(read, "b", 0)?.event.id).toBe("d");
    expect(nextDoubtful(read, "d", 0)?.event.id).toBe("b");
  });

  it("says which bar and beat a place is", () => {
    const [system] = readScoreOf(score()).pages[0]!.systems;
    expect(placeOfNew(system!, 146)).toEqual({ measure: 1, beat: 1 });
    expect(placeOfNew(system!, 200)).toEqual({ measure: 1, beat: 1.5 });
    expect(placeOfNew(system!, 335)).toEqual({ measure: 1, beat: 3 });
    expect(placeOfNew(system!, 830)).toEqual({ measure: 2, beat: 4 });
  });

  it("gives a note that a person added the place of its beat", () => {
    const json = score() as { pages: { systems: { staves: { events: object[] }[] }[] }[] };
    json.pages[0]!.systems[0]!.staves[0]!.events.push({ id: "new", measure: 1, beat: 1.5, pitches: [64], names: ["E4"], duration: 1, box: [0, 0, 0, 0], confidence: 1 });
    const added = find(readScoreOf(json), "new")!;
    expect(added.event.box[0] + added.event.box[2] / 2).toBeCloseTo(196);
    expect(added.event.box[1] + added.event.box[3] / 2).toBeCloseTo(90);
    expect(placedOn(readScoreOf(json), 0).map(({ event }) => event.id)).toEqual(["a", "new", "b", "c", "d", "e"]);
  });

  it("is refused where it is no score", () => {
    expect(() => readScoreOf({ pages: 3 })).toThrow("could not be shown");
  });
});

describe("putting right what was read", () => {
  it("moves the picked head of a chord, sounds it, and says it in Python's words", () => {
    const { desk, sent, heard } = deskOf();
    desk.pick(find(desk.score, "b"), 0);
    desk.move(-1);
    expect(sent).toEqual([[{ id: "b", pitches: [64, 71] }]]);
    desk.alter(1);
    expect(sent[1]).toEqual([{ id: "b", pitches: [67, 71] }]);
    expect(heard).toEqual([[66, 71], [64], [67]]);
  });

  it("walks by arrows along a staff and to the staff below", () => {
    const { desk } = deskOf();
    desk.step(1);
    desk.step(1);
    expect(desk.picked.id).toBe("b");
    desk.stepStaff(1);
    expect(desk.picked.id).toBe("d");
    desk.step(1);
    expect(desk.picked.id).toBe("e");
    desk.step(1);
    expect(desk.picked.id).toBe("e");
  });

  it("takes one note out of a chord, but the whole of a single note", () => {
    const { desk, sent } = deskOf();
    desk.pick(find(desk.score, "b"));
    desk.remove();
    desk.pick(find(desk.score, "a"));
    desk.remove();
    expect(sent).toEqual([[{ id: "b", pitches: [66] }], [{ id: "a", delete: true }]]);
    expect(desk.picked.id).toBe("b");
  });

  it("adds to a chord that stands there, else a note of its own", () => {
    const { desk, sent } = deskOf();
    desk.add([0, 0, 0], 1, 1, 71, 1);
    desk.add([0, 0, 0], 1, 3, 71, 1);
    expect(sent).toEqual([[{ id: "a", pitches: [67, 71] }], [{ staff: [0, 0, 0], add: { measure: 1, beat: 3, pitches: [71], duration: 1 } }]]);
  });

  it("makes lengths shorter and longer, also from a dotted one", () => {
    const { desk, sent } = deskOf();
    desk.pick(find(desk.score, "a"));
    desk.stretch(1);
    desk.stretch(-1);
    desk.told.update({ ...score(), pages: JSON.parse(JSON.stringify(score()["pages"]).replace('"id":"a","measure":1,"beat":1,"pitches":[67],"names":["G4"],"duration":1', '"id":"a","measure":1,"beat":1,"pitches":[67],"names":["G4"],"duration":1.5')) });
    desk.stretch(1);
    desk.stretch(-1);
    expect(sent).toEqual([[2, 1], [1, 2], [2, 1], [1, 1]].map((duration) => [{ id: "a", duration }]));
  });

  it("takes corrections back by the description before them", () => {
    const { desk, sent } = deskOf();
    expect(desk.told.canUndo).toBe(false);
    const before = desk.host.json;
    desk.pick(find(desk.score, "a"));
    desk.alter(1);
    desk.undo();
    expect((sent[1] as { restore: unknown }).restore).toBe(before);
    expect(desk.told.canUndo).toBe(false);
  });

  it("says a note in words", () => {
    const { desk } = deskOf();
    expect(desk.words(find(desk.score, "b")!)).toBe("bar 1, beat 2: F sharp 4, B4, quarter, doubtful");
    expect(desk.words(find(desk.score, "c")!)).toBe("bar 2, beat 1: rest, quarter");
    expect(keyWords(-2)).toBe("2 flats: B♭ or G minor");
  });
});

describe("the window on a page", () => {
  it("comes closer around a place and stays inside", () => {
    const view = new PageView();
    view.resize(500, 400);
    view.open(1000, 1400);
    expect([view.whole, view.at(250, 200)]).toEqual([true, [500, 400]]);
    const place = view.at(100, 100);
    view.zoom(2, 100, 100);
    expect(view.at(100, 100)).toEqual(place);
    expect(view.panBy(10_000, 10_000)).toBe(true);
    expect([view.x, view.y]).toEqual([0, 0]);
    expect(view.panBy(5, 0)).toBe(false);
    view.zoom(1e6);
    expect(view.width).toBeCloseTo(120);
  });

  it("moves as little as needed to show a note", () => {
    const view = new PageView();
    view.resize(500, 500);
    view.open(1000, 1400, 0.5);
    view.reveal(800, 900, 20, 20);
    expect(view.x).toBeGreaterThan(0);
    expect(view.x + view.width).toBeGreaterThan(820);
    const before = [view.x, view.y];
    view.reveal(800, 900, 20, 20);
    expect([view.x, view.y]).toEqual(before);
  });
});
