/** Where a first fill is most fun: a bar in the middle of the tune, in the track that carries it. */
import type { TimeMap } from "../document/timemap.js";
import { scoreEnd, type Region, type Score, type Track } from "../document/types.js";

/** The track that sounds like the tune: not drums, high, and mostly one note at a time; null for an empty piece. */
export function tuneTrack(score: Score): Track | null {
  let best: Track | null = null, most = -Infinity;
  for (const track of score.tracks) {
    if (track.is_drum || track.locked || !track.notes.size) continue;
    const notes = [...track.notes.values()];
    const height = notes.reduce((sum, note) => sum + note.pitch, 0) / notes.length;
    const together = notes.length / new Set(notes.map((note) => note.start)).size;
    const worth = height - 24 * (together - 1);
    if (worth > most) [best, most] = [track, worth];
  }
  return best;
}

/** One bar of the tune's track, about two thirds into the first stretch of the piece; null for an empty piece. */
export function firstGap(score: Score, time: TimeMap): Region | null {
  const track = tuneTrack(score);
  if (!track) return null;
  const bars = time.bars(Math.min(scoreEnd(score), time.bar(8).end));
  const bar = bars[Math.min(bars.length - 1, Math.floor((bars.length * 2) / 3))];
  return bar ? { start: bar.start, end: bar.end, tracks: [track.id] } : null;
}
