/** A project file (`.wbz`) made by the page alone, for when no server can: a zip that holds the score. */
import { dumpsJson } from "./canonical.js";
import { SCHEMA, scoreToDict, type Score } from "./types.js";

const CRC = Uint32Array.from({ length: 256 }, (_, start) => {
  let value = start;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

function crc32(data: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of data) value = CRC[(value ^ byte) & 0xff]! ^ (value >>> 8);
  return ~value >>> 0;
}

/** 1 January 1980, as in the files that Python writes. */
const DATE = 0x0021;

/** The bytes of the file; `workbench.score.project` reads it as its own. */
export function projectFile(score: Score): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode("score.json");
  const data = new TextEncoder().encode(dumpsJson({ schema: SCHEMA, score: scoreToDict(score) }));
  const local = 30 + name.length;
  const central = 46 + name.length;
  const bytes = new Uint8Array(local + data.length + central + 22);
  const view = new DataView(bytes.buffer);
  /** What the local header and the directory have in common, from the version that can read it on. */
  const about = (at: number): void => {
    view.setUint16(at, 20, true);
    view.setUint16(at + 8, DATE, true);
    view.setUint32(at + 10, crc32(data), true);
    view.setUint32(at + 14, data.length, true);
    view.setUint32(at + 18, data.length, true);
    view.setUint16(at + 22, name.length, true);
  };
  view.setUint32(0, 0x04034b50, true);
  about(4);
  bytes.set(name, 30);
  bytes.set(data, local);
  const directory = local + data.length;
  view.setUint32(directory, 0x02014b50, true);
  view.setUint16(directory + 4, 20, true);
  about(directory + 6);
  bytes.set(name, directory + 46);
  const end = directory + central;
  view.setUint32(end, 0x06054b50, true);
  view.setUint16(end + 8, 1, true);
  view.setUint16(end + 10, 1, true);
  view.setUint32(end + 12, central, true);
  view.setUint32(end + 16, directory, true);
  return bytes;
}
