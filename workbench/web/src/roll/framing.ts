/** What part of the piece is in sight: when it opens, when a track is chosen, when the window changes its size. */
import { currentTrack, type RollState } from "./state.js";

export interface Framing {
  /** The whole piece, from its beginning. */
  fit(): void;
  /** The notes of the edited track, high and low. */
  fitPitches(): void;
  /** The whole of a short piece, the beginning of a long one. */
  showPiece(): void;
  /** Scroll so that the first gap is in sight, with a little of what comes before it. */
  showGap(): void;
  /** Turn the page when the playhead leaves it; one step, never a slide. */
  turnPage(calm: boolean): void;
  /** The canvas has another size. */
  resized(): void;
}

/** Pixels a quarter must have at the least for its notes to be read and touched: on phones, elsewhere. */
const LEAST = [26, 20] as const;

export function makeFraming(state: RollState): Framing {
  const { store, player } = state.context;
  const { viewport, index } = state;
  let sized = false;
  let height = 0;

  const lastEnd = (id: string): number =>
    index.all(id).reduce((most, note) => Math.max(most, note.start + note.duration), 0);

  const framing: Framing = {
    fit() {
      framing.fitPitches();
      const end = Math.max(4 * 4 * store.score.ppq, ...store.score.tracks.map((track) => lastEnd(track.id)));
      viewport.tick = 0;
      viewport.pxPerTick = Math.min(2, (viewport.grid.width - 12) / store.time.barAt(end - 1).end);
      state.redraw();
    },
    fitPitches() {
      if (!sized) return;
      const track = currentTrack(state);
      const notes = track ? index.all(track.id) : [];
      const pitches = notes.map((note) => note.pitch);
      const [low, high] = pitches.length ? [Math.min(...pitches), Math.max(...pitches)] : track?.is_drum ? [35, 51] : [55, 74];
      viewport.fitPitches(low, high);
      if (track?.is_drum) { // the usual kit stands at the bottom
        viewport.top = Math.min(35, low) - 1 + viewport.rowsVisible;
        viewport.clampRows();
      }
      state.cursorPitch = notes[0]?.pitch ?? Math.round((low + high) / 2);
    },
    showPiece() {
      if (!sized) return;
      framing.fit();
      const least = LEAST[viewport.width < 560 ? 0 : 1] / store.score.ppq;
      if (viewport.pxPerTick < least) viewport.pxPerTick = least;
      const first = Math.min(...store.score.tracks.map((track) => index.all(track.id)[0]?.start ?? Infinity));
      if (Number.isFinite(first) && first > viewport.lastTick) viewport.tick = store.time.barAt(first).start; // a long rest
      state.redraw();
    },
    showGap() {
      const mark = store.view.marks[0];
      if (!mark || (mark.start >= viewport.tick && mark.end <= viewport.lastTick - 16 / viewport.pxPerTick)) return;
      viewport.tick = Math.max(0, mark.start - Math.max(0, viewport.ticksVisible - (mark.end - mark.start)) * 0.6);
      state.redraw();
    },
    turnPage(calm) {
      const position = player.position;
      const edge = viewport.lastTick - viewport.ticksVisible * (calm ? 0 : 0.06);
      if (position >= viewport.tick && position < edge) return;
      viewport.tick = Math.max(0, store.time.barAt(Math.floor(position)).start - viewport.ticksVisible * 0.02);
      state.redraw();
    },
    resized() {
      const phone = viewport.width < 560;
      viewport.keys = currentTrack(state)?.is_drum ? (phone ? 76 : 104) : phone ? 44 : 56;
      viewport.velocity = viewport.height < 330 ? 0 : phone ? 52 : 72;
      if (!sized) {
        sized = true;
        framing.showPiece();
      } else if (Math.abs(viewport.height - height) > 0.15 * height) framing.fitPitches(); // a panel has opened or closed
      height = viewport.height;
    },
  };
  return framing;
}
