/** Hearing takes again, alone or under a new layer. */
import type { Voices } from "./voices.js";
import { ClickLine, GrooveLine, Kit } from "./groove.js";
import type { Companion, Sink } from "./session.js";
import { NO_CHORD, type PlayChord } from "./chords.js";
import { BEATS_IN_BAR, soundingNotes, takeEnd, type Take, type TakeNote } from "./take.js";
import { Transport, type Event, type Line } from "./transport.js";

class TakeLine implements Line {
  private timers: ReturnType<typeof setTimeout>[] = [];
  /** Pitches that sound or are about to, with how many notes hold them. */
  private readonly held = new Map<number, number>();

  constructor(private readonly notes: readonly TakeNote[], private readonly voices: Voices, private readonly sinks: readonly Sink[]) {}

  *events(from: number, to: number): Iterable<Event> {
    for (const note of this.notes) {
      if (note.start >= from && note.start < to) yield { time: note.start, fire: (at) => this.fire(note, at) };
    }
  }

  private fire(note: TakeNote, at: number): void {
    const { own, context } = this.voices;
    const length = Math.max(0.03, note.end - note.start);
    if (own && this.voices.audible) {
      own.strike(note.pitch, note.velocity, at);
      own.release(note.pitch, at + length);
    }
    this.held.set(note.pitch, (this.held.get(note.pitch) ?? 0) + 1);
    const wait = Math.max(0, (at - (context?.currentTime ?? at)) * 1_000);
    const sinks = own ? this.sinks : [this.voices, ...this.sinks];
    this.timers.push(
      setTimeout(() => sinks.forEach((sink) => sink.on(note.pitch, note.velocity, note.place)), wait),
      setTimeout(() => {
        const left = (this.held.get(note.pitch) ?? 1) - 1;
        if (left > 0) this.held.set(note.pitch, left);
        else this.held.delete(note.pitch);
        sinks.forEach((sink) => sink.off(note.pitch));
      }, wait + length * 1_000));
  }

  stop(horizon: number): void {
    this.timers.forEach(clearTimeout);
    for (const pitch of this.held.keys()) {
      this.voices.own?.release(pitch, horizon);
      for (const sink of [this.voices, ...this.sinks]) sink.off(pitch);
    }
    this.held.clear();
  }
}

export class TakePlayback {
  readonly transport = new Transport();
  take: Take | null = null;
  onChange: () => void = () => {};

  /** `sinks`: the screen, and a MIDI port; the piano is played by itself. */
  constructor(private readonly voices: Voices, private readonly sinks: readonly Sink[]) {
    this.transport.onState = () => {
      if (!this.transport.running) this.take = null;
      this.onChange();
    };
  }

  /** Play a take; `open`: go on after its end until stopped, for playing over it (then with a count-in). */
  async start(take: Take, open = false): Promise<void> {
    this.stop();
    const context = this.voices.unlock();
    await context.resume();
    const kit = new Kit(context);
    const lines: Line[] = [new TakeLine(soundingNotes(take), this.voices, this.sinks)];
    const { backing } = take;
    if (backing) lines.push(new GrooveLine(() => backing, kit, () => this.voices.accompaniment));
    if (open) lines.push(new ClickLine(() => backing?.bpm ?? 100, kit, () => false));
    const bar = (60 / (backing?.bpm ?? 100)) * BEATS_IN_BAR;
    const end = takeEnd(take);
    const length = backing ? Math.ceil(end / bar) * bar : end + 0.6;
    this.take = take;
    this.transport.start(context, lines, { from: open ? -bar : 0, end: open && backing ? null : length });
  }

  stop(): void {
    this.transport.stop();
  }

  /** For a layer over the take: its time is the take's time. */
  readonly companion: Companion = {
    origin: () => this.transport.zeroMs,
    chord: (at): PlayChord => {
      const backing = this.take?.backing;
      if (!backing?.chords.length) return NO_CHORD;
      const bar = Math.floor(this.transport.seconds(at) / ((60 / backing.bpm) * BEATS_IN_BAR));
      return backing.chords[Math.max(0, bar) % backing.chords.length]!;
    },
  };
}
