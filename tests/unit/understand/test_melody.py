"""One line out of a mix: what leads, when it rests, where its notes begin."""

from __future__ import annotations

import itertools

import numpy as np

from workbench.understand.frames import Frames
from workbench.understand.melody import melody_of

#: Start and end in seconds, and pitch.
TUNE = [(0.5, 0.9, 67), (0.9, 1.3, 69), (1.3, 1.7, 69), (1.7, 2.4, 72), (3.2, 3.6, 65), (3.6, 4.4, 64)]
CHORD = [(0.5, 2.4, pitch) for pitch in (48, 55, 60, 64)] + [(2.4, 4.4, pitch) for pitch in (41, 53, 57, 60)]


def frames_of(seconds: float = 5.0, leading: float = 0.6) -> Frames:
    """Activations of a tune over chords: all of it sounds, the tune alone is said to lead."""
    rng = np.random.default_rng(0)
    count = round(seconds * 50) + 1

    def rows(columns: int) -> np.ndarray:
        return rng.uniform(0, 0.12, (count, columns)).astype(np.float16)

    onset, frame, melody, voiced = rows(88), rows(88), rows(88), rows(1)[:, 0]
    for start, end, pitch in TUNE + CHORD:
        first, last = round(start * 50), round(end * 50)
        onset[first : first + 2, pitch - 21] = 0.8
        frame[first:last, pitch - 21] = 0.8
    for start, end, pitch in TUNE:
        first, last = round(start * 50), round(end * 50)
        melody[first:last, pitch - 21] = leading
        voiced[first:last] = 0.8
    root, kind = np.full((count, 13), 1 / 13, np.float16), np.full((count, 8), 1 / 8, np.float16)
    return Frames(
        onset, frame, rows(88), np.full((count, 88), 0.6, np.float16), melody, rows(6), rows(2), root, kind, voiced,
        np.zeros(count, np.float32), 0.0, seconds,
    )  # fmt: skip


def test_the_leading_line_is_found_with_its_repeated_notes_and_rests() -> None:
    found = melody_of(frames_of())
    assert [note.pitch for note in found] == [pitch for _, _, pitch in TUNE]
    assert all(abs(note.start - start) <= 0.041 for note, (start, _, _) in zip(found, TUNE, strict=True))
    assert found[3].end < 2.8  # the rest is none of the last note's
    assert all(after.start >= before.end for before, after in itertools.pairwise(found))


def test_how_sure_it_is_follows_what_was_heard() -> None:
    sure, unsure = melody_of(frames_of(leading=0.9)), melody_of(frames_of(leading=0.4))
    assert np.mean([note.confidence for note in sure]) > np.mean([note.confidence for note in unsure]) + 0.3


def test_where_nothing_leads_there_is_no_melody() -> None:
    quiet = frames_of(leading=0.0)
    quiet.voiced[:] = 0.02
    quiet.melody[:] = 0.01
    assert melody_of(quiet) == ()
