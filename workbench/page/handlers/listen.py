"""Listening: a recording of the shelf looked through, and (see below) heard, put right and made into a piece."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.errors import BadRequest
from workbench.hub.protocol import Progress, Result
from workbench.hub.tasks.base import TaskRequest
from workbench.hub.tasks.table import task
from workbench.page.heardings import corrected
from workbench.page.jobs import beating, messages
from workbench.page.media import MediaItem
from workbench.page.recorded import add_recording
from workbench.page.rows import Call, Fields, Job, Message, Request, Row
from workbench.page.workers import Here
from workbench.provenance.run import Run, record
from workbench.sound.blocks import read_part
from workbench.sound.files import MAX_SECONDS
from workbench.understand.heard import Beats, Heard
from workbench.understand.to_score import to_score

#: A recording of up to so many bytes is looked through in this process: it is done before a worker has started, and
#: most of that work leaves the interpreter to others.
SMALL_BYTES = 20_000_000
#: Said before anything has begun.
WAITING: Message = {"type": "progress", "done": None, "seconds_left": None, "text": ""}


def recording_of(request: Request) -> MediaItem:
    """The recording or video that a message names; raises :class:`BadRequest`."""
    item = request.page.media.get(request.message.get("media"))
    if item.kind not in ("sound", "video"):
        raise BadRequest(f"{item.name} is no recording; choose a sound file or a video.")
    return item


def longest(request: Request) -> float:
    """How long a recording may be here, in seconds."""
    rules = request.page.rules
    return MAX_SECONDS if rules is None else 60.0 * rules.max_minutes


def recording(request: Request) -> Iterator[Message]:
    """Look through a recording: its length, its waveform and a picture of its spectrum."""
    item = recording_of(request)
    place = Path(request.pages.exports.folder) / secrets.token_hex(16)
    place.mkdir(parents=True)
    values = {
        "path": str(item.path), "name": item.name, "picture": str(place / "spectrum.png"),
        "max_seconds": longest(request),
    }  # fmt: skip
    labour = Here() if item.size <= SMALL_BYTES else request.pages.labour
    whole = False
    try:
        made = yield from messages(lambda tell, stop: labour.run("look", values, tell, stop), request.token)
        whole = True
    finally:
        if not whole:
            shutil.rmtree(place, ignore_errors=True)
    yield {"type": "result", **made, "name": "spectrum.png", "path": values["picture"]}


def listen(request: Request) -> Iterator[Message]:
    """Listen to a recording or a part of it; the result is what was heard, kept here under an id."""
    item = recording_of(request)
    settings = {name: request.message[name] for name in ("kind", "tuning") if name in request.message}
    start, end = part_of(request)
    click = click_of(request.message.get("click"))
    yield WAITING
    # A second more than asked for costs nothing, and shows that there is more than may be listened to.
    audio = read_part(item.path, start, min(end, start + longest(request) + 1.0), item.name)
    if audio.seconds > longest(request) + 0.5:
        raise BadRequest(f"{longest(request) / 60:.0f} minutes can be listened to at once; choose a part.")
    asked = task("transcribe").make_wire().read(settings, {"audio": audio})
    page = request.page
    made = yield from result_of(request, "transcribe", asked)
    if made is None or not made.alternatives:
        raise BadRequest(f"Nothing could be heard in {item.name}; try another part of it.")
    idea = made.alternatives[0]
    heard = Heard.from_json(idea.value)
    # As the page has it: both sides count in the same rounded times.
    heard = Heard.from_json((with_click(heard, click) if click else heard).to_json())
    name, run = page.heardings.add(heard), made.attempt.id if made.attempt else ""
    page.log.add("listen", "user", {"action": "listen", "heard": name, "sha256": item.sha256, "run": run})
    yield {
        "type": "result", "hearing": name, "heard": heard.to_json(), "remarks": [*made.remarks, *idea.remarks],
        "fallback_reason": made.fallback_reason, "run": run,
    }  # fmt: skip


def result_of(request: Request, model: str, asked: TaskRequest) -> Generator[Message, None, Result | None]:
    """Run a model for a page: yields progress, records the run in the log, returns the result, None without one."""
    page, told = request.page, WAITING
    work = request.hub.run(
        model, asked, seed=secrets.randbelow(2**31), cancel=request.token,
        ended=lambda attempt: record(page.log, Run.of(attempt)),
    )  # fmt: skip
    for step in beating(work):
        if isinstance(step, Result):
            return step
        if isinstance(step, Progress):
            told = {"type": "progress", "done": step.done, "seconds_left": step.seconds_left, "text": step.text}
        yield told  # again where there is nothing new, so that the host can end this when the page has gone
    return None


def part_of(request: Request) -> tuple[float, float]:
    """Start and end in seconds of the part that a message asks for; raises :class:`BadRequest`."""
    start, end = request.message.get("start", 0.0), request.message.get("end", MAX_SECONDS)
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (start, end))
    if not numbers or not 0.0 <= start < end <= 10 * MAX_SECONDS:
        raise BadRequest("A part of a recording begins before it ends; choose it again.")
    return float(start), float(end)


def click_of(value: Any) -> tuple[float, int, float] | None:
    """Tempo, metre and first beat (seconds) of the clicks that a recording was sung to; untrusted."""
    if value is None:
        return None
    numbers = [value.get(name) if isinstance(value, dict) else None for name in ("tempo", "metre", "first")]
    tempo, metre, first = (float(each) if isinstance(each, (int, float)) else -1.0 for each in numbers)
    if not (20 <= tempo <= 400 and metre in range(1, 13) and 0 <= first < 60):
        raise BadRequest("The clicks of this recording make no sense; record it again.")
    return tempo, int(metre), first


def with_click(heard: Heard, click: tuple[float, int, float]) -> Heard:
    """What was heard, with the beats that were clicked: those are known, not guessed."""
    tempo, metre, first = click
    beat = 60.0 / tempo
    before = int(first / beat)
    count = int((heard.duration - first) / beat) + 1 + before
    times = [first + (number - before) * beat for number in range(count)]
    beats = Beats(tuple(times), tuple(times[before % metre :: metre]), (), tempo, metre)
    return replace(heard, beats=beats)


def score(request: Request) -> Message:
    """What was heard, as a piece."""
    heard = request.page.heardings.get(request.message.get("id"))
    if heard is None:
        return {"type": "listen.score", "known": False}
    title = request.message.get("title", "")
    if not isinstance(title, str) or len(title) > 200:
        raise BadRequest("A title is a text of at most 200 characters.")
    made = to_score(heard, title=title)
    if request.message.get("media") is not None:
        add_recording(made, recording_of(request), part_of(request)[0], heard.duration)
    request.page.check_length(made)
    return {"type": "listen.score", "known": True, "score": made.to_dict()}


def correct(request: Request) -> Message:
    """Follow a person's corrections of what was heard."""
    page, message = request.page, request.message
    heard = page.heardings.get(message.get("id"))
    if heard is None:
        return _NOTHING
    better = corrected(heard, message.get("changes"))
    page.heardings.keep(message["id"], better)
    fields = sorted({change["field"] for change in message["changes"]})
    page.log.add("listen", "user", {"action": "correct", "heard": message["id"], "fields": fields})
    return _KNOWN


