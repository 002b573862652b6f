/** Behind the notes: rows, bar lines, the ruler, the chord lane, the keyboard. */
import { chordPitchClasses, tonic, type Chord } from "../../document/lanes.js";
import type { Bar } from "../../document/timemap.js";
import { chordName, clock, drumName, keyAt, pitchName } from "../speech.js";
import { shownChords } from "../found.js";
import { stepTicks } from "../snap.js";
import { currentTrack, score, time, type RollState } from "../state.js";
import { CHORDS, RULER } from "../viewport.js";
import type { Colors } from "./colors.js";

type Ink = CanvasRenderingContext2D;
const BLACK = new Set([1, 3, 6, 8, 10]);
const MAJOR = [0, 2, 4, 5, 7, 9, 11];
const MINOR = [0, 2, 3, 5, 7, 8, 10];

export const isBlack = (pitch: number): boolean => BLACK.has(pitch % 12);

/** The bars in sight. */
export function visibleBars(state: RollState): Bar[] {
  const bars: Bar[] = [];
  const { viewport } = state;
  for (let bar = time(state).barAt(Math.max(0, Math.floor(viewport.tick))); bar.start < viewport.lastTick;
    bar = time(state).barAt(bar.end)) {
    bars.push(bar);
    if (bars.length > 5_000) break;
  }
  return bars;
}

export function paintRows(ink: Ink, state: RollState, colors: Colors): void {
  const { viewport } = state;
  const { grid } = viewport;
  const key = keyAt(score(state), Math.floor(viewport.tick));
  const track = currentTrack(state);
  const scale = key && !track?.is_drum
    ? new Set((key.mode === "minor" ? MINOR : MAJOR).map((step) => (tonic(key) + step) % 12)) : null;
  ink.fillStyle = colors["roll-white"];
  ink.fillRect(grid.x, grid.y, grid.width, grid.height);
  const high = Math.min(127, Math.floor(viewport.top));
  for (let pitch = high; pitch >= Math.max(0, viewport.lowestPitch - 1); pitch--) {
    const y = viewport.y(pitch);
    const dark = scale ? !scale.has(pitch % 12) : isBlack(pitch) && !track?.is_drum;
    if (dark) {
      ink.fillStyle = colors["roll-black"];
      ink.fillRect(grid.x, y, grid.width, viewport.rowHeight);
    }
    if (scale && key && pitch % 12 === tonic(key)) {
      ink.fillStyle = colors["roll-key"];
      ink.fillRect(grid.x, y, grid.width, viewport.rowHeight);
    }
    ink.fillStyle = pitch % 12 === 0 && !track?.is_drum ? colors["roll-beat"] : colors["roll-row"];
    ink.fillRect(grid.x, Math.round(y + viewport.rowHeight) - 1, grid.width, 1);
  }
}

export function paintLines(ink: Ink, state: RollState, colors: Colors, bars: readonly Bar[]): void {
  const { viewport, context } = state;
  const { grid } = viewport;
  const bottom = viewport.height;
  const line = (tick: number, color: string, top = grid.y): void => {
    const x = Math.round(viewport.x(tick));
    if (x < grid.x) return;
    ink.fillStyle = color;
    ink.fillRect(x, top, 1, bottom - top);
  };
  const step = stepTicks(time(state), context.store.view.snap);
  for (const bar of bars) {
    const beat = (4 * score(state).ppq) / bar.denominator;
    if (step > 1 && step < beat && step * viewport.pxPerTick >= 9) {
      for (let tick = bar.start + step; tick < bar.end - 0.5; tick += step) line(tick, colors["roll-grid"]);
    }
    if (beat * viewport.pxPerTick >= 9) {
      for (let tick = bar.start + beat; tick < bar.end - 0.5; tick += beat) line(tick, colors["roll-beat"]);
    }
  }
  const every = barStride(bars, viewport.pxPerTick, 12);
  for (const bar of bars) if (bar.number % every === 0 || every === 1) line(bar.start, colors["roll-bar"], RULER - 8);
}

/** Draw every how-manieth bar, so that they are `pixels` apart. */
function barStride(bars: readonly Bar[], pxPerTick: number, pixels: number): number {
  const first = bars[0];
  if (!first) return 1;
  const width = (first.end - first.start) * pxPerTick;
  let every = 1;
  while (width * every < pixels) every *= every % 5 === 2 ? 2.5 : 2;
  return Math.max(1, Math.round(every));
}

