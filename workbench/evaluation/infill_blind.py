"""A blind comparison by numbers: a small discriminator that is taught to tell real bars from filled ones.

It sees the four bars in question and what stands around them, as a list of plain measures (how many notes, which
intervals, which places of the beat, what comes back, how the seams join), and learns on some works to say which spans
a person wrote. Judged on works that it has not seen, it is right half of the time where fills cannot be told from
music. What it learns from is counted, not named: nobody can write towards it without writing more like the pieces.

The figures compare releases as long as the spans, the measures and the training stay the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from workbench.evaluation.infill_evaluate import chroma, interval
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training.infill_bits import Span

if TYPE_CHECKING:
    from torch import Tensor, nn

Floats = npt.NDArray[np.float64]

FOLDS = 5
HIDDEN = 24
EPOCHS = 120
BATCH = 128
#: Networks a fold, whose answers are averaged: one alone is a matter of luck.
COMMITTEE = 3
#: Bars on each side that count as what stands around.
AROUND = 8


def measures(span: Span, notes: np.ndarray) -> Floats:
    """What the discriminator is told of a span filled with ``notes`` (int64 [n, 5], not in C): float64 [features].

    The measures of the span, those of the bars around it, and how the two lie to each other.
    """
    starts = span.piece.bars.starts
    first, last = (int(x) for x in np.searchsorted(starts, (span.start, span.end)))
    low, high = starts[max(0, first - AROUND)], starts[min(len(starts) - 1, last + AROUND)]
    known = span.piece.notes
    near = known[(known[:, r.TICK] >= low) & (known[:, r.TICK] < high)]
    near = near[(near[:, r.TICK] < span.start) | (near[:, r.TICK] >= span.end)]
    lines = [(int(a), int(b)) for a, b in itertools.pairwise(starts[max(0, first - AROUND) : last + AROUND + 1])]
    here = [pair for pair in lines if span.start <= pair[0] < span.end]
    there = [pair for pair in lines if not span.start <= pair[0] < span.end]
    own, other = _texture(notes, here), _texture(near, there)
    return np.concatenate([own, own - other, _returns(notes, near, here, there), _seams(notes, near, span)])


def _texture(notes: np.ndarray, lines: Sequence[tuple[int, int]]) -> Floats:
    """Density, rhythm, lengths, intervals, chords and register of some bars."""
    bars = max(1, len(lines))
    melodic = notes[notes[:, r.SLOT] != g.DRUM_SLOT]
    counts = np.array([((notes[:, r.TICK] >= a) & (notes[:, r.TICK] < b)).sum() for a, b in lines] or [0], float)
    onsets, at_once = np.unique(notes[:, [r.TICK, r.SLOT]], axis=0, return_counts=True)
    place = _shares(notes[:, r.TICK] % g.TICKS, g.TICKS)
    lengths = np.asarray(g.DURATION_TICKS)[notes[:, r.DURATION]] / g.TICKS
    size = _shares(np.digitize(lengths, (0.2, 0.3, 0.45, 0.6, 0.9, 1.1, 1.9, 2.1, 3.9)), 10)
    steps = _steps(melodic)
    within = _within(melodic)
    tones = _shares(melodic[:, r.PITCH] % 12, 12)
    sure = np.sort(tones)[::-1]
    drums = notes[notes[:, r.SLOT] == g.DRUM_SLOT]
    return np.concatenate([
        [np.log1p(len(notes) / bars), counts.std() / max(1.0, counts.mean()), float((counts == 0).mean()),
         np.log1p(len(onsets) / bars), at_once.mean() if len(onsets) else 0.0, at_once.std() if len(onsets) else 0.0,
         melodic[:, r.PITCH].mean() / 12 if len(melodic) else 0.0,
         melodic[:, r.PITCH].std() / 12 if len(melodic) else 0.0,
         -float((tones * np.log(tones + 1e-9)).sum()), sure[:3].sum(), sure[:7].sum(),
         np.log1p(len(drums) / bars), len(np.unique(drums[:, r.PITCH])) / 8,
         lengths.std() if len(notes) else 0.0],
        place, size, _shares(np.minimum(np.abs(steps), 13), 14), [float((steps > 0).mean()) if len(steps) else 0.5],
        _shares(within, 12),
    ])  # fmt: skip


def _shares(values: np.ndarray, size: int) -> Floats:
    """How often each of the whole numbers below ``size`` stands in ``values``, as shares; zeros of none."""
    return np.bincount(values.astype(np.int64), minlength=size)[:size] / max(1, len(values))


def _steps(melodic: np.ndarray) -> np.ndarray:
    """From each onset to the next one of the same part, the step of its highest note in semitones."""
    out = []
    for slot in np.unique(melodic[:, r.SLOT]):
        part = melodic[melodic[:, r.SLOT] == slot]
        ticks = np.unique(part[:, r.TICK])
        top = np.full(len(ticks), -1)
        np.maximum.at(top, np.searchsorted(ticks, part[:, r.TICK]), part[:, r.PITCH])
        out.append(np.diff(top))
    return np.concatenate(out) if out else np.zeros(0, dtype=np.int64)


def _within(melodic: np.ndarray) -> np.ndarray:
    """Pitch classes above the lowest note of all onsets at which several notes begin."""
    ticks, place = np.unique(melodic[:, r.TICK], return_inverse=True)
    lowest = np.full(len(ticks), 999)
    np.minimum.at(lowest, place, melodic[:, r.PITCH])
    above = melodic[:, r.PITCH] - lowest[place]
    return np.asarray(above[above > 0] % 12)


def _returns(notes: np.ndarray, near: np.ndarray, here: list[tuple[int, int]], there: list[tuple[int, int]]) -> Floats:
    """How much of each bar stands in the bar before it, and in the likest bar around: of what sounds, and of when."""
    own, other = [_bar(notes, line) for line in here], [_bar(near, line) for line in there]
    when = [{(tick, slot) for tick, slot, _ in bar} for bar in own]
    when_other = [{(tick, slot) for tick, slot, _ in bar} for bar in other]
    return np.array([
        _mean([_jaccard(a, b) for a, b in itertools.pairwise(own)]),
        _mean([_jaccard(a, b) for a, b in itertools.pairwise(when)]),
        _mean([max((_jaccard(a, b) for b in other), default=0.0) for a in own]),
        _mean([max((_jaccard(a, b) for b in when_other), default=0.0) for a in when]),
        max((_jaccard(a, b) for a in own for b in other), default=0.0),
        _mean([_jaccard(a, b) for a, b in itertools.pairwise(other)]),
        _mean([_jaccard(a, b) for a, b in itertools.pairwise(when_other)]),
    ])  # fmt: skip


def _bar(notes: np.ndarray, line: tuple[int, int]) -> set[tuple[int, int, int]]:
    inside = notes[(notes[:, r.TICK] >= line[0]) & (notes[:, r.TICK] < line[1])]
    return {(tick - line[0], slot, pitch) for tick, slot, pitch in inside[:, [r.TICK, r.SLOT, r.PITCH]].tolist()}


def _jaccard(a: set[Any], b: set[Any]) -> float:
    return len(a & b) / len(a | b) if a or b else 1.0


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0


def _seams(notes: np.ndarray, near: np.ndarray, span: Span) -> Floats:
    """How a span joins what stands before and after it: steps of the outer voices, chroma, and the gap in time."""
    bar = (span.end - span.start) / 4
    out: list[float] = []
    for edge, inside, outside in (
        (span.start, notes[notes[:, r.TICK] < span.start + bar], near[near[:, r.TICK] < span.start]),
        (span.end, notes[notes[:, r.TICK] >= span.end - bar], near[near[:, r.TICK] >= span.end]),
    ):
        beyond = outside[np.abs(outside[:, r.TICK] - edge + (0.5 * bar if edge == span.start else 0)) <= bar]
        a, b = (part[part[:, r.SLOT] != g.DRUM_SLOT] for part in (inside, beyond))
        x, y = chroma(a, -(2**40), 2**40), chroma(b, -(2**40), 2**40)
        norm = float(np.linalg.norm(x) * np.linalg.norm(y))
        top = abs(_edge(a, edge, max) - _edge(b, edge, max)) if len(a) and len(b) else 6
        low = abs(_edge(a, edge, min) - _edge(b, edge, min)) if len(a) and len(b) else 6
        closest = float(np.abs(inside[:, r.TICK] - edge).min()) / bar if len(inside) else 1.0
        out += [float(x @ y) / norm if norm else 0.0, min(top, 24) / 12, min(low, 24) / 12, closest]
    return np.array(out)


def _edge(notes: np.ndarray, edge: int, pick: Any) -> int:
    """Highest or lowest pitch at the onset next to ``edge``."""
    away = np.abs(notes[:, r.TICK] - edge)
    return int(pick(notes[away == away.min(), r.PITCH]))


def told_apart(real: Floats, made: Floats, works: Sequence[str], seed: int = 0) -> dict[str, Any]:
    """How often the discriminator is right about works that it has not learnt from.

    Args:
        real: measures of the true spans, float64 [spans, features].
        made: of a fill of each of the same spans, in the same order.
        works: the work of each span; a work is either learnt from or asked about.
        seed: of the folds and the networks.

    Returns:
        ``accuracy``: share of the single answers that are right, with a 95 % interval over works; ``pairs``: of a real
        span and its fill, how often the fill is taken for the less real one.
    """
    import torch

    names = sorted(set(works))
    rng = np.random.default_rng(seed)
    fold_of = dict(zip(names, rng.permutation(len(names)) % FOLDS, strict=True))
    fold = np.array([fold_of[name] for name in works])
    answers = np.zeros((2, len(works)))
    for number in range(FOLDS):
        asked = fold == number
        if not asked.any() or asked.all():
            continue
        x = np.concatenate([real[~asked], made[~asked]])
        y = np.repeat([1.0, 0.0], int((~asked).sum()))
        middle, width = x.mean(axis=0), x.std(axis=0) + 1e-6

        def scaled(values: Floats, middle: Floats = middle, width: Floats = width) -> Tensor:
            return torch.tensor(np.clip((values - middle) / width, -5, 5), dtype=torch.float32)

        for member in range(COMMITTEE):
            net = _taught(scaled(x), torch.tensor(y, dtype=torch.float32), seed + 17 * member + number)
            with torch.no_grad():
                for place, values in enumerate((real, made)):
                    answers[place, asked] += torch.sigmoid(net(scaled(values[asked])))[:, 0].numpy() / COMMITTEE
    right = ((answers[0] > 0.5).astype(float) + (answers[1] <= 0.5)) / 2
    pairs = (answers[0] > answers[1]) + 0.5 * (answers[0] == answers[1])
    return {"spans": len(works), "accuracy": interval(right, works), "pairs": interval(pairs, works)}


def _taught(x: Tensor, y: Tensor, seed: int) -> nn.Module:
    """A network that has learnt from ``x`` [n, features] which rows are real (``y`` 1) and which are not."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so small a network spends its time on handing work from thread to thread otherwise
    try:
        return _fitted(x, y, seed)
    finally:
        torch.set_num_threads(threads)


