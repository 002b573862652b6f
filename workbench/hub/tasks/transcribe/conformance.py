"""What the public suite checks of a model that writes recordings down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from workbench.hub.conformance import Failed, Suite
from workbench.hub.protocol import Result
from workbench.hub.tasks.base import TaskRequest
from workbench.hub.tasks.recordings import in_order
from workbench.hub.tasks.transcribe.request import TranscribeRequest
from workbench.sound.audio import Audio

RATE = 22_050


def tune(seconds: float = 4.0) -> Audio:
    """A tune of two notes a second, each with six overtones that fade, over a stroke of noise a beat; mono."""
    time = np.arange(round(seconds * RATE)) / RATE
    beat = time % 0.5
    steps = np.array([0, 4, 7, 12, 9, 5, 2, 7])[(2 * time).astype(int) % 8]
    pitch = 220.0 * 2 ** (steps / 12)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    tones = sum(np.sin(order * phase) / order for order in range(1, 7)) * np.exp(-4 * beat) * np.minimum(1, beat * 200)
    noise = np.random.default_rng(1).standard_normal(len(time)) * np.exp(-80 * beat)
    return Audio((0.2 * tones + 0.1 * noise).astype(np.float32)[:, None], RATE)


class TranscribeSuite(Suite):
    """In order, seed, cancel, silence, memory."""

    def rules(self) -> Mapping[str, Callable[[], str]]:
        """See :meth:`Suite.rules`."""
        return {
            "in order": self.in_order, "seed": self.seed, "cancel": self.cancel, "edges": self.edges,
            "memory": self.memory,
        }  # fmt: skip

    def asking(self, audio: Audio) -> TaskRequest:
        """The request for a recording."""
        return TranscribeRequest(audio)

    def request(self, size: int = 1) -> TaskRequest:
        """Four seconds of a tune, or twice, four times as long."""
        return self.asking(tune(4.0 * size))

    def in_order(self) -> str:
        """Of its own accord the model writes what lies in the recording, in the form that is asked for."""
        given: Any = None
        request = self.request()
        for item in self.bench.raw(request, seed=3):
            if isinstance(item, Result) and item.alternatives:
                given = item.alternatives[0].value
        if not isinstance(given, dict) or not given.keys() & {"notes", "melody", "beats"}:
            raise Failed("It gave neither notes nor beats.")
        kept, remarks = in_order(given, request.audio.seconds)  # type: ignore[attr-defined]
        if remarks:
            raise Failed(remarks[0])
        if len(kept.get("beats", ())) != len(given.get("beats", ())):
            raise Failed("Some of its beats lie outside the recording, or are not in the order of time.")
        return "What it writes lies in the recording and is in order."

    def edges(self) -> str:
        """Silence and a twentieth of a second end in a result or one clear sentence."""
        self.ends(self.asking(Audio(np.zeros((2 * RATE, 2), dtype=np.float32), RATE)))
        self.ends(self.asking(Audio(np.full((RATE // 20, 1), 0.5, dtype=np.float32), RATE)))
        return "Silence and a very short sound end in a result or a clear sentence."
