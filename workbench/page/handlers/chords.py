"""Chords of the piece that nobody has written: those it goes by, and other ways to set chords to its tune."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workbench.create.compose.harmonies import Harmony
from workbench.create.compose.harmonies import chords as ways_of
from workbench.create.compose.tune import tune_track
from workbench.errors import BadRequest
from workbench.page.rows import Job, Message, Request, Row
from workbench.score.score import Score
from workbench.score.timemap import TimeMap

#: Most bars in which a way is heard, and most ways at a time.
MOST_BARS, MOST_WAYS = 16, 6


def chords(request: Request) -> Iterator[Message]:
    """The chords that the piece goes by where nobody has written any: heard in it, or found for a lone tune."""
    score, revision = request.page.snapshot()
    ways = ways_of(score, count=1)
    yield {
        "type": "result", "revision": revision, "heard": any(way.heard for way in ways),
        "chords": [chord.to_dict() for way in ways for chord in way.found],
    }  # fmt: skip


def harmonies(request: Request) -> Iterator[Message]:
    """Ways to set chords to the piece: what it goes by now first, each with a plain part to hear it in some bars."""
    message = request.message
    first, bars, count, seed = (message.get(name, usual) for name, usual in _USUAL)
    if any(type(number) is not int for number in (first, bars, count, seed)) or not (
        1 <= bars <= MOST_BARS and 1 <= count <= MOST_WAYS and first >= 0 and 0 <= seed < 2**53
    ):
        raise BadRequest(f"Ask for 1 to {MOST_WAYS} ways to set chords, heard in 1 to {MOST_BARS} bars.")
    score, revision = request.page.snapshot()
    if type(free := message.get("free", False)) is not bool:
        raise BadRequest("Other chords are free of those that are written, or they are not.")
    time = TimeMap(score)
    span = (time.bar(first).start, time.bar(first + bars - 1).end)
    ways = [
        {
            "chords": [chord.to_dict() for chord in way.chords], "found": [chord.to_dict() for chord in way.found],
            "track": way.part(span).to_dict(),
        }
        for way in (_freed(score, count, seed) if free else ways_of(score, count=count, seed=seed))
    ]  # fmt: skip
    tune = tune_track(score)
    yield {"type": "result", "revision": revision, "ways": ways, "tune": "" if tune is None else tune.id}


def _freed(score: Score, count: int, seed: int) -> list[Harmony]:
    """What the piece goes by now, then ways that take the place of the chords that are written."""
    now = ways_of(score, count=1)
    others = ways_of(replace(score, chords=[]), count=min(count + 1, MOST_WAYS), seed=seed)
    roots = [[(chord.tick, chord.root) for chord in way.chords] for way in now]
    new = [way for way in others if not way.heard and [(chord.tick, chord.root) for chord in way.chords] not in roots]
    return [*now, *new][:count]


_USUAL = (("first", 1), ("bars", 4), ("count", 4), ("seed", 0))
_HERE = "workbench.page.handlers.chords"

ROWS: tuple[Row, ...] = (
    Job(
        "chords", f"{_HERE}:chords",
        "The chords that the piece goes by where nobody has written any, for the chord lane: those that are heard in "
        "it (`heard`), or the likeliest for a lone tune.",
        {}, {"revision": "number", "chords": "readonly Json[]", "heard": "boolean"},
        cost="workbench.page.costs:moment", document=True, drawn=True,
    ),
    Job(
        "harmonies", f"{_HERE}:harmonies",
        "Several ways to set chords to the piece: what it goes by now, then others. Of each `chords` with the person's "
        "own among them, `found`: those that nobody wrote, and `track`: a plain part for `bars` bars from `first` on. "
        "`tune`: id of the track they are set to. `seed`: another one, others. `free`: the others are set to the tune "
        "as if nobody had written any.",
        {"first?": "number", "bars?": "number", "count?": "number", "seed?": "number", "free?": "boolean"},
        {"revision": "number", "ways": "readonly Json[]", "tune": "string"},
        cost="workbench.page.costs:moment", document=True,
    ),
)  # fmt: skip