export function paintRuler(ink: Ink, state: RollState, colors: Colors, bars: readonly Bar[]): void {
  const { viewport, context } = state;
  const { ruler } = viewport;
  ink.fillStyle = colors.surface;
  ink.fillRect(0, 0, viewport.width, RULER);
  const stretch = (start: number, end: number, color: string, y: number, height: number, alpha: number): void => {
    const left = Math.max(ruler.x, viewport.x(start));
    const right = viewport.x(end);
    if (right <= left) return;
    ink.globalAlpha = alpha;
    ink.fillStyle = color;
    ink.fillRect(left, y, right - left, height);
    ink.globalAlpha = 1;
  };
  const { loop, marks } = context.store.view;
  const span = state.span;
  const loopNow = span?.kind === "loop" ? [span.start, span.end] as const : loop;
  if (loopNow) {
    stretch(loopNow[0], loopNow[1], colors.loop, 0, RULER, 0.14);
    stretch(loopNow[0], loopNow[1], colors.loop, RULER - 4, 4, 1);
  }
  for (const mark of marks) stretch(mark.start, mark.end, colors.mark, 0, 4, 1);
  const every = barStride(bars, viewport.pxPerTick, 46);
  const key = score(state).texts.filter((text) => text.kind === "marker");
  ink.textBaseline = "alphabetic";
  for (const bar of bars) {
    const x = Math.round(viewport.x(bar.start));
    if (bar.number % every !== 0 && !(every > 1 && bar.number === 1) && every !== 1) continue;
    if (x < ruler.x - 30) continue;
    ink.fillStyle = colors.ink;
    ink.font = `600 12px ${colors.font}`;
    ink.fillText(String(bar.number), Math.max(x, ruler.x) + 5, 17);
    ink.fillStyle = colors.faint;
    ink.font = `400 10.5px ${colors.font}`;
    ink.fillText(clock(time(state).seconds(bar.start)), Math.max(x, ruler.x) + 5, 31);
  }
  for (const text of key) {
    const x = viewport.x(text.tick);
    if (x < ruler.x - 80 || x > viewport.width) continue;
    ink.font = `600 10.5px ${colors.font}`;
    const width = ink.measureText(text.text).width + 12;
    ink.fillStyle = colors["accent-soft"];
    ink.beginPath();
    ink.roundRect(x + 34, 20, width, 15, 4);
    ink.fill();
    ink.fillStyle = colors.accent;
    ink.fillText(text.text, x + 40, 31);
  }
  ink.fillStyle = colors.line;
  ink.fillRect(0, RULER - 1, viewport.width, 1);
}

export function paintChords(ink: Ink, state: RollState, colors: Colors): void {
  const { viewport } = state;
  const { chords: box } = viewport;
  ink.fillStyle = colors.sunken;
  ink.fillRect(0, box.y, viewport.width, CHORDS);
  const piece = score(state);
  ink.font = `600 12px ${colors.font}`;
  ink.textBaseline = "middle";
  for (const chord of shownChords(state)) paintFound(ink, state, colors, chord);
  piece.chords.forEach((chord: Chord, i) => {
    const next = piece.chords[i + 1]?.tick ?? chord.tick + chord.duration;
    const left = viewport.x(chord.tick);
    const right = viewport.x(Math.min(chord.tick + (chord.duration || next - chord.tick), next));
    if (right < box.x || left > viewport.width) return;
    const from = Math.max(left, box.x) + 1;
    ink.fillStyle = colors.raised;
    ink.beginPath();
    ink.roundRect(from, box.y + 3, Math.max(2, right - from - 1), CHORDS - 6, 5);
    ink.fill();
    const name = chordName(chord, keyAt(piece, chord.tick));
    if (right - from > ink.measureText(name).width + 8) {
      ink.fillStyle = colors.ink;
      ink.fillText(name, from + 6, box.y + CHORDS / 2 + 1);
    }
  });
  ink.fillStyle = colors.line;
  ink.fillRect(0, box.y + CHORDS - 1, viewport.width, 1);
}

