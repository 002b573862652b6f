/** The microphone: samples as they come, its level, and one sentence where it cannot be had. */
import { t, type StringKey } from "../strings/index.js";

/** Runs on the audio thread; sends what it hears in blocks, with the frame that each begins at. */
const TAP = `
class WorkbenchTap extends AudioWorkletProcessor {
  constructor() { super(); this.block = new Float32Array(1024); this.count = 0; this.at = 0; }
  process(inputs) {
    const channels = inputs[0];
    if (!channels.length) return true;
    if (!this.count) this.at = currentFrame;
    for (let i = 0; i < channels[0].length; i++) {
      let sum = 0;
      for (const channel of channels) sum += channel[i];
      this.block[this.count++] = sum / channels.length;
      if (this.count === this.block.length) {
        this.port.postMessage({ at: this.at, samples: this.block });
        this.block = new Float32Array(1024);
        this.count = 0;
        this.at = currentFrame + i + 1;
      }
    }
    return true;
  }
}
registerProcessor("workbench-tap", WorkbenchTap);`;

interface Block { readonly at: number; readonly samples: Float32Array }

/** How long what is heard takes to come back, where the browser does not say: seconds there and here. */
const USUAL_LATENCY = 0.02;
const FULL = 0.99;

const SENTENCES: Readonly<Record<string, StringKey>> = {
  NotAllowedError: "listen.micRefused", SecurityError: "listen.micRefused", NotFoundError: "listen.micNone",
  OverconstrainedError: "listen.micNone", NotReadableError: "listen.micBusy", AbortError: "listen.micBusy",
};

/** Why there can be no microphone on this page; empty where there can. */
export function microphoneSilence(): string {
  if (!window.isSecureContext || !navigator.mediaDevices || typeof AudioWorkletNode === "undefined") return t("listen.micInsecure");
  return "";
}

export class Microphone {
  /** Loudest sample since it was last asked for, and whether any was cut off. */
  private loudest = 0;
  private energy = 0;
  private frames = 0;
  private blocks: Block[] = [];
  private keeping = false;
  onEnd: () => void = () => {};

  private constructor(
    readonly context: AudioContext, private readonly stream: MediaStream, private readonly node: AudioWorkletNode,
  ) {
    node.port.onmessage = ({ data }: MessageEvent<Block>) => this.take(data);
    for (const track of stream.getTracks()) track.onended = () => this.onEnd();
  }

  /** Ask for the microphone; call it in a user gesture. Rejects with one sentence. */
  static async open(): Promise<Microphone> {
    const silence = microphoneSilence();
    if (silence) throw new Error(silence);
    let stream: MediaStream;
    try {
      // What makes speech clear on the telephone bends and cuts singing.
      stream = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      });
    } catch (error) {
      const name = error instanceof DOMException ? error.name : "";
      throw new Error(t(SENTENCES[name] ?? "listen.micFailed"));
    }
    const context = new AudioContext({ latencyHint: "interactive" });
    const url = URL.createObjectURL(new Blob([TAP], { type: "text/javascript" }));
    try {
      await context.resume();
      await context.audioWorklet.addModule(url);
      const node = new AudioWorkletNode(context, "workbench-tap", { numberOfOutputs: 1 });
      context.createMediaStreamSource(stream).connect(node);
      node.connect(context.destination); // silent; some browsers run only what is heard
      return new Microphone(context, stream, node);
    } catch {
      for (const track of stream.getTracks()) track.stop();
      void context.close();
      throw new Error(t("listen.micFailed"));
    } finally {
      URL.revokeObjectURL(url);
    }
  }

  private take(block: Block): void {
    for (const value of block.samples) {
      this.loudest = Math.max(this.loudest, Math.abs(value));
      this.energy += value * value;
    }
    this.frames += block.samples.length;
    if (this.keeping) this.blocks.push(block);
  }

  /** What came since it was last asked: the loudest sample and the mean level, both 0 to 1; null where nothing did. */
  meter(): { peak: number; level: number; clipped: boolean } | null {
    if (!this.frames) return null;
    const found = { peak: this.loudest, level: Math.sqrt(this.energy / this.frames), clipped: this.loudest >= FULL };
    [this.loudest, this.energy, this.frames] = [0, 0, 0];
    return found;
  }

  /** Seconds between a click that leaves the context and what is sung to it coming in. */
  get latency(): number {
    const settings = this.stream.getAudioTracks()[0]?.getSettings() as { latency?: number } | undefined;
    const { outputLatency, baseLatency } = this.context;
    return (outputLatency || baseLatency || USUAL_LATENCY) + (settings?.latency || USUAL_LATENCY);
  }

  /** Keep what comes from now on. */
  keep(): void {
    this.blocks = [];
    this.keeping = true;
  }

  /** What was kept from a time of the context on (default: all); the rest is forgotten. */
  kept(from = 0): { samples: Float32Array; rate: number } {
    this.keeping = false;
    const rate = this.context.sampleRate, first = Math.round(from * rate);
    const pieces = this.blocks.map(({ at, samples }) => samples.subarray(Math.min(samples.length, Math.max(0, first - at))));
    this.blocks = [];
    const samples = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let place = 0;
    for (const piece of pieces) {
      samples.set(piece, place);
      place += piece.length;
    }
    return { samples, rate };
  }

  close(): void {
    this.onEnd = () => {};
    for (const track of this.stream.getTracks()) track.stop();
    this.node.port.onmessage = null;
    void this.context.close();
  }
}
