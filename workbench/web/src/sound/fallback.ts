/**
 * Playback where the browser forbids the synthesiser (an insecure address has no AudioWorklet): the server renders
 * the piece and an audio element plays it. There is no audition of single notes and no live playing.
 */
import type { TimeMap } from "../document/timemap.js";
import type { Message } from "../host/model.js";

export interface FallbackPiece {
  time(): TimeMap;
  revision(): number;
  loop(): readonly [number, number] | null;
  /** Ask the server; the reply to `render` is `{type: "audio", url}`. */
  call(message: Message): Promise<Message>;
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
      const reply = await this.piece.call({ type: "render", revision });
      if (reply.type !== "audio" || typeof reply["url"] !== "string") {
        throw new Error(typeof reply["text"] === "string" ? reply["text"] : "The server could not make the sound.");
      }
      this.element.src = reply["url"];
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
