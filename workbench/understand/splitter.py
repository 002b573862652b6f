"""The embedded separator: a small network's shares of each band, laid over the recording's own spectrum.

    Shares(runtime).parting(audio) -> what :func:`workbench.understand.masking.split` asks for

The network hears each channel by itself, so what is panned apart is told apart, and gives one share a band and frame.
The spectrum that is parted keeps the recording's rate and its phase. Frames are 23 ms at every rate, so the network's
bands are the same everywhere.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from workbench import resources
from workbench.errors import Unavailable
from workbench.hub.protocol import Alternative, CancelToken, Model, Partial, Progress, Result, Support
from workbench.hub.tasks.separate.request import SeparateRequest
from workbench.nets.separate_bands import BANDS, BINS, STEMS, Array, banded, edges, features, hop_of
from workbench.nets.separate_onnx import SeparateRuntime
from workbench.sound.audio import Audio
from workbench.understand.masking import Parting, Spectra, blocks

#: Wall-clock seconds for a second of stereo sound on a laptop core.
_COST = 0.08


class Shares:
    """The network, and what lies between it and a recording."""

    def __init__(self, runtime: SeparateRuntime) -> None:
        self.runtime = runtime

    def parting(self, audio: Audio) -> Parting:
        """The function that parts spectra of this recording into :data:`STEMS` but the last."""
        level = level_of(audio)

        def part(spectra: Spectra, first: int) -> Spectra:
            heard: list[Array] = []  # of each channel; equal ones are heard once
            for number, channel in enumerate(spectra):
                same = next((place for place in range(number) if np.array_equal(channel, spectra[place])), None)
                heard.append(heard[same] if same is not None else self.given(channel[None], level)[:-1])
            return np.asarray(spectra[None] * np.stack(heard, axis=1), np.complex64)

        return part

    def given(self, spectra: Spectra, level: float) -> Array:
        """The shares of :data:`STEMS` in every bin, float32 [stems, frames, bins] of [channels, frames, bins]."""
        return spread(self.runtime.shares(features(band_power(spectra), level)), spectra.shape[2])


@functools.cache
def built_in() -> Shares:
    """The network that travels with the workbench; loaded once.

    Raises:
        BadFile: its file is damaged or missing.
    """
    return Shares(SeparateRuntime(resources.path("models/separate/model.onnx")))


def level_of(audio: Audio) -> float:
    """The mean power of a frame, as the sum over its bands (Parseval), float; of all channels' mean."""
    size = 4 * hop_of(audio.rate)
    total = 0.0
    for start in range(0, audio.frames, 1 << 20):
        cut = audio.samples[start : start + (1 << 20)]
        total += float(np.einsum("tc,tc->", cut, cut, dtype=np.float64))
    return total / max(1, audio.samples.size) * size * size / 4


def band_power(spectra: Spectra) -> Array:
    """Mean power over the channels in each band, float32 [frames, BANDS] of complex64 [channels, frames, bins]."""
    heard = spectra[:, :, :BINS]
    power = (heard.real**2 + heard.imag**2).mean(axis=0)
    if power.shape[1] < BINS:
        power = np.pad(power, ((0, 0), (0, BINS - power.shape[1])))
    return banded(power)


def spread(shares: Array, bins: int) -> Array:
    """Shares of bands as shares of bins: float32 [..., bins], straight lines between the bands' centres.

    Above the highest band its share goes on.
    """
    bounds = edges()
    centres = (bounds[:-1] + bounds[1:] - 1) / 2
    place = np.interp(np.arange(bins), centres, np.arange(BANDS))
    lower = np.minimum(place.astype(np.int64), BANDS - 2)
    part = (place - lower).astype(np.float32)
    out: NDArray[np.float32] = shares[..., lower] * (1 - part) + shares[..., lower + 1] * part
    return out


class Splitter(Model):
    """Adapter of ``models/separate`` for the hub."""

    _shares: Shares | None = None

    def support(self, request: SeparateRequest) -> Support:
        """Which of the stems asked for it can tell apart."""
        unknown = [name for name in request.stems if name not in STEMS]
        if len(unknown) == len(request.stems):
            return Support.no("The built-in splitter tells drums, bass and everything else apart; ask for those.")
        if unknown:
            return Support.partial(f"The built-in splitter has no stem called {unknown[0]}; it stays among the others.")
        return Support.full()

    def estimate_seconds(self, request: SeparateRequest) -> float:
        """Wall-clock seconds on a laptop core, from the length of the recording."""
        samples = request.audio.samples
        return 0.2 + _COST * len(samples) / float(request.audio.rate)

    def prepare(self) -> None:
        """Load the network."""
        if self._shares is None:
            path = self.files.get("model.onnx")
            if path is None:
                raise Unavailable("The built-in splitter's weights are missing; install the workbench again.")
            self._shares = Shares(SeparateRuntime(path))

    def release(self) -> None:
        """Let go of the network."""
        self._shares = None

    def run(self, request: SeparateRequest, *, seed: int, cancel: CancelToken) -> Iterator[Progress | Partial | Result]:
        """Yield progress after every twelve seconds of sound, then the stems."""
        self.prepare()
        assert self._shares is not None
        source: NDArray[np.float32] = np.asarray(request.audio.samples, np.float32)
        audio = Audio(source, int(request.audio.rate))
        wanted = [name for name in STEMS if name in request.stems]
        out = {name: np.zeros(source.shape, np.float32) for name in wanted}
        yield Progress(0.0, "Taking it apart")
        for start, stems in blocks(audio, STEMS, self._shares.parting(audio)):
            cancel.check()
            for name in wanted:
                out[name][start : start + len(stems[name])] = stems[name]
            yield Progress(min(1.0, (start + len(stems[STEMS[-1]])) / max(1, audio.frames)), "Taking it apart")
        cancel.check()
        yield Result((Alternative(stems={name: Audio(samples, audio.rate) for name, samples in out.items()}),))
