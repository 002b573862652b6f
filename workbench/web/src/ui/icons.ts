/** Icons drawn here, on a 24 x 24 grid; strokes in the colour of the text. A leading `!` marks a filled path. */
const PATHS = {
  play: "!M8 5.2v13.6L19 12z",
  stop: "!M7 7h10v10H7z",
  pause: "!M7 6h3.4v12H7z M13.6 6H17v12h-3.4z",
  start: "M7 6v12 M18 6.5 10 12l8 5.5z",
  loop: "M17 4l3 3-3 3 M20 7H9a5 5 0 0 0-5 5 M7 20l-3-3 3-3 M4 17h11a5 5 0 0 0 5-5",
  metronome: "M9 4h6l3 16H6z M12 15l5-8",
  follow: "M5 5v14 M9 12h10 M15 8l4 4-4 4",
  undo: "M8 6 4 10l4 4 M4 10h9a6 6 0 0 1 0 12h-3",
  redo: "M16 6l4 4-4 4 M20 10h-9a6 6 0 0 0 0 12h3",
  draw: "M4 20l1.2-4.4L16.5 4.3a1.8 1.8 0 0 1 2.6 0l.6.6a1.8 1.8 0 0 1 0 2.6L8.4 18.8z M14.5 6.3l3.2 3.2",
  select: "M4 4h4 M12 4h4 M20 4v4 M20 12v4 M20 20h-4 M12 20H8 M4 20v-4 M4 12V8",
  erase: "M9 20h11 M5.2 15.5 14 6.7a2 2 0 0 1 2.8 0l2.5 2.5a2 2 0 0 1 0 2.8L11.5 20H8.8l-3.6-3.2z M10 10.7l5.3 5.3",
  gap: "M4 5v14 M20 5v14 M12 7l1.4 3.6L17 12l-3.6 1.4L12 17l-1.4-3.6L7 12l3.6-1.4z",
  zoomIn: "M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12z M15.5 15.5 20 20 M11 8.5v5 M8.5 11h5",
  zoomOut: "M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12z M15.5 15.5 20 20 M8.5 11h5",
  fit: "M4 12h16 M7 8.5 3.5 12 7 15.5 M17 8.5l3.5 3.5-3.5 3.5",
  list: "M9 6h11 M9 12h11 M9 18h11 M4 6h1 M4 12h1 M4 18h1",
  tracks: "M4 7h10 M4 12h16 M4 17h7",
  plus: "M12 5v14 M5 12h14",
  close: "M6 6l12 12 M18 6 6 18",
  more: "!M5 10.4a1.6 1.6 0 1 0 .01 0z M12 10.4a1.6 1.6 0 1 0 .01 0z M19 10.4a1.6 1.6 0 1 0 .01 0z",
  copy: "M9 9h10v10H9z M5 15V5h10",
  paste: "M8 5h8v3H8z M7 6H5v14h14V6h-2",
  trash: "M5 7h14 M9 7V4.5h6V7 M7 7l1 13h8l1-13",
  mute: "M5 9.5v5h3.5L13 18V6L8.5 9.5z M16.5 9.5l5 5 M21.5 9.5l-5 5",
  sound: "M5 9.5v5h3.5L13 18V6L8.5 9.5z M16.5 9a4.5 4.5 0 0 1 0 6 M19 6.5a8 8 0 0 1 0 11",
  solo: "M5 14v-2a7 7 0 0 1 14 0v2 M5 14h3v5H6a1 1 0 0 1-1-1z M19 14h-3v5h2a1 1 0 0 0 1-1z",
  lock: "M7 11h10v8H7z M9 11V8a3 3 0 0 1 6 0v3",
  check: "M5 12.5l4.5 4.5L19 7.5",
  again: "M19 12a7 7 0 1 1-2.2-5.1 M19 4v4h-4",
  keyboard: "M3 7h18v10H3z M6.5 10h.01 M9.5 10h.01 M12.5 10h.01 M15.5 10h.01 M8 14h8",
  record: "!M12 7a5 5 0 1 0 .01 0z",
  up: "M6 15l6-6 6 6",
  down: "M6 9l6 6 6-6",
  left: "M15 6l-6 6 6 6",
  right: "M9 6l6 6-6 6",
  spark: "M12 3l1.8 6.2L20 11l-6.2 1.8L12 19l-1.8-6.2L4 11l6.2-1.8z",
  band: "M9 17V6.5l10-2V15 M9 17a2.5 2 0 1 1-5 0a2.5 2 0 0 1 5 0z M19 15a2.5 2 0 1 1-5 0a2.5 2 0 0 1 5 0z",
  grid: "M4 8h16 M4 16h16 M8 4v16 M16 4v16",
  mark: "M5 5h14v10h-7l-4 4v-4H5z M9 10h6",
  globe: "M12 3.5a8.5 8.5 0 1 0 .01 0z M3.5 12h17 M12 3.5c-5 5-5 12 0 17 M12 3.5c5 5 5 12 0 17",
  help: "M12 3.5a8.5 8.5 0 1 0 .01 0z M9.5 9.5a2.5 2.5 0 1 1 3.6 2.3c-.8.4-1.1.9-1.1 1.7 M12 16.6h.01",
} as const;
export type IconName = keyof typeof PATHS;

export function icon(name: IconName, size = 20): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("width", String(size));
  svg.setAttribute("height", String(size));
  svg.setAttribute("aria-hidden", "true");
  const filled = PATHS[name].startsWith("!");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", filled ? PATHS[name].slice(1) : PATHS[name]);
  path.setAttribute("fill", filled ? "currentColor" : "none");
  if (!filled) {
    path.setAttribute("stroke", "currentColor");
    path.setAttribute("stroke-width", "1.8");
    path.setAttribute("stroke-linecap", "round");
    path.setAttribute("stroke-linejoin", "round");
  }
  svg.append(path);
  return svg;
}
