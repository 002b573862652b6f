"""Loudness after ITU-R BS.1770-4: integrated loudness in LUFS and true peak in dB, and the mix's one gain."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from workbench.sound.table import TABLE

SILENCE_LUFS = -70.0  # the absolute gate: anything softer counts as silence
OVERSAMPLING = 4
_TAPS = 24
_BLOCK = 4_096
_MARGIN = 1.42  # no peak between samples is expected more than 3 dB above the samples of its stretch


class Meter:
    """Measures a sound that comes in blocks: feed it, then ask.

    Args:
        rate: in Hz.
        channels: how many, at most 5.
    """

    def __init__(self, rate: int, channels: int = 2) -> None:
        from pyloudnorm.iirfilter import IIRfilter

        shelf = IIRfilter(4.0, 1 / np.sqrt(2), 1_500.0, rate, "high_shelf")
        high_pass = IIRfilter(0.0, 0.5, 38.0, rate, "high_pass")
        self._weighting = np.convolve(shelf.b, high_pass.b), np.convolve(shelf.a, high_pass.a)
        self._step = int(0.1 * rate + 0.5)
        self._states = np.zeros((channels, 4))
        self._energies: list[float] = []  # mean square after K-weighting of each 100 ms, all channels together
        self._partial = 0.0, 0  # squares of the last 100 ms that is not whole yet, and its frames
        self._peaks: list[NDArray[np.float32]] = []  # highest sample of each stretch of _BLOCK frames, by channel
        self._open = np.zeros(channels, np.float32), 0  # the same of the last stretch, and its frames
        self.frames = 0

    def feed(self, samples: NDArray[np.float32]) -> None:
        """Take the next block, float32 [frames, channels]."""
        from scipy.signal import lfilter

        self.frames += len(samples)
        at_once = 16 * self._step
        planar = np.ascontiguousarray(samples.T)
        for start in range(0, len(samples), at_once):
            piece = planar[:, start : start + at_once]
            squares = np.zeros(piece.shape[1])
            for channel, state in zip(piece, self._states, strict=True):
                weighted, state[:] = lfilter(*self._weighting, channel.astype(np.float64), zi=state)
                squares += np.square(weighted, out=weighted)
            self._sum(squares)
        self._find_peaks(planar)

    def _find_peaks(self, planar: NDArray[np.float32]) -> None:
        """Note the highest sample of each stretch of ``_BLOCK`` frames."""
        peaks, count = self._open
        position = 0
        while position < planar.shape[1]:
            if not count and (whole := (planar.shape[1] - position) // _BLOCK):
                end = position + whole * _BLOCK
                stretches = planar[:, position:end].reshape(len(planar), whole, _BLOCK)
                self._peaks.extend(np.maximum(stretches.max(axis=2), -stretches.min(axis=2)).T)
                position = end
                continue
            piece = planar[:, position : position + _BLOCK - count]
            peaks = np.maximum(peaks, np.maximum(piece.max(axis=1), -piece.min(axis=1)))
            position, count = position + piece.shape[1], count + piece.shape[1]
            if count == _BLOCK:
                self._peaks.append(peaks)
                peaks, count = np.zeros_like(peaks), 0
        self._open = peaks, count

    def _sum(self, squares: NDArray[np.float64]) -> None:
        """Add squares up by stretches of 100 ms."""
        total, count = self._partial
        position = 0
        while position < len(squares):
            take = min(self._step - count, len(squares) - position)
            total += float(squares[position : position + take].sum())
            position, count = position + take, count + take
            if count == self._step:
                self._energies.append(total / self._step)
                total, count = 0.0, 0
        self._partial = total, count

    @property
    def peak(self) -> float:
        """The highest sample so far."""
        return max(map(float, (*self._open[0], *(peaks.max() for peaks in self._peaks))), default=0.0)

    def lufs(self, gain: float = 1.0) -> float:
        """Integrated loudness in LUFS, gated; minus infinity for silence.

        Args:
            gain: that of the sound that is asked about, against the one that was fed.
        """
        energies = list(self._energies)
        if len(energies) < 4:  # too short: measured with silence after it
            total, _ = self._partial
            energies = [*energies, total / self._step, 0.0, 0.0, 0.0][:4]
        energy = np.array(energies) * gain**2
        blocks = np.convolve(energy, np.full(4, 0.25), "valid")  # 400 ms with 75 % overlap
        loud = blocks[_lufs(blocks) > SILENCE_LUFS]
        if not len(loud):
            return -np.inf
        gated = loud[_lufs(loud) > _lufs(loud.mean()) - 10]
        return float(_lufs(gated.mean()))

    def true_peak(self, read: Callable[[int, int], NDArray[np.float32]]) -> float:
        """The highest value between the samples, as a linear level, found by 4x oversampling.

        Stretches are taken from the loudest down, and those too soft to hold the highest peak are left out.

        Args:
            read: gives the frames from one to another of what was fed, float32 [frames, channels].
        """
        from scipy.signal import firwin, upfirdn

        highest = self.peak
        if highest == 0:
            return 0.0
        taps = firwin(2 * _TAPS * OVERSAMPLING + 1, 1 / OVERSAMPLING, window=("kaiser", 8.0)) * OVERSAMPLING
        peaks = np.array([*self._peaks, self._open[0]])
        for place in np.argsort(-peaks, axis=None, kind="stable"):
            block, channel = divmod(int(place), peaks.shape[1])
            if peaks[block, channel] * _MARGIN < highest:
                break
            start = max(0, block * _BLOCK - _TAPS)
            piece = read(start, min(self.frames, (block + 1) * _BLOCK + _TAPS))[:, channel]
            highest = max(highest, float(np.abs(upfirdn(taps, piece, up=OVERSAMPLING)).max(initial=0.0)))
        return highest


def _lufs(energy: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(energy, 1e-12)))


def integrated_lufs(samples: NDArray[np.float32], rate: int) -> float:
    """Integrated loudness in LUFS, gated; minus infinity for silence.

    Args:
        samples: float32 [frames, channels], at most 5 channels; less than 0.4 s is measured with silence after it.
        rate: in Hz.
    """
    meter = Meter(rate, samples.shape[1])
    meter.feed(samples)
    return meter.lufs()


def true_peak(samples: NDArray[np.float32]) -> float:
    """The highest value between the samples, as a linear level; see :meth:`Meter.true_peak`."""
    meter = Meter(44_100, samples.shape[1])
    meter.feed(samples)
    return meter.true_peak(lambda start, end: samples[start:end])


def mix_gain(samples: NDArray[np.float32], rate: int, stem_peak: float = 0.0) -> float:
    """The gain that brings a mix to -16 LUFS, or less where its true peak or a stem's peak would go too high.

    Args:
        samples: the mix, float32 [frames, 2].
        rate: in Hz.
        stem_peak: the highest sample of any stem; kept below 1 so that no stem clips in a 24-bit file.
    """
    meter = Meter(rate, samples.shape[1])
    meter.feed(samples)
    return common_gain(meter, lambda start, end: samples[start:end], stem_peak)[0]


def common_gain(
    meter: Meter, read: Callable[[int, int], NDArray[np.float32]], stem_peak: float = 0.0
) -> tuple[float, float]:
    """:func:`mix_gain` of a mix that was fed to ``meter`` and can be ``read``; returns the gain and the true peak
    before it (see :meth:`Meter.true_peak`)."""
    rules = TABLE["loudness"]
    loudness = meter.lufs()
    highest = meter.true_peak(read)
    if not np.isfinite(loudness):
        peak = max(meter.peak, stem_peak)
        return (1.0 if peak <= rules["stem_peak"] else rules["stem_peak"] / peak), highest
    gain = 10 ** ((rules["target_lufs"] - loudness) / 20)
    if highest > 0:
        gain = min(gain, 10 ** (rules["true_peak_db"] / 20) / highest)
    return float(min(gain, rules["stem_peak"] / stem_peak) if stem_peak > 0 else gain), highest
