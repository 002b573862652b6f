"""What is exported sounds as loud as what is heard: levels against the browser's own synthesiser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from workbench.sound.render import dry_track
from workbench.sound.sequence import Played

RATE = 44_100
HALF = RATE // 2
#: Made by ``tests/golden/make_reference_levels.mjs``.
LEVELS: dict[str, float] = json.loads(
    (Path(__file__).parents[2] / "golden" / "reference_levels.json").read_text(encoding="utf-8")
)


def differences(program: str) -> Iterator[float]:
    """Our level minus the browser's in dB, for each reference note of a program."""
    for name, expected in LEVELS.items():
        which, key, velocity = name.split()
        if which == program:
            note = Played(0.0, 2.0, int(key), int(velocity), 0 if which == "drums" else int(which))
            dry, _ = dry_track([note], which == "drums", HALF, RATE)
            power = np.mean([np.mean(np.square(side, dtype=np.float64)) for side in (dry.left, dry.right)])
            yield float(10 * np.log10(power + 1e-12)) - expected


@pytest.mark.parametrize("program", [*map(str, range(128)), "drums"])
def test_every_instrument_is_as_loud_as_in_the_browser(program: str) -> None:
    found = list(differences(program))
    assert len(found) >= 6
    assert max(abs(value) for value in found) < 1.0, found
