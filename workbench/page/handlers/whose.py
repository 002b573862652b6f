"""Whose music a passage of the piece is: looked for in what the models learnt from, before anything is handed over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench.page.jobs import messages
from workbench.page.rows import Job, Message, Request, Row
from workbench.provenance.neighbours import Neighbour
from workbench.score.score import Score
from workbench.score.timemap import TimeMap


def whose(request: Request) -> Iterator[Message]:
    """The passages that stand in training music, by track and time."""
    score, revision = request.page.snapshot()
    labour = request.pages.labour
    made = yield from messages(
        lambda tell, stop: labour.run("whose", {"score": score}, tell, stop), request.token
    )  # fmt: skip
    yield {"type": "result", "revision": revision, "passages": made}


def told(score: Score, found: list[Neighbour]) -> list[dict[str, Any]]:
    """What a page shows of each passage, ready for JSON."""
    times = TimeMap(score)
    tracks = {track.id: track for track in score.tracks}
    return [
        {
            **item.to_dict(), "sentence": item.sentence(),
            "name": tracks[item.track].name or item.track, "bar": times.bar_at(item.start).number,
            "last_bar": times.bar_at(item.end).number,
            "by_model": sum("model:" in tracks[item.track].notes[name].author for name in item.notes),
        }
        for item in found
    ]  # fmt: skip


ROWS: tuple[Row, ...] = (
    Job(
        "whose", "workbench.page.handlers.whose:whose",
        "Passages of the piece that stand in the music the embedded models learnt from: in which bars of which track, "
        "how many notes, how many of them by a model, and the works with title, licence and credit.",
        {}, {"revision": "number", "passages": "readonly Json[]"},
        cost="workbench.page.costs:neighbours", document=True,
    ),
)  # fmt: skip
