"""Another recording of an idea by a model: which there are and how long they take; made, kept, thrown away."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from workbench.create.takes.asking import longest, seconds_of, words_of
from workbench.create.takes.take import Take, record
from workbench.errors import BadRequest, WorkbenchError
from workbench.hub.conformance import importable
from workbench.hub.protocol import Level
from workbench.hub.spec import ModelSpec
from workbench.hub.tasks.take.request import TakeRequest
from workbench.hub.weights import stored
from workbench.page.handlers.apart import shelved
from workbench.page.handlers.compose import take_of
from workbench.page.handlers.listen import WAITING
from workbench.page.handlers.prompt import told
from workbench.page.jobs import beating
from workbench.page.making import plain_name
from workbench.page.rows import Call, Fields, Job, Message, Request, Row
from workbench.page.takes import Taken
from workbench.provenance.licences import standing
from workbench.provenance.run import Run, rights
from workbench.provenance.run import record as recorded

#: What a page that names no length is offered first, in seconds.
FIRST = 10.0


def offers(request: Request) -> Message:
    """Which models there are for a take of an idea, what each may be used for, and how long it takes here."""
    composed, number = take_of(request)
    score, hub = composed.takes[number].score, request.hub
    words, whole = words_of(composed.brief, composed.prompts), seconds_of(score)
    seconds = min(whole, _seconds(request, FIRST))
    asked = TakeRequest(words, seconds)
    return {
        "type": "take.offers", "seconds": seconds, "longest": whole, "words": words,
        "offers": [_offer(request, spec, asked, whole) for spec in hub.models("take") if not spec.default],
    }  # fmt: skip


def _offer(request: Request, spec: ModelSpec, asked: TakeRequest, whole: float) -> Message:
    hub = request.hub
    here = spec.embedded or spec.id in hub.registry.local
    with suppress(WorkbenchError):
        here = here or stored.present(spec)
    needs = "" if importable(spec) else spec.extra
    reason, seconds, most = "", None, whole
    if not needs:
        answer = hub.support(spec.id, asked)
        reason = answer.reason if answer.level is Level.UNSUPPORTED else ""
        seconds = hub.estimate_seconds(spec.id, asked)
        most = longest(hub, spec.id, asked.words, whole)
    return {
        "id": spec.id, "title": spec.title or spec.id, "summary": spec.card.summary, "sell": spec.card.sell,
        "answer": standing(rights(spec.card)), "licence": spec.card.weights_licence,
        "tune": bool(spec.capabilities.get("melody", False)), "needs": needs, "refused": reason, "seconds": seconds,
        "most": most, "fetch": 0 if here else spec.size_mb * 1_000_000,
    }  # fmt: skip


def _seconds(request: Request, otherwise: float) -> float:
    seconds = request.message.get("seconds", otherwise)
    if type(seconds) not in (int, float):
        raise BadRequest("The length of a take is a number of seconds.")
    return float(seconds)


def make(request: Request) -> Iterator[Message]:
    """Make a take, put it on the shelf and measure it."""
    composed, number = take_of(request)
    page, message, hub = request.page, request.message, request.hub
    model, score = message.get("model"), composed.takes[number].score
    if not isinstance(model, str) or hub.registry.find(model).task != "take":
        raise BadRequest("Name a model that makes recordings.")
    seed = message.get("seed", secrets.randbelow(2**31))
    if type(seed) is not int or not 0 <= seed < 2**31:
        raise BadRequest("The number that takes are counted by must be 0 or more.")
    work = record(
        score, composed.brief, composed.prompts, model, seconds=_seconds(request, FIRST), seed=seed, hub=hub,
        cancel=request.token, ended=lambda attempt: recorded(page.log, Run.of(attempt)),
    )  # fmt: skip
    now: Message = WAITING
    yield now
    for step in beating(work):
        if isinstance(step, Take):
            taken = _shelved(request, step, number, score.title)
            page.prompts.takes.add(taken)
            facts = {"action": "take", "idea": number + 1, "sha256": taken.sha256, "run": taken.run.id}
            page.log.add("prompt", "user", {**facts, "model": taken.run.model})
            yield {**told(request), "type": "result", "take": taken.sha256}
            return
        if step is not None:
            now = {"type": "progress", "done": step.done, "seconds_left": step.seconds_left, "text": step.text}
        yield now


def _shelved(request: Request, take: Take, number: int, title: str) -> Taken:
    name = f"{plain_name(title) or 'piece'} by {plain_name(take.title)}.flac"
    item = shelved(request, name, take.sound)
    return Taken(
        item.sha256, take.title, number + 1, round(take.sound.seconds, 3), Run.of(take.attempt), take.card,
        take.remarks, take.instead,
    )  # fmt: skip


def keep(request: Request) -> Message:
    """A take belongs to the piece: it goes into the project, which has its licence from then on."""
    taken = request.page.prompts.takes.keep(request.message.get("take"))
    _log(request, "keep take", taken)
    return told(request)


def drop(request: Request) -> Message:
    """A take is thrown away, its file too."""
    page = request.page
    taken = page.prompts.takes.remove(request.message.get("take"))
    for item in page.media.items():
        if item.sha256 == taken.sha256:
            page.media.remove(item.id)
    _log(request, "drop take", taken)
    return told(request)


def _log(request: Request, action: str, taken: Taken) -> None:
    facts: dict[str, Any] = {"action": action, "sha256": taken.sha256, "run": taken.run.id, "model": taken.run.model}
    request.page.log.add("prompt", "user", facts)


def seconds(request: Request) -> float:
    """How long a take takes, as its model estimates it, and listening to it."""
    model = request.message.get("model")
    asked = TakeRequest("music", min(30.0, max(1.0, _seconds(request, FIRST))))
    return 5.0 + request.hub.estimate_seconds(model if isinstance(model, str) else "take", asked)


_HERE = "workbench.page.handlers.takes"
_TOLD: dict[str, Fields] = {"prompt.told": {"state": "Json"}}
_OFFER = (
    "{ readonly id: string; readonly title: string; readonly summary: string; readonly sell: string; "
    'readonly answer: "yes" | "unclear" | "no"; readonly licence: string; readonly tune: boolean; '
    "readonly needs: string; readonly refused: string; readonly seconds: number | null; readonly most: number; "
    "readonly fetch: number }"
)

ROWS: tuple[Row, ...] = (
    Call(
        "take.offers", f"{_HERE}:offers",
        "Which models can make another recording of an idea. Each with its card's answer on selling, whether it "
        "follows the `tune`, the part of the package that it `needs`, `seconds` of waiting for a take of this length, "
        "why it is `refused`, `most` seconds of sound that it makes here in time, bytes to `fetch` first. `longest`: "
        "seconds that a take of all of the idea would have; `words`: what the models are told.",
        {"alternative": "number", "seconds?": "number"},
        {"take.offers": {
            "offers": f"readonly {_OFFER}[]", "seconds": "number", "longest": "number", "words": "string",
        }},
        slow=True, cost="workbench.page.costs:moment",
    ),
    Job(
        "take", f"{_HERE}:make",
        "Let a model make another recording of an idea's first seconds. It is a file of the shelf, stands among the "
        "state's `takes` with its card, and is no part of the project before it is kept. `take`: its sha256.",
        {"alternative": "number", "model": "string", "seconds?": "number", "seed?": "number"},
        {"take": "string", "state": "Json"}, cost=f"{_HERE}:seconds",
    ),
    Call(
        "take.keep", f"{_HERE}:keep", "A take belongs to the piece and goes into its project.", {"take": "string"},
        _TOLD,
    ),
    Call("take.drop", f"{_HERE}:drop", "Throw a take away, with its file.", {"take": "string"}, _TOLD),
)  # fmt: skip