def _fitted(x: Tensor, y: Tensor, seed: int) -> nn.Module:
    import torch
    from torch import nn

    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Dropout(0.2), nn.Linear(x.shape[1], HIDDEN), nn.Tanh(), nn.Dropout(0.4), nn.Linear(HIDDEN, 1)
    )
    optimiser = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=0.05)
    net.train()
    for _ in range(EPOCHS):
        order = torch.randperm(len(x))
        for rows in order.split(BATCH):
            optimiser.zero_grad()
            nn.functional.binary_cross_entropy_with_logits(net(x[rows])[:, 0], y[rows]).backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    return net.eval()


class Blind:
    """Collects spans and their fills while other figures are made of them, and asks the discriminator at the end."""

    def __init__(self) -> None:
        self._works: list[str] = []
        self._real: list[Floats] = []
        self._made: dict[str, list[Floats]] = {}

    def add(self, span: Span, fills: dict[str, np.ndarray]) -> None:
        """A span with one fill (int64 [n, 5]) of each model; all spans must bring the same models."""
        notes = span.piece.notes
        truth = notes[(notes[:, r.TICK] >= span.start) & (notes[:, r.TICK] < span.end)]
        self._works.append(span.piece.work)
        self._real.append(measures(span, truth))
        for name, fill in fills.items():
            self._made.setdefault(name, []).append(measures(span, fill))

    def report(self) -> dict[str, Any]:
        """:func:`told_apart` for each model, over the spans of all forms together."""
        real = np.array(self._real)
        return {name: told_apart(real, np.array(made), self._works) for name, made in self._made.items()}
