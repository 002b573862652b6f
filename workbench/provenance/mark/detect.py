"""Finding the mark without the piece it was hidden in.

The sound is brought to one rate and made equally loud everywhere in time and frequency, so that only its phases count
(phase-only correlation; Knapp & Carter 1976), folded to one repetition of the mark, and slid past it. If the sound
knows nothing of the key, every sum of the slide is one of phases drawn at random with known weights, and lies more
than z times its spread away with a chance of at most 2 exp(-z^2 / 2), whatever the music is (Hoeffding 1963). That
bound, times all places that are tried, is the p-value: it is no estimate from examples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.provenance.mark.signal import HIGH, KEY, LOW, PERIOD, phases
from workbench.sound.audio import Audio

Floats = npt.NDArray[np.float32]

#: The rate at which the mark is looked for, in Hz.
RATE = 22_050
#: Seconds of one piece that is looked through, and from the start of one to that of the next.
PIECE, STEP = 20, 10
#: The mark is said to be there where chance would do that less than once in so many sounds.
SURE = 1e-4
_FRAME, _HOP = 512, 256
#: Places that are tried in each piece: two between two samples, and both polarities.
_PLACES = 2 * PERIOD * RATE
#: A bin softer than this (against full scale) is silence or rounding, not sound.
_SILENT = 1e-6


@dataclass(frozen=True, slots=True)
class Sighting:
    """Whether a sound carries the mark.

    ``p``: the chance that a sound without it looks like this, at most. ``found``: whether that is sure enough.
    ``spans``: seconds from and to where it was found. ``seconds``: how long the sound is; ``sounding``: how much of it
    is no silence.
    """

    p: float
    spans: tuple[tuple[float, float], ...]
    seconds: float
    sounding: float

    @property
    def found(self) -> bool:
        """Whether the mark is there."""
        return self.p < SURE

    def sentence(self) -> str:
        """The same in plain words."""
        if self.sounding < 1:
            return "There is hardly any sound in this, so nothing can be said about a mark."
        chance = "less than one in a million" if self.p < 1e-6 else f"about {_odds(self.p)}"
        if self.found:
            where = _where(self.spans, self.seconds)
            return f"The mark of the Music Workbench is in this{where}: a model wrote some of it. A sound without the" \
                f" mark looks like this with a chance of {chance}."  # fmt: skip
        return (
            "The mark of the Music Workbench was not found. That does not prove that no model wrote this: the mark"
            " may have been left out or lost."
        )


def _odds(p: float) -> str:
    return f"one in {round(1 / p):,}" if p < 0.5 else "one in two or more"


def _where(spans: tuple[tuple[float, float], ...], seconds: float) -> str:
    if not spans or (len(spans) == 1 and spans[0][1] - spans[0][0] >= 0.9 * seconds):
        return ""
    told = ", ".join(f"{_clock(first)} to {_clock(last)}" for first, last in spans[:5])
    return f" ({told}{', and more' if len(spans) > 5 else ''})"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def bound(z: float, trials: int) -> float:
    """The p-value of a sum ``z`` spreads away from nothing, the highest of ``trials``."""
    return math.exp(max(-600.0, min(0.0, math.log(2 * trials) - z * z / 2)))


def detect(audio: Audio, key: str = KEY) -> Sighting:
    """Look for the mark in a sound of any rate, length and number of channels."""
    even = flattened(audio.resampled(RATE).mono())
    pieces = max(1, math.ceil((len(even) - PIECE * RATE) / (STEP * RATE)) + 1)
    trials = _PLACES * (pieces + (pieces > 1))
    sums = [folded(even[at * STEP * RATE : (at * STEP + PIECE) * RATE], at * STEP * RATE) for at in range(pieces)]
    chances = [bound(strength(part, key), trials) for part in sums]
    spans: list[tuple[float, float]] = []
    for place, p in enumerate(chances):
        if p < SURE:
            first, last = float(place * STEP), min(float(place * STEP + PIECE), len(even) / RATE)
            if spans and first <= spans[-1][1]:
                spans[-1] = spans[-1][0], last
            else:
                spans.append((first, last))
    whole = bound(strength(folded(even, 0), key), trials) if pieces > 1 else 1.0
    return Sighting(min([whole, *chances]), tuple(spans), len(even) / RATE, float(np.count_nonzero(even)) / RATE)


def flattened(mono: Floats) -> Floats:
    """Sound whose every moment and frequency is equally loud; silence stays silence. float32 [frames] both."""
    window = np.sin(np.pi * (np.arange(_FRAME) + 0.5) / _FRAME).astype(np.float32)
    count = max(0, math.ceil(len(mono) / _HOP)) + 1
    padded = np.zeros((count + 1) * _HOP, np.float32)
    padded[_HOP : _HOP + len(mono)] = mono
    out = np.zeros((count + 1, _HOP), np.float32)
    pieces = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP]
    for start in range(0, count, 4_096):
        spectrum = np.fft.rfft(pieces[start : start + 4_096] * window)
        size = np.abs(spectrum)
        spectrum *= np.where(size > _SILENT * _FRAME, 1 / np.maximum(size, _SILENT), 0)
        made = np.fft.irfft(spectrum, _FRAME) * window
        out[start : start + len(made)] += made[:, :_HOP]
        out[start + 1 : start + 1 + len(made)] += made[:, _HOP:]
    return out.reshape(-1)[_HOP : _HOP + len(mono)]


def folded(even: Floats, start: int) -> npt.NDArray[np.float64]:
    """All repetitions in a stretch of flattened sound laid over each other; ``start``: its place in the sound."""
    size = PERIOD * RATE
    padded = np.zeros(math.ceil((len(even) + size) / size) * size)
    padded[start % size : start % size + len(even)] = even
    return np.asarray(padded.reshape(-1, size).sum(axis=0))


def strength(sound: npt.NDArray[np.float64], key: str = KEY) -> float:
    """How many spreads the best place of the mark in one folded repetition lies away from nothing."""
    tones = phases(key)
    spectrum = np.fft.rfft(sound)[PERIOD * LOW : PERIOD * HIGH]
    spread = math.sqrt(float(np.sum(np.square(np.abs(spectrum)))) / 2)
    if spread == 0:
        return 0.0
    product = np.zeros(_PLACES // 2 + 1, np.complex128)
    product[PERIOD * LOW : PERIOD * HIGH] = spectrum * np.conj(tones)
    return float(np.abs(np.fft.irfft(product, _PLACES)).max() * _PLACES / 2 / spread)
