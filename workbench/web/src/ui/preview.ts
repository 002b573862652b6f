/** A score as a small picture: every note a rounded bar in its track's colour, bar lines behind, a playhead in front. */
import type { Note, Score } from "../document/types.js";
import { sortedNotes } from "../document/types.js";
import type { TimeMap } from "../document/timemap.js";
import { trackStyle } from "./palette.js";

export interface PreviewOptions {
  /** Ticks [start, end) to show. */
  range: readonly [number, number];
  dark: boolean;
  /** A stretch to mark, in ticks. */
  mark?: readonly [number, number] | null;
  /** Notes to draw instead of the score's own, by track id. */
  notes?: Record<string, readonly Note[]>;
}

/** Draw into a canvas as large as its box; safe to call every frame. */
export function drawPreview(canvas: HTMLCanvasElement, score: Score, time: TimeMap, options: PreviewOptions): void {
  const ratio = Math.min(3, devicePixelRatio || 1);
  const width = canvas.clientWidth, height = canvas.clientHeight;
  if (!width || !height) return;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d");
  if (!context) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const [start, end] = options.range;
  const x = (tick: number): number => (width * (tick - start)) / Math.max(1, end - start);
  const look = getComputedStyle(canvas);
  context.strokeStyle = look.getPropertyValue("--wb-roll-beat");
  context.lineWidth = 1;
  for (let tick = start, steps = 0; tick < end && steps < 200; tick = time.barAt(tick).end, steps += 1) {
    const line = Math.round(x(time.barAt(tick).start)) + 0.5;
    context.beginPath();
    context.moveTo(line, 0);
    context.lineTo(line, height);
    context.stroke();
  }
  if (options.mark) {
    context.fillStyle = look.getPropertyValue("--wb-accent-soft");
    context.fillRect(x(options.mark[0]), 0, x(options.mark[1]) - x(options.mark[0]), height);
  }
  drawNotes(context, score, options, x, height);
}

function drawNotes(
  context: CanvasRenderingContext2D, score: Score, options: PreviewOptions, x: (tick: number) => number, height: number,
): void {
  const drums = score.tracks.filter((track) => track.is_drum);
  const shown = (id: string, own: () => readonly Note[]): readonly Note[] => options.notes?.[id] ?? own();
  let low = 127, high = 0;
  for (const track of score.tracks) {
    if (track.is_drum) continue;
    for (const note of shown(track.id, () => [...track.notes.values()])) {
      low = Math.min(low, note.pitch);
      high = Math.max(high, note.pitch);
    }
  }
  const floor = drums.length ? height * 0.8 : height - 8; // drums get a strip of their own below the tune
  const row = Math.max(3, Math.min(9, (floor - 10) / Math.max(12, high - low + 1)));
  const y = (pitch: number): number => 6 + ((floor - 12 - row) * (high - pitch)) / Math.max(1, high - low);
  for (const track of score.tracks) {
    const style = trackStyle(track.color, options.dark);
    context.fillStyle = style.fill;
    const notes = shown(track.id, () => sortedNotes(track));
    const kinds = [...new Set(notes.map((note) => note.pitch))].sort((a, b) => b - a);
    for (const note of notes) {
      if (note.start + note.duration < options.range[0] || note.start >= options.range[1]) continue;
      const left = x(note.start), width = Math.max(3, x(note.start + note.duration) - left - 1.5);
      context.globalAlpha = 0.55 + (0.45 * note.velocity) / 127;
      context.beginPath();
      if (track.is_drum) {
        const step = (height - floor - 6) / Math.max(1, kinds.length);
        context.arc(left + 3, floor + 4 + step * (kinds.indexOf(note.pitch) + 0.5), Math.min(3, step / 2 + 1), 0, 7);
      } else {
        context.roundRect(left, y(note.pitch), width, row, Math.min(row / 2, 3));
      }
      context.fill();
    }
  }
  context.globalAlpha = 1;
}
