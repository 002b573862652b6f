/** What the parts of the picture card share: what was read, what is picked in it, and putting it right. */
import { lengthName, pitchName, programName } from "../../roll/speech.js";
import { t } from "../../strings/index.js";
import type { CardHost } from "./card.js";
import type { Picked } from "./pagepaint.js";
import {
  find, isDoubtful, keyOf, placedOn, readScoreOf, staffOfPlace, stepOf, type Placed, type ReadScore, type StaffPlace,
} from "./scoreread.js";
import { pitchOfStep } from "./staffsteps.js";
import { Told } from "./told.js";

/** Lengths that can be chosen, in quarters. */
export const LENGTHS: readonly (readonly [number, number])[] = [
  [4, 1], [3, 1], [2, 1], [3, 2], [1, 1], [3, 4], [1, 2], [1, 4], [1, 8], [2, 3], [1, 3], [1, 6],
];
const PPQ = 960;

export const lengthWords = (quarters: number): string => lengthName(quarters * PPQ, PPQ);
const spoken = (name: string): string => name.replace("♯", t("say.sharp")).replace("♭", t("say.flat"));
export const nameOf = (event: Placed["event"], index: number): string =>
  event.names[index]?.replaceAll("#", "♯").replaceAll("b", "♭") || pitchName(event.pitches[index]!);

export class PictureDesk {
  readonly told: Told<ReadScore>;
  page = 0;
  picked: Picked = { id: null, staff: null, head: 0 };
  /** A touch adds a note instead of picking one. */
  adding = false;
  private readonly painters = new Set<() => void>();

  constructor(readonly host: CardHost) {
    this.told = new Told(host, host.json, readScoreOf);
  }

  get score(): ReadScore {
    return this.told.value;
  }

  get placed(): Placed | null {
    return this.picked.id === null ? null : find(this.score, this.picked.id);
  }

  /** The pitch that the arrows change. */
  get head(): number {
    const count = this.placed?.event.pitches.length ?? 0;
    return count ? Math.min(this.picked.head, count - 1) : 0;
  }

  onChange(painter: () => void): void {
    this.painters.add(painter);
  }

  redraw(): void {
    for (const painter of this.painters) painter();
  }

  pick(placed: Placed | null, head?: number, quiet = false): void {
    this.picked = { id: placed?.event.id ?? null, staff: null, head: head ?? Math.max(0, (placed?.event.pitches.length ?? 0) - 1) };
    if (placed) {
      this.page = placed.place[0];
      if (!quiet) this.hear();
      this.host.say?.(this.words(placed));
    }
    this.redraw();
  }

  pickStaff(staff: StaffPlace): void {
    this.picked = { id: null, staff, head: 0 };
    this.host.say?.(this.staffWords(staff));
    this.redraw();
  }

  hear(): void {
    const event = this.placed?.event;
    if (event?.pitches.length) this.host.sound?.(event.pitches, Math.min(1.2, 0.25 + 0.35 * event.duration));
  }

  /** From note to note along a staff, on to the same staff of the next line. */
  step(by: number): void {
    const all = placedOn(this.score, this.page), now = this.placed;
    if (!now) return this.pick(by > 0 ? all[0] ?? null : all.at(-1) ?? null);
    const line = all.filter(({ place }) => place[2] === now.place[2]);
    const next = line[line.findIndex(({ event }) => event.id === now.event.id) + by];
    if (next) return this.pick(next);
    const other = placedOn(this.score, this.page + by).filter(({ place }) => place[2] === now.place[2]);
    if (other.length) this.pick(by > 0 ? other[0]! : other.at(-1)!);
  }

  /** To the staff above or below, the note nearest in time. */
  stepStaff(by: number): void {
    const now = this.placed;
    if (!now) return this.step(1);
    const staffs = [...new Set(placedOn(this.score, this.page).map(({ place }) => place.join()))];
    const wanted = staffs[staffs.indexOf(now.place.join()) + by];
    const there = placedOn(this.score, this.page).filter(({ place }) => place.join() === wanted);
    const away = ({ event }: Placed): number => Math.abs(event.box[0] - now.event.box[0]);
    if (there.length) this.pick(there.reduce((best, item) => (away(item) < away(best) ? item : best)));
  }

  // -- corrections ---------------------------------------------------------------------------------------------------

  correct(...changes: object[]): void {
    this.told.correct(changes);
  }

  private setPitch(change: (pitch: number, step: number, key: number) => number): void {
    const placed = this.placed;
    if (!placed?.event.pitches.length) return;
    const { event } = placed, key = keyOf(placed), { head } = this;
    const next = change(event.pitches[head]!, stepOf(event, head, key), key);
    if (next < 0 || next > 127) return;
    const pitches = [...new Set(event.pitches.map((pitch, i) => (i === head ? next : pitch)))].sort((a, b) => a - b);
    this.picked = { ...this.picked, head: pitches.indexOf(next) };
    this.correct({ id: event.id, pitches });
    this.host.sound?.([next], 0.5);
  }

