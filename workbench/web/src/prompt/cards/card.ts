/**
 * What a card that shows "what I understood" asks of the page around it, and what the page gets from it.
 *
 * A card never changes what it shows by itself: it tells `host.correct` what a person put right, and shows what the
 * server made of it when `update` brings the new description. `changes` per card, as the Python side understands them:
 *
 * | card | description | `changes` |
 * |---|---|---|
 * | `pictureCard` | `ReadScore` | a list of `{id, pitches}`, `{id, duration: [num, den]}`, `{id, delete: true}`, `{staff: [page, system, staff], key}` (or `clef`, `time`), or `{staff, add: {measure, beat, pitches, duration}}`, lengths in quarters |
 * | `videoCard` | `Watched` | `{cuts: [s]}`, `{moments: [s]}` or `{speech: [[s, s]]}` |
 * | `styleCard` | `Style` | `{tempo}` and the other figures of a `Style` by name; locks go by `host.lock` |
 * | `wordsCard` | `Wishes` | `{without: chip id}` |
 * | `voiceCard` | `Heard` | a list of `{field, at, remove, add}` and `{field, value}`, as the listening page sends them |
 * | `notesCard` | `Score` | `{tempo}` (times what it is: 0.5 or 2), `{transpose}` (semitones), `{key: [fifths, mode]}`, `{metre: [num, den]}` |
 */
export interface CardHost {
  /** The description in its JSON form, as Python's `to_json()` writes it. */
  readonly json: unknown;
  /** Ends the card: listeners go, sound stops. */
  readonly signal: AbortSignal;
  /** What a person put right. */
  correct(changes: object): void;
  /** Put an earlier description back as it was, whole: undo; the server is sent `{restore: JSON}`. Left out: no undo is offered. */
  restore?(json: unknown): void;
  /** The address of the picture of a page, from 0; `pictureCard` alone. */
  image(page: number): Promise<string>;
  /** The address of the recording or of the video; none: it cannot be played here. */
  media?(): Promise<string>;
  /** The address of a copy of the video that any browser plays; `tell` hears the share that is done. */
  copy?(tell: (done: number | null) => void): Promise<string>;
  /** Sound these MIDI pitches at once, for a moment. */
  sound?(pitches: readonly number[], seconds?: number): void;
  /** Play what was understood, from one second to another; returns what stops it. */
  play?(from: number, to: number): () => void;
  /** Say a sentence to people who do not look. */
  say?(text: string): void;
  /** Which dimensions of the style are locked, and locking one; `styleCard` alone. */
  readonly locked?: readonly string[];
  lock?(dimension: string, on: boolean): void;
  /** Go to the listening page, where everything that was heard can be put right; `voiceCard` alone. */
  open?(): void;
}

export interface Card {
  readonly element: HTMLElement;
  /** Show another description (and other locks), as after a correction; what is picked stays picked where it can. */
  update(json: unknown, locked?: readonly string[]): void;
}

/** Below this a reading is doubtful, and drawn so. */
export const SURE = 0.5;
