"""What the public suite checks of a model that splits a recording: through the hub the stems sum to it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from workbench.hub.conformance import Failed, Suite
from workbench.hub.protocol import Alternative
from workbench.hub.tasks.separate.request import SeparateRequest

RATE = 44_100


def example(seconds: float = 2.0, stems: tuple[str, ...] = SeparateRequest.stems) -> SeparateRequest:
    """A tune of sines over a click a beat, stereo."""
    from workbench.sound.audio import Audio

    time = np.arange(round(seconds * RATE)) / RATE
    tune = 0.3 * np.sin(2 * np.pi * 220 * 2 ** (np.floor(4 * time) % 12 / 12) * time)
    click = 0.4 * np.exp(-60 * (time % 0.5)) * np.sin(2 * np.pi * 90 * (time % 0.5))
    both = np.stack([tune + click, 0.8 * tune + click], axis=1).astype(np.float32)
    return SeparateRequest(Audio(both, RATE), stems)


class SeparateSuite(Suite):
    """Sum, seed, cancel, silence, memory."""

    def rules(self) -> Mapping[str, Callable[[], str]]:
        """See :meth:`Suite.rules`."""
        return {"sum": self.sum, "seed": self.seed, "cancel": self.cancel, "silence": self.silence,
                "memory": self.memory}  # fmt: skip

    def request(self, size: int = 1) -> SeparateRequest:
        """Two seconds, or twice, four times as long; the stems are those that the entry says it makes."""
        return example(2.0 * size, self._stems())

    def _stems(self) -> tuple[str, ...]:
        return tuple(self.bench.spec.capabilities.get("stems", SeparateRequest.stems))

    def trace(self, ideas: tuple[Alternative, ...]) -> Any:
        """The sha256 of each stem."""
        return [
            {name: hashlib.sha256(stem.samples.tobytes()).hexdigest() for name, stem in idea.stems.items()}
            for idea in ideas
        ]

    def sum(self) -> str:
        """The model gives the stems asked for, and they sum to the recording."""
        request = self.request()
        idea = self.bench.run(request, seed=3)[0]
        missing = [text for text in idea.remarks if "gave no stem" in text]
        if missing:
            raise Failed(missing[0])
        total = np.sum([stem.samples.astype(np.float64) for stem in idea.stems.values()], axis=0)
        if not np.allclose(total, request.audio.samples, atol=1e-5):
            raise Failed("The stems do not sum to the recording.")
        return "The stems asked for are there and sum to the recording."

    def silence(self) -> str:
        """Silence ends in a result or one clear sentence."""
        from workbench.sound.audio import Audio

        self.ends(SeparateRequest(Audio(np.zeros((RATE, 2), dtype=np.float32), RATE), self._stems()))
        return "Silence ends in a result or a clear sentence."
