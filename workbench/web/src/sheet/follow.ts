/** What sounds now is marked in the sheet, and a click on a sign goes there. */
import type { ViewContext } from "../host/view.js";
import { t } from "../strings/index.js";

/** A tick and the ids of the elements that begin to sound there. */
export type Onset = readonly [tick: number, ids: readonly string[]];

export interface Follower {
  use(onsets: readonly Onset[]): void;
  start(): void;
}

export function followOnsets(paper: HTMLElement, { store, player, signal }: ViewContext): Follower {
  let onsets: readonly Onset[] = [];
  let ticks = new Map<string, number>();
  let marked: Element[] = [], at = -1, running = false;

  const place = (tick: number): number => {
    let low = 0, high = onsets.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (onsets[middle]![0] <= tick) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };

  function mark(index: number): void {
    if (index === at) return;
    at = index;
    for (const element of marked) element.classList.remove("now");
    marked = (onsets[index]?.[1] ?? []).flatMap((id) => paper.querySelector(`[id="${CSS.escape(id)}"]`) ?? []);
    for (const element of marked) element.classList.add("now");
    const first = marked[0]?.closest(".measure") ?? marked[0];
    if (!first || !store.view.follow) return;
    const box = first.getBoundingClientRect();
    if (box.top < 80 || box.bottom > innerHeight - 40) {
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      first.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
    }
  }

  function step(): void {
    if (signal.aborted || !player.playing) {
      running = false;
      mark(-1);
      return;
    }
    if (!player.loading) mark(place(player.position));
    requestAnimationFrame(step);
  }

  paper.addEventListener("click", (event) => {
    for (let element = event.target as Element | null; element && element !== paper; element = element.parentElement) {
      const tick = ticks.get(element.id);
      if (tick === undefined) continue;
      player.seek(tick);
      mark(place(tick));
      return;
    }
  }, { signal });
  // Without a mouse: the arrows go from sign to sign and sound them.
  paper.addEventListener("keydown", (event) => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!by || !onsets.length) return;
    event.preventDefault();
    const index = Math.min(onsets.length - 1, Math.max(0, (at < 0 ? place(store.view.cursor) : at) + by));
    const tick = onsets[index]![0];
    player.seek(tick);
    mark(index);
    const beat = store.time.beatPosition(tick);
    paper.setAttribute("aria-label", t("sheet.at", { bar: beat.bar, beat: beat.beat }));
    for (const track of store.score.tracks) {
      for (const sounding of track.notes.values()) {
        if (sounding.start === tick && !track.mute) player.audition(track.id, sounding.pitch, sounding.velocity);
      }
    }
  }, { signal });

  return {
    use(next) {
      onsets = next;
      ticks = new Map(next.flatMap(([tick, ids]) => ids.map((id) => [id, tick] as const)));
      at = -1;
      marked = [];
    },
    start() {
      if (running) return;
      running = true;
      requestAnimationFrame(step);
    },
  };
}