/** A chord that was heard, not written: an outline and slanted letters. */
function paintFound(ink: Ink, state: RollState, colors: Colors, chord: Chord): void {
  const { viewport } = state;
  const { chords: box } = viewport;
  const right = viewport.x(chord.tick + chord.duration);
  const from = Math.max(viewport.x(chord.tick), box.x) + 1;
  if (right < box.x || from > viewport.width) return;
  ink.strokeStyle = colors["line-strong"];
  ink.setLineDash([3, 3]);
  ink.beginPath();
  ink.roundRect(from + 0.5, box.y + 3.5, Math.max(1, right - from - 2), CHORDS - 7, 5);
  ink.stroke();
  ink.setLineDash([]);
  const name = chordName(chord, keyAt(score(state), chord.tick));
  ink.font = `italic 500 12px ${colors.font}`;
  if (right - from > ink.measureText(name).width + 8) {
    ink.fillStyle = colors.soft;
    ink.fillText(name, from + 6, box.y + CHORDS / 2 + 1);
  }
  ink.font = `600 12px ${colors.font}`;
}

/** Pitch classes of the chord at a tick, for the keyboard's hint. */
function chordAt(state: RollState, tick: number): Set<number> | null {
  const chord = score(state).chords.findLast((item) => item.tick <= tick && tick < item.tick + (item.duration || 1e9));
  return chord ? chordPitchClasses(chord) : null;
}

export function paintKeyboard(ink: Ink, state: RollState, colors: Colors): void {
  const { viewport } = state;
  const { keyboard } = viewport;
  const track = currentTrack(state);
  ink.save();
  ink.beginPath();
  ink.rect(0, keyboard.y, keyboard.width, keyboard.height);
  ink.clip();
  ink.fillStyle = track?.is_drum ? colors.surface : colors["key-white"];
  ink.fillRect(0, keyboard.y, keyboard.width, keyboard.height);
  const hints = track?.is_drum ? null : chordAt(state, Math.floor(state.context.player.position));
  ink.textBaseline = "middle";
  const low = Math.max(0, Math.floor(viewport.lowestPitch));
  for (let pitch = Math.min(127, Math.floor(viewport.top) + 1); pitch >= low; pitch--) {
    const y = viewport.y(pitch);
    const height = viewport.rowHeight;
    const down = state.pressed.has(pitch);
    if (track?.is_drum) {
      ink.fillStyle = down ? colors["accent-soft"] : colors.surface;
      ink.fillRect(0, y, keyboard.width, height);
      if (height >= 10) {
        ink.fillStyle = colors.soft;
        ink.font = `400 ${Math.min(11, height - 2)}px ${colors.font}`;
        ink.fillText(drumName(pitch), 5, y + height / 2 + 0.5, keyboard.width - 8);
      }
      ink.fillStyle = colors.line;
      ink.fillRect(0, Math.round(y + height) - 1, keyboard.width, 1);
      continue;
    }
    if (isBlack(pitch)) {
      ink.fillStyle = down ? colors.accent : colors["key-black"];
      ink.beginPath();
      ink.roundRect(0, y + 0.5, keyboard.width * 0.62, height - 1, [0, 3, 3, 0]);
      ink.fill();
      ink.fillStyle = "#bdb9c6"; // where two white keys meet behind the black one
      ink.fillRect(keyboard.width * 0.62, Math.round(y + height / 2), keyboard.width * 0.38, 1);
    } else {
      if (down) {
        ink.fillStyle = colors.accent;
        ink.fillRect(0, y, keyboard.width, height);
      }
      if ([0, 5].includes(pitch % 12)) {
        ink.fillStyle = colors["line-strong"];
        ink.fillRect(0, Math.round(y + height) - 1, keyboard.width, 1);
      }
    }
    if (hints?.has(pitch % 12)) {
      ink.fillStyle = colors.accent;
      ink.beginPath();
      ink.arc(keyboard.width - 6, y + height / 2, 2, 0, 7);
      ink.fill();
    }
    if (pitch % 12 === 0 && height >= 9) {
      ink.fillStyle = "#4a4656"; // keys are light in both themes
      ink.font = `600 ${Math.min(11, height)}px ${colors.font}`;
      ink.textAlign = "right";
      ink.fillText(pitchName(pitch), keyboard.width - 11, y + height / 2 + 0.5);
      ink.textAlign = "left";
    }
  }
  ink.restore();
  ink.fillStyle = colors["line-strong"];
  ink.fillRect(keyboard.width - 1, keyboard.y, 1, viewport.height - keyboard.y);
}
