/** The stems of a recording as tracks of the piece: as they were recorded, or an instrument in the place of one. */
import { hearAs, SOUND_FACT, soundOf, withState } from "../document/recorded.js";
import type { JobResults } from "../host/messages.js";
import type { MediaItem } from "../host/model.js";
import type { ViewContext } from "../host/view.js";
import { asPiece, scoreOf } from "../listen/onward.js";
import type { Work } from "../listen/work.js";
import { isStopped } from "../store/jobs.js";
import { t } from "../strings/index.js";
import { sentenceOf } from "../strings/sentence.js";
import { button } from "../ui/controls.js";

type Stem = JobResults["separate"]["stems"][number];

export interface StandIns {
  /** Makes the piece. */
  readonly button: HTMLButtonElement;
  /** Whether an instrument plays in a stem's place now; null: the stem is no track of the piece. */
  replaced(stem: Stem): boolean | null;
  /** Let an instrument play in a stem's place, or the stem sound again; makes the piece where there is none. */
  toggle(stem: Stem, name: string): void;
}

export function makeStandIns(
  context: ViewContext, item: MediaItem, stems: readonly Stem[], work: Work, tell: (text: string, bad?: boolean) => void,
): StandIns {
  const { store } = context;
  const make = button({ label: t("apart.piece"), icon: "right", text: true, kind: "outlined", onclick: () => void piece(null, "") });

  const trackOf = (stem: Stem): string | null =>
    store.score.tracks.find((track) => soundOf(store.score, track.id)?.sha256 === stem.item.sha256)?.id ?? null;

  /** All of it is one step of undo, the stem that an instrument plays included. */
  async function piece(instead: Stem | null, name: string): Promise<void> {
    tell("");
    const stopper = work.begin(t("apart.hearing", { name: item.name }));
    make.disabled = true;
    try {
      const named = Object.fromEntries(stems.map((stem) => [stem.name, stem.item.id]));
      const made = await store.job("stems.piece", { media: item.id, stems: named }, stopper.signal, {
        progress: (progress) => work.progress(progress),
      }).result;
      const score = scoreOf(made.score);
      const track = score.tracks.find((one) => soundOf(score, one.id)?.sha256 === instead?.item.sha256);
      if (track) score.meta[SOUND_FACT + track.id] = withState(score.meta[SOUND_FACT + track.id]!, false);
      context.player.stop();
      store.edit(asPiece(store.score, score), {
        source: "model", kind: "accept", facts: { runs: Object.fromEntries(made.runs.map((run) => [run, []])) },
      });
      store.setView({ track: (track ?? score.tracks[0]!).id, loop: null, marks: [], selection: new Set(), cursor: 0 });
      tell(track ? t("apart.replaced", { name }) : t("apart.made"));
    } catch (error) {
      if (!isStopped(error)) tell(sentenceOf(error), true);
    } finally {
      work.end(stopper);
      make.disabled = false;
    }
  }

  return {
    button: make,
    replaced(stem) {
      const track = trackOf(stem);
      return track === null ? null : !soundOf(store.score, track)!.heard;
    },
    toggle(stem, name) {
      const track = trackOf(stem);
      if (track === null) return void piece(stem, name);
      const { heard } = soundOf(store.score, track)!;
      store.edit(hearAs(store.score, track, !heard));
      tell(t(heard ? "apart.replaced" : "apart.back", { name }));
    },
  };
}
