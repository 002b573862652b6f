"""A tune by half bars: what the chord network is told about each, and the chords as its states.

Bars of four quarters and more whose beats are even are cut in two; all others stay whole. Times may be in any unit
as long as all of them are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Kinds of chord that are told apart, as in ``lanes.QUALITIES``; a state is ``len(KINDS) * root + kind``.
KINDS: tuple[str, ...] = ("maj", "min", "dim", "7", "maj7", "min7", "sus4")
TONES: tuple[tuple[int, ...], ...] = (
    (0, 4, 7), (0, 3, 7), (0, 3, 6), (0, 4, 7, 10), (0, 4, 7, 11), (0, 3, 7, 10), (0, 5, 7),
)  # fmt: skip
N_STATES = 12 * len(KINDS)
SLOTS = 4  #: parts of a half bar in which it is told what sounds
#: Numbers of :func:`features`: what sounds in each part, in all, what is struck, what is struck first and last, how
#: long notes are, register, bar line, length, place in eight bars, edges.
N_FEATURES = 12 * SLOTS + 12 + 12 + 12 + 12 + 3 + 1 + 5 + 8 + 4
#: Where in :func:`features` stand what sounds in all, what is struck first, and the bar line.
_WHOLE, _FIRST, _BEGINS = 12 * SLOTS, 12 * SLOTS + 24, 12 * SLOTS + 51
_NEAR, _LAGS = 4, (8, 16, 32)
_SIGNED_LAGS = tuple((sign, lag) for lag in _LAGS for sign in (-1, 1))
#: Where in :func:`surroundings` stands what the whole tune sounds.
WHOLE_TUNE = slice(
    N_FEATURES + 24 * 2 * _NEAR + 12 * len(_SIGNED_LAGS) + 48,
    N_FEATURES + 24 * 2 * _NEAR + 12 * len(_SIGNED_LAGS) + 60,
)
N_SURROUNDINGS = N_FEATURES + 24 * 2 * _NEAR + 12 * len(_SIGNED_LAGS) + 48 + 12 + 66 + 144 + 96 + 1
_EDGE = 4  #: half bars at either end that are told apart from the middle


def sounding(onset: Ints, end: Ints, key: Ints, edges: Ints) -> Floats:
    """Share of each span between ``edges`` for which each pitch class sounds, float64 [n, 12].

    Args:
        onset, end, key: of every note, int64 [notes]; a key counts as its pitch class.
        edges: int64 [n + 1], ascending.
    """
    count = len(edges) - 1
    out = np.zeros((count, 12))
    first = np.clip(np.searchsorted(edges, onset, side="right") - 1, 0, count - 1)
    last = np.clip(np.searchsorted(edges, end, side="left"), first + 1, count)
    for ahead in range(int((last - first).max(initial=0))):
        use = first + ahead < last
        here = (first + ahead)[use]
        span = np.minimum(end[use], edges[here + 1]) - np.maximum(onset[use], edges[here])
        np.add.at(out, (here, key[use] % 12), np.maximum(span, 0))
    return out / np.maximum(1, np.diff(edges))[:, None]


def features(onset: Ints, end: Ints, key: Ints, edges: Ints, bar: Ints, quarter: int) -> npt.NDArray[np.float32]:
    """What is known of every half bar of a tune, float32 [n, N_FEATURES].

    Args:
        onset, end, key: the tune's notes in the order of time, int64 [notes], the keys as they are read (see
            :func:`home`).
        edges: of the half bars, int64 [n + 1].
        bar: number of the bar that each lies in, int64 [n], from 0 at the tune's first.
        quarter: length of a quarter in the unit of the times.
    """
    count = len(bar)
    parts = np.concatenate(
        [edges[:-1, None] + np.diff(edges)[:, None] * np.arange(SLOTS) // SLOTS, np.full((count, 1), edges[-1])], axis=1
    )
    slots = np.append(parts[:, :SLOTS].reshape(-1), edges[-1])
    sound = sounding(onset, end, key, slots).reshape(count, SLOTS * 12)
    whole = sounding(onset, end, key, edges)
    at = np.clip(np.searchsorted(edges, onset, side="right") - 1, 0, count - 1)
    struck, first, last, long = (np.zeros((count, 12)) for _ in range(4))
    place = (onset - edges[at]) / np.maximum(1, np.diff(edges)[at])
    np.add.at(struck, (at, key % 12), np.where(place < 0.05, 1.0, np.where(np.abs(place - 0.5) < 0.05, 0.8, 0.5)))
    first[at[::-1], key[::-1] % 12] = 1.0  # the last to be written wins: here the first of each half bar
    first *= np.cumsum(first, axis=1) <= 1
    last[at, key % 12] = 1.0
    np.add.at(long, (at, key % 12), np.minimum(2.0, (end - onset) / (2.0 * quarter)))
    middle = float(key.mean()) if len(key) else 60.0
    register = np.zeros((count, 3))
    number = np.maximum(1, np.bincount(at, minlength=count))
    register[:, 0] = np.bincount(at, weights=key - middle, minlength=count) / number / 12.0
    register[:, 1] = np.minimum(2.0, np.bincount(at, minlength=count) / 4.0)
    register[:, 2] = np.minimum(1.0, whole.sum(axis=1))
    begins = np.diff(bar, prepend=bar[0] - 1 if count else 0) != 0
    quarters = np.diff(edges) / quarter
    length = np.stack([quarters <= 1.6, (quarters > 1.6) & (quarters < 2.4), (quarters >= 2.4) & (quarters < 3.4),
                       (quarters >= 3.4) & (quarters < 4.4), quarters >= 4.4], axis=1)  # fmt: skip
    phrase = np.arange(8)[None, :] == (bar % 8)[:, None]
    edge = np.zeros((count, 4))
    edge[:1, 0] = edge[1:_EDGE, 1] = edge[-1:, 2] = edge[-_EDGE:-1, 3] = 1.0
    return np.concatenate(
        [sound, whole, np.minimum(struck, 2.0), first, np.minimum(long, 3.0), register, begins[:, None], length, phrase,
         edge], axis=1,
    ).astype(np.float32)  # fmt: skip


def surroundings(onset: Ints, end: Ints, key: Ints, edges: Ints, bar: Ints, quarter: int) -> npt.NDArray[np.float32]:
    """Every half bar with what stands around it, float32 [n, N_SURROUNDINGS]: arguments as of :func:`features`.

    What sounds and is struck up to four half bars away and one, two or four repeats of four bars away; which pitch
    classes sound together here, here and next, and at which place of four bars; what the whole tune sounds.
    """
    told = features(onset, end, key, edges, bar, quarter)
    count = len(told)
    far = max(_LAGS)
    padded = np.pad(told, ((far, far), (0, 0)))

    def away(steps: int, first: int, last: int) -> npt.NDArray[np.float32]:
        return padded[far + steps : far + steps + count, first:last]

    whole = told[:, _WHOLE : _WHOLE + 12]
    here, after = np.sqrt(np.minimum(whole, 1.0)), np.sqrt(np.minimum(away(1, _WHOLE, _WHOLE + 12), 1.0))
    pairs = np.triu_indices(12, 1)
    phrase = told[:, -12:-8] + told[:, -8:-4]
    begins = told[:, _BEGINS : _BEGINS + 1]
    place = np.concatenate([phrase * begins, phrase * (1.0 - begins)], axis=1)
    return np.concatenate(
        [
            told,
            *(away(steps, _WHOLE, _WHOLE + 24) for steps in range(-_NEAR, _NEAR + 1) if steps),
            *(away(sign * lag, _WHOLE, _WHOLE + 12) for sign, lag in _SIGNED_LAGS),
            away(-1, _FIRST, _FIRST + 24), away(1, 0, 12), away(1, _FIRST, _FIRST + 12),
            np.repeat(4.0 * whole.mean(axis=0, keepdims=True), count, axis=0),
            here[:, pairs[0]] * here[:, pairs[1]],
            (here[:, :, None] * after[:, None, :]).reshape(count, 144),
            (place[:, :, None] * here[:, None, :]).reshape(count, 96),
            np.ones((count, 1)),
        ],
        axis=1,
    ).astype(np.float32)  # fmt: skip


def home(onset: Ints, end: Ints, key: Ints) -> int:
    """Tonic of the major scale that fits the tune best (its relative major if it is minor): keys are read from it."""
    from workbench.tokens import grid12 as g

    return g.best_major(g.pitch_class_counts(key, end - onset))


def moved(states: Ints, steps: int) -> Ints:
    """States with every root ``steps`` semitones higher; -1 (none) stays."""
    root, kind = states // len(KINDS), states % len(KINDS)
    return np.asarray(np.where(states < 0, -1, len(KINDS) * ((root + steps) % 12) + kind))


def kind_of(root: int, tones: Sequence[int]) -> int:
    """Index into :data:`KINDS` of a chord: of its root in C and its tones above the root; no third: as in the scale."""
    steps = {step % 12 for step in tones}
    if not {3, 4} & steps:
        if 5 in steps:
            return KINDS.index("sus4")
        steps.add(3 if root in (2, 4, 9, 11) else 4)
    if 4 not in steps:
        if 6 in steps and 7 not in steps:
            return KINDS.index("dim")
        return KINDS.index("min7" if 10 in steps else "min")
    if 10 in steps:
        return KINDS.index("7")
    return KINDS.index("maj7" if 11 in steps else "maj")
