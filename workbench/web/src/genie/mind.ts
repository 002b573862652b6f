/** A look inside: what the model would play next, over the keyboard and on the buttons. */
import { t } from "../strings/index.js";
import { NAMES } from "./accompaniment.js";
import { LOWEST_PITCH } from "./decoder.js";
import type { Pads } from "./pads.js";
import type { Session } from "./session.js";
import type { Stage } from "./stage.js";

const pitchName = (key: number): string => `${NAMES[(key + LOWEST_PITCH) % 12]}${Math.floor((key + LOWEST_PITCH) / 12) - 1}`;

export class Mind {
  shown = false;
  private looking = 0;

  constructor(private readonly session: Session, private readonly stage: Stage, private readonly pads: Pads) {}

  /** Show the model's mind, one frame later: never between a press and its note. */
  look(): void {
    if (!this.shown) {
      this.stage.inside(null);
      this.pads.label(null);
      return;
    }
    this.looking ||= requestAnimationFrame(() => {
      this.looking = 0;
      const rows = this.session.inside(performance.now());
      this.stage.inside(rows);
      this.pads.label(rows && this.session.settings.buttons > 1 ? rows.map((row) => {
        const best = row.indexOf(Math.max(...row));
        return t("genie.best", { note: pitchName(best), share: Math.round(100 * row[best]!) });
      }) : null);
    });
  }
}
