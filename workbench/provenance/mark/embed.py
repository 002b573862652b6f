"""Hiding the mark: its sound for any stretch of a piece, made from the piece's own sound there."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from workbench.provenance.mark.masking import Floats, allowed, bands
from workbench.provenance.mark.signal import KEY, PERIOD, Spectra, cycle
from workbench.sound.audio import Audio

#: Frames in one repetition of the mark, by sample rate: some 12 ms each, so that a stroke is not heard coming.
_STEPS = {44_100: 252, 48_000: 240}
#: Sample rates at which sound can be marked.
RATES = tuple(_STEPS)

Read = Callable[[int, int], Floats]


@lru_cache(maxsize=4)
def _frames(rate: int, key: str) -> tuple[int, Floats, Spectra]:
    """Samples from frame to frame, the window, and the mark's spectrum in each frame of a repetition, mean power 1
    in each band: complex64 [steps, bins]."""
    steps = _STEPS[rate]
    hop = PERIOD * rate // steps
    window = np.sin(np.pi * (np.arange(2 * hop) + 0.5) / (2 * hop)).astype(np.float32)
    sound = cycle(rate, key).astype(np.float32)
    sound = np.concatenate([sound, sound[:hop]])
    pieces = np.lib.stride_tricks.sliding_window_view(sound, 2 * hop)[::hop]
    spectra = np.fft.rfft(pieces * window).astype(np.complex64)
    first, _, band = bands(rate, 2 * hop)
    spectra = spectra[:, : len(band)]
    power = np.add.reduceat(np.mean(np.abs(spectra) ** 2, axis=0), first)
    inside = power > 0.05 * power.max()  # bands that the mark fills at least in part
    level = np.where(inside, 1 / np.sqrt(np.maximum(power, 1e-12)), 0).astype(np.float32)
    return hop, window, np.ascontiguousarray(spectra * level[band])


def marked(audio: Audio, key: str = KEY) -> Audio:
    """A whole sound with the mark in it; its rate is one of :data:`RATES`."""

    def read(start: int, end: int) -> Floats:
        piece = audio.samples[start:end]
        return np.concatenate([piece, np.zeros((end - start - len(piece), audio.channels), np.float32)])

    out = audio.samples.copy()
    block = 6 * audio.rate
    for start in range(0, audio.frames, block):
        end = min(start + block, audio.frames)
        out[start:end] += mark_of(read, start, end, audio.rate, key)
    return Audio(out, audio.rate)


def mark_of(read: Read, start: int, end: int, rate: int, key: str = KEY) -> Floats:
    """The mark for frames ``start`` to ``end`` of a piece, to be added to them; the same however it is cut up.

    Args:
        read: gives the piece's frames from one to another, float32 [frames, channels]; it is asked for a little more
            than the stretch, but never for what lies before the first frame.
        start: first frame of the stretch, counted from the beginning of the piece.
        end: the frame after its last.
        rate: 44,100 or 48,000 Hz.
        key: see :data:`~workbench.provenance.mark.signal.KEY`.

    Returns:
        float32 [end - start, channels]; silence where the piece has nothing to hide it behind.
    """
    hop, window, spectra = _frames(rate, key)
    first, last = start // hop - 1, (end - 1) // hop  # frames that reach into the stretch
    begin, stop = (first - 1) * hop, (last + 2) * hop
    host = read(max(0, begin), stop)
    host = np.ascontiguousarray(host.T)
    if begin < 0:
        host = np.concatenate([np.zeros((len(host), -begin), np.float32), host], axis=1)
    if not host.any():
        return np.zeros((end - start, len(host)), np.float32)
    pieces = np.lib.stride_tricks.sliding_window_view(host, 2 * hop, axis=1)[:, ::hop]
    spectrum = np.fft.rfft(pieces * window, norm="forward")  # with the usual norm numpy takes three times as long
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    power *= np.float32((4 * hop / window.sum()) ** 2)
    level, band = allowed(power, rate, 2 * hop)
    steps = np.arange(first, last + 1) % len(spectra)
    own = np.zeros((len(host), last + 1 - first, hop + 1), np.complex64)
    np.multiply(np.sqrt(level)[..., band], spectra[steps], out=own[..., : len(band)])
    made = np.fft.irfft(own, 2 * hop).astype(np.float32, copy=False)
    made *= window * np.float32(window.sum() / 2)
    out = made[:, :-1, hop:] + made[:, 1:, :hop]
    out = out.reshape(len(host), -1)
    skip = start - (first + 1) * hop
    return np.ascontiguousarray(out[:, skip : skip + end - start].T)
