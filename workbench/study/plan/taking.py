"""What participants send, held to what a step asks for; none of it is believed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.errors import BadRequest
from workbench.study.plan.path import Stop
from workbench.study.plan.scoring import check_answer
from workbench.study.plan.study import Consent, Heard, Listening, Pair, Questionnaire

#: How long a sound file is, in seconds.
Length = Callable[[Path], float]
#: Seconds that a page's clock may count more than ours.
LEEWAY = 0.5


def consent(step: Consent, data: dict[str, Any]) -> dict[str, Any]:
    """The payload of a consent.

    Raises:
        BadRequest: a box that must be ticked is not, or the text was another.
    """
    agreed = data.get("agreed")
    if not isinstance(agreed, dict) or not all(type(value) is bool for value in agreed.values()):
        raise BadRequest("The boxes cannot be read; reload the page.")
    if data.get("version", step.version) != step.version:
        raise BadRequest("The text has changed meanwhile; reload the page and read it again.")
    if not set(agreed) <= {box.id for box in step.boxes}:
        raise BadRequest("The boxes are not those of this text; reload the page.")
    if not all(agreed.get(box.id, False) for box in step.boxes if box.required):
        raise BadRequest("Without the boxes that are needed you cannot take part; tick them, or leave the study.")
    ticked = {box.id: agreed.get(box.id, False) for box in step.boxes}
    return {
        "version": step.version, "text_sha256": text_hash(step), "agreed": ticked,
        "step": step.id, "who": "guardian" if step.guardian else "child" if step.kind == "assent" else "person",
    }  # fmt: skip


def text_hash(step: Consent) -> str:
    """The SHA-256 of what somebody agreed to: the text and the boxes, as they stand in the file."""
    shown = "\n".join([step.title, step.text, *(f"{box.id}: {box.text}" for box in step.boxes)])
    return hashlib.sha256(shown.encode()).hexdigest()


def answered(stop: Stop, data: dict[str, Any], shown_ms: int, seconds_of: Length) -> tuple[str, dict[str, Any]]:
    """The kind and payload of what was answered or voted.

    Args:
        stop: the step.
        data: what came.
        shown_ms: how long the step has been there.
        seconds_of: tells how long a sound file is.

    Raises:
        BadRequest: it is not what the step asks for.
    """
    where = {"step": stop.step.id, "trial": stop.trial or 1, "condition": stop.condition}
    if isinstance(stop.step, Questionnaire):
        return "survey", {**where, "instrument": stop.step.instrument, "answers": _answers(stop.step, data)}
    if isinstance(stop.step, Listening) and stop.pair and stop.a and stop.b:
        return "vote", {**where, **_vote(stop.step, stop.pair, (stop.a, stop.b), data, shown_ms, seconds_of)}
    raise BadRequest("This step asks for nothing.")


def _answers(step: Questionnaire, data: dict[str, Any]) -> dict[str, Any]:
    answers = data.get("answers")
    if not isinstance(answers, dict) or not set(answers) <= {item.id for item in step.items}:
        raise BadRequest("The answers are not those of these questions; reload the page.")
    for item in step.items:
        check_answer(item, answers.get(item.id))
    return {item.id: answers[item.id] for item in step.items if answers.get(item.id) not in (None, "")}


def _vote(
    step: Listening, pair: Pair, sides: tuple[Heard, Heard], data: dict[str, Any], shown_ms: int, seconds_of: Length
) -> dict[str, Any]:  # fmt: skip
    choice, heard, reasons = data.get("choice"), data.get("heard"), data.get("reasons", [])
    if choice not in step.choices:
        raise BadRequest("Choose one of the answers.")
    if not isinstance(heard, dict) or not all(_seconds(heard.get(side)) for side in ("a", "b")):
        raise BadRequest("How long you listened cannot be read; reload the page.")
    if not isinstance(reasons, list) or not all(isinstance(one, str) and one in step.reasons for one in reasons):
        raise BadRequest("The reasons are none of those that can be given.")
    for side, what in zip(("a", "b"), sides, strict=True):
        if heard[side] + LEEWAY < min(step.minimum_s, seconds_of(what.file)):
            raise BadRequest(f"Listen to both for at least {step.minimum_s:g} seconds before you choose.")
    if heard["a"] + heard["b"] > shown_ms / 1000 + 2 * LEEWAY + 1:
        raise BadRequest("That is more than can have been heard; listen to both again.")
    return {
        "pair": pair.id, "a": sides[0].label, "b": sides[1].label, "choice": choice,
        "heard": {side: round(float(heard[side]), 1) for side in ("a", "b")}, "reasons": sorted(set(reasons)),
    }  # fmt: skip


def _seconds(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 100_000
