"""Chords for a tune: several harmonisations to choose from, and the chords that a piece goes by.

``harmonisations(score)`` invents chords for a tune, the likeliest progression first. What a fuller piece already
sounds is *heard* instead, by :func:`workbench.create.found_chords.find_chords`; :func:`chords_of` takes whatever a
piece has: the chords that a person wrote, else those that are heard, else the first harmonisation.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from workbench import resources
from workbench.create.compose.tune import at_once, top_line, tune_track
from workbench.create.found_chords import find_chords, half_bars
from workbench.create.infill.around.chord_plan import KINDS, ChordModel
from workbench.errors import BadRequest
from workbench.score.lanes import Chord
from workbench.score.score import Note, Score

#: Up to so many notes at once there is no harmony to hear, only a tune.
SPARSE = 1.35
MOST = 12  #: harmonisations at a time
_QUALITIES = ("maj", "7", "min", "dim")
_TRIES = 12  #: drawings for each further harmonisation before it may resemble one that is there


def harmonisations(
    score: Score, *, count: int = 3, seed: int = 0, tune: str | None = None
) -> list[tuple[Chord, ...]]:  # fmt: skip
    """Chords for a tune, or for anything sparse: ``count`` harmonisations that differ, the likeliest first.

    Each covers the piece from its first bar to the end of its last, rests included, without a gap; chords change at
    half bars (at bars where the beats are odd). The same seed gives the same chords.

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
    track = tune_track(score, tune)
    if track is None or not track.notes:
        return []
    halves = half_bars(score)
    sung, on_bar = _sung(top_line(track), halves), np.array([new_bar for _, _, new_bar in halves])
    model = _model()
    tonic, states = model.progression(sung, on_bar)
    found = [states]
    rng = np.random.default_rng(seed)
    for attempt in range(_TRIES * (count - 1)):
        if len(found) == count:
            break
        states = model.progression(sung, on_bar, rng, 1.0 + attempt / 12, tonic)[1]
        if all((states // len(KINDS) != other // len(KINDS)).mean() > 0.1 for other in found):
            found.append(states)
    return [_chords(states, tonic, halves) for states in found]


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


@lru_cache(maxsize=1)
def _model() -> ChordModel:
    return ChordModel.load(resources.path("models/infill/chords.safetensors"))


def _sung(notes: Sequence[Note], halves: Sequence[tuple[int, int, bool]]) -> np.ndarray:
    """Share of each half bar for which each pitch class sounds, float64 [n, 12]."""
    starts = np.array([start for start, _, _ in halves])
    out = np.zeros((len(halves), 12))
    for note in notes:
        at = max(0, int(np.searchsorted(starts, note.start, side="right")) - 1)
        while at < len(halves) and starts[at] < note.end:
            start, end, _ = halves[at]
            out[at, note.pitch % 12] += max(0, min(note.end, end) - max(note.start, start)) / (end - start)
            at += 1
    return out


def _chords(states: np.ndarray, tonic: int, halves: Sequence[tuple[int, int, bool]]) -> tuple[Chord, ...]:
    """The chords of a progression (states in C), equal neighbours joined."""
    out: list[Chord] = []
    for (start, end, _), state in zip(halves, states.tolist(), strict=True):
        root, kind = (state // len(KINDS) + tonic) % 12, _QUALITIES[state % len(KINDS)]
        if out and (out[-1].root, out[-1].quality) == (root, kind):
            out[-1] = Chord(out[-1].tick, end - out[-1].tick, root, kind)
        else:
            out.append(Chord(start, end - start, root, kind))
    return tuple(out)
