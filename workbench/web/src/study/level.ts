/**
 * How loud a recording is (ITU-R BS.1770: K-weighted, gated at -70 LUFS and 10 LU below the rest), so that two of them
 * can be heard equally loud: people prefer what is louder.
 */

const BLOCK_S = 0.4;
const HOP_S = 0.1;
const FLOOR = -70;
const RELATIVE = 10;
/** Filters of BS.1770 as analogue prototypes: a shelf for the head, a high-pass for the ear. */
const SHELF = { hz: 1681.974450955533, gain: 3.999843853973347, q: 0.7071752369554196 };
const PASS = { hz: 38.13547087602444, q: 0.5003270373238773 };

type Biquad = readonly [b0: number, b1: number, b2: number, a1: number, a2: number];

export function weighting(rate: number): readonly [Biquad, Biquad] {
  let k = Math.tan((Math.PI * SHELF.hz) / rate);
  const high = 10 ** (SHELF.gain / 20);
  const mid = high ** 0.4996667741545416;
  let a0 = 1 + k / SHELF.q + k * k;
  const shelf: Biquad = [(high + (mid * k) / SHELF.q + k * k) / a0, (2 * (k * k - high)) / a0, (high - (mid * k) / SHELF.q + k * k) / a0,
    (2 * (k * k - 1)) / a0, (1 - k / SHELF.q + k * k) / a0];
  k = Math.tan((Math.PI * PASS.hz) / rate);
  a0 = 1 + k / PASS.q + k * k;
  return [shelf, [1, -2, 1, (2 * (k * k - 1)) / a0, (1 - k / PASS.q + k * k) / a0]];
}

function filtered(samples: Float32Array, [b0, b1, b2, a1, a2]: Biquad): Float32Array {
  const out = new Float32Array(samples.length);
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  for (let i = 0; i < samples.length; i++) {
    const x = samples[i]!;
    const y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
    [x2, x1, y2, y1] = [x1, x, y1, y];
    out[i] = y;
  }
  return out;
}

const lufs = (power: number): number => -0.691 + 10 * Math.log10(Math.max(power, 1e-12));

/** Loudness in LUFS of one array of samples a channel; -Infinity where nothing is above the floor. */
export function loudness(channels: readonly Float32Array[], rate: number): number {
  const filters = weighting(rate);
  const weighted = channels.map((samples) => filters.reduce(filtered, samples));
  const length = channels[0]?.length ?? 0;
  const block = Math.min(length, Math.round(BLOCK_S * rate));
  const powers: number[] = [];
  for (let start = 0; block && start + block <= length; start += Math.round(HOP_S * rate)) {
    let power = 0;
    for (const samples of weighted) {
      let sum = 0;
      for (let i = start; i < start + block; i++) sum += samples[i]! ** 2;
      power += sum / block;
    }
    powers.push(power);
  }
  const mean = (of: readonly number[]): number => of.reduce((sum, power) => sum + power, 0) / of.length;
  const loud = powers.filter((power) => lufs(power) > FLOOR);
  if (!loud.length) return -Infinity;
  const gate = lufs(mean(loud)) - RELATIVE;
  return lufs(mean(loud.filter((power) => lufs(power) > gate)));
}

/** Gains that make both as loud as the softer one: turning down never clips. */
export function equalGains(a: number, b: number): readonly [number, number] {
  if (!Number.isFinite(a) || !Number.isFinite(b)) return [1, 1];
  const goal = Math.min(a, b);
  return [10 ** ((goal - a) / 20), 10 ** ((goal - b) / 20)];
}
