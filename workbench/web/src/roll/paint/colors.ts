/** The theme's colours as strings for the canvas, read once a theme. */
const NAMES = [
  "surface", "sunken", "raised", "ink", "soft", "faint", "line", "line-strong", "accent", "accent-soft", "roll-white",
  "roll-black", "roll-key", "roll-bar", "roll-beat", "roll-grid", "roll-row", "key-white", "key-black", "playhead",
  "mark", "loop", "focus", "font",
] as const;
export type Colors = Readonly<Record<(typeof NAMES)[number], string>>;

export function readColors(root: HTMLElement): Colors {
  const style = getComputedStyle(root);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--wb-${name}`).trim()])) as Colors;
}
