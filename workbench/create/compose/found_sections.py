"""Which sections a piece has: where its music comes back, changes its texture, or ends a phrase.

Every bar line is judged by three things: *repetition* (bars that were like bars elsewhere stop, or begin, to be so
there), *texture* (what plays, how densely, loudly and high, changes), and *phrase ends* (a long note or a rest before
it). The sections are then the cut of the whole piece that hits the strongest bar lines with lengths that music has:
eight and four bars above all.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from workbench.create.compose.section import Section, kind_of
from workbench.score.score import Note, Score
from workbench.score.timemap import Bar, TimeMap

Floats = npt.NDArray[np.float64]

MAX_BARS = 1_000
#: Bars that a repetition is followed for on both sides of a bar line.
REACH = 4
#: Two bars alike as much as this are the same music with changes.
ALIKE = 0.62
LONGEST = 16


@dataclass(frozen=True)
class Weights:
    """What counts for how much; found on planted pieces (:mod:`workbench.evaluation.form_eval`).

    ``repeats``, ``texture``, ``phrases``: the three things heard at a bar line. ``cut``: what a section must bring to
    be made at all. ``whole``: what a section brings that comes back as a whole. ``four``, ``sixteen``, ``twelve``,
    ``two``, ``even``, ``odd``: what those lengths cost (eight bars: nothing).
    """

    repeats: float = 2.0
    texture: float = 1.8
    phrases: float = 0.3
    cut: float = 2.15
    whole: float = 0.65
    four: float = 0.4
    sixteen: float = 1.1
    twelve: float = 1.1
    two: float = 3.5
    even: float = 2.6
    odd: float = 2.4

    def length(self, bars: int) -> float:
        """What a section of so many bars costs."""
        own = {8: 0.0, 4: self.four, 16: self.sixteen, 12: self.twelve, 2: self.two}
        return own.get(bars, self.odd if bars % 2 else self.even)


WEIGHTS = Weights()


@dataclass(frozen=True)
class Heard:
    """A piece by bars: ``alike`` [n, n] 0 to 1, ``texture`` [n, k], ``rest`` [n + 1] 0 to 1, ``busy`` [n]."""

    alike: Floats
    texture: Floats
    rest: Floats
    busy: Floats


def sections_of(score: Score, weights: Weights = WEIGHTS) -> tuple[Section, ...]:
    """The sections of a piece from its first bar with notes to its last, none left out; empty without notes.

    Kinds are a guess: what comes back with most going on is the chorus, other music that comes back the verse, a thin
    start and end are intro and ending, what stands alone in between a bridge. ``label`` is sure to be equal for
    sections that hold the same music. Two markers or more that name sections ("Verse 1") are believed instead.
    """
    if marked := marked_sections(score):
        return marked
    bars = TimeMap(score).bars()[:MAX_BARS] if score.note_count else []
    sounding = [place for place, bar in enumerate(bars) if _begins(score, bar)]
    if not sounding:
        return ()
    bars = bars[sounding[0] :]
    heard = hear(score, bars)
    cuts = cut(edges(heard), wholes(heard.alike), weights)
    labels = _labels(heard.alike, cuts)
    energies = [_percent(float(heard.busy[a:b].mean()), heard.busy) for a, b in pairwise(cuts)]
    kinds = _kinds(labels, energies, [b - a for a, b in pairwise(cuts)])
    return tuple(
        Section(kind, bars[a].number, b - a, energy, label)
        for (a, b), kind, energy, label in zip(pairwise(cuts), kinds, energies, labels, strict=True)
    )


def marked_sections(score: Score) -> tuple[Section, ...]:
    """The sections that two or more markers at bar lines name, to the last bar with notes; empty without them."""
    time = TimeMap(score)
    starts: dict[int, str] = {}
    for text in score.texts:
        kind = kind_of(text.text)
        bar = time.bar_at(text.tick)
        if text.kind == "marker" and kind and abs(text.tick - bar.start) <= score.ppq // 8 and text.tick < score.end:
            starts[bar.number] = kind
    if len(starts) < 2:
        return ()
    last = time.bar_at(max(0, score.end - 1)).number
    lines = [*sorted(starts), last + 1]
    heard = {first: _amount(score, *time.bar_range(first, after - 1)) / (after - first)
             for first, after in pairwise(lines)}  # fmt: skip
    busy = np.array(list(heard.values()))
    return tuple(
        Section(starts[first], first, after - first, _percent(heard[first], busy), starts[first])
        for first, after in pairwise(lines)
    )


def _amount(score: Score, start: int, end: int) -> float:
    """How much goes on between two ticks: notes, the loud ones more."""
    notes = (note for track in score.tracks for note in track.notes.values() if start <= note.start < end)
    return sum(0.5 + note.velocity / 127 for note in notes)


def _begins(score: Score, bar: Bar) -> bool:
    return any(bar.start <= note.start < bar.end for track in score.tracks for note in track.notes.values())


def hear(score: Score, bars: list[Bar]) -> Heard:
    """Describe every bar; a bar's places are sixteenths of its own length, whatever its metre."""
    count = len(bars)
    starts = np.array([bar.start for bar in bars])
    ends = np.array([bar.end for bar in bars])
    chroma, top, drums = np.zeros((count, 4, 12)), np.zeros((count, 16, 12)), np.zeros((count, 16, 3))
    texture = np.zeros((count, 2 * len(score.tracks) + 3))
    busy, loud, high, pitched = np.zeros(count), np.zeros(count), np.zeros(count), np.zeros(count)
    melodic: list[Note] = []
    for number, track in enumerate(score.tracks):
        for note in track.notes.values():
            at = int(np.searchsorted(starts, note.start, side="right")) - 1
            if not 0 <= at < count or note.start >= ends[at]:
                continue
            length = int(ends[at] - starts[at])
            place = min(15, round(16 * (note.start - int(starts[at])) / length))
            texture[at, 2 * number] += 1
            texture[at, 2 * number + 1] = 4
            busy[at] += 0.5 + note.velocity / 127
            loud[at] += note.velocity
            if track.is_drum:
                drums[at, place, 0 if note.pitch in (35, 36) else 1 if note.pitch in (37, 38, 39, 40) else 2] = 1
                continue
            melodic.append(note)
            chroma[at, place // 4, note.pitch % 12] += min(1.0, note.duration / length)
            high[at] += note.pitch
            pitched[at] += 1
    melodic.sort(key=lambda note: (note.start, -note.pitch))
    tune = [note for before, note in pairwise([None, *melodic]) if note and (not before or before.start != note.start)]
    for note in tune:
        at = int(np.searchsorted(starts, note.start, side="right")) - 1
        top[at, min(15, round(16 * (note.start - starts[at]) / (ends[at] - starts[at]))), note.pitch % 12] = 1
    texture[:, 0:-3:2] = 2 * np.log1p(texture[:, 0:-3:2])
    total = np.maximum(1, texture[:, 1:-3:2].sum(axis=1))
    texture[:, -3] = np.where(total > 0, loud / np.maximum(1, busy) / 16, 0)
    texture[:, -2] = np.where(pitched > 0, high / np.maximum(1, pitched) / 6, 0)
    texture[:, -1] = np.log1p(busy)
    views = [(0.45, chroma), (0.4, top), (0.15, drums)] if drums.any() else [(0.55, chroma), (0.45, top)]
    alike = sum((weight * _cosines(view.reshape(count, -1)) for weight, view in views), np.zeros((count, count)))
    return Heard(alike, texture, _rests(tune, starts, int(ends[-1])), busy)


def _cosines(rows: Floats) -> Floats:
    """Cosine of every row with every other; two empty ones are alike, an empty one is unlike any other."""
    size = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = rows / np.maximum(size, 1e-9)
    empty = (size[:, 0] == 0).astype(np.float64)
    return np.asarray(unit @ unit.T + np.outer(empty, empty))


def _rests(tune: list[Note], starts: npt.NDArray[np.int64], end: int) -> Floats:
    """How much the tune comes to rest before each bar line, 0 to 1, float64 [n + 1]; a pickup may follow the rest."""
    out = np.zeros(len(starts) + 1)
    out[[0, -1]] = 1
    if len(tune) < 3:
        return out
    onsets = np.array([note.start for note in tune] + [end])
    gaps = np.diff(onsets).astype(np.float64)
    usual = max(1.0, float(np.median(gaps)))
    for line in range(1, len(starts)):
        bar = starts[line] - starts[line - 1]
        # The longest wait that begins in the bar before the line and ends by half a bar after it.
        own = (onsets[:-1] >= starts[line - 1] - bar // 8) & (onsets[:-1] < starts[line])
        own &= onsets[1:] <= starts[line] + bar
        if own.any():
            wait = float((gaps[own]).max())
            out[line] = float(np.clip(np.log2(max(1.0, wait / usual)) / 3, 0, 1)) * (0.5 + 0.5 * min(1.0, wait / bar))
        elif not ((onsets[:-1] >= starts[line - 1]) & (onsets[:-1] < starts[line])).any():
            out[line] = 0.8 if ((onsets[:-1] >= starts[line]) & (onsets[:-1] < starts[line] + bar)).any() else 0.2
    return out


def edges(heard: Heard) -> Floats:
    """How much each bar line is one of repetition, texture and phrase, each 0 to 1, float64 [n + 1, 3]."""
    count = len(heard.busy)
    out = np.zeros((count + 1, 3))
    for lag in range(2, count - 1):
        diagonal = np.diagonal(heard.alike, lag)
        total = np.concatenate([[0.0], np.cumsum(diagonal)])
        at = np.arange(1, len(diagonal))
        left, right = np.maximum(0, at - REACH), np.minimum(len(diagonal), at + REACH)
        before, after = (total[at] - total[left]) / (at - left), (total[right] - total[at]) / (right - at)
        edge = np.abs(after - before) * (right - left) / (2 * REACH)
        edge[(np.maximum(before, after) < ALIKE) | (edge < 0.25)] = 0
        np.maximum.at(out[:, 0], at, edge)
        np.maximum.at(out[:, 0], at + lag, edge)
    rows = heard.texture / np.maximum(heard.texture.std(axis=0), 0.3)
    for line in range(1, count):
        before, after = rows[max(0, line - REACH) : line], rows[line : line + REACH]
        out[line, 1] = min(1.0, float(np.sqrt(np.mean((before.mean(axis=0) - after.mean(axis=0)) ** 2))) / 2)
    out[:, 2] = heard.rest
    out[[0, -1]] = 0
    return out


def wholes(alike: Floats) -> Floats:
    """How much the bars from each one on, so many of them, are like others somewhere, float64 [n, LONGEST + 1]."""
    count = len(alike)
    out = np.zeros((count, LONGEST + 1))
    for lag in range(1, count):
        total = np.concatenate([[0.0], np.cumsum(np.diagonal(alike, lag))])
        for size in range(2, min(LONGEST, lag, len(total) - 1) + 1):
            mean = (total[size:] - total[:-size]) / size
            first = np.arange(len(mean))
            out[first, size] = np.maximum(out[first, size], mean)
            out[first + lag, size] = np.maximum(out[first + lag, size], mean)
    return np.clip((out - ALIKE) / (1 - ALIKE), 0, 1)


def cut(edge: Floats, whole: Floats, weights: Weights) -> list[int]:
    """Bar lines, the first and the last included, between which the sections lie (``edges`` and ``wholes``)."""
    strength = edge @ np.array([weights.repeats, weights.texture, weights.phrases])
    count = len(strength) - 1
    best = np.full(count + 1, -np.inf)
    came = np.zeros(count + 1, dtype=np.int64)
    best[0] = 0.0
    cost = [weights.length(size) + weights.cut for size in range(LONGEST + 1)]
    for at in range(1, count + 1):
        for size in range(1, min(LONGEST, at) + 1):
            value = best[at - size] + strength[at] + weights.whole * whole[at - size, size] - cost[size]
            if value > best[at]:
                best[at], came[at] = value, at - size
    cuts = [count]
    while cuts[-1] > 0:
        cuts.append(int(came[cuts[-1]]))
    return cuts[::-1]


def _labels(alike: Floats, cuts: list[int]) -> list[str]:
    """A letter for each section: the one of an earlier section that it is like bar for bar, or the next."""
    spans = list(pairwise(cuts))
    out: list[int] = []
    for place, (start, end) in enumerate(spans):
        likest = (ALIKE, max(out, default=-1) + 1)
        for earlier, (first, last) in enumerate(spans[:place]):
            size = min(end - start, last - first)
            if 2 * size < max(end - start, last - first):
                continue
            same = float(np.mean([alike[first + k, start + k] for k in range(size)]))
            likest = max(likest, (same, out[earlier]))
        out.append(likest[1])
    return [chr(ord("A") + number) if number < 26 else f"Z{number}" for number in out]


def _percent(value: float, busy: Floats) -> int:
    """How busy against the piece's own quiet (10) and full (90) bars, 0 to 100."""
    low, high = np.percentile(busy, [10, 90])
    return int(np.clip(round(100 * (value - low) / max(1e-9, high - low)), 0, 100)) if high > low else 50


def _kinds(labels: list[str], energies: list[int], sizes: list[int]) -> list[str]:
    """A kind for each section; see :func:`sections_of`."""
    mean = {label: float(np.mean([e for e, own in zip(energies, labels, strict=True) if own == label]))
            for label in labels}  # fmt: skip
    back = [label for label in mean if labels.count(label) > 1]
    chorus = max(back, key=lambda label: mean[label]) if len(back) > 1 else ""
    out = []
    for place, label in enumerate(labels):
        if label == chorus:
            out.append("chorus")
        elif label in back or len(labels) == 1:
            out.append("verse")
        elif place == 0 and (energies[0] < 50 or sizes[0] <= 4):
            out.append("intro")
        elif place == len(labels) - 1 and (energies[-1] < 50 or sizes[-1] <= 4):
            out.append("ending")
        else:
            out.append("verse" if place == 0 or not back else "bridge")
    return out
