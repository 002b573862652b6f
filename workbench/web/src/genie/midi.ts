/** MIDI in: any octave's white keys are the buttons. MIDI out: the Genie plays a person's own instrument. */
import { t } from "../strings/index.js";
import type { ButtonCount } from "./rules.js";
import type { Sink } from "./session.js";

const WHITE = [0, 0, 1, 1, 2, 3, 3, 4, 4, 5, 5, 6]; // a black key counts as the white one below
const ALL_NOTES_OFF = 123;

/** Which button a MIDI key is. The hand covers C to the C above; beyond that it moves to another octave. */
export class Hand {
  private octave = -1;

  button(key: number, buttons: ButtonCount): number {
    const octave = Math.floor(key / 12);
    if (this.octave < 0 || (octave !== this.octave && key !== 12 * (this.octave + 1))) this.octave = octave;
    const place = octave === this.octave ? WHITE[key % 12]! : 7;
    return buttons === 8 ? place : buttons === 4 ? place >> 1 : 0;
  }
}

export interface MidiHooks {
  buttons(): ButtonCount;
  press(source: string, button: number, velocity: number, at: number): void;
  release(source: string, at: number): void;
  pedal(down: boolean, at: number): void;
  changed(): void;
}

export interface PortName { readonly id: string; readonly name: string }

export class Midi implements Sink {
  private access: MIDIAccess | null = null;
  private output: MIDIOutput | null = null;
  private readonly hand = new Hand();

  constructor(private readonly hooks: MidiHooks, private readonly signal: AbortSignal) {}

  /** Ask the person's browser; rejects with a sentence. Call it in a click. */
  async connect(): Promise<void> {
    if (this.access) return;
    if (!isSecureContext || !navigator.requestMIDIAccess) throw new Error(t("genie.midiMissing"));
    try {
      this.access = await navigator.requestMIDIAccess();
    } catch {
      throw new Error(t("genie.midiRefused"));
    }
    this.access.onstatechange = () => this.listen();
    this.signal.addEventListener("abort", () => {
      this.choose("");
      for (const input of this.access!.inputs.values()) input.onmidimessage = null;
    });
    this.listen();
  }

  get connected(): boolean {
    return this.access !== null;
  }

  private listen(): void {
    for (const input of this.access!.inputs.values()) {
      input.onmidimessage = (event) => this.receive(input.id, event.data);
    }
    if (this.output && this.output.state === "disconnected") this.output = null;
    this.hooks.changed();
  }

  private receive(port: string, data: Uint8Array | null): void {
    if (!data || data.length < 3 || this.signal.aborted) return;
    const [kind, key, value] = [data[0]! & 0xf0, data[1]!, data[2]!];
    const source = `midi:${port}:${data[0]! & 15}:${key}`;
    const now = performance.now();
    if (kind === 0x90 && value > 0) this.hooks.press(source, this.hand.button(key, this.hooks.buttons()), value, now);
    else if (kind === 0x80 || kind === 0x90) this.hooks.release(source, now);
    else if (kind === 0xb0 && key === 64) this.hooks.pedal(value >= 64, now);
  }

  get inputs(): PortName[] {
    return [...(this.access?.inputs.values() ?? [])].map((port) => ({ id: port.id, name: port.name ?? port.id }));
  }

  get outputs(): PortName[] {
    return [...(this.access?.outputs.values() ?? [])].map((port) => ({ id: port.id, name: port.name ?? port.id }));
  }

  /** Send to this port ("": to none). */
  choose(id: string): void {
    this.output?.send([0xb0, 64, 0]);
    this.output?.send([0xb0, ALL_NOTES_OFF, 0]);
    this.output = this.access?.outputs.get(id) ?? null;
  }

  on(pitch: number, velocity: number): void {
    this.output?.send([0x90, pitch, velocity]);
  }

  off(pitch: number): void {
    this.output?.send([0x80, pitch, 0]);
  }

  pedal(down: boolean): void {
    this.output?.send([0xb0, 64, down ? 127 : 0]);
  }
}
