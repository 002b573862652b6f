"""A model that hears a tune whatever is played to it, for tests of what is done with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from workbench.hub.card import Card
from workbench.hub.protocol import Alternative, Model, Progress, Result
from workbench.hub.spec import ModelSpec
from workbench.sound.audio import Audio

CARD = Card("Always hears the same.", "Apache-2.0", "none", "no claim", "Yes, it is a scale.", ())
SPEC = ModelSpec("ears", "transcribe", "tests.unit.page.ears:Ears", CARD, default=True)
SPLITTER = ModelSpec(
    "halves", "separate", "tests.unit.page.ears:Halves", CARD, default=True, capabilities={"stems": ["bass", "other"]}
)
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


class Halves(Model):
    """Gives a third of the recording to the bass and a half to the rest."""

    def run(self, request: Any, *, seed: int, cancel: Any) -> Iterator[Any]:
        yield Progress(0.5, None, "")
        audio = request.audio
        shares = zip(request.stems, (1 / 3, 1 / 2), strict=True)
        stems = {name: Audio((audio.samples * share).astype(np.float32), audio.rate) for name, share in shares}
        yield Result((Alternative(stems=stems, seed=seed),))
