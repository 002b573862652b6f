/** Sound as a file. */

/** A 16-bit PCM WAV file of an interleaved copy of the channels (each in [-1, 1]). */
export function encodeWav(channels: readonly Float32Array[], rate: number): Uint8Array<ArrayBuffer> {
  const frames = channels[0]?.length ?? 0;
  const block = 2 * channels.length;
  const bytes = new Uint8Array(44 + frames * block);
  const view = new DataView(bytes.buffer);
  const text = (at: number, name: string): void => [...name].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + frames * block, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels.length, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * block, true);
  view.setUint16(32, block, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, frames * block, true);
  let at = 44;
  for (let frame = 0; frame < frames; frame++) {
    for (const channel of channels) {
      view.setInt16(at, Math.round(Math.min(1, Math.max(-1, channel[frame]!)) * 32_767), true);
      at += 2;
    }
  }
  return bytes;
}
