/**
 * Controls that a study does not show. A control carries its name as `data-control`; names that are withheld are hidden
 * in every view of the page, also in views that are opened later. (The server refuses what they would have asked for.)
 */

/** What can be withheld, by name, and what that is. */
export const CONTROLS = {
  ideas: "the panel that asks a model to fill a gap",
  sliders: "what is wished for an idea: calmer or wilder, fewer or more notes",
  curves: "wishes drawn over time",
  styles: "a band that joins the piece",
  alternatives: "hearing other ideas than the first",
  undo: "undo and redo",
  export: "making files to take away",
  open: "opening another piece",
  chords: "the chords that the Genie plays along to",
} as const;
export type Control = keyof typeof CONTROLS;

interface Shared {
  __musicWorkbenchWithheld?: { names: string[]; sheets: Set<HTMLStyleElement> };
}

const shared = (): Required<Shared>["__musicWorkbenchWithheld"] =>
  ((window as unknown as Shared).__musicWorkbenchWithheld ??= { names: [], sheets: new Set() });

/** Ways to a tab are called `tab-<name>`: where the tab is not shown, they are not either. */
const TAB = /^tab-[a-z][a-z0-9_-]*$/;

const rules = (names: readonly string[]): string =>
  names.filter((name) => name in CONTROLS || TAB.test(name)).map((name) => `[data-control~="${name}"] { display: none !important; }`).join("\n");

/** Hide these controls, and show all others again. */
export function withhold(names: readonly string[]): void {
  const state = shared();
  state.names = [...names];
  for (const sheet of state.sheets) sheet.textContent = rules(names);
}

/** Give a control its name. */
export function named<T extends HTMLElement>(name: Control | `tab-${string}`, element: T): T {
  element.dataset["control"] = name;
  return element;
}

export const isWithheld = (name: Control): boolean => shared().names.includes(name);

/** The style sheet of one view's root; it goes when the view does. */
export function withheldSheet(signal: AbortSignal): HTMLStyleElement {
  const sheet = document.createElement("style");
  const state = shared();
  sheet.textContent = rules(state.names);
  state.sheets.add(sheet);
  signal.addEventListener("abort", () => state.sheets.delete(sheet));
  return sheet;
}
