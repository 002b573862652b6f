"""Spans of sounding music (beats, as a rule) as numbers, for whoever hears chords and keys in them.

What sounds is given by the keys of a piano, as a score's notes or as the activations of a listening network; both
become the same numbers. Every number is told from each of the twelve possible roots (or tonics) in turn, so that what
is learnt of one is known of all.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

LOW, PITCHES = 21, 88  # MIDI pitch of the first of the piano's keys, and their number
#: Kinds of chord that are told apart, in the listening network's order, named as in ``lanes.QUALITIES``; their tones.
KINDS: tuple[str, ...] = ("maj", "min", "7", "maj7", "min7", "dim", "aug", "sus4")
TONES: tuple[tuple[int, ...], ...] = (
    (0, 4, 7), (0, 3, 7), (0, 4, 7, 10), (0, 4, 7, 11), (0, 3, 7, 10), (0, 3, 6), (0, 4, 8), (0, 5, 7),
)  # fmt: skip
#: A state is ``len(KINDS) * root + kind``; the last one is "no chord".
NONE = 12 * len(KINDS)
N_STATES = NONE + 1
#: What a quality of ``lanes.QUALITIES`` is among :data:`KINDS`; a bare fifth has no third to be known by.
KIND_OF = {
    "maj": 0, "6": 0, "5": 0, "min": 1, "min6": 1, "minmaj7": 1, "7": 2, "9": 2, "7sus4": 7, "maj7": 3, "maj9": 3,
    "min7": 4, "min9": 4, "dim": 5, "dim7": 5, "hdim7": 5, "aug": 6, "aug7": 6, "sus2": 7, "sus4": 7,
}  # fmt: skip
#: Keys below this MIDI pitch are the bass's.
BASS = 52
#: Spans on either side that tell of the key.
WIDE = 8
#: A probability below this is as good as none.
FLOOR = 1e-3
_CLASS = (np.arange(PITCHES) + LOW) % 12
_FOLD = (_CLASS[:, None] == np.arange(12)[None, :]).astype(np.float32)
_TURN = (np.arange(12)[:, None] + np.arange(12)[None, :]) % 12
#: Numbers a root for each span: of what sounds; with what a network says of the chord; and those of no root.
N_NOTES = 12 * 10
N_HEARD = N_NOTES + 12
N_WHOLE, N_WHOLE_HEARD = 2, 2 + len(KINDS) + 1


def notes_by_key(
    start: npt.ArrayLike, end: npt.ArrayLike, pitch: npt.ArrayLike, edges: npt.ArrayLike
) -> tuple[Floats, Floats]:  # fmt: skip
    """Notes as what sounds and what is struck in each span between ``edges``, float32 [n, 88] each, 0 to 1.

    Args:
        start, end, pitch: of every note, [notes], in the unit of ``edges``; keys beyond a piano's are left out.
        edges: [n + 1], ascending.
    """
    on, off = np.asarray(start, np.float64), np.asarray(end, np.float64)
    key, cuts = np.asarray(pitch, np.int64) - LOW, np.asarray(edges, np.float64)
    count = len(cuts) - 1
    sound, struck = np.zeros((count, PITCHES), np.float32), np.zeros((count, PITCHES), np.float32)
    kept = (key >= 0) & (key < PITCHES) & (off > cuts[0]) & (on < cuts[-1])
    on, off, key = on[kept], off[kept], key[kept]
    first = np.clip(np.searchsorted(cuts, on, side="right") - 1, 0, count - 1)
    last = np.clip(np.searchsorted(cuts, off, side="left"), first + 1, count)
    lengths = np.maximum(np.diff(cuts), 1e-9)
    for ahead in range(int((last - first).max(initial=0))):
        use = first + ahead < last
        here = (first + ahead)[use]
        span = np.minimum(off[use], cuts[here + 1]) - np.maximum(on[use], cuts[here])
        np.add.at(sound, (here, key[use]), np.maximum(span, 0) / lengths[here])
    inside = on >= cuts[0]
    struck[first[inside], key[inside]] = 1.0
    return np.minimum(sound, 1.0), struck


def fold(keys: Floats) -> Floats:
    """By key, [n, 88], to by pitch class, [n, 12]: summed."""
    return np.asarray(keys @ _FOLD, np.float32)


def either(keys: Floats) -> Floats:
    """Probabilities by key, [n, 88], to those that any key of a pitch class sounds, [n, 12]."""
    logs = np.log1p(-np.minimum(keys, 0.999))
    return np.asarray(-np.expm1(logs @ _FOLD), np.float32)


def lowest(keys: Floats) -> Floats:
    """Probability that a pitch class is the lowest that sounds, [n, 12], from those of the keys, [n, 88]."""
    silent = np.cumprod(1 - keys, axis=1)
    below = np.concatenate([np.ones((len(keys), 1), np.float32), silent[:, :-1]], axis=1)
    return fold(np.asarray(keys * below, np.float32))


def _beside(rows: Floats, by: int) -> Floats:
    """Row i holds row i + ``by``; zeros beyond the ends."""
    out = np.zeros_like(rows)
    if by > 0:
        out[:-by] = rows[by:]
    else:
        out[-by:] = rows[:by]
    return out


def from_each(rows: Floats) -> Floats:
    """[n, 12] told from each root, [n, 12 roots, 12]: the root's own comes first."""
    return np.asarray(rows[:, _TURN], np.float32)


def features(
    sound: Floats, struck: Floats, root: Floats | None = None, kind: Floats | None = None
) -> tuple[Floats, Floats]:  # fmt: skip
    """What is known of every span, from each root.

    Args:
        sound, struck: float32 [n, 88], 0 to 1: for how much of the span a key sounds, whether it is struck in it.
        root, kind: [n, 13] and [n, 8], probabilities of a listening network, roots with "none" as the last.

    Returns:
        float32 [n, 12, N_NOTES], or N_HEARD with ``root`` and ``kind``; and what has no root, float32 [n, N_WHOLE],
        or N_WHOLE_HEARD.
    """
    level = np.maximum(sound, 0.6 * struck)
    all_of, mass = either(sound), fold(sound)
    total = mass.sum(axis=1, keepdims=True)
    share = mass / np.maximum(total, 0.25)
    low = lowest(level)
    deep = level.copy()
    deep[:, BASS - LOW :] = 0
    sums = np.concatenate([np.zeros((1, 12)), np.cumsum(share, axis=0, dtype=np.float64)])
    place = np.arange(len(share))
    left, right = np.maximum(place - WIDE, 0), np.minimum(place + WIDE + 1, len(share))
    around = (sums[right] - sums[left]) / (right - left)[:, None]
    parts = [
        low, either(deep), all_of, share, either(struck), _beside(all_of, -1), _beside(all_of, 1), _beside(low, -1),
        _beside(low, 1), 4 * around,
    ]  # fmt: skip
    whole = [np.minimum(total, 8) / 4, np.max(sound, axis=1, keepdims=True, initial=0)]
    if root is not None and kind is not None:
        parts.append(np.log(np.maximum(root[:, :12], FLOOR)) / 4)
        whole += [np.log(np.maximum(kind, FLOOR)) / 4, np.log(np.maximum(root[:, 12:], FLOOR)) / 4]
    return (
        np.concatenate([from_each(np.asarray(part, np.float32)) for part in parts], axis=2),
        np.concatenate(whole, axis=1).astype(np.float32),
    )
