"""Figures of a style's excerpts: what a plain classifier is told, and what is counted in a pattern."""

from __future__ import annotations

import itertools

import numpy as np

from workbench.create.compose.band import Band, fit
from workbench.create.compose.bandplan import Stretch
from workbench.create.compose.style import PPQ, Pattern, Style
from workbench.score.lanes import Chord
from workbench.score.timemap import Bar

STEPS = 24  #: places of a bar that are told apart
#: Drums that belong together: bass drums, snares, sticks and claps, closed and open hi-hats, ride, toms, the rest.
KINDS = ((35, 36), (38, 40), (37, 39), (42, 44), (46,), (51, 53), (41, 43, 45, 47, 48, 50))


def bar_ticks(style: Style) -> int:
    """Ticks of one bar."""
    return 4 * PPQ * style.metre[0] // style.metre[1]


def excerpt(style: Style, roots: list[tuple[int, str]], groove: str, seed: int) -> Band:
    """Four bars of a groove over four chords."""
    size = bar_ticks(style)
    chords = [Chord(at * size, size, root, quality) for at, (root, quality) in enumerate(roots)]
    bars = [Bar(at + 1, at * size, (at + 1) * size, *style.metre) for at in range(4)]
    return fit(style, chords, bars, seed=seed, stretches=[Stretch(groove, 1, 4)], ends=False)


def features(band: Band, *, names: bool = True) -> np.ndarray:
    """What a classifier sees, float64: drums and bass by their places in the bar; with ``names`` the rest as well."""
    style = band.style
    size = bar_ticks(style)
    seen = np.zeros((len(KINDS) + 3, STEPS))
    for part in style.parts:
        for note in band.notes.get(part.name, ()):
            place = min(STEPS - 1, note.start % size * STEPS // size)
            if part.is_drum:
                kind = next((at for at, keys in enumerate(KINDS) if note.pitch in keys), len(KINDS))
            else:
                kind = len(KINDS) + (1 if part.role == "bass" else 2)
            seen[kind, place] += 0.25
    rest = np.zeros(18)
    for part in style.parts:
        rest[16 if part.is_drum else part.program // 8] = 1.0
    rest[17] = style.tempo[1] / 60
    own = np.array([size / PPQ / 2, 6 * style.swing])
    return np.concatenate([np.minimum(seen, 1.5).ravel(), rest if names else [], own])


def pattern_likeness(pattern: Pattern) -> float:
    """Mean Jaccard index of (place, key) of neighbouring bars, round from the last to the first."""
    size = max(1, max(note.tick for note in pattern.notes) // pattern.bars)
    size = sum(chord.duration for chord in pattern.chords) // pattern.bars
    bars = [
        {(note.tick % size, note.pitch) for note in pattern.notes if note.tick // size == at}
        for at in range(pattern.bars)
    ]
    pairs = list(itertools.pairwise([*bars, bars[0]]))
    return float(np.mean([len(one & other) / max(1, len(one | other)) for one, other in pairs]))


def chord_beats(style: Style, section: str) -> float:
    """Share of the beats on which keys, guitars, pads and leads sound three pitch classes at least."""
    size = bar_ticks(style)
    beats = range(0, max(part.sections[section].bars for part in style.parts if section in part.sections) * size, PPQ)
    notes = [n for part in style.parts if part.role != "bass" and not part.is_drum and section in part.sections
             for n in part.sections[section].notes]  # fmt: skip
    full = [len({n.pitch % 12 for n in notes if n.tick <= beat < n.tick + n.duration}) >= 3 for beat in beats]
    return sum(full) / len(full)
