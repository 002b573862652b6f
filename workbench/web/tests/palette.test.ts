import { describe, expect, it } from "vitest";
import { freeColor, PALETTE, SHAPES, trackStyle } from "../src/ui/palette.js";

type Rgb = [number, number, number];
const linear = (hex: string): Rgb =>
  [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)) as Rgb;

/** Complete deficiency, Machado, Oliveira and Fernandes 2009, on linear RGB. */
const SIGHT: Record<string, number[][]> = {
  full: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritanopia: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};

function lab(hex: string, matrix: number[][]): Rgb {
  const rgb = linear(hex);
  const [r, g, b] = matrix.map((row) => Math.min(1, Math.max(0, row.reduce((sum, v, i) => sum + v * rgb[i]!, 0)))) as Rgb;
  const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function contrast(a: string, b: string): number {
  const luminance = (hex: string): number => {
    const [r, g, b2] = linear(hex);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b2;
  };
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

describe.each(["light", "dark"] as const)("the %s track colours", (theme) => {
  it.each(Object.keys(SIGHT))("stay apart with %s sight", (sight) => {
    const colours = PALETTE[theme].map((row) => lab(row[1], SIGHT[sight]!));
    const close: string[] = [];
    colours.forEach((a, i) => colours.slice(0, i).forEach((b, j) => {
      const distance = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
      if (distance < 10) close.push(`${PALETTE[theme][i]![0]}-${PALETTE[theme][j]![0]} ${distance.toFixed(1)}`);
    }));
    expect(close).toEqual([]);
  });
  it("leave text on them, and their deep tone on the page, readable", () => {
    for (const [name, fill, deep, on] of PALETTE[theme]) {
      expect(contrast(fill, on), name).toBeGreaterThan(4.5);
      expect(contrast(deep, theme === "light" ? "#f7f6f3" : "#16151b"), name).toBeGreaterThan(4.5);
    }
  });
});

describe("track styles", () => {
  it("give eight tracks eight colours and eight shapes, and a new track a free one", () => {
    const styles = Array.from({ length: 8 }, (_, i) => trackStyle(i, false));
    expect(new Set(styles.map((style) => style.shape)).size).toBe(SHAPES.length);
    expect(new Set(styles.map((style) => style.fill)).size).toBe(8);
    expect(freeColor([0, 1, 3])).toBe(2);
  });
});
