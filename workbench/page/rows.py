"""The rows of the table of messages: how a call, a job and a push are declared, and what their handlers are given.

A message is declared once, beside its handler, as a row; :mod:`workbench.page.table` joins the rows. From them hosts
dispatch, and the TypeScript types and the table in ``web/src/README.md`` are written (:mod:`workbench.page.declare`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from workbench.errors import BadRequest
from workbench.hub.protocol import CancelToken

if TYPE_CHECKING:
    from workbench.hub.hub import Hub
    from workbench.page.session import Page, Pages

Message = dict[str, Any]
#: Field name -> TypeScript type. A name that ends in ``?`` may be left out.
Fields = Mapping[str, str]


@dataclass(frozen=True)
class Request:
    """What a handler is given: the page a message comes from, the message (untrusted), and a token for slow work."""

    pages: Pages
    page: Page
    message: Message
    token: CancelToken = field(default_factory=CancelToken.never)
    #: When it came, in monotonic seconds.
    asked: float = field(default_factory=time.monotonic)

    @property
    def hub(self) -> Hub:
        """The models; in a study, as the participant's condition allows them."""
        study = self.pages.study
        return self.pages.hub if study is None else study.hub(self.page, self.pages.hub, self.asked)

    @property
    def job(self) -> str:
        """The id of the job, as the page gave it (checked)."""
        return str(self.message["id"])


@dataclass(frozen=True)
class Call:
    """A request with one reply.

    Args:
        name: the message's ``type``.
        handler: ``module:function``, loaded when first called: ``(Request) -> Message``.
        about: one sentence for the table.
        fields: what the message carries.
        replies: what may come back: type -> its fields. ``error`` may always come.
        slow: takes more than a moment: it waits for its turn in the queue, and a host must not let other calls wait
            behind it.
        cost: ``module:function`` that says how many seconds a slow call may take: ``(Request) -> float``.
        document: needs the page's document; where the server has none, the answer is ``need`` (see :data:`NEED`).
        locked: works on the page's document and must not meet another such call.
        host: answered by this host alone (``jupyter``), or by every one.
    """

    name: str
    handler: str
    about: str
    fields: Fields = field(default_factory=dict)
    replies: Mapping[str, Fields] = field(default_factory=dict)
    slow: bool = False
    cost: str = ""
    document: bool = False
    locked: bool = False
    host: str = ""

    def answer(self, request: Request) -> Message:
        """Answer one message; raises what the handler raises."""
        return dict(_load(self.handler)(request))

    def seconds(self, request: Request) -> float:
        """How long it may take; raises what a request that cannot be met raises."""
        return _seconds(self.cost, request)


@dataclass(frozen=True)
class Job:
    """Long work: answered piece by piece as ``<name>.progress``, ``<name>.<other>``, and at last ``<name>.result`` or
    ``<name>.error``; ``stop`` ends it.

    Args:
        name: the message's ``type``.
        handler: ``module:function``, loaded when first called: ``(Request) -> Iterator[Message]``, each with its
            ``type`` (``progress``, ``partial``, ``result`` ...) without the job's name.
        about: one sentence for the table.
        fields: what the message carries beside ``id``.
        result: fields of the result.
        partials: what else may come meanwhile: type -> its fields.
        cost: as for a call.
        document: as for a call; the job then ends with ``<name>.need``.
        drawn: the page asks for it by itself, so it is not counted among a person's jobs.
        idle: it waits for a network and costs nothing here, so it need not wait for its turn.
    """

    name: str
    handler: str
    about: str
    fields: Fields = field(default_factory=dict)
    result: Fields = field(default_factory=dict)
    partials: Mapping[str, Fields] = field(default_factory=dict)
    cost: str = ""
    document: bool = False
    drawn: bool = False
    idle: bool = False

    def answer(self, request: Request) -> Iterator[Message]:
        """Do the work; raises what the handler raises."""
        work: Iterator[Message] = _load(self.handler)(request)
        return work

    def seconds(self, request: Request) -> float:
        """How long it may take; raises what a request that cannot be met raises."""
        return _seconds(self.cost, request)


@dataclass(frozen=True)
class Push:
    """What the server sends of its own accord."""

    name: str
    about: str
    fields: Fields = field(default_factory=dict)


Row = Call | Job | Push

#: The server does not know the page's document (it was started anew, or the page was idle for an hour): the page sends
#: ``open`` with the whole of it and repeats what it asked.
NEED: Mapping[str, Fields] = {"need": {"reason": '"unknown"'}}


def need() -> Message:
    """The answer to a page whose document the server does not know."""
    return {"type": "need", "reason": "unknown"}


def _seconds(name: str, request: Request) -> float:
    return float(_load(name)(request)) if name else 1.0


def _load(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


def whole(message: Any, name: str) -> int:
    """A whole number of a message, 0 to 2**53 - 1; raises :class:`BadRequest`."""
    value = message.get(name) if isinstance(message, dict) else None
    if type(value) is not int or not 0 <= value < 2**53:
        raise BadRequest(f"The message's {name} must be a whole number.")
    return value


def error(text: str) -> Message:
    """The reply to a call that cannot be met."""
    return {"type": "error", "text": text}
