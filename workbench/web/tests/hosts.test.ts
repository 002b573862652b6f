import { beforeAll, describe, expect, it, vi } from "vitest";
import { remember } from "../src/host/assets.js";
import { gradioHost, type GradioApi } from "../src/host/gradio.js";
import { jupyterHost } from "../src/host/jupyter.js";
import { Emitter, type Message, type Model } from "../src/host/model.js";

beforeAll(() => vi.stubGlobal("window", globalThis));

function fakeGradio(): { api: GradioApi; watchers: Record<string, () => void>; events: [string, unknown][]; calls: string[] } {
  const watchers: Record<string, () => void> = {};
  const events: [string, unknown][] = [];
  const calls: string[] = [];
  const api: GradioApi = {
    props: { app: "a", document: "", patch: "", options: "{}", value: "" },
    trigger: (name, data) => void events.push([name, data]),
    watch: (name, listener) => void (watchers[name] = listener),
    server: { message: async (text) => {
      calls.push(text);
      return JSON.stringify({ type: "ack", revision: 3 });
    } },
    base: "/files",
  };
  return { api, watchers, events, calls };
}

describe("Gradio as a host", () => {
  it("answers calls through the server function, and sends the rest as events, each with app and session", async () => {
    const { api, events, calls } = fakeGradio();
    const host = gradioHost(api);
    expect(await host.channel!.call({ type: "ops", base: 2 })).toEqual({ type: "ack", revision: 3 });
    host.channel!.send({ type: "fill", id: "f1" });
    const sent = JSON.parse((events[0]![1] as { message: string }).message) as Message;
    expect(JSON.parse(calls[0]!)).toMatchObject({ type: "ops", base: 2, app: "a" });
    expect(sent).toMatchObject({ type: "fill", id: "f1", app: "a", session: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect((JSON.parse(calls[0]!) as Message)["session"]).toBe(sent["session"]);
  });

  it("hands on pushed messages, one or several at once, and ignores what is no message", () => {
    const { api, watchers } = fakeGradio();
    const heard: string[] = [];
    gradioHost(api).channel!.onMessage((message) => heard.push(message.type), new AbortController().signal);
    for (const patch of ['{"type":"patch"}', '[{"type":"a"},{"type":"b"}]', "", "broken", '{"no":1}']) {
      api.props["patch"] = patch;
      watchers["patch"]!();
    }
    expect(heard).toEqual(["patch", "a", "b"]);
  });
});

/** A model whose Python side answers as the widget does. */
function fakeKernel(answer: (content: Record<string, unknown>) => [Message, ArrayBuffer[]?] | null): Model {
  const emitter = new Emitter();
  return {
    get: (name) => (name === "app" ? "w1" : undefined), set: () => {}, save_changes: () => {},
    on: (event, listener) => emitter.on(event, listener), off: (event, listener) => emitter.off(event, listener),
    send: (content) => {
      const reply = answer(content as Record<string, unknown>);
      if (reply) queueMicrotask(() => emitter.emit("msg:custom", ...reply));
    },
  };
}

describe("Jupyter as a host", () => {
  it("matches replies to calls, and keeps other messages for the listeners", async () => {
    const model = fakeKernel((content) => [{ type: "ack", reply_to: content["call"], revision: content["base"] }]);
    const host = jupyterHost(model);
    const heard: Message[] = [];
    host.channel!.onMessage((message) => heard.push(message), new AbortController().signal);
    const replies = await Promise.all([1, 2].map((base) => host.channel!.call({ type: "ops", base })));
    expect(replies.map((reply) => reply["revision"])).toEqual([1, 2]);
    expect(heard).toEqual([]);
    expect(host.app).toBe("w1");
  });

  it("fetches files as buffers, once each, and says which one is missing", async () => {
    let asked = 0;
    const model = fakeKernel((content) => {
      asked++;
      const found = content["name"] === "soundfonts/000.sf3";
      return [{ type: "asset", name: content["name"], found }, found ? [Uint8Array.from([1, 2, 3]).buffer] : []];
    });
    const host = jupyterHost(model);
    const [first, second] = await Promise.all([host.asset("soundfonts/000.sf3"), host.asset("soundfonts/000.sf3")]);
    expect(new Uint8Array(first)).toEqual(Uint8Array.from([1, 2, 3]));
    expect(second).toBe(first);
    expect(asked).toBe(1);
    await expect(host.asset("nothing.js")).rejects.toThrow("nothing.js");
    await expect(host.asset("../secret")).rejects.toThrow("not the name of a file");
  });
});

describe("remembered files", () => {
  it("ask again after a failure", async () => {
    let attempts = 0;
    const load = remember(async () => {
      if (attempts++ === 0) throw new Error("away");
      return new ArrayBuffer(1);
    });
    await expect(load("a.js")).rejects.toThrow("away");
    expect((await load("a.js")).byteLength).toBe(1);
  });
});

describe("A person's own files", () => {
  it("go to Python in pieces, in order, and Stop leaves nothing on its way", async () => {
    const sent: [string, number][] = [];
    const answer = (content: Record<string, unknown>): [Message] => {
      const number = content["call"];
      if (content["type"] === "media.begin") return [{ type: "media.begun", id: "m1", reply_to: number }];
      if (content["type"] === "media.stop") return [{ type: "ack", reply_to: number }];
      const come = sent.filter(([kind]) => kind === "media.piece").reduce((sum, [, size]) => sum + size, 0);
      return [{ type: "media.come", come, reply_to: number, ...(come === 9_000_000 ? { item: { id: "m1" } } : {}) }];
    };
    const emitter = new Emitter();
    const model: Model = {
      get: () => "w1", set: () => {}, save_changes: () => {},
      on: (event, listener) => emitter.on(event, listener), off: (event, listener) => emitter.off(event, listener),
      send: (content, _, buffers) => {
        sent.push([(content as Message).type, buffers?.[0]?.byteLength ?? 0]);
        queueMicrotask(() => emitter.emit("msg:custom", ...answer(content as Record<string, unknown>)));
      },
    };
    const host = jupyterHost(model);
    const file = new File([new Uint8Array(9_000_000)], "hum.wav");
    const shares: number[] = [];
    expect(await host.media!.upload(file, { progress: (share) => shares.push(share) })).toEqual({ id: "m1" });
    expect(sent).toEqual([["media.begin", 0], ["media.piece", 4_000_000], ["media.piece", 4_000_000], ["media.piece", 1_000_000]]);
    expect(shares.at(-1)).toBe(1);

    sent.length = 0;
    const stop = new AbortController();
    const going = host.media!.upload(file, { signal: stop.signal, progress: () => stop.abort() });
    await expect(going).rejects.toMatchObject({ name: "AbortError" });
    expect(sent.map(([kind]) => kind)).toEqual(["media.begin", "media.piece", "media.stop"]);
  });
});
