"""A study's messages: where a participant stands, one step further, a pause, a thought, and leaving.

The state that every call answers with::

    {study: {title, version, contact, language}, code, step, index, count, seconds_left | null, paused,
     condition: {tabs, controls, models, latency_ms} | null, marks}

A step has ``id``, ``kind``, ``title``, ``text`` (paragraphs; *emphasis* alone), and by its kind: ``information`` and
``closed`` and ``withdrawn`` nothing; ``consent`` and ``assent`` {version, boxes: [{id, text, required}], guardian};
``practice`` and ``task`` {seconds | null, not_before_s, view, start, instructions, begun, score: the piece to begin
with, or null where the one before stays}; ``questionnaire`` {instrument, items}; ``listening`` {pair, a, b: addresses,
minimum_s, question, choices, reasons}; ``break`` {until: ISO time | null}; ``done`` {completion_code, link}.
"""

from __future__ import annotations

from typing import Any

from workbench.errors import BadRequest
from workbench.page.rows import Call, Fields, Message, Request, Row
from workbench.page.studydesk import StudyDesk


def desk_of(request: Request) -> StudyDesk:
    """The study that is served here; raises :class:`BadRequest` if none is."""
    desk = request.pages.study
    if desk is None:
        raise BadRequest("No study is going on here.")
    return desk


def state(request: Request) -> Message:
    """Where the participant stands; with a code, or ``anew``, another one comes."""
    message = request.message
    return _told(desk_of(request).come(request.page, message.get("code"), bool(message.get("anew"))))


def onward(request: Request) -> Message:
    """A step is done."""
    message = request.message
    return _told(desk_of(request).answer(request.page, message.get("step"), message.get("data", {})))


def pause(request: Request) -> Message:
    """The participant pauses."""
    return _told(desk_of(request).pause(request.page))


def withdraw(request: Request) -> Message:
    """The participant leaves for good."""
    return _told(desk_of(request).withdraw(request.page))


def mark(request: Request) -> Message:
    """A thought, kept with its moment."""
    desk_of(request).sitting(request.page).mark(request.message.get("text"))
    return {"type": "ack"}


def _told(state: dict[str, Any]) -> Message:
    return {"type": "study", "state": state}


_HERE = "workbench.page.handlers.study"
_STATE: dict[str, Fields] = {"study": {"state": "Json"}}

ROWS: tuple[Row, ...] = (
    Call(
        "study_state", f"{_HERE}:state",
        "Where a participant stands in the study that is served here. `code`: come back with it; `anew`: somebody else "
        "sits here now. The state's fields stand in `workbench/page/handlers/study.py`.",
        {"code?": "string", "anew?": "boolean"}, _STATE,
    ),
    Call(
        "study_next", f"{_HERE}:onward",
        "A step is done; `data` by its kind: `agreed` and `version`; `begin` of a task whose instructions were read; "
        "`answers`; `choice`, `heard` (seconds of both sides) and `reasons`. A step that is over already is not taken "
        "twice.",
        {"step": "string", "data": "Json"}, _STATE,
    ),
    Call("study_pause", f"{_HERE}:pause", "Stop the clock; `study_state` with the code goes on.", {}, _STATE),
    Call("study_withdraw", f"{_HERE}:withdraw", "Leave the study, also after its end.", {}, _STATE),
    Call("study_mark", f"{_HERE}:mark", "What the participant thinks at this moment.", {"text": "string"}, {"ack": {}}),
)  # fmt: skip
