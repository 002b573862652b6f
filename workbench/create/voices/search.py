"""Voices under a tune: chords with basses and the keys of every voice, found together.

A tune is cut into slots of a beat (:mod:`workbench.create.voices.slots`). For each slot the likeliest chords are kept,
each in its best spacings; one Viterbi search over these weighs how usual the chords are
(:class:`~workbench.create.voices.hymn.HymnModel`) against the rules of part writing: ranges, spacing, doubling, no
parallel fifths and octaves, leading tones that rise and sevenths that fall, a bass that goes against the tune
(Aldwell and Schachter, Harmony and Voice Leading).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from workbench.create.voices import hymn
from workbench.create.voices.likely import Likely, worth
from workbench.create.voices.slots import Slot
from workbench.tokens import voice_chords as vc

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Range = tuple[int, int]

#: Chords of a slot, and spacings of a chord, that are looked at.
CHORDS, SPACINGS = 8, 14
#: Slots by which the key of a tune is found.
KEY_SLOTS = 96
#: How much the tone that is struck and those that follow in the slot say about the chord.
STRUCK, PASSED = 1.0, 0.7
#: A bass that stays where the tune strikes, in nats.
REPEATED = 2.0
#: A fault that is all but forbidden, in nats.
FAULT = 16.0
#: What is likely under a tune, in nats: a chord whose tones all surely are right, a bass that is, and a tone of an
#: inner voice. A lively tune tells little by itself; under one like a hymn the tables of hymns know more.
SURE, HYMNLIKE = (40.0, 40.0, 8.0), (4.0, 2.0, 0.0)
_SEVENTHS = tuple(kind for kind, tones in enumerate(vc.KINDS.values()) if len(tones) == 4)
_DOMINANT = tuple(kind for kind, name in enumerate(vc.KINDS) if name in ("maj", "7"))
_FALLING = tuple(kind for kind, name in enumerate(vc.KINDS) if name in ("dim", "hdim7", "dim7"))


@dataclass(frozen=True)
class Setting:
    """What was found: a state of :data:`vc.STATES` for every slot, and the keys of the lower voices, int64 [slots,
    voices] from high to low; ``tonic`` of the relative major scale; ``cost`` in nats, less is better."""

    states: Ints
    voices: Ints
    tonic: int
    cost: float


def find_key(model: hymn.HymnModel, slots: Sequence[Slot], free: Sequence[npt.NDArray[np.bool_] | None]) -> int:
    """The first note of the (relative) major scale in which the chords of a tune are the likeliest."""
    scores = []
    near = slice(-KEY_SLOTS, None)  # a piece ends in its key
    for tonic in range(12):
        moved = model.moved(tonic)
        scores.append(_forward(moved, _heard(moved, slots[near], free[near]), slots[near])[-1].max())
    return int(np.argmax(scores))


def set_voices(
    model: hymn.HymnModel,
    slots: Sequence[Slot],
    ranges: tuple[Range, Range, Range],
    *,
    free: Sequence[npt.NDArray[np.bool_] | None] | None = None,
    tonic: int | None = None,
    likely: Likely | None = None,
    weights: tuple[float, float, float] = SURE,
    rng: np.random.Generator | None = None,
    heat: float = 0.0,
) -> Setting:
    """The best alto, tenor and bass under a tune.

    Args:
        model: tables of chords, in C.
        slots: the tune, at least one slot.
        ranges: lowest and highest key of alto, tenor and bass.
        free: for every slot the states that may stand there (bool [states]), None where any may.
        tonic: of the relative major scale; left out: it is found.
        likely: what is likely under the tune where no chords are known; ``weights``: what it counts, as of
            :data:`SURE`.
        rng, heat: chance that other chords come; without them equal tunes get equal voices.
    """
    wanted = list(free) if free is not None else [None] * len(slots)
    key = find_key(model, slots, wanted) if tonic is None else tonic
    moved = model.moved(key)
    heard = _heard(moved, slots, wanted)
    inner = np.zeros((len(slots), 12))
    if likely is not None:
        tones, basses = likely.under(slots)
        heard = heard + worth(tones, basses, weights[0], weights[1])
        inner = weights[2] * tones
    if rng is not None and heat > 0:
        heard = heard + heat * rng.gumbel(size=heard.shape) * (heard > heard.max(axis=1, keepdims=True) - 40)
    states, voices, cost = _search(moved, heard, slots, ranges, key, inner)
    return Setting(states, voices, key, cost)


def _heard(
    model: hymn.HymnModel, slots: Sequence[Slot], free: Sequence[npt.NDArray[np.bool_] | None]
) -> Floats:  # fmt: skip
    """What the tune says about every chord, float64 [slots, states]; chords that may not stand get -200."""
    out = np.zeros((len(slots), vc.N_STATES))
    for at, (slot, allowed) in enumerate(zip(slots, free, strict=True)):
        if slot.first is not None:
            out[at] += (STRUCK if slot.strikes else 0.3) * model.tone[:, slot.first % 12]
            out[at] += PASSED * model.tone @ slot.sung
        if allowed is not None:
            out[at, ~allowed] -= 200
    last = next((slot.last for slot in reversed(slots) if slot.last is not None), None)
    if last is not None:
        out[-1] += model.end[last % 12]
    return out


def _forward(model: hymn.HymnModel, heard: Floats, slots: Sequence[Slot]) -> Floats:
    """Best score of a progression up to every chord of every slot, float64 [slots, states]."""
    out = np.zeros_like(heard)
    out[0] = model.start + heard[0]
    for at in range(1, len(slots)):
        out[at] = (out[at - 1][:, None] + model.turn[slots[at].place]).max(axis=0) + heard[at]
    return out


def _likely(model: hymn.HymnModel, heard: Floats, slots: Sequence[Slot]) -> list[Ints]:
    """For every slot the chords through which the best progressions lead."""
    best = _forward(model, heard, slots)
    after = np.zeros(heard.shape[1])
    out: list[Ints] = []
    for at in range(len(slots) - 1, -1, -1):
        through = best[at] + after
        out.append(np.argsort(-through)[:CHORDS])
        after = (model.turn[slots[at].place] + (heard[at] + after)[None, :]).max(axis=1)
    return out[::-1]


def _search(
    model: hymn.HymnModel, heard: Floats, slots: Sequence[Slot], ranges: tuple[Range, Range, Range], key: int,
    inner: Floats,
) -> tuple[Ints, Ints, float]:  # fmt: skip
    """Viterbi over chords and spacings: state and voices of every slot, and the cost of it all.

    ``inner``: what alto and tenor gain by each pitch class, float64 [slots, 12].
    """
    chosen = _likely(model, heard, slots)
    tune = _tune(slots)
    before: tuple[Ints, Ints, Floats] | None = None
    came: list[Ints] = []
    steps: list[tuple[Ints, Ints]] = []
    for at, slot in enumerate(slots):
        first = tune[at][0]
        found = [(state, *_spacings(int(state), first, ranges, key)) for state in chosen[at]]
        states = np.concatenate([np.full(len(rows), state) for state, rows, _ in found])
        rows = np.concatenate([rows for _, rows, _ in found])
        own = np.concatenate([cost for _, _, cost in found]) - heard[at][states]
        own -= inner[at][rows[:, :2] % 12].sum(axis=1)
        if before is None:
            total = own - model.start[states]
            came.append(np.zeros(len(states), dtype=np.int64))
        else:
            moves = before[2][:, None] - model.turn[slot.place][np.ix_(before[0], states)]
            moves = moves + _motion(before[0], before[1], states, rows, tune[at - 1][1], first, slot, key)
            came.append(moves.argmin(axis=0))
            total = moves.min(axis=0) + own
        steps.append((states, rows))
        before = (states, rows, total)
    assert before is not None
    at_end = int(before[2].argmin())
    cost = float(before[2][at_end])
    out_states, out_rows = [], []
    for (states, rows), back in zip(reversed(steps), reversed(came), strict=True):
        out_states.append(states[at_end])
        out_rows.append(rows[at_end])
        at_end = int(back[at_end])
    return np.array(out_states[::-1]), np.array(out_rows[::-1]), cost


def _tune(slots: Sequence[Slot]) -> list[tuple[int, int]]:
    """The tune's key at the beginning and at the end of every slot; where it rests, the one before (or after)."""
    known = next((slot.first for slot in slots if slot.first is not None), 67)
    out = []
    for slot in slots:
        first = slot.first if slot.first is not None else known
        known = slot.last if slot.last is not None else first
        out.append((first, known))
    return out


