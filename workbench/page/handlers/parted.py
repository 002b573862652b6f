"""A recording that was taken apart as a piece: a track a stem, each with its sound and with the notes heard in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from workbench.errors import BadRequest
from workbench.hub.protocol import Attempt
from workbench.page.handlers.listen import WAITING, longest, recording_of
from workbench.page.jobs import messages
from workbench.page.recorded import sounds_as
from workbench.page.rows import Job, Message, Request, Row
from workbench.provenance.run import Run, record
from workbench.score.score import Score
from workbench.sound.blocks import read_part
from workbench.sound.given import level_of

#: Most stems of one recording.
_MOST = 12


def piece(request: Request) -> Iterator[Message]:
    """Make a piece of a recording and its stems."""
    item, page = recording_of(request), request.page
    named = request.message.get("stems")
    if not isinstance(named, dict) or not 0 < len(named) <= _MOST or not all(isinstance(key, str) for key in named):
        raise BadRequest("Take the recording apart first.")
    stems = {name: page.media.get(own) for name, own in named.items()}
    yield WAITING
    attempts: list[Attempt] = []

    def work(tell: Callable[[str, Any], None], stop: Callable[[], bool]) -> Score:
        from workbench.understand.by_stem import hear_stems

        audio = read_part(item.path, 0.0, longest(request) + 1.0, item.name)
        if audio.seconds > longest(request) + 0.5:
            raise BadRequest(f"Recordings of up to {longest(request) / 60:.0f} minutes can be written down here.")
        sounds = {name: read_part(stem.path, 0.0, audio.seconds + 1.0, stem.name) for name, stem in stems.items()}
        score = hear_stems(
            audio, sounds, title=Path(item.name).stem[:200], hub=request.hub, cancel=request.token,
            progress=lambda share: tell("progress", share), ended=attempts.append,
        )  # fmt: skip
        gain = level_of(audio)  # the same for all, so that they stay in balance
        for track, (name, stem) in zip(score.tracks, stems.items(), strict=True):
            sounds_as(score, track, stem, 0.0, sounds[name].seconds, gain)
        page.check_length(score)
        return score

    score = yield from messages(work, request.token)
    for attempt in attempts:
        record(page.log, Run.of(attempt))
    runs = [Run.of(attempt).id for attempt in attempts]
    page.log.add("stems", "user", {"action": "piece", "sha256": item.sha256, "runs": runs})
    yield {"type": "result", "score": score.to_dict(), "runs": runs}


_HERE = "workbench.page.handlers.parted"

ROWS: tuple[Row, ...] = (
    Job(
        "stems.piece", f"{_HERE}:piece",
        "Make a piece of a recording that was taken apart: a track for each of the `stems` (ids of the shelf by their "
        "names), which sounds as it was recorded and holds the notes heard in it; its bars lie where they were heard. "
        "`runs`: the ids of the runs that heard them.",
        {"media": "string", "stems": "Record<string, string>"}, {"score": "Json", "runs": "readonly string[]"},
        cost="workbench.page.costs:listen",
    ),
)  # fmt: skip
