/** A waveform in a track's colour: what has been rendered, its muted stretches hatched, the chosen stretch shaded. */
import type { Silence } from "../document/lanes.js";
import type { TimeMap } from "../document/timemap.js";

export interface WaveOptions {
  /** 0 to 255, evenly spaced over `seconds`; null while they are being made. */
  peaks: readonly number[] | null;
  seconds: number;
  /** Seconds that the width stands for. */
  span: number;
  color: string;
  /** Drawn pale: muted, or out of date. */
  pale: boolean;
  silences: readonly Silence[];
  chosen: readonly [number, number] | null;
  time: TimeMap;
}

export function drawWave(canvas: HTMLCanvasElement, options: WaveOptions): void {
  const ratio = Math.min(3, devicePixelRatio || 1);
  const width = canvas.clientWidth, height = canvas.clientHeight;
  if (!width || !height) return;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  if (!context) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const look = getComputedStyle(canvas);
  const x = (tick: number): number => (width * options.time.seconds(tick)) / options.span;
  const middle = height / 2;
  if (options.chosen) {
    context.fillStyle = look.getPropertyValue("--wb-accent-soft");
    context.fillRect(x(options.chosen[0]), 0, x(options.chosen[1]) - x(options.chosen[0]), height);
  }
  context.fillStyle = look.getPropertyValue("--wb-line-strong");
  context.fillRect(0, middle - 0.5, width, 1);
  if (options.peaks) {
    context.globalAlpha = options.pale ? 0.3 : 1;
    context.fillStyle = options.color;
    const step = 3, perPixel = (options.peaks.length * options.span) / (options.seconds * width);
    for (let left = 0; left < width; left += step) {
      const from = Math.floor(left * perPixel), to = Math.max(from + 1, Math.floor((left + step) * perPixel));
      let peak = 0;
      for (let index = from; index < to && index < options.peaks.length; index += 1) {
        peak = Math.max(peak, options.peaks[index]!);
      }
      // The square root shows quiet passages, which a linear scale hides.
      const half = Math.sqrt(peak / 255) * (middle - 3);
      if (half > 0.4) context.fillRect(left, middle - half, step - 1, 2 * half);
    }
    context.globalAlpha = 1;
  }
  hatch(context, options.silences.map((item) => [x(item.tick), x(item.tick + item.duration)]), height, look);
}

function hatch(
  context: CanvasRenderingContext2D, spans: readonly (readonly number[])[], height: number, look: CSSStyleDeclaration,
): void {
  for (const [left, right] of spans as [number, number][]) {
    context.save();
    context.beginPath();
    context.rect(left, 0, right - left, height);
    context.clip();
    context.fillStyle = look.getPropertyValue("--wb-sunken");
    context.globalAlpha = 0.86;
    context.fillRect(left, 0, right - left, height);
    context.globalAlpha = 1;
    context.strokeStyle = look.getPropertyValue("--wb-control-line");
    context.lineWidth = 1;
    for (let shift = left - height; shift < right; shift += 9) {
      context.beginPath();
      context.moveTo(shift, height);
      context.lineTo(shift + height, 0);
      context.stroke();
    }
    context.restore();
  }
}
