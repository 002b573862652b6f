"""What a band is given of a piece: its tune, and the chords to play over.

Chords are, in this order: those of the request, those that a person wrote into the lane, those that the piece sounds,
and, for a lone tune, those that are likeliest under it, others for each further idea.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from workbench.create.compose.chords import MOST, SPARSE, harmonisations
from workbench.create.compose.tune import at_once, top_line, tune_track
from workbench.create.found_chords import find_chords
from workbench.score.lanes import Chord
from workbench.score.score import Note, Score

#: Where the chords of a piece were found: heard in it, set to its tune; "": somebody gave them, or there are none.
Found = Literal["", "heard", "tune"]


def tune_of(score: Score, track_id: str = "") -> tuple[Note, ...]:
    """The tune's notes by time, from the track named or the one that carries it; none in a piece without notes.

    Raises:
        BadRequest: the track named holds drums, or is none.
    """
    track = tune_track(score, track_id or None)
    return () if track is None else tuple(top_line(track))


def chords_for(
    score: Score, wished: Sequence[Chord], tune: str = "", *, count: int, seed: int
) -> tuple[list[tuple[Chord, ...]], Found]:
    """The chords of each of ``count`` ideas, and where they were found; those set to the tune may differ.

    ``tune``: id of its track; empty: the one that carries it.
    """
    if wished or score.chords:
        return [_closed(wished or score.chords, score.end)] * count, ""
    if at_once(score) > SPARSE:
        return [_closed(find_chords(score), score.end)] * count, "heard"
    found = harmonisations(score, count=min(count, MOST), seed=seed, tune=tune or None)
    if not found:
        return [()] * count, ""
    return [_closed(found[number % len(found)], score.end) for number in range(count)], "tune"


def _closed(chords: Sequence[Chord], end: int) -> tuple[Chord, ...]:
    """Every chord goes on until the next one; the first holds from the start, the last to the end of the piece."""
    if not chords:
        return ()
    ticks = [0, *(chord.tick for chord in chords[1:]), max(end, chords[-1].tick + max(1, chords[-1].duration))]
    return tuple(
        replace(chord, tick=start, duration=stop - start)
        for chord, (start, stop) in zip(chords, itertools.pairwise(ticks), strict=True)
        if stop > start
    )