  /** Up or down the staff, with the accidentals of the key. */
  move(steps: number): void {
    this.setPitch((_, step, key) => pitchOfStep(step + steps, key));
  }

  /** Sharper or flatter by a semitone. */
  alter(by: number): void {
    this.setPitch((pitch) => pitch + by);
  }

  setLength(duration: readonly [number, number]): void {
    const { placed } = this;
    if (placed) this.correct({ id: placed.event.id, duration });
  }

  /** Shorter or longer: the next of the lengths without dots and triplets. */
  stretch(by: number): void {
    const { placed } = this;
    if (!placed) return;
    const plain = [[1, 8], [1, 4], [1, 2], [1, 1], [2, 1], [4, 1]] as const;
    const at = plain.findIndex(([top, bottom]) => top / bottom >= placed.event.duration - 1e-6);
    const exact = at >= 0 && Math.abs(plain[at]![0] / plain[at]![1] - placed.event.duration) < 1e-6;
    const next = plain[(at < 0 ? plain.length : at) + (by > 0 && !exact ? 0 : by)];
    if (next) this.setLength(next);
  }

  toggleTie(): void {
    const { placed } = this;
    if (placed) this.correct({ id: placed.event.id, tie: !placed.event.tie });
  }

  /** It is right as it is: it is doubtful no more. */
  confirm(): void {
    const { placed } = this;
    if (!placed) return;
    const { event } = placed;
    this.correct(event.rest ? { id: event.id, duration: event.duration } : { id: event.id, pitches: event.pitches });
  }

  /** One note of a chord, or the whole event. */
  remove(): void {
    const { placed } = this;
    if (!placed) return;
    const { event } = placed;
    if (event.pitches.length > 1) {
      const pitches = event.pitches.filter((_, i) => i !== this.head);
      this.picked = { ...this.picked, head: Math.max(0, this.head - 1) };
      return this.correct({ id: event.id, pitches });
    }
    const line = placedOn(this.score, placed.place[0]).filter(({ place }) => place.join() === placed.place.join());
    const at = line.findIndex((item) => item.event.id === event.id);
    this.picked = { id: (line[at + 1] ?? line[at - 1])?.event.id ?? null, staff: null, head: 0 };
    this.correct({ id: event.id, delete: true });
  }

  add(staff: StaffPlace, measure: number, beat: number, pitch: number, duration: number): void {
    this.host.sound?.([pitch], 0.5);
    const at = staffOfPlace(this.score, staff)?.staff.events.find((event) => event.measure === measure && Math.abs(event.beat - beat) < 0.05 && !event.rest);
    if (at && !at.pitches.includes(pitch)) return this.correct({ id: at.id, pitches: [...at.pitches, pitch].sort((a, b) => a - b) });
    if (!at) this.correct({ staff, add: { measure, beat, pitches: [pitch], duration } });
  }

  /** A note like this one right behind it. */
  addBehind(): void {
    const { placed } = this;
    if (!placed) return;
    const { event } = placed;
    this.add(placed.place, event.measure, event.beat + event.duration, event.pitches[this.head] ?? 60, event.duration || 1);
  }

  setStaff(change: { readonly clef?: string; readonly key?: number; readonly time?: readonly [number, number] }): void {
    const { staff } = this.picked;
    if (staff) this.correct({ staff, ...change });
  }

  undo(): void {
    this.told.undo();
  }

  // -- words ---------------------------------------------------------------------------------------------------------

  counts(): { notes: number; doubtful: number } {
    const all = this.score.pages.flatMap((_, page) => placedOn(this.score, page));
    return {
      notes: all.reduce((sum, { event }) => sum + event.pitches.length, 0),
      doubtful: all.filter(({ event }) => isDoubtful(event)).length,
    };
  }

  /** "bar 3, beat 2: F sharp 4, quarter, doubtful". */
  words({ event }: Placed): string {
    const place = t("say.place", { bar: event.measure, beat: Number(event.beat.toFixed(2)) });
    const what = event.rest ? t("cards.picture.rest") : event.pitches.map((_, i) => spoken(nameOf(event, i))).join(", ");
    return [
      `${place}: ${what}`, lengthWords(event.duration), ...(event.tie ? [t("cards.picture.tied")] : []),
      ...(isDoubtful(event) ? [t("cards.picture.doubtful")] : []), ...(event.changed ? [t("cards.picture.changed")] : []),
    ].join(", ");
  }

  partName(part: number): string {
    return this.score.parts[part]?.trim() || programName({ program: 0, is_drum: false });
  }

  staffWords(place: StaffPlace): string {
    const found = staffOfPlace(this.score, place);
    return t("cards.picture.staffWords", { line: place[1] + 1, staff: place[2] + 1, part: this.partName(found?.staff.part ?? 0) });
  }
}
