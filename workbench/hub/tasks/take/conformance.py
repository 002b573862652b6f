"""What the public suite checks of a model that makes another recording of a piece."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from workbench.hub.conformance import Failed, Suite
from workbench.hub.protocol import Alternative
from workbench.hub.tasks.take.request import TakeRequest

RATE = 32_000


def example(seconds: float) -> TakeRequest:
    """A rising scale of sines in four notes a second, as tune and as piece, mono."""
    from workbench.sound.audio import Audio

    time = np.arange(round(seconds * RATE)) / RATE
    scale = 220.0 * 2 ** (np.floor(4 * time) % 12 / 12)
    sound = Audio((0.3 * np.sin(2 * np.pi * np.cumsum(scale) / RATE)).astype(np.float32)[:, None], RATE)
    return TakeRequest("a calm piano waltz", seconds, sound, sound)


class TakeSuite(Suite):
    """Length, seed, cancel, a silent tune, memory."""

    def rules(self) -> Mapping[str, Callable[[], str]]:
        """See :meth:`Suite.rules`."""
        return {"length": self.length, "seed": self.seed, "cancel": self.cancel, "silence": self.silence,
                "memory": self.memory}  # fmt: skip

    def request(self, size: int = 1) -> TakeRequest:
        """One second, or two, four."""
        return example(float(size))

    def trace(self, ideas: tuple[Alternative, ...]) -> Any:
        """The sha256 of the sound."""
        return [
            {name: hashlib.sha256(sound.samples.tobytes()).hexdigest() for name, sound in idea.stems.items()}
            for idea in ideas
        ]

    def length(self) -> str:
        """The model makes as much sound as was asked for."""
        ideas = self.bench.run(self.request(2), seed=3)
        if not ideas:
            raise Failed("It gave no sound.")
        short = [text for text in ideas[0].remarks if "early" in text]
        if short:
            raise Failed(short[0])
        return "It makes as much sound as was asked for."

    def silence(self) -> str:
        """A tune that is silent ends in a result or one clear sentence."""
        from workbench.sound.audio import Audio

        nothing = Audio(np.zeros((RATE, 1), np.float32), RATE)
        self.ends(TakeRequest("a calm piano waltz", 1.0, nothing, nothing))
        return "A silent tune ends in a result or a clear sentence."
