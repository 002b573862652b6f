/** A track's shape as a path on the canvas. */
import { shapePoints, type Shape } from "../../ui/palette.js";

export function trace(ink: CanvasRenderingContext2D, shape: Shape, x: number, y: number, radius: number): void {
  ink.beginPath();
  shapePoints(shape).forEach(([px, py], i) => {
    if (i) ink.lineTo(x + px * radius, y + py * radius);
    else ink.moveTo(x + px * radius, y + py * radius);
  });
  ink.closePath();
}
