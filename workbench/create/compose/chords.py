"""Chords for a tune: several harmonisations to choose from, and the chords that a piece goes by.

``harmonisations(score)`` invents chords for a tune, the likeliest progression first. What a fuller piece already
sounds is *heard* instead, by :func:`workbench.create.found_chords.find_chords`; :func:`chords_of` takes whatever a
piece has: the chords that a person wrote, else those that are heard, else the first harmonisation.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.create.compose.progressions import Reading
from workbench.create.compose.tune import at_once, top_line, tune_track
from workbench.create.found_chords import find_chords, half_bars
from workbench.create.voices.likely import Likely
from workbench.errors import BadRequest
from workbench.score.lanes import QUALITIES, Chord, joined_chords
from workbench.score.score import Score
from workbench.tokens import half_bars as hb

#: Up to so many notes at once there is no harmony to hear, only a tune.
SPARSE = 1.35
MOST = 12  #: harmonisations at a time


def harmonisations(
    score: Score, *, count: int = 3, seed: int = 0, tune: str | None = None
) -> list[tuple[Chord, ...]]:  # fmt: skip
    """Chords for a tune, or for anything sparse: ``count`` harmonisations that differ, the likeliest first.

    Each covers the piece from its first bar to the end of its last, rests included, without a gap; chords change at
    half bars (at bars where the beats are odd). Chords that stand in the chord lane are kept (as one of seven
    kinds), and the others lead to them. The same seed gives the same chords.

    Args:
        count: how many, 1 to 12.
        tune: id of the track to harmonise; None: the one that carries the tune.

    Returns:
        The harmonisations, fewer if no more were found; none for a piece without pitched notes.

    Raises:
        BadRequest: ``count`` out of range, or ``tune`` is no track of notes.
    """
    if not 1 <= count <= MOST:
        raise BadRequest(f"Ask for 1 to {MOST} harmonisations.")
    read = _read(score, tune)
    if read is None:
        return []
    reading, halves = read
    return [_chords(states, reading.basses(states), halves)
            for states in reading.progressions(count, np.random.default_rng(seed))]  # fmt: skip


def likely_under(score: Score, tune: str | None = None) -> Likely | None:
    """How likely each tone and each bass is under a tune, all progressions weighed; None for a piece without notes.

    Chords that a person wrote are certain. ``tune`` and errors: as of :func:`harmonisations`.
    """
    read = _read(score, tune)
    if read is None:
        return None
    reading, halves = read
    tones, basses = reading.likely()
    return Likely(_edges(halves), tones, basses)


def _read(score: Score, tune: str | None) -> tuple[Reading, list[tuple[int, int, bool]]] | None:
    """A piece's tune as it is read, and its half bars; None if there are no notes."""
    track = tune_track(score, tune)
    if track is None or not track.notes:
        return None
    halves = half_bars(score)
    bar = np.cumsum([new_bar for _, _, new_bar in halves])
    return Reading.under(top_line(track), _edges(halves), bar, score.ppq, _written(score, halves)), halves


def _edges(halves: Sequence[tuple[int, int, bool]]) -> np.ndarray:
    return np.array([*(start for start, _, _ in halves), halves[-1][1]], dtype=np.int64)


def chords_of(score: Score) -> tuple[Chord, ...]:
    """The chords that a piece goes by, in the order of time.

    What a person wrote in the chord lane; for a piece without: the chords that are heard in it, or the likeliest
    harmonisation where it is but a tune.
    """
    if score.chords:
        return tuple(score.chords)
    if at_once(score) > SPARSE:
        return tuple(find_chords(score))
    found = harmonisations(score, count=1)
    return found[0] if found else ()


def _written(score: Score, halves: Sequence[tuple[int, int, bool]]) -> np.ndarray:
    """State of the chord that a person wrote for most of each half bar, int64 [n]; -1: none."""
    out = np.full(len(halves), -1, dtype=np.int64)
    for chord in score.chords:
        kind = hb.kind_of(chord.root, QUALITIES[chord.quality])
        for at, (start, end, _) in enumerate(halves):
            if 2 * (min(end, chord.tick + chord.duration) - max(start, chord.tick)) > end - start:
                out[at] = len(hb.KINDS) * chord.root + kind
    return out


def _chords(states: np.ndarray, basses: np.ndarray, halves: Sequence[tuple[int, int, bool]]) -> tuple[Chord, ...]:
    """The chords of a progression, equal neighbours joined."""
    own: list[Chord] = []
    for (start, end, _), state, low in zip(halves, states.tolist(), basses.tolist(), strict=True):
        root, kind = divmod(state, len(hb.KINDS))
        own.append(Chord(start, end - start, root, hb.KINDS[kind], -1 if low == root else int(low)))
    return tuple(joined_chords(own))
