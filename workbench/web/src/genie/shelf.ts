/** Takes outlive a reload where the browser allows it. */
import type { Take } from "./take.js";

const MOST = 30;
const LARGEST = 2_000_000;

const key = (app: string): string => `workbench-genie-takes:${app}`;

export function keepTakes(app: string, takes: readonly Take[]): void {
  try {
    const text = JSON.stringify(takes.slice(-MOST));
    if (text.length < LARGEST) localStorage.setItem(key(app), text);
  } catch {
    // A frame without storage: the takes live as long as the page.
  }
}

export function restoreTakes(app: string): Take[] {
  try {
    const found = JSON.parse(localStorage.getItem(key(app)) ?? "[]") as Take[];
    return found.filter((take) => Array.isArray(take.layers) && take.layers.every((layer) => Array.isArray(layer.presses)));
  } catch {
    return [];
  }
}
