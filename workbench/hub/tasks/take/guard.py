"""What holds for every take, whatever the model did.

It has the rate and the length that were asked for; no sample is NaN, infinite or above 1; silence is reported.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.hub.protocol import Alternative, Result
from workbench.hub.tasks.base import AtTheEnd, sentences
from workbench.hub.tasks.take.request import TakeRequest

#: The name under which the sound stands in an answer.
NAME = "take"
#: Peak below which a take counts as silent: -80 dBFS.
SILENT = 1e-4
#: Seconds by which a model may miss the length before it is told.
NEAR = 0.1


class TakeGuard(AtTheEnd[TakeRequest]):
    """The guard of ``take``."""

    def result(self, result: Result | None, *, seed: int, revision: str) -> tuple[Alternative, ...]:
        """The first alternative's sound, put right; none at all where the model gave nothing that is sound."""
        from workbench.sound.audio import Audio

        try:
            given = result.alternatives[0] if result is not None else None
            sound = given.stems[NAME] if given is not None else None
            samples = np.array(sound.samples, dtype=np.float32)  # type: ignore[union-attr]
            rate, remarks = int(sound.rate), sentences(given.remarks)  # type: ignore[union-attr]
        except Exception:  # whatever a foreign object does when it is looked at
            return ()
        samples = samples[:, None] if samples.ndim == 1 else samples
        if samples.ndim != 2 or samples.shape[1] not in (1, 2) or not 1_000 <= rate <= 768_000:
            return ()
        whole = put_right(samples, rate, self.request, remarks)
        return (
            Alternative(
                stems={NAME: Audio(whole, self.request.rate)}, seed=seed, settings=self.request.settings(),
                model_id=self.spec.id, revision=revision, remarks=tuple(remarks),
            ),
        )  # fmt: skip


def put_right(samples: Any, rate: int, request: TakeRequest, remarks: list[str]) -> Any:
    """float32 [frames, channels] as asked for; ``remarks`` gains a sentence for each thing that had to be changed."""
    if not np.isfinite(samples).all():
        remarks.append("The model gave broken samples, which were silenced.")
        samples = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    if rate != request.rate and len(samples):
        import soxr

        samples = np.asarray(soxr.resample(samples, rate, request.rate), dtype=np.float32).reshape(-1, samples.shape[1])
    missing = request.frames - len(samples)
    if missing > NEAR * request.rate:
        remarks.append(f"The model ended {missing / request.rate:.1f} seconds early; the rest is silent.")
    whole = np.zeros((request.frames, samples.shape[1]), np.float32)
    whole[: len(samples)] = samples[: request.frames]
    peak = float(np.abs(whole).max(initial=0.0))
    if peak > 1.0:
        whole = np.clip(whole / np.float32(peak), -1.0, 1.0)
        remarks.append("The take was too loud and was lowered as a whole.")
    if peak < SILENT:
        remarks.append("The take is silent.")
    return whole
