"""What holds for every separation, whatever the model did.

The stems have the input's rate, length and channels; no sample is NaN, infinite or beyond the input's own peak (or 1,
if that is more); the stems sum to the input, by a stem named ``rest`` that holds what they leave over; stems that are
silent are named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.hub.protocol import Alternative, Result
from workbench.hub.spec import ModelSpec
from workbench.hub.tasks.base import AtTheEnd
from workbench.hub.tasks.separate.request import SeparateRequest

#: Peak below which a stem counts as silent: -80 dBFS.
SILENT = 1e-4
#: Peak below which what is left over is rounding and no stem of its own: -120 dBFS.
NOTHING = 1e-6

#: Frames that are summed at once.
_STRETCH = 1 << 19

Samples = NDArray[np.float32]


class SeparateGuard(AtTheEnd[SeparateRequest]):
    """The guard of ``separate``."""

    def __init__(self, request: SeparateRequest, spec: ModelSpec) -> None:
        super().__init__(request, spec)
        self._input: Samples = np.array(request.audio.samples, dtype=np.float32)
        self._rate = int(request.audio.rate)

    def result(self, result: Result | None, *, seed: int, revision: str) -> tuple[Alternative, ...]:
        """One alternative whose stems sum to the input."""
        from workbench.sound.audio import Audio

        try:
            given = dict(result.alternatives[0].stems) if result is not None else {}
        except Exception:
            given = {}
        stems, remarks = summed(self._input, self._rate, {name: given.get(name) for name in self.request.stems})
        return (
            Alternative(
                stems={name: Audio(samples, self._rate) for name, samples in stems.items()}, seed=seed,
                settings=self.request.settings(), model_id=self.spec.id, revision=revision, remarks=tuple(remarks),
            ),
        )  # fmt: skip


def summed(source: Samples, rate: int, given: Mapping[str, Any]) -> tuple[dict[str, Samples], list[str]]:
    """Make stems sum to ``source`` (float32 ``[frames, channels]``, finite); also returns remarks.

    ``given``: by name, objects with ``samples`` and ``rate`` (Hz), or anything at all. If what is left over would
    exceed the peak allowed, all stems are lowered by the least common gain that prevents it.
    """
    remarks: list[str] = []
    stems = {name: _fitted(stem, name, rate, source.shape, remarks) for name, stem in given.items()}
    limit = max(1.0, float(np.max(np.abs(source), initial=0.0)))
    for name, samples in stems.items():
        if np.max(np.abs(samples), initial=0.0) > limit:
            np.clip(samples, -limit, limit, out=samples)
            remarks.append(f"The stem {name} was too loud in places and was limited.")
    gain = min((_common_gain(source[cut], _total(stems, source, cut), limit) for cut in _cuts(source)), default=1.0)
    if gain < 1.0:
        for samples in stems.values():
            samples *= np.float32(gain)
        remarks.append("The stems were lowered together so that they can sum to the recording.")
    rest = np.empty_like(source)
    for cut in _cuts(source):
        rest[cut] = np.clip(source[cut].astype(np.float64) - _total(stems, source, cut), -limit, limit)
    for name, samples in stems.items():
        if np.max(np.abs(samples), initial=0.0) < SILENT:
            remarks.append(f"The stem {name} is silent.")
    if np.max(np.abs(rest), initial=0.0) > NOTHING:
        stems["rest"] = rest
    return stems, remarks


def _cuts(source: Samples) -> list[slice]:
    """A recording in stretches: half an hour of it would not fit several times into memory in double precision."""
    return [slice(start, start + _STRETCH) for start in range(0, len(source), _STRETCH)]


def _total(stems: Mapping[str, Samples], source: Samples, cut: slice) -> NDArray[np.float64]:
    total = np.zeros(source[cut].shape, dtype=np.float64)
    for samples in stems.values():
        total += samples[cut]
    return total


def _common_gain(source: Samples, total: NDArray[np.float64], limit: float) -> float:
    """The largest gain up to 1 with ``|source - gain * total| <= limit`` everywhere."""
    exact = source.astype(np.float64)
    over = np.abs(exact - total) > limit
    if not over.any():
        return 1.0
    bound = (limit + np.sign(total[over]) * exact[over]) / np.abs(total[over])
    return float(max(0.0, min(1.0, bound.min() * (1 - 1e-7))))


def _fitted(stem: Any, name: str, rate: int, shape: tuple[int, ...], remarks: list[str]) -> Samples:
    """A stem as float32 ``shape``, finite; silence if it is not audio at all."""
    silent: Samples = np.zeros(shape, dtype=np.float32)
    try:
        samples: Samples = np.array(stem.samples, dtype=np.float32)
        stem_rate = int(stem.rate)
    except Exception:
        remarks.append(f"The model gave no stem called {name}.")
        return silent
    if samples.ndim == 1:
        samples = samples[:, None]
    if samples.ndim != 2 or not 1_000 <= stem_rate <= 768_000 or samples.shape[1] not in (1, shape[1]):
        remarks.append(f"The stem {name} was not sound that fits the recording.")
        return silent
    if not np.isfinite(samples).all():
        remarks.append(f"The stem {name} had broken samples, which were silenced.")
        samples = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    if stem_rate != rate:
        import soxr

        samples = np.asarray(soxr.resample(samples, stem_rate, rate), dtype=np.float32)
        remarks.append(f"The stem {name} came at another sample rate and was converted.")
    if samples.shape[0] != shape[0]:
        if abs(samples.shape[0] - shape[0]) > 1:
            remarks.append(f"The stem {name} had another length and was fitted.")
        samples = samples[: shape[0]]
        samples = np.pad(samples, ((0, max(0, shape[0] - samples.shape[0])), (0, 0)))
    return samples if samples.shape == shape else np.broadcast_to(samples, shape).astype(np.float32)
