/** Step recording: every key or chord that is struck is written at the cursor, which then moves on by one length. */
import { noteWords } from "./speech.js";
import { addNote } from "./commands.js";
import { stepTicks } from "./snap.js";
import { currentTrack, score, time, type RollState } from "./state.js";

export class StepRecorder {
  on = false;
  private readonly held = new Set<number>();
  private advanced = true;

  constructor(private readonly state: RollState) {}

  /** `hold`: the key will be let go later (a MIDI keyboard); keys held together make a chord. */
  struck(pitch: number, velocity: number, hold: boolean): void {
    const { state } = this;
    const track = currentTrack(state);
    if (!this.on || !track) return;
    const { store } = state.context;
    if (hold) this.held.add(pitch);
    this.advanced = false;
    const duration = this.length();
    state.drawVelocity = velocity;
    const note = addNote(state, track, { start: store.view.cursor, duration, pitch, velocity });
    if (note) state.announcer.say(noteWords(score(state), time(state), track, note));
    if (!hold) this.advance();
  }

  released(pitch: number): void {
    this.held.delete(pitch);
    if (this.on && !this.held.size && !this.advanced) this.advance();
  }

  private length(): number {
    return this.state.drawLength || Math.round(stepTicks(time(this.state), this.state.context.store.view.snap || 4));
  }

  private advance(): void {
    const { store } = this.state.context;
    this.advanced = true;
    store.setView({ cursor: store.view.cursor + this.length() });
    this.state.viewport.reveal(store.view.cursor);
    this.state.redraw();
  }
}
