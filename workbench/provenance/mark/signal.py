"""The mark itself: a sum of tones with secret phases that repeats every three seconds (spread spectrum; Cox, Kilian,
Leighton & Shamoon 1997).

It has a tone at every third of a hertz between :data:`LOW` and :data:`HIGH`, each as strong as the next, with phases
drawn from a key. So it is known at every sample rate, survives a mix of both sides into one, and a piece of it, cut
out anywhere, is found by sliding the whole past it once.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Spectra = npt.NDArray[np.complex64]

#: Seconds after which the mark repeats: a whole number of samples at 44,100 and 48,000 Hz, and at half of them.
PERIOD = 3
#: Lowest and highest of its tones in Hz: what every encoder keeps, and where much of music's sound is.
LOW, HIGH = 500, 9_000
#: The key that is used where nobody names another. It is open like all of this program: whoever reads it can look for
#: the mark, and can also forge or remove it. It says "made with the help of a model" to those who ask in good faith.
KEY = "Music Workbench: a model wrote some of this (1)"


@lru_cache(maxsize=8)
def phases(key: str = KEY) -> npt.NDArray[np.complex128]:
    """The phase of every tone as a number of length 1, complex128 [tones]; tone k has ``PERIOD * LOW + k`` periods."""
    count = PERIOD * (HIGH - LOW)
    drawn = np.frombuffer(hashlib.shake_256(key.encode("utf-8")).digest(4 * count), "<u4")
    return np.asarray(np.exp(2j * np.pi * drawn.astype(np.float64) / 2**32))


def cycle(rate: int, key: str = KEY) -> npt.NDArray[np.float64]:
    """One repetition at a sample rate in Hz, mean square 1, float64 [PERIOD * rate]; ``rate`` is above 2 * HIGH."""
    spectrum = np.zeros(PERIOD * rate // 2 + 1, np.complex128)
    tones = phases(key)
    spectrum[PERIOD * LOW : PERIOD * LOW + len(tones)] = tones
    out = np.fft.irfft(spectrum, PERIOD * rate)
    return np.asarray(out / np.sqrt(np.mean(out**2)))
