"""From chords to moving voices: passing notes, neighbours and suspensions, and which keys are struck anew.

Every slot of :mod:`workbench.create.voices.slots` is halved. A voice that goes a third passes through the step
between; one that stays may touch its neighbour; one that falls by a step onto a strong beat may hang over. Nothing is
put in that would move in parallel fifths or octaves with another voice, rub against one, or cross it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.create.voices.search import Setting
from workbench.create.voices.slots import Line, Slot
from workbench.tokens import voice_chords as vc

Ints = npt.NDArray[np.int64]

#: Steps of the major scale, and the raised ones of the minor a third below.
SCALE = (0, 2, 4, 5, 7, 9, 11)
#: How often a chance is taken by alto, tenor and bass, at density 1.
PASSING = (0.7, 0.75, 0.9)
NEIGHBOUR = (0.10, 0.09, 0.16)
SUSPENDED = (0.45, 0.35, 0.15)
#: Intervals (in keys, without octaves) that two voices which move off the beat together may form.
_SWEET = (3, 4, 8, 9)


@dataclass(frozen=True)
class _Halves:
    """The tune by half slots: key at the beginning and at the end of each (int64 [2 n])."""

    first: Ints
    last: Ints


def voices_of(
    setting: Setting, slots: Sequence[Slot], line: Line, rng: np.random.Generator, *, density: float = 1.0,
    restrike: Sequence[bool] | None = None,
) -> list[Line]:  # fmt: skip
    """The lower voices as lines of (start, end, key) in ticks, from high to low.

    Args:
        setting: chords and keys of every slot.
        slots, line: the tune they were found for.
        rng: chance of what is put in.
        density: 0: nothing is put in; 1: as chorales have it.
        restrike: for every slot whether a key that stays is struck again; left out: where the tune strikes.
    """
    again = list(restrike) if restrike is not None else [slot.strikes for slot in slots]
    lower = np.repeat(setting.voices.T, 2, axis=1)
    tune = _halves(slots, line)
    tied = np.zeros(lower.shape, dtype=bool)
    if density > 0:
        for at in range(len(slots) - 1):
            for voice in rng.permutation(lower.shape[0]):
                _suspend(lower, tied, tune, setting, slots, at, int(voice), density, rng)
        for at in range(len(slots) - 1):
            for voice in rng.permutation(lower.shape[0]):
                _fill(lower, tune, setting, slots, at, int(voice), density, rng)
    return [_line(lower[voice], tied[voice], slots, again) for voice in range(lower.shape[0])]


def _halves(slots: Sequence[Slot], line: Line) -> _Halves:
    first, last = [], []
    known = line[0][2]
    place = 0
    for slot in slots:
        middle = (slot.start + slot.end) // 2
        for begin, stop in ((slot.start, middle), (middle, slot.end)):
            while place < len(line) and line[place][0] <= begin:
                known = line[place][2]
                place += 1
            first.append(known)
            while place < len(line) and line[place][0] < stop:
                known = line[place][2]
                place += 1
            last.append(known)
    return _Halves(np.array(first), np.array(last))


def _fits(lower: Ints, tune: _Halves, voice: int, at: int, pitch: int) -> bool:
    """Whether ``voice`` may sound ``pitch`` in half slot ``at``: no parallels on either side, no crossing, no rub."""
    changed = lower.copy() if lower.shape[1] < 8 else lower[:, max(0, at - 1) : at + 2].copy()
    here = at if lower.shape[1] < 8 else min(at, 1)
    offset = at - here
    changed[voice, here] = pitch
    now = np.concatenate([[tune.first[at]], changed[:, here]])
    own = voice + 1
    if (own and now[own - 1] < pitch) or (own < 3 and now[own + 1] > pitch):
        return False
    for other in range(4):
        if other != own and abs(int(now[other]) - pitch) in (0, 1):
            return False
    for left in (here - 1, here):
        if left < 0 or left + 1 >= changed.shape[1]:
            continue
        before = np.concatenate([[tune.last[left + offset]], changed[:, left]])
        after = np.concatenate([[tune.first[left + 1 + offset]], changed[:, left + 1]])
        for high, low in itertools.combinations(range(4), 2):
            if own not in (high, low) or before[high] == after[high] or before[low] == after[low]:
                continue
            interval = (before[high] - before[low]) % 12
            if interval in (0, 7) and (after[high] - after[low]) % 12 == interval:
                return False
    return True


def _suspend(
    lower: Ints, tied: npt.NDArray[np.bool_], tune: _Halves, setting: Setting, slots: Sequence[Slot], at: int,
    voice: int, density: float, rng: np.random.Generator,
) -> None:  # fmt: skip
    """A voice that falls by a step onto the slot ``at`` hangs over for its first half."""
    if at == 0 or not slots[at].joined or slots[at].place not in (vc.STRONG, vc.CLOSE):
        return
    half = 2 * at
    held, pitch = int(lower[voice, half - 1]), int(lower[voice, half])
    if not 1 <= held - pitch <= 2 or rng.random() >= SUSPENDED[voice] * density:
        return
    tones = vc.tones_of(int(setting.states[at]))
    sounding = {int(tune.first[half]) % 12, *(int(p) % 12 for row, p in enumerate(lower[:, half]) if row != voice)}
    if held % 12 in tones or held % 12 not in vc.tones_of(int(setting.states[at - 1])):
        return
    if voice == 2 or (pitch % 12 in sounding and pitch % 12 != tones[0]):
        return
    if tune.first[half] != tune.last[half] or not _fits(lower, tune, voice, half, held):
        return
    lower[voice, half] = held
    tied[voice, half] = True


def _fill(
    lower: Ints, tune: _Halves, setting: Setting, slots: Sequence[Slot], at: int, voice: int, density: float,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """A passing note or a neighbour in the second half of the slot ``at``."""
    middle, after = 2 * at + 1, 2 * at + 2
    here, goal = int(lower[voice, middle]), int(lower[voice, after])
    if (
        not slots[at + 1].joined
        or lower[voice, 2 * at] != here
        or (slots[at].place == vc.CLOSE and at + 2 < len(slots))
    ):
        return
    distance = abs(goal - here)
    if distance in (3, 4):
        chance, ways = PASSING[voice], list(range(min(here, goal) + 1, max(here, goal)))
    elif distance == 0 and slots[at + 1].strikes:
        chance, ways = NEIGHBOUR[voice], [here + step for step in (-2, -1, 1, 2)]
    else:
        return
    if rng.random() >= chance * density:
        return
    scale = _scale(setting, at)
    fitting = [pitch for pitch in ways if (pitch - setting.tonic) % 12 in scale]
    moving = [int(row) for row in ([tune.first[middle]] if tune.first[middle] != tune.last[middle - 1] else [])] + [
        int(lower[row, middle]) for row in range(3) if row != voice and lower[row, middle] != lower[row, middle - 1]
    ]
    for pitch in rng.permutation(fitting).tolist() if fitting else []:
        sweet = all(abs(pitch - other) % 12 in _SWEET for other in moving)
        if sweet and _fits(lower, tune, voice, middle, pitch):
            lower[voice, middle] = pitch
            return


def _scale(setting: Setting, at: int) -> set[int]:
    """Steps above the tonic that pass between two chords: the scale, bent to the tones that the chords have."""
    tones = {(tone - setting.tonic) % 12 for side in (at, at + 1) for tone in vc.tones_of(int(setting.states[side]))}
    bent = {tone for tone in tones if tone not in SCALE}
    kept = {step for step in SCALE if step in tones or not ({step - 1, step + 1} & bent)}
    return kept | bent


def _line(row: Ints, tied: npt.NDArray[np.bool_], slots: Sequence[Slot], again: Sequence[bool]) -> Line:
    """One voice as notes: a key that stays is held unless it is to be struck again."""
    out: Line = []
    for at, slot in enumerate(slots):
        middle = (slot.start + slot.end) // 2
        for half, (start, end) in enumerate(((slot.start, middle), (middle, slot.end))):
            pitch = int(row[2 * at + half])
            holds = bool(out) and out[-1][2] == pitch and out[-1][1] == start and slot.joined
            if half == 0 and again[at] and not tied[2 * at]:
                holds = False
            if holds:
                out[-1] = (out[-1][0], end, pitch)
            elif end > start:
                out.append((start, end, pitch))
    return out
