/** What plays along: the built-in groove with typed chords, a chord held by hand, or the open project. */
import { tonic, type Chord } from "../document/lanes.js";
import type { Player } from "../sound/player.js";
import type { Store } from "../store/store.js";
import { chordTones, NO_CHORD, parseLine, type NamedChord, type PlayChord } from "./chords.js";
import { ClickLine, GrooveLine, Kit } from "./groove.js";
import type { Companion } from "./session.js";
import { BEATS_IN_BAR, type Backing, type GrooveStyle } from "./take.js";
import { Transport } from "./transport.js";
import type { Voices } from "./voices.js";

export type With = "alone" | "chords" | "project";

export const NAMES = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"] as const;
const SUFFIX: Readonly<Record<string, string>> = { maj: "", min: "m", min7: "m7", hdim7: "m7b5", min6: "m6", min9: "m9", minmaj7: "mM7" };

export const chordName = (chord: Pick<PlayChord, "root" | "quality">): string =>
  `${NAMES[chord.root]}${SUFFIX[chord.quality] ?? chord.quality}`;

/** A key: tonic 0 to 11 and mode. */
export interface PlayKey { readonly tonic: number; readonly minor: boolean }

export function scaleOf(key: PlayKey): number[] {
  const steps = key.minor ? [0, 2, 3, 5, 7, 8, 10] : [0, 2, 4, 5, 7, 9, 11];
  return steps.map((step) => (key.tonic + step) % 12).sort((a, b) => a - b);
}

/** The key whose scale holds most tones of the chords; the first chord's root breaks ties. */
export function guessKey(chords: readonly PlayChord[]): PlayKey {
  let best: PlayKey = { tonic: 0, minor: false };
  let most = -1;
  for (const minor of [false, true]) {
    for (let root = 0; root < 12; root++) {
      const scale = scaleOf({ tonic: root, minor });
      let count = 0;
      for (const chord of chords) for (const tone of chordTones(chord)) if (scale.includes(tone)) count += 1;
      if (chords[0]?.root === root && chords[0].quality.startsWith("min") === minor) count += 0.5;
      if (count > most) [best, most] = [{ tonic: root, minor }, count];
    }
  }
  return best;
}

const asPlayed = (chord: Chord): PlayChord => ({ time: 0, root: chord.root, quality: chord.quality, bass: chord.bass });

export class Accompaniment implements Companion {
  with: With = "alone";
  chords: readonly NamedChord[] = parseLine("C Am F G");
  bpm = 96;
  style: GrooveStyle = "beat";
  countIn = true;
  metronome = false;
  /** A chord held on the pad, before anything else. */
  held: NamedChord | null = null;
  readonly transport = new Transport();
  private timer: ReturnType<typeof setTimeout> | undefined;
  onChange: () => void = () => {};

  constructor(private readonly store: Store, private readonly player: Player, private readonly voices: Voices) {
    this.transport.onState = () => this.onChange();
  }

  get running(): boolean {
    return this.with === "project" ? this.player.playing || this.timer !== undefined : this.transport.running;
  }

  get backing(): Backing {
    return { bpm: this.bpm, style: this.style, chords: this.chords };
  }

  /** Start, with a bar of clicks before if wanted. Call it in a gesture. */
  async start(): Promise<void> {
    const context = this.voices.unlock();
    await context.resume();
    const kit = new Kit(context);
    if (this.with === "project") return this.startProject(context, kit);
    const bar = (60 / this.bpm) * BEATS_IN_BAR;
    this.transport.start(context, [
      new GrooveLine(() => this.backing, kit, () => this.voices.accompaniment),
      new ClickLine(() => this.bpm, kit, () => this.metronome || this.style === "none"),
    ], { from: this.countIn ? -bar : 0 });
  }

  private async startProject(context: AudioContext, kit: Kit): Promise<void> {
    const { time, view } = this.store;
    this.store.setView({ metronome: this.metronome });
    if (!this.countIn) return this.player.play();
    await this.player.warm();
    const bpm = 60e6 / time.tempoAt(view.cursor);
    const bar = time.barAt(view.cursor);
    const seconds = (60 / bpm) * ((4 * bar.numerator) / bar.denominator);
    this.transport.start(context, [new ClickLine(() => bpm, kit, () => false)], { from: -seconds, end: 0 });
    // The player begins 50 ms after it is asked to, the clock here 60 ms.
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.player.play();
    }, seconds * 1_000);
    this.onChange();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.transport.stop();
    if (this.with === "project") this.player.stop();
    this.onChange();
  }

  /** Bar of the groove that is heard at `at`; negative while counting in. */
  bar(at: number): number {
    return Math.floor(this.transport.seconds(at) / ((60 / this.bpm) * BEATS_IN_BAR));
  }

  /** A take begins with the bar it is played in; a press just ahead of a bar belongs to that bar. */
  origin(at: number): number {
    if (this.with !== "chords" || !this.transport.running) return at;
    const bar = (60_000 / this.bpm) * BEATS_IN_BAR;
    const early = 60_000 / this.bpm / 2;
    return this.transport.zeroMs + Math.max(0, Math.floor((at + early - this.transport.zeroMs) / bar)) * bar;
  }

  chord(at: number): PlayChord {
    if (this.with === "alone") return NO_CHORD;
    if (this.held) return this.held;
    if (this.with === "chords") {
      if (!this.transport.running || !this.chords.length) return NO_CHORD;
      return this.chords[Math.max(0, this.bar(at)) % this.chords.length]!;
    }
    return this.projectChord() ?? NO_CHORD;
  }

  /** The project's chord where it plays, or where the cursor stands. */
  projectChord(): PlayChord | null {
    const tick = this.player.position;
    const found = this.store.score.chords.findLast((chord) => chord.tick <= tick);
    return found && tick < found.tick + Math.max(1, found.duration) ? asPlayed(found) : null;
  }

  /** Seconds of the project that are heard now; null if it does not play along. */
  songNow(): number | null {
    return this.with === "project" && this.player.playing ? this.store.time.seconds(Math.max(0, this.player.position)) : null;
  }

  /** The key that what plays along is in. */
  key(): PlayKey | null {
    if (this.with === "project") {
      const written = this.store.score.keys[0];
      if (written) return { tonic: tonic(written), minor: written.mode === "minor" };
      const { chords } = this.store.score;
      return chords.length ? guessKey(chords.map(asPlayed)) : null;
    }
    return this.with === "chords" && this.chords.length ? guessKey(this.chords) : null;
  }
}
