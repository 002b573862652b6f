"""Every task by its name: what the hub must know of a kind of work, as names that are loaded when first used.

The hub, the public suite, pages and commands find all they need in a row and name no task themselves. A plug-in
brings a task of its own through the entry-point group ``workbench.tasks``: each names a row or a sequence of rows. A
row whose name is taken, or a plug-in that cannot be loaded, is left out and named in ``problems``.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from workbench.errors import BadDocument, BadRequest, Unavailable
from workbench.hub.plugins import offers
from workbench.hub.spec import ModelSpec
from workbench.hub.tasks.base import Guard, Part, TaskRequest, Wire
from workbench.score.lanes import check_id

GROUP = "workbench.tasks"


@dataclass(frozen=True, slots=True)
class Task:
    """A kind of work. All but ``name`` are written ``module:Class``.

    Args:
        name: as entries of the registry write it.
        request: what can be asked, a :class:`~workbench.hub.tasks.base.TaskRequest`.
        guard: ``(request, spec)``, what holds for every result whatever the model did.
        wire: a :class:`~workbench.hub.tasks.base.Wire`, the JSON form for pages, commands and logs.
        conformance: a :class:`~workbench.hub.conformance.Suite`; empty where only the card can be checked.
        part: ``(request)``, a :class:`~workbench.hub.tasks.base.Part` that hands the model an easier request and makes
            the answer whole, asked where ``request.is_part`` is true; empty where the task has nothing of the kind.
    """

    name: str
    request: str
    guard: str = "workbench.hub.tasks.plain:PlainGuard"
    wire: str = "workbench.hub.tasks.base:Wire"
    conformance: str = ""
    part: str = ""

    def request_class(self) -> type[TaskRequest]:
        """The type of its requests."""
        found: type[TaskRequest] = load(self.request)
        return found

    def make_guard(self, request: TaskRequest, spec: ModelSpec) -> Guard:
        """The guard of one run."""
        guard: Guard = load(self.guard)(request, spec)
        return guard

    def make_part(self, request: TaskRequest) -> Part | None:
        """The two sides of a request for a part of an earlier result; None for every other request."""
        if not self.part or not request.is_part:
            return None
        part: Part = load(self.part)(request)
        return part

    def make_wire(self) -> Wire:
        """The JSON form of its requests and answers."""
        wire: Wire = load(self.wire)()
        return wire


#: The workbench's own tasks.
BUILT_IN: tuple[Task, ...] = (
    Task(
        "infill", "workbench.hub.tasks.infill.request:InfillRequest", "workbench.hub.tasks.infill.guard:InfillGuard",
        "workbench.hub.tasks.infill.wire:InfillWire", "workbench.hub.tasks.infill.conformance:InfillSuite",
        "workbench.hub.tasks.infill.redo:Redo",
    ),
    Task(
        "arrange", "workbench.hub.tasks.arrange.request:ArrangeRequest",
        "workbench.hub.tasks.arrange.guard:ArrangeGuard", "workbench.hub.tasks.arrange.wire:ArrangeWire",
        "workbench.hub.tasks.arrange.conformance:ArrangeSuite",
    ),
    Task(
        "genie", "workbench.hub.tasks.genie.request:GenieRequest", "workbench.hub.tasks.genie.guard:GenieGuard",
        "workbench.hub.tasks.genie.wire:GenieWire", "workbench.hub.tasks.genie.conformance:GenieSuite",
    ),
    Task(
        "separate", "workbench.hub.tasks.separate.request:SeparateRequest",
        "workbench.hub.tasks.separate.guard:SeparateGuard", "workbench.hub.tasks.separate.wire:SeparateWire",
        "workbench.hub.tasks.separate.conformance:SeparateSuite",
    ),
    Task(
        "transcribe", "workbench.hub.tasks.transcribe.request:TranscribeRequest",
        "workbench.hub.tasks.transcribe.guard:TranscribeGuard", "workbench.hub.tasks.transcribe.wire:TranscribeWire",
        "workbench.hub.tasks.transcribe.conformance:TranscribeSuite",
    ),
    Task(
        "beats", "workbench.hub.tasks.beats.request:BeatsRequest", "workbench.hub.tasks.beats.guard:BeatsGuard",
        "workbench.hub.tasks.beats.wire:BeatsWire", "workbench.hub.tasks.beats.conformance:BeatsSuite",
    ),
    Task(
        "read_score", "workbench.hub.tasks.read_score.request:ReadScoreRequest",
        wire="workbench.hub.tasks.read_score.wire:ReadScoreWire",
        conformance="workbench.hub.tasks.read_score.conformance:ReadScoreSuite",
    ),
    Task(
        "speech", "workbench.hub.tasks.speech.request:SpeechRequest",
        wire="workbench.hub.tasks.speech.request:SpeechWire",
    ),
    Task(
        "take", "workbench.hub.tasks.take.request:TakeRequest", "workbench.hub.tasks.take.guard:TakeGuard",
        "workbench.hub.tasks.take.wire:TakeWire", "workbench.hub.tasks.take.conformance:TakeSuite",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """Tasks by name, and one sentence for each row that had to be left out."""

    tasks: Mapping[str, Task]
    problems: tuple[str, ...] = ()


def join(own: Iterable[Task], foreign: Iterable[tuple[str, Iterable[Any]]] = ()) -> Table:
    """Join rows; ``foreign`` are those of plug-ins, each with the plug-in's name."""
    tasks: dict[str, Task] = {}
    problems: list[str] = []
    for whose, rows in (("The workbench", own), *((f"The plug-in {name}", rows) for name, rows in foreign)):
        for row in rows:
            try:
                if not isinstance(row, Task):
                    problems.append(f"{whose} brings something that is no task.")
                elif check_id(row.name) in tasks:
                    problems.append(f"{whose} brings a second task called {row.name!r}; it is left out.")
                else:
                    tasks[row.name] = row
            except BadDocument:
                problems.append(f"{whose} brings a task whose name cannot be one; it is left out.")
    return Table(tasks, tuple(problems))


@functools.cache
def table() -> Table:
    """The tasks of this installation, plug-ins included."""
    found, broken = offers(GROUP)
    foreign = [(name, (offered,) if isinstance(offered, Task) else tuple(offered)) for name, offered in found]
    joined = join(BUILT_IN, foreign)
    return Table(joined.tasks, (*joined.problems, *broken))


def task(name: str) -> Task:
    """The task of this name; raises :class:`BadRequest` naming the known ones."""
    found = table().tasks.get(name)
    if found is None:
        raise BadRequest(f"{name[:40]!r} is not a task; there are {', '.join(sorted(table().tasks))}.")
    return found


def load(name: str) -> Any:
    """What ``module:name`` names; raises :class:`Unavailable` where it is not there."""
    module, _, attribute = name.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise Unavailable(f"A part of a task is missing ({name[:80]}); install its package again.") from error
