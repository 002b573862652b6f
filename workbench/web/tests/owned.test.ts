/** A document that Python owns: the page follows what is done there, and keeps what has not gone out. */
import { expect, test } from "vitest";
import { Document, type Change } from "../src/document/history.js";
import { inverse } from "../src/document/operations.js";
import { makeScore, makeTrack } from "../src/document/types.js";
import type { Channel, Message } from "../src/host/model.js";
import { Sync } from "../src/store/sync.js";

const note = (id: string): Record<string, unknown> => ({
  id, start: 0, duration: 960, pitch: 60, velocity: 80, author: "human",
});
const add = (id: string) => ({ op: "add_notes", track: "t1", notes: [note(id)] });

function piece(): Document {
  const score = makeScore();
  score.tracks.push(makeTrack("t1", {}, []));
  return new Document(score);
}

test("an undo in Python is an undo here, and can be brought back here", () => {
  const document = piece();
  document.apply(add("n1"));
  document.follow("undo", inverse(add("n1")));
  expect([document.canUndo, document.canRedo, document.revision]).toEqual([false, true, 2]);
  document.redo();
  expect(document.score.tracks[0]!.notes.has("n1")).toBe(true);
});

test("an undo in Python of a step that is not known here is a change like any other", () => {
  const document = piece();
  document.apply(add("n1"));
  document.apply(add("n2"));
  document.follow("undo", inverse(add("n1")));
  expect([...document.score.tracks[0]!.notes.keys()]).toEqual(["n2"]);
  document.undo();
  expect(document.score.tracks[0]!.notes.size).toBe(2);
});

test("what is under way or known over there is not made again; what still waits is", async () => {
  const document = piece();
  let answer: (reply: Message) => void = () => {};
  const sync = new Sync({
    snapshot: () => ({ type: "open" }), hash: () => document.hash, revision: () => document.revision,
  }, () => {});
  const channel: Channel = {
    send: () => {}, onMessage: () => {}, call: () => new Promise((resolve) => (answer = resolve)),
  };
  sync.attach(channel);
  const change = (id: string): Change => document.apply(add(id));
  const first = change("n1");
  sync.push(first);
  const sent = sync.flush(); // the first batch is on its way
  await Promise.resolve();
  const second = change("n2");
  sync.push(second);
  expect(sync.unsent(-1)).toEqual([second]);
  expect(sync.unsent(second.revision)).toEqual([]);
  answer({ type: "ack", revision: 1 });
  await new Promise((resolve) => setTimeout(resolve, 0));
  answer({ type: "ack", revision: 2 });
  await sent;
  expect(sync.unsent(-1)).toEqual([]);
});
