"""Ideas for a gap: the job that makes them, and the bands that can be named in a word."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

from workbench.create.infill.ensembles import ensemble
from workbench.create.taste.traits import traits
from workbench.errors import BadRequest
from workbench.hub.protocol import Alternative, Partial, Progress, Result
from workbench.hub.tasks.table import task
from workbench.page.jobs import beating
from workbench.page.rows import Call, Job, Message, Request, Row
from workbench.provenance.run import Run, record
from workbench.score.score import Score


def name_band(request: Request) -> Message:
    """Tracks for a band, or an instrument, named in plain words, and the wishes that go with them."""
    name = request.message.get("name")
    if not isinstance(name, str):
        raise BadRequest("Name a band or an instrument.")
    # Ideas wait long to be kept; meanwhile nobody's own new track must get the same id.
    made = ensemble(request.page.snapshot()[0], name, prefix=f"t{secrets.token_hex(3)}-")
    return {
        "type": "ensemble", "new_tracks": [new.to_dict() for new in made.tracks],
        "controls": made.controls.to_dict(),
        "per_track": {track_id: controls.to_dict() for track_id, controls in made.per_track.items()},
    }  # fmt: skip


def kind_of(asked: Any) -> str:
    """The task of a request that writes notes: to fill a gap, or to bring a band."""
    return "arrange" if isinstance(asked, dict) and asked.get("task") == "arrange" else "infill"


def fill(request: Request) -> Iterator[Message]:
    """Run a model on a gap, or let a band join; yields progress, partial notes and the ideas."""
    page, message = request.page, request.message
    score, revision = page.snapshot()
    kind = kind_of(message.get("request"))
    wire = task(kind).make_wire()
    asked = wire.read(message.get("request"), {"score": score}, revision)
    seed, model = message.get("seed"), message.get("model")
    if seed is None:
        seed = secrets.randbelow(2**31)
    if type(seed) is not int or not 0 <= seed < 2**53 or not (model is None or isinstance(model, str)):
        raise BadRequest("The seed must be a whole number and the model a name.")
    made: dict[int, dict[str, list[Any]]] = {}
    told: Message = {"type": "progress", "done": None, "seconds_left": None, "text": ""}
    work = request.hub.run(
        model or kind, asked, seed=seed, cancel=request.token, ended=lambda it: record(page.log, Run.of(it))
    )
    for item in beating(work):
        if item is None:
            yield told  # nothing new: only so that the host can end this when the page has gone
        elif isinstance(item, Progress):
            told = {"type": "progress", "done": item.done, "seconds_left": item.seconds_left, "text": item.text}
            yield told
        elif isinstance(item, Partial):
            notes = made.setdefault(item.alternative, {})
            notes.setdefault(item.track_id, []).extend(note.to_dict() for note in item.notes)
            yield {"type": "partial", "alternative": item.alternative, "notes": notes}
        elif isinstance(item, Result):
            yield {
                "type": "result", "remarks": list(item.remarks), "fallback_reason": item.fallback_reason,
                "run": item.attempt.id if item.attempt else "",
                "alternatives": [
                    {**wire.answer(idea), "traits": _traits(score, idea), "made_by": _title(request, idea)}
                    for idea in item.alternatives
                ],
            }  # fmt: skip


def _title(request: Request, made: Alternative) -> str:
    """What a person calls the model that made it."""
    try:
        return request.hub.registry.get(made.model_id).title or made.model_id
    except BadRequest:
        return made.model_id


def _traits(score: Score, made: Alternative) -> dict[str, float]:
    """What kind of idea it is (:mod:`workbench.create.taste`), for a page that ranks ideas by what its person keeps."""
    around = [note for track in score.tracks if made.notes.get(track.id) for note in track.notes.values()]
    return traits([note for notes in made.notes.values() for note in notes], around[:2_000], score.ppq)


_HERE = "workbench.page.handlers.fill"

ROWS: tuple[Row, ...] = (
    Job(
        "fill", f"{_HERE}:fill",
        "Ask for ideas. `seed` null: the server draws; `model` null: the best that is there; `request`: the JSON of "
        "`InfillRequest.settings()`, explained below, or what `band` gave. A `partial` holds *all* notes of its "
        "alternative so far, so a lost message does no harm.",
        {"revision": "number", "seed": "number | null", "model": "string | null", "request": "Json"},
        {
            "alternatives": "readonly Json[]", "remarks": "readonly string[]", "fallback_reason": "string",
            "run": "string",
        },
        {"partial": {"alternative": "number", "notes": "Record<string, readonly Json[]>"}},
        cost="workbench.page.costs:fill", document=True,
    ),
    Call(
        "ensemble", f"{_HERE}:name_band",
        "Tracks and wishes for a band (`band`, `piano`, `strings`, `jazz`, `folk`, `four voices`) or an instrument's "
        "plain name: what a `fill` needs to add them.",
        {"name": "string"}, {"ensemble": {"new_tracks": "readonly Json[]", "controls": "Json", "per_track": "Json"}},
        slow=True, cost="workbench.page.costs:moment", document=True,
    ),
)  # fmt: skip
