"""The curve of a voice: its pitch, how sure that is, and its loudness in bands, every 16 ms.

Pitch comes from SwiftF0 (MIT; a small ONNX network inside its package); the bands are measured here on the same
frames. Any length is streamed in pieces of ten seconds, so that half an hour takes the memory of its curve alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.sound.audio import Audio

Floats = NDArray[np.float64]

RATE, HOP = 16_000, 256  #: Hz and samples between frames
PERIOD = HOP / RATE  #: seconds between frames
PIECE = 10 * RATE  #: samples that are listened to at a time
#: Edges in Hz of the bands whose levels tell syllables apart: narrow below, where the voice's partials stand alone.
EDGES = (80.0, 145.0, 205.0, 270.0, 330.0, 395.0, 470.0, 560.0, 660.0, 800.0, 970.0, 1150.0, 1350.0, 1600.0, 1900.0,
         2300.0, 2800.0, 3400.0, 4200.0, 5300.0, 7800.0)  # fmt: skip
WINDOW = 512  #: samples of a frame's spectrum (32 ms)


@dataclass(frozen=True, slots=True, eq=False)
class PitchCurve:
    """What was measured, frame ``i`` about the time ``i * PERIOD``; float64 arrays.

    Attributes:
        midi: [frames] pitch as a fractional MIDI number (69 is 440 Hz).
        confidence: [frames] 0 to 1, at least 0.5 where a voice sounds.
        loudness: [frames] dB of full scale.
        bands: [frames, 20] dB in the bands between :data:`EDGES`.
    """

    midi: Floats
    confidence: Floats
    loudness: Floats
    bands: Floats

    @property
    def times(self) -> Floats:
        """Seconds of the frames."""
        return np.asarray(np.arange(len(self.midi)) * PERIOD, np.float64)

    @property
    def hertz(self) -> Floats:
        """Pitch in Hz."""
        return np.asarray(440.0 * 2.0 ** ((self.midi - 69.0) / 12.0))


@cache
def detector() -> Any:
    """The pitch network on one thread; loaded once a process (it keeps nothing of what it heard)."""
    import swift_f0

    return swift_f0.SwiftF0(threads=1, spin=False)


def pitch_curve(
    audio: Audio, *, progress: Callable[[float], None] | None = None, cancelled: Callable[[], bool] | None = None
) -> PitchCurve:
    """Listen to a voice.

    Args:
        audio: any rate, channels (their mean is heard) and length.
        progress: told the share done, 0 to 1.
        cancelled: asked between pieces; true ends the listening, and the curve holds what was heard so far.

    Returns:
        The curve, without a frame for sound shorter than one.
    """
    import soxr

    stream = detector().stream()
    convert = soxr.ResampleStream(audio.rate, RATE, 1, dtype="float32") if audio.rate != RATE else None
    step = max(1, round(PIECE * audio.rate / RATE))
    heard: list[Any] = []
    bands: list[Floats] = []
    rest = np.zeros(WINDOW // 2, np.float32)
    for start in range(0, audio.frames, step):
        if cancelled is not None and cancelled():
            break
        piece = audio.samples[start : start + step].mean(axis=1, dtype=np.float32)
        last = start + step >= audio.frames
        if convert is not None:
            piece = np.asarray(convert.resample_chunk(piece, last=last), np.float32)
        if len(piece):
            heard.append(stream.push(piece, RATE))
        rest, levels = _bands(np.concatenate([rest, piece]))
        bands.append(levels)
        if progress is not None:
            progress(min(1.0, (start + step) / audio.frames))
    heard.append(stream.flush())
    _, levels = _bands(np.concatenate([rest, np.zeros(WINDOW, np.float32)]))
    bands.append(levels)
    hertz = np.concatenate([part.pitch_hz for part in heard])
    count = len(hertz)
    levels = np.concatenate(bands)[:count]
    good = np.isfinite(hertz) & (hertz > 0)
    midi = np.where(good, 69.0 + 12.0 * np.log2(np.where(good, hertz, 440.0) / 440.0), 69.0)
    sure = np.where(good, np.concatenate([part.confidence for part in heard]), 0.0)
    loud = np.concatenate([part.loudness_db for part in heard])
    return PitchCurve(midi, np.clip(np.nan_to_num(sure), 0, 1), np.nan_to_num(loud, nan=-140.0), levels)


def _bands(samples: NDArray[np.float32]) -> tuple[NDArray[np.float32], Floats]:
    """Levels in dB [frames, bands] of the whole frames in samples, and the samples that belong to later ones."""
    count = max(0, (len(samples) - WINDOW) // HOP + 1)
    if count == 0:
        return samples, np.zeros((0, len(EDGES) - 1))
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP][:count]
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW).astype(np.float32), axis=1)) ** 2
    hertz = np.fft.rfftfreq(WINDOW, 1 / RATE)
    edges = np.searchsorted(hertz, EDGES)
    summed = np.add.reduceat(power, edges, axis=1)[:, :-1]
    return samples[count * HOP :], np.asarray(10 * np.log10(summed * (4.0 / WINDOW**2) + 1e-12), np.float64)
