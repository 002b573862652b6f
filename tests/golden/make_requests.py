"""Ten recorded requests and the notes that came of them: ``requests.json``.

A change of the code that is not meant to change the music must give the same notes for the same seeds. Where the
music is *meant* to change (new weights, another sampler), run this file again and say so in the commit::

    python tests/golden/make_requests.py
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench import Score
from workbench.create.idea import Idea
from workbench.create.infill.extend import accompany, continue_piece, harmonise, vary
from workbench.create.infill.fill import infill

HERE = Path(__file__).parent
PIECES = HERE.parent / "data" / "midi"
RECORD = HERE / "requests.json"

#: Name -> (file, what is asked of the piece).
REQUESTS: dict[str, tuple[str, Callable[[Score], list[Idea]]]] = {
    "fill every track": (
        "quartet_mayer_g_minor.mid",
        lambda score: infill(score, (9, 10), count=2, seed=1),
    ),
    "fill one track": ("lieder_reichardt_bergmannslied.mid", lambda score: infill(score, (3, 4), tracks=[1], seed=2)),
    "fill around": (
        "lieder_franz_lenz.mid",
        lambda score: infill(score, (4, 5), tracks=[2], around=True, seed=3),
    ),
    "fewer notes, higher": (
        "lieder_reichardt_bergmannslied.mid",
        lambda score: infill(score, (5, 6), controls={"density": 20, "register": 80}, seed=4),
    ),
    "a new instrument": (
        "lieder_satie_air_du_poete.mid",
        lambda score: infill(score, (3, 4), instrument="violin", seed=5),
    ),
    "markov": ("freedoom_d_inter.mid", lambda score: infill(score, (5, 6), model="markov", seed=6)),
    "go on": ("polish_anonymous_non_vos.mid", lambda score: continue_piece(score, 2, seed=7)),
    "a band": ("lieder_reichardt_bergmannslied.mid", lambda score: accompany(score, style="band", seed=8)),
    "four voices": ("lieder_reichardt_bergmannslied.mid", lambda score: harmonise(score, 1, seed=9)),
    "vary": ("lieder_satie_air_du_poete.mid", lambda score: vary(score, (3, 4), closeness=60, seed=10)),
}


def answer(name: str) -> list[dict[str, list[list[int]]]]:
    """The new notes of each idea: by track id rows of [start, duration, pitch, velocity]."""
    file, ask = REQUESTS[name]
    return [
        {
            track: [[note.start, note.duration, note.pitch, note.velocity] for note in notes]
            for track, notes in idea.notes.items()
        }
        for idea in ask(Score.open(PIECES / file))
    ]


def main() -> None:
    """Record all of them."""
    record: dict[str, Any] = {name: answer(name) for name in REQUESTS}
    RECORD.write_text(json.dumps(record, separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")
    for name, ideas in record.items():
        print(name, [sum(map(len, idea.values())) for idea in ideas])


if __name__ == "__main__":
    main()
