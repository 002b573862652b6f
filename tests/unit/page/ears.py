"""A model that hears a tune whatever is played to it, for tests of what is done with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench.hub.card import Card
from workbench.hub.protocol import Alternative, Model, Progress, Result
from workbench.hub.spec import ModelSpec

CARD = Card("Always hears the same.", "Apache-2.0", "none", "no claim", "Yes, it is a scale.", ())
SPEC = ModelSpec("ears", "transcribe", "tests.unit.page.ears:Ears", CARD, default=True)
PITCHES = (60, 62, 64, 65, 67, 65, 64, 62)


def tune(seconds: float) -> dict[str, Any]:
    """What it hears: eight notes, half a second each, in two bars of C and G."""
    notes = [
        {"start": number / 2, "end": number / 2 + 0.4, "pitch": pitch, "velocity": 80, "confidence": 0.9 - number / 10}
        for number, pitch in enumerate(PITCHES)
        if number / 2 + 0.4 < seconds
    ]
    beats = [number / 2 for number in range(int(2 * seconds))]
    chords = [{"start": 0.0, "end": 2.0, "label": "C:maj"}, {"start": 2.0, "end": 4.0, "label": "G:7"}]
    return {
        "notes": notes, "melody": notes, "beats": beats, "downbeats": beats[::4], "key": "C major", "kind": "singing",
        "chords": [chord for chord in chords if chord["end"] <= seconds],
    }  # fmt: skip


class Ears(Model):
    """Says the tune as far as the recording goes."""

    def run(self, request: Any, *, seed: int, cancel: Any) -> Iterator[Any]:
        for step in range(4):
            cancel.check()
            yield Progress(step / 4, None, "")
        value = tune(request.audio.seconds)
        if request.tuning == "nearest key":
            value["tuning_cents"] = 0.0
        yield Result((Alternative(value=value, seed=seed),))
