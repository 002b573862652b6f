/** One person's Genie: recurrent state, chance and memory; the twin of `GeniePlayer` in `workbench/create/genie/play.py`. */
import { chordInputs, chordTones, NO_CHORD, type PlayChord } from "./chords.js";
import { BUTTONS, Decoder, KEYS, LOWEST_PITCH, timeBin, type State } from "./decoder.js";
import {
  allowedKeys, bias, choose, DEFAULTS, LAYOUTS, legalKeys, Mulberry32, PhraseMemory, weigh, type GenieSettings,
} from "./rules.js";

const PAUSE = 1; // seconds of silence after which a new phrase begins
/** One-switch mode: moves of the button and their odds in sixteenths. */
const WALK = [[-2, 3], [-1, 5], [1, 5], [2, 3]] as const;

export class GeniePlayer {
  private readonly chance: Mulberry32;
  private state!: State;
  private memory!: PhraseMemory;
  private lastButton = -1;
  private lastKey = -1;
  private lastTime = -Infinity;

  constructor(private readonly decoder: Decoder, public settings: GenieSettings = DEFAULTS, seed = 0) {
    this.chance = new Mulberry32(seed);
    this.reset();
  }

  /** Forget what was played (a new piece); chance goes on where it is. */
  reset(): void {
    this.state = Decoder.start();
    this.memory = new PhraseMemory();
    this.lastButton = this.lastKey = -1;
    this.lastTime = -Infinity;
  }

  private step(button: number, time: number, chord: PlayChord): { logits: Float32Array; state: State } {
    const [root, family] = this.settings.chords === "off" ? [-1, -1] : chordInputs(chord);
    return this.decoder.step({
      button, lastButton: this.lastButton, lastKey: this.lastKey, root, family,
      timeBin: timeBin(Math.max(0, time - this.lastTime)),
    }, this.state);
  }

  /** Play button `button` of those the person has at `time` seconds; the MIDI pitch. Synchronous, about 0.3 ms. */
  press(button: number, time: number, chord: PlayChord = NO_CHORD): number {
    const { settings } = this;
    const place = settings.buttons === 1 ? this.wander() : LAYOUTS[settings.buttons][button]!;
    if (place === undefined) throw new RangeError(`There is no button ${button}.`);
    const { logits, state } = this.step(place, time, chord);
    const tones = settings.chords === "off" ? new Set<number>() : chordTones(chord);
    const allowed = allowedKeys(settings, tones);
    const legal = legalKeys(settings, allowed, place, this.lastButton, this.lastKey);
    const draw = this.chance.draw();
    const replayable = settings.mode === "replayable";
    let key = replayable ? this.memory.recall(place, time - this.lastTime >= PAUSE) : -1;
    if (!allowed.includes(key)) {
      key = choose(legal, weigh(logits, legal, bias(settings, tones, legal), settings.temperature), draw);
    }
    if (replayable) this.memory.remember(place, key);
    this.state = state;
    this.lastButton = place;
    this.lastKey = key;
    this.lastTime = Math.max(time, this.lastTime);
    return key + LOWEST_PITCH;
  }

  /** Which of the eight buttons the last press was (with one switch the Genie chooses); -1 before the first. */
  get place(): number {
    return this.lastButton;
  }

  private wander(): number {
    const place = this.chance.draw() * 16;
    if (this.lastButton < 0) return 2 + Math.floor(Math.floor(place) / 4);
    let move = 0;
    let running = 0;
    for (const [step, odds] of WALK) {
      move = step;
      running += odds;
      if (place < running) break;
    }
    const target = this.lastButton + move;
    return target >= 0 && target < BUTTONS ? target : this.lastButton - move;
  }

  /** Chance of each of the 88 keys under each of the eight buttons if pressed at `time`; changes nothing. */
  probabilities(time: number, chord: PlayChord = NO_CHORD): Float64Array[] {
    const { settings } = this;
    const tones = settings.chords === "off" ? new Set<number>() : chordTones(chord);
    const allowed = allowedKeys(settings, tones);
    return Array.from({ length: BUTTONS }, (_, button) => {
      const { logits } = this.step(button, time, chord);
      const legal = legalKeys(settings, allowed, button, this.lastButton, this.lastKey);
      const weights = weigh(logits, legal, bias(settings, tones, legal), settings.temperature);
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const row = new Float64Array(KEYS);
      legal.forEach((key, i) => (row[key] = weights[i]! / total));
      return row;
    });
  }
}

/** Let the browser compile the decoder before the first press needs it. */
export function warmUp(decoder: Decoder): void {
  const player = new GeniePlayer(decoder);
  for (let i = 0; i < 32; i++) player.press((i * 3) % BUTTONS, i * 0.2);
}
