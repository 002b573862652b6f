"""What was played on the Genie's buttons, played again: the same seed, settings and presses give the same notes.

The twin of ``playAgain`` in ``web/src/genie/take.ts``, whose layers these are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from workbench.create.genie.play import GeniePlayer
from workbench.errors import BadRequest
from workbench.hub.tasks.genie.chords import PlayChord
from workbench.hub.tasks.genie.request import MAX_PRESSES, GenieSettings
from workbench.hub.tasks.genie.wire import read_settings
from workbench.nets.genie_numpy import GenieDecoder, model_of, shipped

_KNOWN = frozenset(field.name for field in fields(GenieSettings))


def play_again(layer: Mapping[str, Any], decoder: GenieDecoder | None = None) -> tuple[list[int], list[int]]:
    """Press the buttons of a layer again.

    Args:
        layer: ``seed``; ``changes``, each {``from``: number of a press, ``settings``}; ``presses``, each {``time`` in
            seconds, ``button``, ``pitch``, ``chord`` {``root``, ``quality``, ``bass``}}; ``model`` names the weights.
            Untrusted.
        decoder: the weights; if not given, those it was played on, whichever set is offered now.

    Returns:
        The MIDI pitches that come now, and those that the layer says came then.

    Raises:
        BadRequest: it is no layer.
    """
    try:
        presses, changes = layer["presses"], list(layer["changes"])
        if len(presses) > MAX_PRESSES:
            raise BadRequest(f"A take may hold at most {MAX_PRESSES:,} presses.")
        first = _settings(changes[0]["settings"]) if changes else GenieSettings()
        player = GeniePlayer(first, int(layer["seed"]), decoder or shipped(model_of(layer.get("model"))))
        now: list[int] = []
        for number, press in enumerate(presses):
            while changes and changes[0]["from"] <= number:
                player.settings = _settings(changes.pop(0)["settings"])
            now.append(player.press(press["button"], float(press["time"]), _chord(press.get("chord"))))
        return now, [int(press["pitch"]) for press in presses]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as problem:
        raise BadRequest("What was played on the Genie cannot be read.") from problem


def _settings(data: Mapping[str, Any]) -> GenieSettings:
    return read_settings({name: value for name, value in data.items() if name in _KNOWN})


def _chord(data: Mapping[str, Any] | None) -> PlayChord:
    """The chord of a press; its own time does not matter."""
    if not data:
        return PlayChord(0.0)
    return PlayChord(0.0, int(data.get("root", 0)), str(data.get("quality", "")), int(data.get("bass", -1)))
