"""What the public suite checks of a model that plays presses: one note a press, when it is pressed, in the range."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from workbench.hub.conformance import Failed, Suite
from workbench.hub.protocol import Partial
from workbench.hub.tasks.genie.request import GenieRequest, GenieSettings

#: Presses of the smallest request.
PRESSES = 64


def example(count: int = PRESSES) -> GenieRequest:
    """A hand that wanders over eight buttons in quarters of a second, above four chords."""
    presses = [{"time": 0.25 * step, "button": round(3.5 + 3.4 * math.sin(0.7 * step))} for step in range(count)]
    return GenieRequest(presses, "C Am F G", GenieSettings(low=48, high=84))


class GenieSuite(Suite):
    """Presses, seed, cancel, empty input, memory."""

    def rules(self) -> Mapping[str, Callable[[], str]]:
        """See :meth:`Suite.rules`."""
        return {"presses": self.presses, "seed": self.seed, "cancel": self.cancel, "empty input": self.empty,
                "memory": self.memory}  # fmt: skip

    def request(self, size: int = 1) -> GenieRequest:
        """64 presses, or twice, four times as many."""
        return example(PRESSES * size)

    def presses(self) -> str:
        """Of its own accord the model plays one note a press, in order, inside the range asked for."""
        request = self.request()
        notes = [note for item in self.bench.raw(request, seed=5) if isinstance(item, Partial) for note in item.notes]
        if len(notes) != len(request.presses):
            raise Failed(f"It played {len(notes)} notes for {len(request.presses)} presses.")
        if not all(request.play.low <= note.pitch <= request.play.high for note in notes):
            raise Failed("It left the range asked for; the hub would remove those notes.")
        starts = [note.start for note in notes]
        if starts != sorted(starts):
            raise Failed("Its notes are not in the order of the presses.")
        return "It plays one note a press, in the range asked for."

    def empty(self) -> str:
        """No press at all, and a single one, end in a result or one clear sentence."""
        self.ends(example(0))
        self.ends(example(1))
        return "No presses end in a result or a clear sentence."
