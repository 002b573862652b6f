"""A step as a participant's page is told of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from workbench.study.plan.path import Stop
from workbench.study.plan.study import Break, Consent, Done, Information, Listening, Questionnaire, Study, Task


def step_of(stop: Stop, at: dict[str, Any]) -> dict[str, Any]:
    """The JSON of where somebody stands.

    The sounds of a listening step and the piece of a task are files; whoever serves the page puts addresses and the
    score in their place (``a``, ``b``, ``score``).

    Args:
        stop: where.
        at: how far there, as :class:`~.flow.Sitting` keeps it.
    """
    step = stop.step
    out: dict[str, Any] = {"id": stop.key, "kind": "", "title": step.title, "text": step.text}
    if isinstance(step, Information):
        out["kind"] = "information"
    elif isinstance(step, Consent):
        out |= {
            "kind": step.kind, "version": step.version, "boxes": [box.to_dict() for box in step.boxes],
            "guardian": step.guardian,
        }  # fmt: skip
    elif isinstance(step, Task):
        out |= {
            "kind": step.kind, "seconds": step.seconds, "not_before_s": step.not_before_s, "view": step.view,
            "start": step.start, "instructions": step.instructions, "begun": at["began"] is not None,
        }  # fmt: skip
    elif isinstance(step, Questionnaire):
        out |= {
            "kind": "questionnaire", "instrument": step.instrument, "items": [item.to_dict() for item in step.items],
        }  # fmt: skip
    elif isinstance(step, Listening) and stop.pair is not None:
        out |= {
            "kind": "listening", "pair": stop.pair.id, "a": "", "b": "", "minimum_s": step.minimum_s,
            "question": step.question, "choices": list(step.choices), "reasons": list(step.reasons),
        }  # fmt: skip
    elif isinstance(step, Break):
        until = at["until"]
        moment = None if until is None else datetime.fromtimestamp(until / 1000, UTC).isoformat()
        out |= {"kind": "break", "until": moment}
    elif isinstance(step, Done):
        out |= {"kind": "done", "completion_code": step.completion_code, "link": step.link}
    return out


def withdrawn(study: Study) -> dict[str, Any]:
    """What somebody sees who has left."""
    gone = "What was kept of you has been deleted." if study.data.withdrawn == "delete" else (
        "Nothing more is kept; what was kept until now stays, as the information said."
    )  # fmt: skip
    return {"id": "withdrawn", "kind": "withdrawn", "title": "You have left the study", "text": gone}


def closed(study: Study) -> dict[str, Any]:
    """What somebody sees for whom there is no place."""
    text = "Enough people have taken part, so nothing was kept of you. Thank you for coming."
    return {"id": "closed", "kind": "closed", "title": "The study is full", "text": text}
