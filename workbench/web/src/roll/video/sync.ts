/** Keeping a video in step with the music: the music's clock leads, the picture follows. Seconds. */
import { clamp } from "../../ui/dom.js";

/** Further apart than this, the picture jumps; nearer than `CLOSE` it is left alone; between, it runs faster or slower. */
export const JUMP = 2, CLOSE = 0.025;
/** A jump makes a slow machine late again, so that up to `JUMP` the picture catches up instead. */
const SLOWEST = 0.5, FASTEST = 2;

export interface Picture { readonly time: number; readonly paused: boolean; readonly duration: number }

/** What the picture has to do. */
export interface Step {
  readonly seek: number | null;
  readonly play: boolean;
  readonly rate: number;
}

export function stepTo(music: number, playing: boolean, picture: Picture): Step {
  const at = clamp(music, 0, picture.duration), late = at - picture.time;
  if (!playing || music >= picture.duration) return { seek: Math.abs(late) > CLOSE ? at : null, play: false, rate: 1 };
  if (picture.paused || Math.abs(late) > JUMP) return { seek: Math.abs(late) > CLOSE ? at : null, play: true, rate: 1 };
  return { seek: null, play: true, rate: Math.abs(late) > CLOSE ? clamp(1 + late, SLOWEST, FASTEST) : 1 };
}

/** A piece made for a video is about as long as the video: its last note may end before the last picture. */
export const fits = (piece: number, video: number): boolean => piece > 0 && Math.abs(piece - video) <= Math.max(2, 0.08 * video);

/** A cut sounds on the beat if no more than this lies between. */
export const ON_BEAT = 0.07;
