import { describe, expect, it, vi } from "vitest";
import { playVideo } from "../src/media/playable.js";

/** What the player of a browser does of its own: loads what it is given, and says how that went. */
class Player extends EventTarget {
  videoWidth = 0;
  loads: string[] = [];
  #src: string | null = null;
  set src(url: string) {
    this.#src = url;
    this.loads.push(url);
  }
  getAttribute(): string | null {
    return this.#src;
  }
  removeAttribute(): void {
    this.#src = null;
  }
  load(): void {}
  says(event: string, width = 0): void {
    this.videoWidth = width;
    this.dispatchEvent(new Event(event));
  }
}

const wait = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

function shown(copy?: (tell: (done: number | null) => void) => Promise<string>) {
  const player = new Player(), said: string[] = [], lost = vi.fn(), gone = new AbortController();
  playVideo(player as never, { address: async () => "own", ...(copy && { copy }) }, (words) => said.push(words), lost, gone.signal);
  return { player, said, lost, gone };
}

describe("a video in a player", () => {
  it("is shown as it is where the browser can", async () => {
    const copy = vi.fn(), { player, said, lost } = shown(copy);
    await wait();
    player.says("loadedmetadata", 640);
    expect(player.loads).toEqual(["own"]);
    expect(said).toEqual([""]);
    expect(copy).not.toHaveBeenCalled();
    expect(lost).not.toHaveBeenCalled();
  });

  it.each(["error", "loadedmetadata"])("is replaced by a copy where there is no picture (%s)", async (event) => {
    const { player, said, lost } = shown(async (tell) => {
      tell(0.5);
      return "copy";
    });
    await wait();
    player.says(event);
    await wait();
    player.says("loadedmetadata", 640);
    expect(player.loads).toEqual(["own", "copy"]);
    expect(said.some((words) => words.includes("50 %"))).toBe(true);
    expect(said.at(-1)).toBe("");
    expect(lost).not.toHaveBeenCalled();
  });

  it("says why it cannot be shown, once", async () => {
    const { player, lost } = shown(async () => Promise.reject(new Error("No room.")));
    await wait();
    player.says("error");
    await wait();
    player.says("error");
    expect(lost.mock.calls).toEqual([["No room."]]);
    const second = shown(async () => "copy");
    await wait();
    second.player.says("error");
    await wait();
    second.player.says("error");
    expect(second.lost).toHaveBeenCalledTimes(1);
    expect(second.player.loads).toEqual(["own", "copy"]);
  });

  it("asks for nothing once its place is gone", async () => {
    const copy = vi.fn(), { player, gone, lost } = shown(copy);
    await wait();
    gone.abort();
    player.says("error");
    await wait();
    expect(copy).not.toHaveBeenCalled();
    expect(lost).not.toHaveBeenCalled();
  });
});
