import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Document } from "../src/document/history.js";
import { eventText } from "../src/replay/eventlist.js";
import { shortened } from "../src/replay/replay.js";
import { readEvents, Replay, timesOf, type LogEvent } from "../src/replay/run.js";
import { weightsOf } from "../src/replay/weights.js";

const path = new URL("../../../tests/golden/sessions.json", import.meta.url);
const golden = JSON.parse(readFileSync(path, "utf8")) as { events: unknown[]; hash: string }[];

function begin(events: readonly LogEvent[]): { run: Replay; piece: Document } {
  const piece = new Document();
  return {
    piece,
    run: new Replay(events, {
      open: (score) => piece.reset(score, piece.revision + 1),
      apply: (operation, kind, source) => void piece.apply(operation, source, undefined, kind),
      hash: () => piece.hash,
    }),
  };
}

describe("sessions that Python wrote", () => {
  it.each(golden.map(({ events, hash }, i) => [i, readEvents(events), hash] as const))("play again to the same piece (%i)", (_, events, hash) => {
    const { run, piece } = begin(events);
    while (run.step());
    expect(run.problem).toBe("");
    expect(run.place).toBe(events.length);
    expect(run.checks).toBeGreaterThan(5);
    expect(piece.hash).toBe(hash);
    run.go(0);
    run.go(events.length);
    expect(piece.hash).toBe(hash);
  });

  it("go to any place, forwards and backwards", () => {
    const events = readEvents(golden[1]!.events), { run, piece } = begin(events);
    for (const place of [events.length, 9, 4, 17, 5, 2]) {
      run.go(place);
      const said = events.slice(0, place).filter(({ after }) => after !== null).at(-1)?.after;
      expect(run.place).toBe(place);
      if (said) expect(piece.hash).toBe(said);
    }
  });

  it("stop where the log was changed, and say where", () => {
    const events = readEvents(golden[0]!.events), place = events.findIndex(({ kind }) => kind === "edit");
    const { run } = begin(events.map((event, i) => (i === place ? { ...event, after: "0".repeat(64) } : event)));
    while (run.step());
    expect(run.place).toBe(place);
    expect(run.problem).toContain(String(events[place]!.seq));
    expect(run.done).toBe(true);
    run.go(2);
    expect(run.problem).toBe("");
  });
});

describe("what is no session", () => {
  it.each([null, {}, [1], [{ seq: 0 }], [{ seq: 0.5, server_time: 1, kind: "edit", payload: {} }]])("is refused (%j)", (data) => {
    expect(() => readEvents(data)).toThrow("cannot be read");
  });
});

describe("times", () => {
  const event = (client_time: number | null, server_time: number): LogEvent => ({ seq: 0, kind: "edit", source: "person", client_time, server_time, cause: null, after: null, payload: {} });

  it("follow the page's clock, the server's where there is none, and never run backwards", () => {
    const events = [event(null, 10_000), event(5_000, 10_200), event(7_000, 12_900), event(null, 12_100), event(8_000, 13_200)];
    expect(timesOf(events)).toEqual([0, 0.2, 2.2, 2.2, 3.2]);
    expect(timesOf([])).toEqual([]);
  });

  it("lose their long pauses", () => {
    expect(shortened([0, 1, 61, 62, 200], 2)).toEqual([0, 1, 3, 4, 6]);
  });
});

it("the Genie plays again on the weights of the session, or says that they are not offered", async () => {
  const models = new URL("../../../models/", import.meta.url);
  const file = (folder: string): Promise<ArrayBuffer> =>
    Promise.resolve(Uint8Array.from(readFileSync(new URL(`${folder}/model.safetensors`, models))).buffer);
  const pop = weightsOf((name) => file(name === "genie.safetensors" ? "piano-genie" : "piano-genie-open"));
  expect((await pop({})).model).toBe("piano-genie"); // sessions from before there were two
  expect((await pop({ model: "piano-genie-open" })).model).toBe("piano-genie-open");
  const open = weightsOf(() => file("piano-genie-open")); // where the owner offers these alone
  expect((await open({ model: "piano-genie-open" })).model).toBe("piano-genie-open");
  await expect(open({ model: "piano-genie" })).rejects.toThrow("on its weights piano-genie, which are not offered");
});

it("events are told in words", () => {
  const [first] = readEvents(golden[0]!.events);
  expect(eventText(first!)).toBe("Session: begin");
});
