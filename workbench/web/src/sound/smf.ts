/** A small Standard MIDI File for the offline render: times in 1/24,000 s, one track, notes and programs only. */

export const SMF_TICKS_PER_SECOND = 24_000; // at 60 quarters a minute, so that a tick is a tick of the clock

/** `data`: a channel message; events on one tick are written in the order given. */
export interface SmfEvent { readonly seconds: number; readonly data: readonly number[] }

function variableLength(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >> 7; rest > 0; rest >>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}

const big = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** (bytes - 1 - i)) & 255);

/** Ticks to a quarter, and microseconds that a quarter lasts. */
export interface SmfClock { readonly division: number; readonly usPerQuarter: number }
const FINE: SmfClock = { division: SMF_TICKS_PER_SECOND, usPerQuarter: 1_000_000 };

/** The file's bytes; it ends at `endSeconds`. */
export function writeSmf(events: readonly SmfEvent[], endSeconds: number, clock: SmfClock = FINE): Uint8Array {
  const { division, usPerQuarter } = clock;
  const body: number[] = [0, 0xff, 0x51, 3, ...big(usPerQuarter, 3)];
  let last = 0;
  const at = (seconds: number): number[] => {
    const tick = Math.max(last, Math.round((seconds * division * 1e6) / usPerQuarter));
    const delta = tick - last;
    last = tick;
    return variableLength(delta);
  };
  for (const event of [...events].sort((a, b) => a.seconds - b.seconds)) {
    for (const byte of at(event.seconds)) body.push(byte);
    for (const byte of event.data) body.push(byte);
  }
  body.push(...at(endSeconds), 0xff, 0x2f, 0);
  const text = (name: string): number[] => [...name].map((letter) => letter.charCodeAt(0));
  return Uint8Array.from([
    ...text("MThd"), ...big(6, 4), ...big(0, 2), ...big(1, 2), ...big(division, 2),
    ...text("MTrk"), ...big(body.length, 4),
  ].concat(body));
}
