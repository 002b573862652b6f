"""Parts of a piece: where they begin, and which of them are the same."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from workbench.understand.frames import Frames
from workbench.understand.heard import Beats
from workbench.understand.sections import sections_of

BAR = 2.0  # seconds
#: Part -> the chords of its bars, as pitch classes of their roots, and the octave of a tune over them.
PHRASES = {"A": ([0, 9, 5, 7] * 2, 5), "B": ([2, 7, 4, 9, 2, 7, 0, 0], 6), "C": ([5, 5, 8, 3, 10, 3, 8, 7], 3)}
PHRASES["D"] = PHRASES["A"]  # the same, for other players


def heard(form: str, *, loud: dict[str, float] | None = None, drums: dict[str, float] | None = None) -> Frames:
    """Frames of a piece in eight-bar phrases: a triad a bar, a moving note, and drums, with noise."""
    rng = np.random.default_rng(0)
    count = round(len(form) * 8 * BAR * 50)
    frame = np.abs(rng.normal(0, 0.05, (count, 88)))
    onset, strokes, level = np.zeros((count, 88)), np.abs(rng.normal(0, 0.03, (count, 6))), np.zeros(count)
    for number, letter in enumerate(form):
        roots, octave = PHRASES[letter]
        for bar, root in enumerate(roots):
            start = round((number * 8 + bar) * BAR * 50)
            span = slice(start, start + round(BAR * 50))
            for interval in (0, 4, 7):
                key = 24 + (root + interval) % 12
                frame[span, key], onset[start, key] = rng.uniform(0.6, 1), 0.9
            for beat in range(4):
                at = start + beat * 25
                frame[at : at + 25, min(87, octave * 12 + (root + (0, 4, 7, 4)[beat]) % 12)] = 0.9
                strokes[at, beat % 2] = (drums or {}).get(letter, 0.8)
            level[span] = (loud or {}).get(letter, -20.0)
    half = {name: value.astype(np.float16) for name, value in (("onset", onset), ("frame", frame), ("drums", strokes))}
    rest = np.zeros((count, 1), np.float16)
    return Frames(
        half["onset"], half["frame"], rest, rest, rest, half["drums"], rest, rest, rest, rest[:, 0],
        level.astype(np.float32), 0.0, count / 50,
    )  # fmt: skip


def counted(seconds: float, first: float = 0.0) -> Beats:
    beats = np.arange(first, seconds - 0.01, BAR / 4)
    return Beats(tuple(beats.tolist()), tuple(beats[::4].tolist()))


@pytest.mark.parametrize("form", ["AABA", "ABAB", "ABCAB"])
def test_the_form_is_found_with_letters_in_order_of_appearance(form: str) -> None:
    frames = heard(form)
    found = sections_of(frames, counted(frames.duration))
    letters = "".join(part.label * round((part.end - part.start) / (8 * BAR)) for part in found)
    assert letters == form  # two phrases A may be one part of sixteen bars
    changes = {number * 8 * BAR for number in range(1, len(form)) if form[number] != form[number - 1]}
    assert changes <= {round(part.start, 3) for part in found}


def test_parts_cover_the_piece_and_begin_on_downbeats() -> None:
    frames = heard("ABA")
    beats = counted(frames.duration)
    found = sections_of(frames, beats)
    assert found[0].start == 0.0
    assert found[-1].end == pytest.approx(frames.duration)
    assert all(after.start == before.end for before, after in pairwise(found))
    assert {part.start for part in found} <= set(beats.downbeats)
    assert all(0 <= part.confidence <= 1 for part in found)


def test_the_same_harmony_with_other_players_begins_a_new_part() -> None:
    frames = heard("AADD", loud={"A": -34.0, "D": -14.0}, drums={"A": 0.0, "D": 0.9})
    starts = {part.start for part in sections_of(frames, counted(frames.duration))}
    assert 16 * BAR in starts


def test_music_without_beats_or_of_a_few_bars_is_still_described() -> None:
    frames = heard("AB")
    assert sections_of(frames, Beats())[-1].end == pytest.approx(frames.duration)
    short = Frames(*(getattr(frames, name)[:200] for name in (
        "onset", "frame", "end", "velocity", "melody", "drums", "beats", "root", "kind", "voiced", "level"
    )), 0.0, 4.0)  # fmt: skip
    only = sections_of(short, counted(4.0))
    assert [(part.start, part.end, part.label) for part in only] == [(0.0, 4.0, "A")]