@lru_cache(maxsize=4096)
def _spacings(state: int, tune: int, ranges: tuple[Range, Range, Range], key: int) -> tuple[Ints, Floats]:
    """The best keys for alto, tenor and bass in a chord under a note of the tune (int64 [n, 3]), and their costs."""
    tones, low = vc.tones_of(state), vc.bass_of(state)
    keys = [[pitch for pitch in range(a, b + 1) if pitch % 12 in tones] for a, b in ranges[:2]]
    basses = [pitch for pitch in range(ranges[2][0], ranges[2][1] + 1) if pitch % 12 == low]
    # A range of less than an octave may hold no tone of the chord: then the nearest key must do.
    keys = [own or [sum(both) // 2] for own, both in zip(keys, ranges[:2], strict=True)]
    basses = basses or [sum(ranges[2]) // 2]
    rows = np.array(list(itertools.product(keys[0], keys[1], basses)), dtype=np.int64)
    cost = _spacing_cost(rows, state, tune, key)
    middle = np.array([sum(both) / 2 for both in ranges])
    cost += 0.02 * np.abs(rows - middle).sum(axis=1)
    best = np.argsort(cost, kind="stable")[:SPACINGS]
    return rows[best], cost[best]


def _spacing_cost(rows: Ints, state: int, tune: int, key: int) -> Floats:
    tones = vc.tones_of(state)
    kind = vc.STATES[state][1]
    alto, tenor, bass = rows.T
    out = np.zeros(len(rows))
    for high, low in ((np.full(len(rows), tune), alto), (alto, tenor), (tenor, bass)):
        out += FAULT * (low > high) + 0.6 * (low == high)
    out += 1.5 * (tune - alto > 12) + 0.2 * np.maximum(0, tune - alto - 12) + 3.0 * (alto - tenor > 12)
    out += 1.5 * (tenor - bass > 19) + 0.8 * ((tenor - bass < 5) & (bass < 48))
    classes = np.column_stack([np.full(len(rows), tune), rows]) % 12
    doubled = [(classes == tone).sum(axis=1) for tone in tones]
    out += 3.0 * (doubled[0] == 0) + 4.0 * (doubled[1] == 0) + (2.0 if kind in _FALLING else 0.5) * (doubled[2] == 0)
    out += (0.25 if kind not in _DOMINANT else 0.7) * np.maximum(0, doubled[1] - 1) + 0.25 * np.maximum(
        0, doubled[2] - 1
    )
    out += 0.8 * np.maximum(0, doubled[0] - 2)
    if len(tones) == 4:
        out += 3.0 * (doubled[3] == 0) + 4.0 * np.maximum(0, doubled[3] - 1)
    for leading in _leading(state, key):
        out += 4.0 * np.maximum(0, (classes == leading).sum(axis=1) - 1)
    return np.asarray(out)


def _leading(state: int, key: int) -> tuple[int, ...]:
    """Tones of a chord that lead upwards: thirds of dominants, roots of diminished chords."""
    root, kind, _ = vc.STATES[state]
    third = (root + 4) % 12
    if kind in _DOMINANT and ((third - key) % 12 in (11, 8) or kind == _DOMINANT[1]):
        return (third,)
    return (root,) if kind in _FALLING else ()


def _motion(
    old_states: Ints, old: Ints, new_states: Ints, new: Ints, tune_before: int, tune_now: int, slot: Slot, key: int
) -> Floats:  # fmt: skip
    """What it costs to go from each of the spacings ``old`` [n, 3] to each of ``new`` [m, 3], float64 [n, m]."""
    was = np.column_stack([np.full(len(old), tune_before), old])[:, None, :]
    now = np.column_stack([np.full(len(new), tune_now), new])[None, :, :]
    way = now - was
    size = np.abs(way)
    moves = way != 0
    out = np.zeros(way.shape[:2])
    for high, low in itertools.combinations(range(4), 2):
        before, after = (was[..., high] - was[..., low]) % 12, (now[..., high] - now[..., low]) % 12
        parallel = (before == after) & ((after == 0) | (after == 7))
        out += FAULT * (parallel & moves[..., high] & moves[..., low])
    for high, low in itertools.pairwise(range(4)):
        out += 0.8 * ((now[..., low] > was[..., high]) | (now[..., high] < was[..., low]))
    inner = size[..., 1:3]
    out += (0.11 * inner + 0.7 * (inner > 4) + 1.5 * (inner > 7) + 0.8 * (inner == 6)).sum(axis=2)
    bass = size[..., 3]
    out += 0.03 * bass + 0.9 * (bass == 6) + 1.5 * ((bass > 8) & (bass != 12)) + 4.0 * (bass > 12)
    if slot.strikes:
        out += REPEATED * (bass % 12 == 0)
    against = np.sign(way[..., 0]) * np.sign(way[..., 3])
    out += -0.2 * (against < 0) + 0.1 * (against > 0)
    out += 1.0 * (np.abs(np.sign(way).sum(axis=2)) == 4)
    outer = (now[..., 0] - now[..., 3]) % 12
    out += 1.2 * ((against > 0) & (size[..., 0] > 2) & ((outer == 0) | (outer == 7)))
    return out + _resolutions(old_states, old, new_states, way, key)


def _resolutions(old_states: Ints, old: Ints, new_states: Ints, way: Ints, key: int) -> Floats:
    """Leading tones that do not rise and sevenths that do not fall, float64 [n, m]."""
    out = np.zeros(way.shape[:2])
    roots = np.array([vc.STATES[state][0] for state in new_states])
    for state in np.unique(old_states):
        rows = np.flatnonzero(old_states == state)
        classes = old[rows] % 12
        _root, kind, _ = vc.STATES[int(state)]
        for leading in _leading(int(state), key):
            resolved = np.isin((roots - leading) % 12, (1, 10))[None, :, None]  # to the tone above, or as V to VI
            holds = (classes == leading)[:, None, :]
            moved = way[rows][..., 1:]
            wrong = holds & resolved & (moved != 1)
            out[rows] += (wrong * np.where(moved == -4, 0.4, 1.0) * np.array([1.0, 1.0, 2.0])).sum(axis=2)
        if kind in _SEVENTHS:
            seventh = vc.tones_of(int(state))[3]
            holds = (classes == seventh)[:, None, :]
            moved = way[rows][..., 1:]
            out[rows] += 1.3 * (holds & (moved != -1) & (moved != -2) & (moved != 0)).sum(axis=2)
    return out
