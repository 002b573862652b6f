/** What was understood of one thing, as a list: for those who would rather read than look, and where there is no card. */
import { isRecord } from "../document/check.js";
import { t } from "../strings/index.js";
import { clock } from "../roll/speech.js";
import { keyWords } from "../strings/keywords.js";
import { h } from "../ui/dom.js";
import type { Item } from "./types.js";

const NAMES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"] as const;
/** Most lines of one list; the cards show everything. */
const MOST = 24;

const list = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isRecord) : []);
const numbers = (value: unknown): number[] => (Array.isArray(value) ? value.filter((each): each is number => typeof each === "number") : []);
export const pitchName = (pitch: number): string => `${NAMES[((pitch % 12) + 12) % 12]!}${Math.floor(pitch / 12) - 1}`;

/** Sentences about what was understood, or about a style. */
export function linesOf(understood: unknown, style = false): string[] {
  if (style) return styled(understood);
  if (!isRecord(understood)) return [];
  if (Array.isArray(understood["chips"])) return wishes(understood);
  if (Array.isArray(understood["pages"])) return read(understood);
  if (Array.isArray(understood["cuts"])) return watched(understood);
  if (Array.isArray(understood["tracks"])) return score(understood);
  return heard(understood);
}

function wishes(data: Record<string, unknown>): string[] {
  const unread = Array.isArray(data["not_understood"]) ? data["not_understood"].map(String) : [];
  return [
    ...list(data["chips"]).map((chip) => String(chip["sentence"])),
    ...(unread.length ? [t("prompt.notUnderstood", { words: unread.join(", ") })] : []),
    ...(typeof data["refused"] === "string" && data["refused"] ? [data["refused"]] : []),
  ];
}

function heard(data: Record<string, unknown>): string[] {
  const notes = list(data["melody"]).length ? list(data["melody"]) : list(data["notes"]);
  const chords = list(data["chords"]).map((chord) => String(chord["label"])).filter((label) => label !== "N");
  const tempo = typeof data["tempo"] === "number" ? Math.round(data["tempo"]) : 0;
  return [
    t("prompt.heardNotes", { count: notes.length }),
    ...(tempo ? [t("prompt.tempoIs", { tempo })] : []),
    ...(typeof data["key"] === "string" ? [t("prompt.keyIs", { key: keyWords(data["key"]) })] : []),
    ...(chords.length ? [t("prompt.chordsAre", { chords: chords.slice(0, MOST).join(", ") })] : []),
    ...(notes.length ? [t("prompt.notesAre", { notes: notes.slice(0, MOST).map((note) => pitchName(Number(note["pitch"]))).join(" ") })] : []),
  ];
}

function styled(style: unknown): string[] {
  if (!isRecord(style)) return [];
  const instruments = Array.isArray(style["instruments"]) ? style["instruments"].map(String) : [];
  return instruments.length ? [t("prompt.instrumentsAre", { names: instruments.slice(0, 8).join(", ") })] : [];
}

function read(data: Record<string, unknown>): string[] {
  const pages = list(data["pages"]);
  const staves = pages.flatMap((page) => list(page["systems"]).flatMap((system) => list(system["staves"])));
  const events = staves.flatMap((staff) => list(staff["events"])).filter((event) => !event["rest"]);
  const doubtful = events.filter((event) => Number(event["confidence"]) < 0.5).length;
  return [
    t("prompt.readNotes", { count: events.length, staves: staves.length }),
    ...(doubtful ? [t("prompt.readDoubtful", { count: doubtful })] : []),
    ...(events.length ? [t("prompt.notesAre", { notes: events.slice(0, MOST).map((event) => numbers(event["pitches"]).map(pitchName).join("+")).join(" ") })] : []),
  ];
}

function watched(data: Record<string, unknown>): string[] {
  const seconds = Number(data["duration"]) || 0, cuts = numbers(data["cuts"]), moments = numbers(data["moments"]);
  const speech = Array.isArray(data["speech"]) ? data["speech"].length : 0;
  return [
    t("prompt.videoLasts", { time: clock(seconds) }),
    cuts.length ? t("prompt.cutsAt", { count: cuts.length, times: cuts.slice(0, MOST).map(clock).join(", ") }) : t("prompt.noCuts"),
    ...(moments.length ? [t("prompt.momentsAt", { times: moments.slice(0, MOST).map(clock).join(", ") })] : []),
    ...(speech ? [t("prompt.speechIs", { count: speech })] : []),
  ];
}

function score(data: Record<string, unknown>): string[] {
  const tracks = list(data["tracks"]);
  const count = (track: Record<string, unknown>): number => (Array.isArray(track["notes"]) ? track["notes"].length : 0);
  return tracks.slice(0, MOST).map((track) => t("prompt.trackIs", { name: String(track["name"]) || t("home.untitled"), count: count(track) }));
}

export function plainList(item: Item): HTMLElement {
  return h("ul", { class: "plain" }, [...linesOf(item.understood), ...linesOf(item.style, true)].map((line) => h("li", {}, line)));
}
