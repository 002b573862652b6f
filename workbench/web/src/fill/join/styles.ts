/** The server's styles as their cards need them: read, searched, said in words; and the bars in which one is heard. */
import { readLane, type Chord } from "../../document/lanes.js";
import type { TimeMap } from "../../document/timemap.js";
import { readTrack, type Region, type Score, type Track } from "../../document/types.js";
import type { Json } from "../../host/messages.js";
import { programName } from "../../roll/speech.js";
import { givenName, styleWords } from "../../strings/given.js";
import { t } from "../../strings/index.js";
import { served } from "../../strings/served.js";
import { spoken } from "../../strings/spoken.js";

export interface StylePart { readonly name: string; readonly program: number; readonly is_drum: boolean }
/** Start and length in thousandths of a bar; height: a MIDI pitch, for drums 0 kick, 1 snare, 2 cymbals. */
export type Stroke = readonly [start: number, length: number, height: number];
export interface Miniature { readonly part: string; readonly is_drum: boolean; readonly notes: readonly Stroke[] }

export interface Style {
  readonly id: string;
  readonly title: string;
  readonly words: string;
  readonly synonyms: readonly string[];
  /** Quarters a minute: lowest, usual, highest. */
  readonly tempo: readonly [number, number, number];
  readonly metre: readonly [number, number];
  readonly swing: number;
  readonly parts: readonly StylePart[];
  readonly miniature: readonly Miniature[];
}

export type Pace = "slow" | "easy" | "lively" | "fast";
/** From so many quarters a minute on. */
const PACES: readonly [number, Pace][] = [[144, "fast"], [112, "lively"], [84, "easy"], [0, "slow"]];
/** A beat whose second half comes later than this is heard as swung. */
const SWUNG = 0.55;
/** A style is heard in so many bars at least, where the piece has them, and in so many at most. */
const LEAST_BARS = 4;
const MOST_BARS = 8;

/** A style that lacks what its card shows is left out: one damaged file must not take the others away. */
export function readStyles(items: readonly Json[]): Style[] {
  return items.filter((item) => typeof item["id"] === "string" && typeof item["title"] === "string"
    && [item["parts"], item["tempo"], item["metre"], item["miniature"], item["synonyms"]].every(Array.isArray))
    .map((item) => ({ ...item, ...inOurWords(item) })) as unknown as Style[];
}

/** Its title and its words as the page says them; in any language it is found by its English ones too. */
function inOurWords(item: Json): Partial<Style> {
  if (spoken().language === "en") return {};
  const title = String(item["title"]), words = String(item["words"] ?? "");
  const known = [...(item["synonyms"] as readonly string[]), title, words, ...(item["parts"] as readonly StylePart[]).map((part) => part.name)];
  return { title: served(title), words: styleWords(String(item["id"]), words), synonyms: known };
}

export const paceOf = (style: Style): Pace => PACES.find(([from]) => style.tempo[1] >= from)![1];

/** "lively, swung, 3/4": how it moves, in words. */
export function feelOf(style: Style): string {
  const [beats, unit] = style.metre;
  return [t(`join.pace.${paceOf(style)}`), ...(style.swing > SWUNG ? [t("join.swung")] : []),
    ...(beats === 4 && unit === 4 ? [] : [`${beats}/${unit}`])].join(", ");
}

export const partsOf = (style: Style): string => style.parts.map((part) => givenName(part.name)).join(", ");

const plain = (text: string): string[] => text.toLocaleLowerCase().split(/[^\p{L}\p{N}/]+/u).filter(Boolean);

/** Styles in whose words, names or instruments every word of the text begins one; all of them for an empty text. */
export function findStyles(styles: readonly Style[], text: string): Style[] {
  const wanted = plain(text);
  return styles.filter((style) => {
    const known = plain([style.id, style.title, style.words, ...style.synonyms, feelOf(style), t(`join.find.${paceOf(style)}`),
      ...style.parts.flatMap((part) => [givenName(part.name), programName(part)])].join(" "));
    return wanted.every((word) => known.some((item) => item.startsWith(word)));
  });
}

/**
 * First and last bar in which a style is heard: the marked ones, or else from the first bar with notes; four at least,
 * eight at most, and none behind the end of the piece. null: there is nothing to play along with.
 */
export function heardBars(score: Score, time: TimeMap, marks: readonly Region[]): readonly [number, number] | null {
  let begin = Infinity, end = 0;
  for (const track of score.tracks) {
    for (const note of track.notes.values()) {
      begin = Math.min(begin, note.start);
      end = Math.max(end, note.start + note.duration);
    }
  }
  if (end === 0) return null;
  const last = time.barAt(Math.max(0, end - 1)).number;
  const first = marks.length ? time.barAt(Math.min(...marks.map((mark) => mark.start))).number : time.barAt(begin).number;
  if (first > last) return [Math.max(time.barAt(begin).number, last - LEAST_BARS + 1), last];
  const wished = marks.length ? time.barAt(Math.max(...marks.map((mark) => mark.end)) - 1).number : first;
  const stop = Math.min(Math.max(wished, first + LEAST_BARS - 1), first + MOST_BARS - 1, Math.max(last, wished));
  // A gap near the end is heard with what leads up to it.
  return [Math.max(Math.min(first, stop - LEAST_BARS + 1), Math.min(first, time.barAt(begin).number)), stop];
}

/** What the server plays of a style in these bars. */
export interface Heard { readonly tracks: readonly Track[]; readonly chords: readonly Chord[]; readonly found: boolean }

export const readHeard = (tracks: readonly Json[], chords: readonly Json[], found: boolean): Heard =>
  ({ tracks: tracks.map((track) => readTrack(track)), chords: readLane<Chord>("chords", chords), found });
