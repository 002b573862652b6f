"""A plug-in model for tests: one note every tenth of a second, each step written down."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.hub.card import Card
from workbench.hub.protocol import Model, Partial
from workbench.hub.spec import ModelSpec
from workbench.hub.tasks.infill.request import draft

STEPS = 600
CARD = Card("Takes its time.", "Apache-2.0", "none", "no claim", "Yes, it is a scale.", ())
SPEC = ModelSpec("slow", "infill", "slow_model:Slow", CARD)


class Slow(Model):
    """Walks a scale through the first gap, over and over."""

    def run(self, request: Any, *, seed: int, cancel: Any) -> Iterator[Partial]:
        region = request.regions[0]
        track = request.fillable(region)[0]
        step = (region.end - region.start) // 16
        for number in range(STEPS):
            cancel.check()
            with Path(os.environ["SLOW_MODEL_STEPS"]).open("a", encoding="utf-8") as log:
                log.write(f"{number}\n")
            time.sleep(0.1)
            if number < 16:
                yield Partial(0, track, (draft(region.start + number * step, step, 60 + number),))
            else:
                yield Partial(0, track, ())
