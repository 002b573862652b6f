"""Which keys a press may sound, and which one it does: the Genie's rules between the network and the ear.

Everything is defined down to the order of additions, so that the browser's twin draws the same key from the same
seed:

* **Chance** is mulberry32 on unsigned 32-bit integers, seeded with ``seed mod 2**32``; one number in [0, 1) a draw.
  One draw a press for the key, always, even if one key alone is legal; one more before it in one-switch mode.
* **Logits** are float32; all that follows is float64. A weight is exp((logit + bias - best) / T), the best being the
  highest biased logit of the legal keys; weights are added from the lowest key up; the first key at which the running
  sum exceeds draw x total sounds. T below 0.01 takes the highest biased logit, the lowest key on a tie.
* **Legal keys** come from the first non-empty set of a list, strictest first (:func:`legal_keys`), so that every dead
  end has a way out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from workbench.hub.tasks.genie.request import GenieSettings
from workbench.nets.genie_numpy import BUTTONS, LOWEST_PITCH

SOFT_BIAS = -2.0
COLDEST = 0.01
#: Where the buttons of a smaller instrument lie among the eight.
LAYOUTS: dict[int, tuple[int, ...]] = {8: tuple(range(8)), 4: (0, 2, 5, 7), 1: (0,)}


class Mulberry32:
    """Tommy Ettinger's 32-bit generator (public domain): small, and the same in every language with 32-bit integers."""

    def __init__(self, seed: int) -> None:
        self.state = seed % 2**32

    def draw(self) -> float:
        """The next number in [0, 1), a multiple of 2**-32."""
        self.state = (self.state + 0x6D2B79F5) % 2**32
        x = self.state
        x = ((x ^ (x >> 15)) * (x | 1)) % 2**32
        x ^= (x + ((x ^ (x >> 7)) * (x | 61)) % 2**32) % 2**32
        return (x ^ (x >> 14)) / 2**32


def allowed_keys(settings: GenieSettings, chord_tones: frozenset[int]) -> list[int]:
    """Keys (0 to 87) inside range, scale and, with hard chords, chord; ascending, never empty.

    A hard chord overrules the scale. Where nothing is left (a narrow range without a chord tone) the chord gives
    way, then the scale.
    """
    reach = range(settings.low - LOWEST_PITCH, settings.high - LOWEST_PITCH + 1)
    if settings.chords == "hard" and chord_tones:
        found = [key for key in reach if (key + LOWEST_PITCH) % 12 in chord_tones]
        if found:
            return found
    if settings.scale:
        found = [key for key in reach if (key + LOWEST_PITCH) % 12 in settings.scale]
        if found:
            return found
    return list(reach)


def legal_keys(
    settings: GenieSettings, allowed: Sequence[int], button: int, last_button: int, last_key: int
) -> list[int]:
    """Keys that may sound now, ascending, never empty.

    ``allowed`` as :func:`allowed_keys`. With eight or more of them, button b leaves at least b of them below and
    7 - b above ("room"), so that any further move finds a key on its side. The sets tried, first to last:

    1. same button, loyal: the last key if allowed, else the allowed key nearest to it (the lower of two);
    2. direction, room and leap; 3. direction and room; 4. direction and leap; 5. direction;
    6. the allowed key nearest to the last one (the keyboard ends here).

    Without a last key only room applies; without the direction rule, or with the same button and no loyalty, every
    key counts as lying in the right direction.
    """
    count = len(allowed)
    roomy = set(allowed[button : count - BUTTONS + 1 + button]) if count >= BUTTONS else set(allowed)
    if last_key < 0:
        return sorted(roomy)
    nearest = min(allowed, key=lambda key: (abs(key - last_key), key))
    if button == last_button and settings.loyal:
        return [nearest]
    side = list(allowed)
    if settings.direction and button > last_button:
        side = [key for key in allowed if key > last_key]
    elif settings.direction and button < last_button:
        side = [key for key in allowed if key < last_key]
    near = [key for key in side if not settings.max_leap or abs(key - last_key) <= settings.max_leap]
    for candidates in (
        [key for key in near if key in roomy],
        [key for key in side if key in roomy],
        near,
        side,
    ):
        if candidates:
            return candidates
    return [nearest]


def bias(settings: GenieSettings, chord_tones: frozenset[int], keys: Sequence[int]) -> list[float]:
    """What is added to the logits of ``keys``: with soft chords -2 for keys outside the chord, else 0."""
    if settings.chords != "soft" or not chord_tones:
        return [0.0] * len(keys)
    return [0.0 if (key + LOWEST_PITCH) % 12 in chord_tones else SOFT_BIAS for key in keys]


def weigh(logits: np.ndarray, keys: Sequence[int], biases: Sequence[float], temperature: float) -> list[float]:
    """Weights of ``keys`` (not normalised), float64, as the module's text defines them."""
    scores = [float(logits[key]) + extra for key, extra in zip(keys, biases, strict=True)]
    best = max(scores)
    if temperature < COLDEST:
        first = scores.index(best)
        return [1.0 if place == first else 0.0 for place in range(len(scores))]
    return [math.exp((score - best) / temperature) for score in scores]


def choose(keys: Sequence[int], weights: Sequence[float], draw: float) -> int:
    """The key at which the running sum of weights first exceeds ``draw`` times their total."""
    total = 0.0
    for weight in weights:
        total += weight
    bound, running = draw * total, 0.0
    for key, weight in zip(keys, weights, strict=True):
        running += weight
        if running > bound:
            return key
    return keys[-1]


class PhraseMemory:
    """Replayable mode: the same buttons bring back the same tune.

    The last 256 presses are kept. ``followers`` are the places in them that the hands may be repeating: at the
    start and after a silence of a second every phrase's first press; then those whose button was pressed again, one
    place further. When none is left, the places whose last four buttons equal the last four pressed are followed,
    or else the phrases that begin with this button (a tune repeated without a pause). The key of the earliest
    follower is recalled.
    """

    LENGTH = 256
    CONTEXT = 4

    def __init__(self) -> None:
        self._played: list[tuple[int, int]] = []  # button and key of every press
        self._starts: list[int] = []
        self._followers: list[int] = []

    def recall(self, button: int, *, after_pause: bool) -> int:
        """The remembered key for this press, or -1. Must be followed by :meth:`remember`."""
        oldest = max(0, len(self._played) - self.LENGTH)
        starts = [place for place in self._starts if place >= oldest and self._played[place][0] == button]
        if after_pause:
            found = starts
            self._starts.append(len(self._played))
        else:
            found = [place for place in self._followers if place >= oldest and self._played[place][0] == button]
            found = found or self._same_context(button, oldest) or starts
        self._followers = found
        return self._played[found[0]][1] if found else -1

    def _same_context(self, button: int, oldest: int) -> list[int]:
        back = self.CONTEXT - 1
        recent = [item[0] for item in self._played[-back:]] + [button]
        if len(recent) <= back:
            return []
        return [
            place
            for place in range(oldest + back, len(self._played))
            if [item[0] for item in self._played[place - back : place + 1]] == recent
        ]

    def remember(self, button: int, key: int) -> None:
        """Note what was played."""
        self._played.append((button, key))
        self._followers = [place + 1 for place in self._followers]
