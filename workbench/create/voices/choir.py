"""Four voices from a tune in one call: its slots, its chords, the lower voices and what moves in them.

::

    lines = sing_along(model, tune, TimeMap(score), ranges, rng=np.random.default_rng(1))
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from workbench.create.voices import embellish, hymn, search, slots
from workbench.create.voices.likely import Likely
from workbench.score.lanes import QUALITIES, Chord
from workbench.score.timemap import TimeMap
from workbench.tokens import voice_chords as vc

Mask = npt.NDArray[np.bool_]
#: How far chance bends the choice of chords from one idea to the next, in nats.
HEAT = 0.35


def sing_along(
    model: hymn.HymnModel, tune: slots.Line, time: TimeMap, ranges: tuple[search.Range, search.Range, search.Range],
    *, rng: np.random.Generator, chords: Sequence[Chord] = (), likely: Likely | None = None,
    density: float = 1.0, heat: float = HEAT,
) -> list[slots.Line]:  # fmt: skip
    """Alto, tenor and bass under a tune as lines of (start, end, key) in ticks.

    Args:
        model: tables of chords.
        tune: single notes in the order of time.
        time: bars and beats of the piece.
        ranges: lowest and highest key of alto, tenor and bass.
        rng: chance; equal ones give equal voices.
        chords: the harmony, where it is known; left out: found with the voices.
        likely: where no chords are given, which tones and basses are likely under the tune.
        density: 0: the voices move with the tune alone; 1: as chorales do; more: livelier.
        heat: how far ideas may stray from the likeliest chords.
    """
    found = slots.cut(tune, time, plain=density <= 0)
    if not found:
        return [[], [], []]
    free = [allowed(chords, slot) for slot in found] if chords else None
    lively = not slots.is_hymn(tune, time)
    setting = search.set_voices(
        model, found, ranges, free=free, likely=None if chords else likely,
        weights=search.SURE if lively else search.HYMNLIKE, rng=rng, heat=heat,
    )  # fmt: skip
    again = None
    if density <= 0:
        again = [True] * len(found)
    elif (chords or likely) and lively:
        again = [slot.place == vc.STRONG or (slot.strikes and at % 2 == 0) for at, slot in enumerate(found)]
    return embellish.voices_of(setting, found, tune, rng, density=density, restrike=again)


def allowed(chords: Sequence[Chord], slot: slots.Slot) -> Mask | None:
    """The states that may stand in a slot under a progression: the chord that sounds there longest; None: any.

    Where a chord begins, and on strong beats, the bass has the chord's own bass, the root where none is named.
    """
    best, longest = None, 0
    for chord in chords:
        share = min(chord.tick + chord.duration, slot.end) - max(chord.tick, slot.start)
        if share > longest:
            best, longest = chord, share
    if best is None or 2 * longest < slot.end - slot.start:
        return None
    kinds = _kinds(best)
    firm = best.tick >= slot.start or slot.place == vc.STRONG
    low = best.bass if best.bass in best.pitch_classes else best.root if firm and best.bass < 0 else -1
    return np.array(
        [
            root == best.root and kind in kinds and (low < 0 or vc.BASS[state] == low)
            for state, (root, kind, _) in enumerate(vc.STATES)
        ]
    )


def _kinds(chord: Chord) -> set[int]:
    """The kinds of :data:`vc.KINDS` that stand for a chord of the lane, the nearest if there is none."""
    tones = {step % 12 for step in QUALITIES[chord.quality]}
    kinds = list(vc.KINDS.values())
    same = {at for at, own in enumerate(kinds) if set(own) == tones}
    if same:
        return same
    fits = [len(tones & set(own)) - 0.6 * len(set(own) - tones) for own in kinds]
    return {int(np.argmax(fits))}
