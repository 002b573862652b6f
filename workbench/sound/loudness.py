"""Loudness after ITU-R BS.1770-4: integrated loudness in LUFS and true peak in dB, and the mix's one gain."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from workbench.sound.recursive import Recursive
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
        (shelf, shelf_a), (high_pass, high_pass_a) = _high_shelf(rate), _high_pass(rate)
        self._weighting = Recursive(np.convolve(shelf, high_pass), np.convolve(shelf_a, high_pass_a), channels)
        self._step = int(0.1 * rate + 0.5)
        self._energies: list[float] = []  # mean square after K-weighting of each 100 ms, all channels together
        self._partial = 0.0, 0  # squares of the last 100 ms that is not whole yet, and its frames
        self._peaks: list[NDArray[np.float32]] = []  # highest sample of each stretch of _BLOCK frames, by channel
        self._open = np.zeros(channels, np.float32), 0  # the same of the last stretch, and its frames
        self.frames = 0

    def feed(self, samples: NDArray[np.float32]) -> None:
        """Take the next block, float32 [frames, channels]."""
        self.frames += len(samples)
        at_once = 16 * self._step
        planar = np.ascontiguousarray(samples.T)
        for start in range(0, len(samples), at_once):
            piece = planar[:, start : start + at_once]
            weighted = self._weighting.process(piece)
            self._sum(np.square(weighted, out=weighted).sum(axis=0))
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
        highest = self.peak
        if highest == 0:
            return 0.0
        phases = _between()
        peaks = np.array([*self._peaks, self._open[0]])
        for place in np.argsort(-peaks, axis=None, kind="stable"):
            block, channel = divmod(int(place), peaks.shape[1])
            if peaks[block, channel] * _MARGIN < highest:
                break
            start = max(0, block * _BLOCK - _TAPS)
            piece = read(start, min(self.frames, (block + 1) * _BLOCK + _TAPS))[:, channel]
            if len(piece):
                highest = max(highest, *(float(np.abs(np.convolve(piece, taps)).max()) for taps in phases))
        return highest


def _high_shelf(rate: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The head's shelf: 4 dB above 1,500 Hz, Q 0.707 (R. Bristow-Johnson's cookbook), numerator and denominator."""
    a = 10 ** (4.0 / 40)
    omega = 2 * np.pi * 1_500.0 / rate
    cos, alpha = np.cos(omega), np.sin(omega) / np.sqrt(2)
    root = 2 * np.sqrt(a) * alpha
    b = a * np.array([(a + 1) + (a - 1) * cos + root, -2 * ((a - 1) + (a + 1) * cos), (a + 1) + (a - 1) * cos - root])
    return b, np.array([(a + 1) - (a - 1) * cos + root, 2 * ((a - 1) - (a + 1) * cos), (a + 1) - (a - 1) * cos - root])


def _high_pass(rate: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The ear's high-pass at 38 Hz, Q 0.5 (R. Bristow-Johnson's cookbook), numerator and denominator."""
    omega = 2 * np.pi * 38.0 / rate
    cos, alpha = np.cos(omega), np.sin(omega)
    return (1 + cos) / 2 * np.array([1.0, -2.0, 1.0]), np.array([1 + alpha, -2 * cos, 1 - alpha])


def _between() -> list[NDArray[np.float64]]:
    """Filters that give the values on and between the samples: a windowed sinc (Kaiser, beta 8), phase by phase."""
    lag = np.arange(-_TAPS * OVERSAMPLING, _TAPS * OVERSAMPLING + 1)
    taps = np.sinc(lag / OVERSAMPLING) * np.kaiser(len(lag), 8.0)
    taps *= OVERSAMPLING / taps.sum()
    return [taps[phase::OVERSAMPLING] for phase in range(OVERSAMPLING)]


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
