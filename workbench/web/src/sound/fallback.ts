/**
 * Playback where the browser forbids the synthesiser (an insecure address has no AudioWorklet): the server renders
 * the piece and an audio element plays it. There is no audition of single notes and no live playing.
 */
import type { TimeMap } from "../document/timemap.js";
import { t } from "../strings/index.js";
import type { Reply } from "../store/store.js";

export interface FallbackPiece {
  time(): TimeMap;
  revision(): number;
  loop(): readonly [number, number] | null;
  /** Ask the server for the piece as a file; rejects with one sentence. */
  render(revision: number): Promise<Reply<"render">>;
}

export const needsFallback = (): boolean =>
  typeof AudioContext === "undefined" || !isSecureContext || !("audioWorklet" in AudioContext.prototype);

export class ServerPlayback {
  private readonly element = new Audio();
  private rendered = -1;
  playing = false;
  onEnd: () => void = () => {};

  constructor(private readonly piece: FallbackPiece) {
    this.element.addEventListener("ended", () => {
      this.playing = false;
      this.onEnd();
    });
    this.element.addEventListener("timeupdate", () => {
      const loop = this.piece.loop();
      if (!loop || !this.playing) return;
      if (this.element.currentTime >= this.piece.time().seconds(loop[1])) {
        this.element.currentTime = this.piece.time().seconds(loop[0]);
      }
    });
  }

  async start(tick: number): Promise<void> {
    if (this.rendered !== this.piece.revision()) {
      const revision = this.piece.revision();
      const { url } = await this.piece.render(revision);
      if (!url) throw new Error(t("sound.notMade"));
      this.element.src = url;
      this.rendered = revision;
    }
    this.element.currentTime = this.piece.time().seconds(tick);
    await this.element.play();
    this.playing = true;
  }

  stop(): void {
    this.element.pause();
    this.playing = false;
  }

  position(): number {
    return this.piece.time().exactTick(this.element.currentTime);
  }
}
