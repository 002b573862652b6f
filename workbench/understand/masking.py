"""Taking a recording apart through its spectrum, block by block, so that the parts sum to it.

``split`` turns a function from spectra to spectra into stems of the recording's own rate and length. The last stem is
what the others leave over, sample by sample: nothing is lost between a transform and its inverse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.nets.separate_bands import hop_of, window
from workbench.sound.audio import Audio

#: Frames of a block, and of what is heard on either side of it.
BLOCK, CONTEXT = 1024, 128
#: Windows that overlap four times, each used twice, sum to this.
_OVERLAP = 2.0

Spectra = NDArray[np.complex64]
Stems = dict[str, NDArray[np.float32]]
#: (spectra [channels, frames, bins], number of the first frame) -> spectra of all stems but the last,
#: [stems - 1, channels, frames, bins].
Parting = Callable[[Spectra, int], Spectra]


class Frames:
    """The spectra of a recording, made where they are needed: frame ``n`` begins at sample ``(n - 3) * hop``.

    So every sample lies in four frames, the first and the last, too.
    """

    def __init__(self, audio: Audio) -> None:
        self.samples, self.rate = audio.samples, audio.rate
        self.hop = hop_of(audio.rate)
        self.size = 4 * self.hop
        self.window = window(self.size)
        self.count = max(0, audio.frames - 1) // self.hop + 4

    def spectra(self, first: int, last: int) -> Spectra:
        """complex64 [channels, last - first, size // 2 + 1] of the frames ``first`` to ``last`` (left out)."""
        begin, end = (first - 3) * self.hop, last * self.hop
        cut = self.samples[max(0, begin) : max(0, end)]
        cut = np.pad(cut, ((max(0, -begin), end - max(0, begin) - len(cut)), (0, 0)))
        rows = np.lib.stride_tricks.sliding_window_view(cut, self.size, axis=0)[:: self.hop]  # [frames, channels, size]
        return np.asarray(np.fft.rfft(rows.transpose(1, 0, 2) * self.window, axis=2), np.complex64)

    def sound(self, spectra: Spectra) -> NDArray[np.float32]:
        """The inverse, overlapped and added: float32 [(frames + 3) * hop, channels]."""
        rows = np.fft.irfft(spectra, self.size, axis=2).astype(np.float32) * (self.window / np.float32(_OVERLAP))
        channels, frames = rows.shape[:2]
        out = np.zeros((channels, frames + 3, self.hop), np.float32)
        for part in range(4):
            out[:, part : part + frames] += rows[:, :, part * self.hop : (part + 1) * self.hop]
        return out.reshape(channels, -1).T


def blocks(audio: Audio, names: Sequence[str], parting: Parting) -> Iterator[tuple[int, Stems]]:
    """The stems in stretches that follow each other: (first sample, name -> float32 [samples, channels])."""
    frames = Frames(audio)
    hop, length = frames.hop, audio.frames
    carried: NDArray[np.float32] | None = None
    for first in range(0, frames.count, BLOCK):
        last = min(frames.count, first + BLOCK)
        before, after = max(0, first - CONTEXT), min(frames.count, last + CONTEXT)
        parts = parting(frames.spectra(before, after), before)[:, :, first - before : last - before]
        sounds = np.stack([frames.sound(part) for part in parts])  # [stems - 1, samples, channels]
        if carried is not None:
            sounds[:, : carried.shape[1]] += carried
        ready = (last - first) * hop if last < frames.count else sounds.shape[1]
        carried = sounds[:, ready:]
        begin = (first - 3) * hop
        start, end = max(0, begin), min(length, begin + ready)
        made = sounds[:, start - begin : end - begin]
        source = audio.samples[start:end]
        stems = dict(zip(names, made, strict=False))
        stems[names[-1]] = source - made.sum(axis=0)
        yield start, stems


def split(
    audio: Audio, names: Sequence[str], parting: Parting, *, step: Callable[[float], object] = lambda done: None
) -> dict[str, Audio]:
    """All stems at once.

    Args:
        audio: any rate, any number of channels, any length.
        names: of the stems; the last takes what the others leave over.
        parting: see :data:`Parting`; it is given :data:`CONTEXT` frames beside those that are used.
        step: told the part that is done, 0 to 1, after every block; may raise to stop.

    Returns:
        Stems of the same rate, length and channels that sum to ``audio`` within float32's rounding.
    """
    out = {name: np.zeros(audio.samples.shape, np.float32) for name in names}
    for start, stems in blocks(audio, names, parting):
        for name, samples in stems.items():
            out[name][start : start + len(samples)] = samples
        step(min(1.0, (start + len(samples)) / max(1, audio.frames)))
    return {name: Audio(samples, audio.rate) for name, samples in out.items()}
