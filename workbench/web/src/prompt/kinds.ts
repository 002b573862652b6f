/** What a file is, by its first bytes, so that it can be offered to the right slot; the server judges again. */
import { SCORES } from "../host/formats.js";
import type { Slot } from "./types.js";

const HEAD = 4_096;

const ascii = (bytes: Uint8Array, from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));

/** The slots that a file can go into, the likeliest first; none for a file of no known kind. */
export async function slotsFor(file: Blob): Promise<readonly Slot[]> {
  return slotsOfHead(new Uint8Array(await file.slice(0, HEAD).arrayBuffer()));
}

export function slotsOfHead(head: Uint8Array): readonly Slot[] {
  const four = ascii(head, 0, 4), box = ascii(head, 4, 8), brand = ascii(head, 8, 12);
  if (four === "\x89PNG" || four === "GIF8" || (head[0] === 0xff && head[1] === 0xd8) || four === "%PDF" || four === "II*\0" || four === "MM\0*") return ["picture"];
  if (four === "RIFF" && brand === "WEBP") return ["picture"];
  if (box === "ftyp" && /^(hei[cx]|hevc|mif1|msf1|avif)/.test(brand)) return ["picture"];
  if (box === "ftyp" && /^(M4[ABP] |F4A )/.test(brand)) return ["recording", "voice"];
  if (box === "ftyp" || ["moov", "mdat", "wide"].includes(box) || four === "\x1aE\xdf\xa3" || (four === "RIFF" && brand === "AVI ") || (head[0] === 0 && head[1] === 0 && head[2] === 1 && (head[3] === 0xba || head[3] === 0xb3))) {
    return ["video", "recording", "voice"];
  }
  if ((four === "RIFF" && brand === "WAVE") || four === "fLaC" || four === "FORM" || four === "OggS" || ascii(head, 0, 3) === "ID3" || (head[0] === 0xff && (head[1]! & 0xe0) === 0xe0)) {
    return ["recording", "voice"];
  }
  if (four === "MThd" || four === "PK\x03\x04") return ["notes"];
  const text = new TextDecoder("utf-8").decode(head);
  if (/<score-(partwise|timewise)|<!DOCTYPE score-/.test(text) || /^\s*(%abc|X:\s*\d)/.test(text)) return ["notes"];
  const isText = head.length > 0 && !head.includes(0) && !/\ufffd(?!$)/.test(text);
  return isText && !/^\s*</.test(text) ? ["words"] : [];
}

/** What may be chosen for a slot, for the browser's own window. */
export const ACCEPT: Readonly<Record<Slot, string>> = {
  words: ".txt,text/plain",
  voice: "audio/*,video/*,.wav,.mp3,.m4a,.flac,.ogg,.opus,.aiff",
  recording: "audio/*,video/*,.wav,.mp3,.m4a,.flac,.ogg,.opus,.aiff",
  picture: "image/*,.heic,application/pdf,.pdf",
  video: "video/*,.mp4,.mov,.mkv,.webm,.avi",
  notes: SCORES,
};
