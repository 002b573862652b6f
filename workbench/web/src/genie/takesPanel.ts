/** The list of takes: hear, tidy, play over, keep, send on. */
import { plural, t, type StringKey } from "../strings/index.js";
import { button, choice, relabel, slider } from "../ui/controls.js";
import { h } from "../ui/dom.js";
import { trackStyle } from "../ui/palette.js";
import { isDark } from "../ui/root.js";
import { notesOf, takeEnd, type Take } from "./take.js";

export interface TakeHooks {
  hear(take: Take): void;
  stop(): void;
  over(take: Take): void;
  change(take: Take): void;
  remove(take: Take): void;
  /** Resolves when the file is made. */
  keep(take: Take, tell: (text: string, actions?: HTMLElement[]) => void): Promise<void>;
  midi(take: Take): void;
  /** null: there is no piece to send it to. */
  send: ((take: Take, tell: (text: string, actions?: HTMLElement[]) => void) => void) | null;
}

const GRIDS = { off: 0, quarter: 1, eighth: 0.5, triplet: 1 / 3, sixteenth: 0.25 } as const;
type Grid = keyof typeof GRIDS;

export const takeName = (take: Take): string => t("genie.take", { number: take.number });

export const clock = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

export class TakesPanel {
  readonly element: HTMLElement;
  private readonly list = h("ul", { class: "take-list" });
  private readonly empty = h("p", { class: "soft" }, t("genie.takesEmpty"));
  private readonly plays = new Map<number, HTMLButtonElement>();
  private takes: readonly Take[] = [];
  private playing = -1;

  constructor(private readonly root: HTMLElement, private readonly hooks: TakeHooks, signal: AbortSignal) {
    this.element = h("section", { class: "takes", "aria-label": t("genie.takes") }, this.empty, this.list);
    root.addEventListener("themechange", () => this.show(this.takes), { signal });
  }

  show(takes: readonly Take[]): void {
    this.takes = takes;
    this.empty.hidden = takes.length > 0;
    this.plays.clear();
    this.list.replaceChildren(...[...takes].reverse().map((take) => this.row(take)));
    this.mark(this.playing);
  }

  /** Show which take plays (-1: none). */
  mark(number: number): void {
    this.playing = number;
    for (const [take, play] of this.plays) {
      const name = t("genie.take", { number: take });
      relabel(play, take === number ? t("genie.stop") : t("genie.hear", { name }), take === number ? "stop" : "play");
    }
  }

  private row(take: Take): HTMLElement {
    const { hooks } = this;
    const name = takeName(take);
    const status = h("div", { class: "take-status", role: "status" });
    const tell = (text: string, actions: HTMLElement[] = []): void => {
      status.replaceChildren(h("span", {}, text), ...actions);
      status.scrollIntoView({ block: "nearest" }); // on a phone it stands below the edge
    };
    const play = button({
      label: t("genie.hear", { name }), icon: "play",
      onclick: () => (this.playing === take.number ? hooks.stop() : hooks.hear(take)),
    });
    this.plays.set(take.number, play);
    const keep = button({
      label: t("genie.keep"), icon: "check", text: true, kind: "primary",
      onclick: () => {
        keep.disabled = true;
        void hooks.keep(take, tell).catch((error: unknown) => tell(error instanceof Error ? error.message : String(error)))
          .finally(() => (keep.disabled = false));
      },
    });
    keep.title = t("genie.keepWhy");
    const notes = take.layers.reduce((sum, layer) => sum + layer.presses.length, 0);
    return h("li", { class: "take wb-card", "data-take": take.number },
      h("div", { class: "take-main" }, play,
        h("div", { class: "take-text" }, h("b", {}, name), h("span", {}, plural("genie.facts", notes, { time: clock(takeEnd(take)) }))),
        this.picture(take), keep,
        hooks.send ? button({ label: t("genie.send"), icon: "right", text: true, kind: "outlined", onclick: () => hooks.send?.(take, tell) }) : null,
        button({ label: t("genie.over"), icon: "record", text: true, onclick: () => hooks.over(take) }),
        button({ label: t("genie.midiFile"), onclick: () => hooks.midi(take) }),
        button({ label: t("genie.delete", { name }), icon: "trash", kind: "quiet", onclick: () => hooks.remove(take) })),
      this.tidy(take), status);
  }

  private tidy(take: Take): HTMLElement {
    let strength = take.tidy?.strength ?? 0.8;
    let grid: Grid = take.tidy ? (Object.keys(GRIDS) as Grid[]).find((name) => GRIDS[name] === take.tidy!.grid) ?? "eighth" : "off";
    const set = (): void => {
      amount.hidden = grid === "off";
      hooks.change({ ...take, tidy: grid === "off" ? null : { grid: GRIDS[grid], strength } });
    };
    const { hooks } = this;
    const amount = slider({
      label: t("genie.strength"), min: 0, max: 100, step: 5, value: strength * 100, hideLabel: true,
      onchange: (value) => {
        strength = value / 100;
        set();
      },
    });
    amount.hidden = grid === "off";
    return h("div", { class: "tidy" },
      choice<Grid>({
        label: t("genie.tidy"), value: grid, options: (Object.keys(GRIDS) as Grid[]).map((key) => [key, t(`genie.grid.${key}` as StringKey)] as const),
        onchange: (value) => {
          grid = value;
          set();
        },
      }), amount);
  }

  /** The take as a small drawing: time to the right, pitch up, colours of the buttons. */
  private picture(take: Take): HTMLCanvasElement {
    const canvas = h("canvas", { class: "take-picture", "aria-hidden": "true" });
    const [width, height] = [320, 44];
    canvas.width = 2 * width;
    canvas.height = 2 * height;
    const context = canvas.getContext("2d")!;
    const notes = notesOf(take);
    const end = Math.max(1, takeEnd(take));
    const pitches = notes.map((note) => note.pitch);
    const [low, high] = [Math.min(...pitches) - 2, Math.max(...pitches) + 2];
    for (const note of notes) {
      context.fillStyle = trackStyle(note.place, isDark(this.root)).fill;
      const x = (2 * width * note.start) / end;
      const y = 2 * height * (1 - (note.pitch - low) / Math.max(1, high - low));
      context.beginPath();
      context.roundRect(x, y - 4, Math.max(6, (2 * width * (note.end - note.start)) / end), 8, 4);
      context.fill();
    }
    return canvas;
  }
}
