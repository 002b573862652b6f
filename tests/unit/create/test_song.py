"""A tune is asked for by time, and answers as a search of all of it would."""

from __future__ import annotations

import numpy as np

from workbench.create.compose.song import Song
from workbench.score.score import Note


def test_what_is_sung_in_a_span_is_all_that_sounds_there() -> None:
    rng = np.random.default_rng(4)
    tune = tuple(
        Note(f"n{at}", int(rng.integers(9000)), int(rng.integers(1, 2000)), int(rng.integers(48, 84)), 80)
        for at in range(200)
    )
    song = Song((), frozenset(range(12)), tune)
    for start in range(0, 10_000, 333):
        end = start + int(rng.integers(1, 900))
        expected = {note.id for note in tune if note.start < end and note.end > start}
        assert {note.id for note in song.sung(start, end)} == expected
