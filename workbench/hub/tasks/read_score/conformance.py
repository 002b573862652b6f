"""What the public suite checks of a model that reads scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.hub.conformance import Failed, Suite
from workbench.hub.protocol import Result
from workbench.hub.tasks.base import TaskRequest
from workbench.hub.tasks.read_score.request import ReadScoreRequest

#: Pixels a staff space of the drawn page.
_SPACE = 16


def page(systems: int = 1) -> NDArray[np.uint8]:
    """A drawn page of so many staves, each with eight quarter notes and a bar line in the middle; uint8 [H, W]."""
    ink = np.zeros((_SPACE * (10 + 12 * systems), _SPACE * 70), dtype=bool)
    down, right = np.mgrid[-_SPACE:_SPACE, -_SPACE:_SPACE]
    head = (right / 10.0 + down / 24.0) ** 2 + (down / 7.5) ** 2 < 1
    for system in range(systems):
        middle = _SPACE * (10 + 12 * system)
        for line in range(-2, 3):
            ink[middle + line * _SPACE - 1 : middle + line * _SPACE + 1, 4 * _SPACE : 66 * _SPACE] = True
        for x in (35, 66):
            ink[middle - 2 * _SPACE : middle + 2 * _SPACE, x * _SPACE - 2 : x * _SPACE + 1] = True
        for number, place in enumerate((-4, -2, 0, 1, 0, -2, -3, -4)):
            x = _SPACE * (14 + 5 * number + 6 * (number > 3))
            y = middle - place * _SPACE // 2
            ink[y - _SPACE : y + _SPACE, x - _SPACE : x + _SPACE] |= head
            ink[y - 7 * _SPACE // 2 : y, x + 9 : x + 12] = True
    return np.where(ink, 0, 255).astype(np.uint8)


class ReadScoreSuite(Suite):
    """Form, seed, cancel, an empty page, memory."""

    def rules(self) -> Mapping[str, Callable[[], str]]:
        """See :meth:`Suite.rules`."""
        return {"form": self.form, "seed": self.seed, "cancel": self.cancel, "edges": self.edges, "memory": self.memory}

    def request(self, size: int = 1) -> TaskRequest:
        """A drawn page of one, two or four staves."""
        return ReadScoreRequest((page(size),))

    def form(self) -> str:
        """Of its own accord the model gives pages of systems of staves of events whose pitches are MIDI's."""
        given: Any = None
        for item in self.bench.raw(self.request(), seed=3):
            if isinstance(item, Result) and item.alternatives:
                given = item.alternatives[0].value
        try:
            staves = [staff for one in given["pages"] for system in one["systems"] for staff in system["staves"]]
            pitches = [pitch for staff in staves for event in staff["events"] for pitch in event["pitches"]]
        except (TypeError, KeyError) as error:
            raise Failed("It gave no pages of systems, staves and events.") from error
        if not all(isinstance(pitch, int) and 0 <= pitch <= 127 for pitch in pitches):
            raise Failed("Some of its pitches are none of MIDI's.")
        return f"It reads {len(pitches)} notes of a drawn page."

    def edges(self) -> str:
        """An empty page and a tiny one end in a result or one clear sentence."""
        self.ends(ReadScoreRequest((np.full((800, 600), 255, dtype=np.uint8),)))
        self.ends(ReadScoreRequest((np.zeros((3, 5), dtype=np.uint8),)))
        return "An empty page and a tiny one end in a result or a clear sentence."
