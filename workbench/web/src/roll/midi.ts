/** A MIDI keyboard, where the browser and the page around allow one: it plays the edited track, and step-records. */
import { t } from "../strings/index.js";
import { currentTrack, type RollState } from "./state.js";

export interface MidiHooks {
  struck(pitch: number, velocity: number): void;
  released(pitch: number): void;
}

/** Ask for the MIDI inputs (in a click); resolves to how many there are, rejects with a sentence. */
export async function connectMidi(state: RollState, hooks: MidiHooks, signal: AbortSignal): Promise<number> {
  if (!isSecureContext || !navigator.requestMIDIAccess) throw new Error(t("midi.missing"));
  let access: MIDIAccess;
  try {
    access = await navigator.requestMIDIAccess();
  } catch {
    throw new Error(t("midi.refused"));
  }
  const listen = (): void => {
    for (const input of access.inputs.values()) input.onmidimessage = (event) => receive(event.data);
  };
  const receive = (data: Uint8Array | null): void => {
    if (!data || data.length < 3 || signal.aborted) return;
    const [status, pitch, velocity] = [data[0]! & 0xf0, data[1]!, data[2]!];
    const track = currentTrack(state);
    if (!track) return;
    if (status === 0x90 && velocity > 0) {
      state.pressed.add(pitch);
      state.context.player.noteOn(track.id, pitch, velocity);
      hooks.struck(pitch, velocity);
    } else if (status === 0x80 || status === 0x90) {
      state.pressed.delete(pitch);
      state.context.player.noteOff(track.id, pitch);
      hooks.released(pitch);
    } else return;
    state.redraw();
  };
  access.onstatechange = listen;
  listen();
  signal.addEventListener("abort", () => {
    for (const input of access.inputs.values()) input.onmidimessage = null;
  });
  return access.inputs.size;
}