def keep(request: Request) -> Message:
    """Take over a whole description from the page: the server was started anew, or has forgotten it."""
    request.page.heardings.keep(request.message.get("id"), Heard.from_json(request.message.get("heard")))
    return _KNOWN


_KNOWN: Message = {"type": "listen.noted", "known": True}
_NOTHING: Message = {"type": "listen.noted", "known": False}
_HERE = "workbench.page.handlers.listen"

_NOTED: dict[str, Fields] = {"listen.noted": {"known": "boolean"}}

ROWS: tuple[Row, ...] = (
    Job(
        "recording", f"{_HERE}:recording",
        "Look through a recording or video of the shelf. `peaks`: its loudest samples (0 to 255), evenly spaced; "
        "`loudest`: of full scale; `clipped`: share of samples at full scale; `url`: a picture of its spectrum, grey "
        "values, a row a semitone from `highest` down to `lowest` (MIDI).",
        {"media": "string"},
        {
            "seconds": "number", "channels": "number", "rate": "number", "peaks": "readonly number[]",
            "loudest": "number", "clipped": "number", "lowest": "number", "highest": "number",
            "columns_per_second": "number", "name": "string", "url?": "string",
        },
        cost="workbench.page.costs:recording", drawn=True,
    ),
    Job(
        "listen", f"{_HERE}:listen",
        "Listen to a recording of the shelf, or to a part of it (seconds). `kind`: `auto`, `singing`, `piano` or "
        "`band`; `tuning`, of a voice: `as sung` or `nearest key`; `click`: what it was sung to, clicks a minute, "
        "beats a bar, and the second of the first bar. `heard`: as `workbench transcribe --json` writes it, times from "
        "the part's beginning; `hearing`: the `id` of all that follows.",
        {
            "media": "string", "kind?": "string", "tuning?": "string", "start?": "number", "end?": "number",
            "click?": "{ readonly tempo: number; readonly metre: number; readonly first: number }",
        },
        {
            "hearing": "string", "heard": "Json", "remarks": "readonly string[]", "fallback_reason": "string",
            "run": "string",
        },
        cost="workbench.page.costs:listen",
    ),
    Call(
        "listen.score", f"{_HERE}:score",
        "What was heard and put right, as a piece; `known` as for `listen.correct`. `media`: the recording it was "
        "heard in (from `start` seconds on) sounds in its place, on a track of its own.",
        {"id": "string", "title?": "string", "media?": "string", "start?": "number"},
        {"listen.score": {"known": "boolean", "score?": "Json"}}, slow=True,
        cost="workbench.page.costs:moment",
    ),
    Call(
        "listen.correct", f"{_HERE}:correct",
        "What a person has put right in what was heard: each `{field, at, remove, add}` (a list, in the order of time) "
        "or `{field, value}` (`beats` with all that belongs to them, `key`, `tuning_cents`). `known` false: the server "
        "has no such description; the page sends `listen.keep`.",
        {"id": "string", "changes": "readonly object[]"}, _NOTED,
    ),
    Call(
        "listen.keep", f"{_HERE}:keep", "A whole description, as `workbench transcribe --json` writes it.",
        {"id": "string", "heard": "Json"}, _NOTED,
    ),
)  # fmt: skip
