"""What was played on the Genie's buttons in a page, as a score."""

from __future__ import annotations

import json
from typing import Any

from workbench.errors import BadDocument, BadRequest
from workbench.nets.genie_numpy import model_of
from workbench.score.lanes import Control, Tempo
from workbench.score.score import DEFAULT_PPQ, Note, Score, Track

MAX_SECONDS = 36_000.0
MAX_PRESSES = 50_000
SUSTAIN = 64


def read_take(data: str, title: str) -> Score:
    """The score of a take (``Take`` in ``workbench/web/src/genie/take.ts``): one piano track, untidied.

    Args:
        data: the take as JSON: times in seconds. Untrusted.
        title: of the score.

    Returns:
        960 ticks to the quarter, in the tempo of the groove that played along, or 120 quarters a minute.

    Raises:
        BadRequest: it is no take.
    """
    try:
        take = json.loads(data)
        bpm = float(take["backing"]["bpm"]) if take.get("backing") else 120.0
        tempo = Tempo(0, round(60e6 / min(max(bpm, 10.0), 1_000.0)))
        a_second = DEFAULT_PPQ * 1e6 / tempo.us_per_quarter

        def tick(seconds: Any) -> int:
            return round(min(max(float(seconds), 0.0), MAX_SECONDS) * a_second)

        # Which weights a layer was played on is told by their name; what names none was played on the first there were.
        authors = [f"human+model:{model_of(layer.get('model'))}" for layer in take["layers"]]
        presses = [
            (press, author) for layer, author in zip(take["layers"], authors, strict=True) for press in layer["presses"]
        ]
        pedals = [pedal for layer in take["layers"] for pedal in layer["pedals"]]
        if len(presses) + len(pedals) > MAX_PRESSES:
            raise BadRequest(f"A take may hold at most {MAX_PRESSES:,} presses.")
        presses.sort(key=lambda item: (item[0]["time"], item[0]["pitch"]))
        track = Track("t1", "Piano Genie")
        for number, (press, author) in enumerate(presses, 1):
            start, end = tick(press["time"]), tick(press["release"])
            track.notes[f"n{number}"] = Note(
                f"n{number}", start, max(1, end - start), press["pitch"], press["velocity"], author
            )
        track.controls = [
            Control(tick(pedal["time"]), SUSTAIN, 127 if pedal["down"] else 0)
            for pedal in sorted(pedals, key=lambda pedal: pedal["time"])
        ]
        return Score(title, tracks=[track], tempos=[tempo])
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError, BadDocument) as problem:
        raise BadRequest("The page sent a take that cannot be read.") from problem
