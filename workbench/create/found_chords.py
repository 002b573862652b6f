"""The chords of a piece, heard from its notes: what a chord lane shows where nobody has written any.

Each half bar is compared with the tones of every triad and seventh chord; a chord goes on unless the next half bar
speaks against it (a hidden Markov model, read by Viterbi's algorithm).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.create.drumlike import pitched
from workbench.score.lanes import Chord, joined_chords
from workbench.score.score import Score
from workbench.score.timemap import Bar, TimeMap

Floats = npt.NDArray[np.float64]

#: Kinds of chord: steps above the root, and how loudly each sounds in it. Sevenths must be heard to be believed.
KINDS: dict[str, tuple[tuple[int, float], ...]] = {
    "maj": ((0, 0.38), (4, 0.28), (7, 0.28)),
    "min": ((0, 0.38), (3, 0.28), (7, 0.28)),
    "dim": ((0, 0.36), (3, 0.29), (6, 0.29)),
    "7": ((0, 0.30), (4, 0.22), (7, 0.20), (10, 0.22)),
    "maj7": ((0, 0.30), (4, 0.22), (7, 0.20), (11, 0.22)),
    "min7": ((0, 0.30), (3, 0.22), (7, 0.20), (10, 0.22)),
}
#: How much a half bar full of sound says, in nats; and what a change of chord costs inside a bar and at its line.
WEIGHT, CHANGE_INSIDE, CHANGE_AT_BAR = 12.0, 2.6, 1.2
#: The chance that a tone belongs to no chord tone, spread over all twelve.
STRAY = 0.06
#: How much more the lowest note counts.
BASS = 0.6
MAX_BARS = 4_000
#: A note is heard in so many half bars: an endless one says no more.
LONGEST = 64


def find_chords(score: Score) -> list[Chord]:
    """The likeliest chords of a piece by time, equal neighbours joined; none where nothing pitched sounds.

    Bars beyond the first 4,000 with notes are not heard.
    """
    halves = half_bars(score)
    if not halves:
        return []
    sound = _sound(score, halves)
    states = _viterbi(_heard(sound), [new_bar for _, _, new_bar in halves])
    found: list[Chord] = []
    for (start, end, _), state, loud in zip(halves, states, sound.sum(axis=1), strict=True):
        if loud <= 0:
            continue
        root, kind = divmod(int(state), len(KINDS))
        found.append(Chord(start, end - start, root, list(KINDS)[kind]))
    return joined_chords(found)


def half_bars(score: Score) -> list[tuple[int, int, bool]]:
    """Half bars (whole ones where the beats are odd) up to the last note: start, end, whether it begins a bar."""
    time, out = TimeMap(score), []
    last = score.end  # asks every note
    bar: Bar = time.bar_at(0)
    for _ in range(MAX_BARS):
        if bar.start >= last:
            break
        middle = (bar.start + bar.end) // 2
        if bar.numerator % 2 == 0 and bar.start < middle < bar.end:
            out += [(bar.start, middle, True), (middle, bar.end, False)]
        else:
            out.append((bar.start, bar.end, True))
        bar = time.bar_at(bar.end)
    return out


def _sound(score: Score, halves: list[tuple[int, int, bool]]) -> Floats:
    """How much of each pitch class sounds in each half bar, as a share of it, float64 [n, 12]; the bass counts more."""
    starts = np.array([start for start, _, _ in halves])
    ends = np.array([end for _, end, _ in halves])
    sound = np.zeros((len(halves), 12))
    lowest = [128] * len(halves)
    for track in pitched(score):
        for note in track.notes.values():
            first = max(0, int(np.searchsorted(starts, note.start, side="right")) - 1)
            for at in range(first, min(len(halves), first + LONGEST)):
                if starts[at] >= note.end:
                    break
                share = (min(note.end, int(ends[at])) - max(note.start, int(starts[at]))) / int(ends[at] - starts[at])
                if share > 0:
                    sound[at, note.pitch % 12] += share * (0.5 + note.velocity / 254)
                    lowest[at] = min(lowest[at], note.pitch)
    for at, pitch in enumerate(lowest):
        if pitch < 128:
            sound[at, pitch % 12] *= 1 + BASS
    return sound


def _heard(sound: Floats) -> Floats:
    """Log likelihood of every half bar under every chord (``root * kinds + kind``), float64 [n, 12 * kinds]."""
    tones = np.full((12, len(KINDS), 12), STRAY / 12)
    for root in range(12):
        for kind, steps in enumerate(KINDS.values()):
            for step, loud in steps:
                tones[root, kind, (root + step) % 12] += loud
    logs = np.log(tones).reshape(-1, 12)
    total = sound.sum(axis=1, keepdims=True)
    return np.asarray(WEIGHT * (sound / np.maximum(1.0, total)) @ logs.T)


def _viterbi(heard: Floats, new_bar: list[bool]) -> npt.NDArray[np.int64]:
    """The likeliest chord of each half bar, int64 [n]; from any chord to any other costs the same."""
    count, states = heard.shape
    best = heard[0]
    came = np.zeros((count, states), dtype=np.int64)
    for at in range(1, count):
        moved = best.max() - (CHANGE_AT_BAR if new_bar[at] else CHANGE_INSIDE)
        came[at] = np.where(best >= moved, np.arange(states), best.argmax())
        best = np.maximum(best, moved) + heard[at]
    out = np.zeros(count, dtype=np.int64)
    out[-1] = best.argmax()
    for at in range(count - 1, 0, -1):
        out[at - 1] = came[at][out[at]]
    return out
