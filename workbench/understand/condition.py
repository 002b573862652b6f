"""The condition of a recording: silent, cut off, quiet or narrow sound is said in plain sentences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.errors import BadRequest
from workbench.sound.audio import Audio

#: What never gets louder than -66 dBFS is silence.
SILENT = 5e-4
#: Shorter than this, in seconds, nothing can be made out.
SHORTEST = 0.1
#: A sample this near full scale (or the recording's own peak) is cut off where its neighbours are too.
_FULL = 0.995
_CLIPPED_SHARE = 2e-4
_QUIET = 10 ** (-40 / 20)
_BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class Condition:
    """What was measured: ``peak`` (of full scale), ``clipped`` (share of samples), ``band`` in Hz, ``seconds``."""

    peak: float
    clipped: float
    band: float
    seconds: float

    def remarks(self) -> tuple[str, ...]:
        """Plain sentences on what makes this recording hard to hear; none where it is fine."""
        out = []
        if self.clipped > _CLIPPED_SHARE:
            out.append("The loud places of this recording are cut off, so expect wrong notes there.")
        if self.peak < _QUIET:
            out.append("This recording is very quiet; record closer to the microphone if notes are missing.")
        if self.band < 4_500:
            out.append("This recording has no high tones, like a telephone call, so cymbals may be missing.")
        return tuple(out)


def condition(audio: Audio) -> Condition:
    """Measure a recording, block by block.

    Raises:
        BadRequest: it is silent, or shorter than a tenth of a second.
    """
    if audio.seconds < SHORTEST:
        raise BadRequest("This recording is shorter than a tenth of a second; choose a longer one.")
    peak = max(float(np.abs(block).max()) for block in _blocks(audio))
    if peak < SILENT:
        raise BadRequest("This recording is silent; choose another one, or check the microphone.")
    full = 0
    for block in _blocks(audio):
        near = np.abs(block) >= _FULL * max(peak, 0.25)
        full += int((near[1:] & near[:-1] & (np.sign(block[1:]) == np.sign(block[:-1]))).sum())
    return Condition(peak, full / audio.samples.size, _band(audio), audio.seconds)


def _blocks(audio: Audio) -> list[np.ndarray]:
    """Views of the samples; nothing is copied."""
    return [audio.samples[start : start + _BLOCK] for start in range(0, audio.frames, _BLOCK)]


def _band(audio: Audio) -> float:
    """The frequency in Hz above which the recording holds less than a millionth of its power."""
    size = 4_096
    if audio.frames < size:
        return audio.rate / 2
    starts = np.unique(np.linspace(0, audio.frames - size, 64).astype(int))
    window = np.hanning(size).astype(np.float32)
    power = np.zeros(size // 2 + 1)
    for start in starts.tolist():
        power += np.abs(np.fft.rfft(audio.samples[start : start + size].mean(axis=1) * window)) ** 2
    above = np.cumsum(power[::-1])[::-1]
    return float(np.searchsorted(-above, -1e-6 * above[0]) * audio.rate / size)
