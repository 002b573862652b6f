/** Hearing an idea in its place: the gap and a bar on either side repeat, with the idea instead of what is there. */
import type { Region } from "../document/types.js";
import type { ViewContext } from "../host/view.js";
import type { Overlay } from "../sound/schedule.js";

export class Audition {
  /** What is heard: an idea's number, "original", or null. */
  heard: number | "original" | "blend" | "style" | "chords" | null = null;
  private loopBefore: readonly [number, number] | null | undefined;

  constructor(private readonly context: ViewContext) {}

  /** `regions`: where it is heard; `overlay`: with what, null for how it was; `runs`: what made it. */
  play(what: number | "original" | "blend", regions: readonly Region[], overlay: Overlay | null, runs: object = {}): void {
    const { store } = this.context;
    const start = Math.min(...regions.map((region) => region.start));
    const end = Math.max(...regions.map((region) => region.end));
    const { time } = store;
    this.begin(what, [time.barAt(Math.max(0, start - 1)).start, time.barAt(end).end], overlay);
    store.log("audition", { what, runs });
  }

  /** A style, or chords, along with just these ticks of the piece; `which`: the style's id, the number of the chords. */
  hear(what: "style" | "chords", which: string | number, span: readonly [number, number], overlay: Overlay): void {
    this.begin(what, span, overlay);
    this.context.store.log("audition", { what, [what === "style" ? "style" : "way"]: which, span, runs: {} });
  }

  private begin(what: NonNullable<Audition["heard"]>, span: readonly [number, number], overlay: Overlay | null): void {
    const { store, player } = this.context;
    if (this.loopBefore === undefined) this.loopBefore = store.view.loop;
    player.setOverlay(overlay);
    store.setView({ loop: span });
    // While it plays, changing the idea keeps the place in the music.
    const { position } = player;
    if (!player.playing || position < span[0] || position >= span[1]) void player.play(span[0]);
    this.heard = what;
  }

  /** New notes have come for what is heard now. */
  refresh(overlay: Overlay): void {
    if (this.heard !== null && this.heard !== "original") this.context.player.setOverlay(overlay);
  }

  stop(): void {
    if (this.heard === null) return;
    this.heard = null;
    this.context.player.stop();
    this.context.player.setOverlay(null);
    this.context.store.setView({ loop: this.loopBefore ?? null });
    this.loopBefore = undefined;
  }
}
