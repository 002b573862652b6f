"""A piece of audio: samples and their rate, nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadRequest

MIN_RATE, MAX_RATE = 4_000, 384_000
MAX_CHANNELS = 32


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """Sound as numbers.

    ``samples``: float32 [frames, channels], full scale 1.0 (more is allowed until a file is written).
    ``rate``: frames a second, in Hz.

    Raises:
        BadRequest: another dtype or rank, no channel, a value that is not finite, or an impossible rate.
    """

    samples: NDArray[np.float32]
    rate: int

    def __post_init__(self) -> None:
        samples = self.samples
        if not isinstance(samples, np.ndarray) or samples.dtype != np.float32 or samples.ndim != 2:
            raise BadRequest("Audio must be float32 samples of shape [frames, channels].")
        if not 1 <= samples.shape[1] <= MAX_CHANNELS:
            raise BadRequest(f"Audio must have 1 to {MAX_CHANNELS} channels, not {samples.shape[1]}.")
        if not isinstance(self.rate, int) or not MIN_RATE <= self.rate <= MAX_RATE:
            raise BadRequest(f"A sample rate must be {MIN_RATE:,} to {MAX_RATE:,} Hz, not {str(self.rate)[:20]}.")
        if not np.isfinite(samples).all():
            raise BadRequest("This sound holds values that are not numbers; make it again.")

    @property
    def frames(self) -> int:
        """Number of frames."""
        return int(self.samples.shape[0])

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(self.samples.shape[1])

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.frames / self.rate

    def mono(self) -> NDArray[np.float32]:
        """The mean of the channels, float32 [frames]."""
        mean: NDArray[np.float32] = self.samples.mean(axis=1, dtype=np.float32)
        return mean

    def resampled(self, rate: int) -> Audio:
        """The same sound at another rate in Hz (soxr, high quality); itself where the rate is the same."""
        if rate == self.rate:
            return self
        import soxr

        out = np.asarray(soxr.resample(self.samples, self.rate, rate), np.float32)
        return Audio(np.ascontiguousarray(out.reshape(-1, self.channels)), rate)
