"""A band under tunes, song by song: what :mod:`workbench.evaluation.infill_band` counts, with spread and baselines.

Every figure is a share of one song; a table shows median, worst tenth and best tenth over the songs, beside the song's
own piano and beside the same bands judged by the chords of another song.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np

from workbench.evaluation.infill_band import (
    BAR,
    BARS,
    BASS_DRUMS,
    Song,
    bass_hits,
    chord_share,
    pattern_likeness,
    track_notes,
    tune_score,
)  # fmt: skip
from workbench.score.score import Score, Track
from workbench.tokens import grid12 as g

SNARES = (37, 38, 39, 40)
TOMS = (41, 43, 45, 47, 48, 50)
#: Bars (from 1) that lead on: the last of the first phrase, and the one before the last bar, in which a band ends.
ENDS = (8, 15)
Figures = dict[str, float]


def three_at_once(notes: np.ndarray) -> float:
    """Share of the beats at which three or more pitch classes sound."""
    rich = 0
    for tick in range(0, BARS * BAR, g.TICKS):
        sounding = notes[(notes[:, 0] <= tick) & (notes[:, 0] + notes[:, 1] > tick), 2]
        rich += len(set((sounding % 12).tolist())) >= 3
    return rich / (BARS * 4)


def has_fill(drums: np.ndarray, bar: int) -> bool:
    """Whether a bar (from 1) has two strokes more of snare or toms than the bar before, or is another pattern."""

    def strokes(number: int) -> set[tuple[int, int]]:
        start = (number - 1) * BAR
        inside = drums[(drums[:, 0] >= start) & (drums[:, 0] < start + BAR)]
        return {(int(tick) - start, int(key)) for tick, _, key in inside}

    here, before = strokes(bar), strokes(bar - 1)
    if not here:
        return False
    beaten = [len({tick for tick, key in each if key in SNARES + TOMS}) for each in (here, before)]
    alike = len(here & before) / max(1, len(here | before))
    return beaten[0] >= beaten[1] + 2 or alike < 0.4


def on_own_grid(drums: np.ndarray) -> float:
    """Share of the strokes on sixteenths, or on triplets, whichever holds more: a style is one or the other."""
    if not len(drums):
        return float("nan")
    place = drums[:, 0] % g.TICKS
    return float(max(np.isin(place, (0, 3, 6, 9)).mean(), np.isin(place, (0, 4, 8, 6)).mean()))


def figures(song: Song, made: Sequence[Track], ppq: int, chords: np.ndarray) -> Figures:
    """The figures of one band, judged by ``chords`` as of :class:`Song`."""
    bass = [track_notes(t, ppq) for t in made if not t.is_drum and t.program // 8 == 4]
    keys = [track_notes(t, ppq) for t in made if not t.is_drum and t.program // 8 != 4]
    drums = [track_notes(t, ppq) for t in made if t.is_drum]
    out: Figures = {}
    if bass:
        out |= _bass(np.concatenate(bass), chords)
    if keys:
        every = np.concatenate(keys)
        hits, total = chord_share(every, chords)
        out["keys: time in the chord"] = hits / max(1, total)
        out["keys: beats with three pitch classes"] = three_at_once(every)
    if drums:
        struck = np.concatenate(drums)
        out["drums: on their grid"] = on_own_grid(struck)
        both = bool(np.isin(struck[:, 2], BASS_DRUMS).any() and np.isin(struck[:, 2], SNARES).any())
        out["drums: bass drum and snare"] = float(both)
        out["drums: fills at section ends"] = float(np.mean([has_fill(struck, bar) for bar in ENDS]))
        out["drums: bar like the next"] = pattern_likeness(struck)
    return out


def _bass(notes: np.ndarray, chords: np.ndarray) -> Figures:
    hits, total = bass_hits(notes, chords)
    inside, time = chord_share(notes, chords)
    return {
        "bass: on the chord's bass": hits / max(1, total), "bass: time in the chord": inside / max(1, time),
        "bass: different keys": float(len(np.unique(notes[:, 2]))),
    }  # fmt: skip


def of_song(song: Song, chords: np.ndarray) -> Figures:
    """The same of the song's own piano: its lowest notes are the bass, all of it the keys."""
    hits, total = bass_hits(song.rest, chords)
    inside, time = chord_share(song.rest, chords)
    return {
        "bass: on the chord's bass": hits / max(1, total), "keys: time in the chord": inside / max(1, time),
        "keys: beats with three pitch classes": three_at_once(song.rest),
    }  # fmt: skip


def compare(found: Sequence[Song], bands: dict[str, Callable[[Song, int], Score]]) -> dict[str, list[Figures]]:
    """Figures by who played, song by song; ``shuffled`` judges the first band by the next song's chords."""
    out: dict[str, list[Figures]] = {"the song's piano": [of_song(song, song.chords) for song in found]}
    for name, lead in bands.items():
        rows, moved = [], []
        for number, song in enumerate(found):
            made = lead(song, number)
            rows.append(figures(song, made.tracks[1:], made.ppq, song.chords))
            other = found[(number + len(found) // 2) % len(found)]
            moved.append(figures(song, made.tracks[1:], made.ppq, other.chords))
        out[name] = rows
        out.setdefault("shuffled chords", moved)
    return out


def table(compared: dict[str, list[Figures]]) -> str:
    """Median (worst tenth, best tenth) of every figure as a Markdown table."""
    names = list(dict.fromkeys(name for rows in compared.values() for row in rows for name in row))
    lines = ["| | " + " | ".join(compared) + " |", "|---" * (len(compared) + 1) + "|"]
    for name in names:
        cells = []
        for rows in compared.values():
            values = [row[name] for row in rows if name in row and not np.isnan(row[name])]
            low, middle, high = np.percentile(values, (10, 50, 90)) if values else (np.nan,) * 3
            mean = float(np.mean(values)) if values else float("nan")
            cells.append(f"{middle:.2f} ({low:.2f}, {high:.2f}) mean {mean:.2f}" if values else "")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


@functools.cache
def groove_likeness(takes: int = 120) -> tuple[float, float, float]:
    """How like the next a bar of the players of Groove is, over takes of 16 bars and more: 10 %, median, 90 %."""
    from workbench.training import corpora
    from workbench.training.grid import on_grid

    found = []
    for piece in corpora.pieces("groove", "test"):
        notes = on_grid(piece.notes).astype(np.int64)
        drums = notes[:, [corpora.ONSET, corpora.DURATION, corpora.PITCH]]
        if drums[:, 0].max(initial=0) >= BARS * BAR:
            found.append(pattern_likeness(drums))
        if len(found) >= takes:
            break
    low, middle, high = np.nanpercentile(found, (10, 50, 90))
    return float(low), float(middle), float(high)


def with_chords(song: Song) -> Score:
    """The tune with the song's own chords in the lane, as triads and sevenths of the same tones."""
    from workbench.score.lanes import QUALITIES, Chord

    score = tune_score(song)
    step = score.ppq // g.TICKS
    for start, end, bass, mask in song.chords.tolist():
        for root in (bass, *range(12)):
            fitting = [name for name, tones in QUALITIES.items() if sum(1 << (root + t) % 12 for t in tones) == mask]
            if fitting:
                first = max(0, start)
                score.chords.append(Chord(first * step, (end - first) * step, root, fitting[0], bass))
                break
    return score
