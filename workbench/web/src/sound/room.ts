/**
 * The impulse of the room: Schroeder's reverberator, the recipe of `workbench/sound/room.py` run on one impulse.
 * The room is linear, so one convolver for all tracks equals one for each.
 */
import { TABLE } from "./table.js";

const framesOf = (seconds: number, rate: number): number => Math.floor(seconds * rate + 0.5);

function comb(signal: Float32Array, delay: number, gain: number): Float32Array {
  const out = new Float32Array(signal.length);
  for (let n = delay; n < signal.length; n++) out[n] = signal[n - delay]! + gain * out[n - delay]!;
  return out;
}

function allPass(signal: Float32Array, delay: number, gain: number): Float32Array {
  const inner = new Float32Array(signal.length);
  const out = new Float32Array(signal.length);
  for (let n = 0; n < signal.length; n++) {
    const before = n >= delay ? inner[n - delay]! : 0;
    inner[n] = signal[n]! + gain * before;
    out[n] = before - gain * inner[n]!;
  }
  return out;
}

/** Left and right impulse response, `tail_seconds` long, at `rate` Hz. */
export function roomImpulse(rate: number): [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>] {
  const recipe = TABLE.room;
  let diffuse = new Float32Array(framesOf(recipe.tail_seconds, rate));
  const a = Math.exp((-2 * Math.PI * recipe.damping_hz) / rate);
  let level = 1 - a;
  for (let n = 0; n < diffuse.length; n++) {
    diffuse[n] = level;
    level *= a;
  }
  for (const seconds of recipe.allpass_seconds) {
    diffuse = allPass(diffuse, framesOf(seconds, rate), recipe.allpass_gain) as Float32Array<ArrayBuffer>;
  }
  const left = new Float32Array(diffuse.length);
  const right = new Float32Array(diffuse.length);
  recipe.comb_seconds.forEach((seconds, i) => {
    const echo = comb(diffuse, framesOf(seconds, rate), 10 ** ((-3 * seconds) / recipe.reverb_time_seconds));
    for (let n = 0; n < echo.length; n++) {
      left[n]! += echo[n]! * recipe.gain * recipe.left_signs[i]!;
      right[n]! += echo[n]! * recipe.gain * recipe.right_signs[i]!;
    }
  });
  return [left, right];
}
