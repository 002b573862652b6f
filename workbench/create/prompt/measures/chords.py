"""Do the chords go as they were given: root, and major or minor, for which share of the time.

The chords of the piece are heard in its sound (:mod:`workbench.understand.harmony`); a chord is right where root and
third agree, as mir_eval's ``majmin`` has it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.create.compose.source import Source
from workbench.create.prompt.card import Line, Series
from workbench.create.prompt.measures.shares import percent
from workbench.create.prompt.piece import Piece
from workbench.score.lanes import QUALITIES
from workbench.understand.labels import read_chord

#: A chord of the piece: start and end in quarters or seconds, root as pitch class, whether its third is minor.
Span = tuple[float, float, int, bool]
#: How often the chords are compared, a second.
FPS = 20.0
TARGET = 0.8
#: Bars by which chords are moved to tell how often they agree by chance.
ASTRAY = (1, 2, 3, 5)


def minor(quality: str) -> bool:
    """Whether a quality of the chord lane has a minor third and no major one."""
    tones = QUALITIES[quality]
    return 3 in tones and 4 not in tones


def chords_of_source(source: Source) -> list[Span]:
    """The chords of a tune with its bars, in quarters from its first bar."""
    out, at = [], 0
    for bar in source.bars:
        for chord in bar.chords:
            start = (at + chord.tick) / source.ppq
            out.append((start, start + chord.duration / source.ppq, chord.root, minor(chord.quality)))
        at += bar.length
    return out


def heard_chords(piece: Piece) -> list[Span]:
    """The chords that are heard in the piece, in seconds."""
    out = []
    for chord in piece.harmony.chords if piece.harmony is not None else ():
        found = read_chord(chord.label)
        if found is not None:
            out.append((chord.start, chord.end, found[0], minor(found[1])))
    return out


def agreement(asked: Sequence[Span], got: Sequence[Span], seconds: float) -> float:
    """Share of the time with an asked chord in which root and third agree; both in seconds."""
    count = int(seconds * FPS)
    want, have = _rows(asked, count), _rows(got, count)
    known = want >= 0
    return float((want[known] == have[known]).mean()) if known.any() else 0.0


def _rows(spans: Sequence[Span], count: int) -> np.ndarray:
    out = np.full(count, -1)
    for start, end, root, third in spans:
        out[max(0, round(start * FPS)) : max(0, round(end * FPS))] = 2 * root + third
    return out


def placed(asked: Sequence[Span], places: Sequence[tuple[float, float, float]], piece: Piece, by: int) -> list[Span]:
    """The chords where they belong: ``places`` are rows of begin, end (in the source) and shift, in quarters."""
    out = []
    for begin, end, shift in places:
        for start, stop, root, third in asked:
            start, stop = max(start, begin), min(stop, end)
            if stop > start:
                out.append((piece.at_quarter(start + shift), piece.at_quarter(stop + shift), (root + by) % 12, third))
    return sorted(out)


def measure(
    slot: str, asked: Sequence[Span], places: Sequence[tuple[float, float, float]], piece: Piece, *, by: int = 0,
    bar: float = 4.0,
) -> list[Line]:  # fmt: skip
    """The line of a prompt that gives the chords; none where it has none or nothing is heard.

    Args:
        slot: of the prompt.
        asked: its chords, in quarters.
        places: where they belong; see :func:`placed`.
        piece: what was made.
        by: semitones by which all is moved.
        bar: quarters a bar.
    """
    want = placed(asked, places, piece, by)
    if not want or piece.harmony is None:
        return []
    got = heard_chords(piece)
    end = max(stop for _, stop, _, _ in want)
    if piece.audio is not None:
        end = min(end, piece.audio.seconds)  # a take may hold the beginning alone
    value = agreement(want, got, end)
    astray = []
    for bars in ASTRAY:
        moved = placed(asked, [(first, last, shift + bars * bar) for first, last, shift in places], piece, by)
        astray.append(agreement(moved, got, end))
    if value >= 0.95:
        said = "The chords go as yours do."
    else:
        said = f"The chords go as yours do {percent(value)} of the time."
    return [Line(slot, "chords", value, TARGET, said, float(np.mean(astray)), "audio", "steps", _steps(want),
                 _steps(got))]  # fmt: skip


def _steps(spans: Sequence[Span]) -> Series:
    return tuple((start, float(root)) for start, _, root, _ in spans)
