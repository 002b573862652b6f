"""The rows of the table of messages: how a call, a job and a push are declared, and what their handlers are given.

A message is declared once, beside its handler, as a row; :mod:`workbench.page.table` joins the rows. From them hosts
dispatch, and the TypeScript types and the table in ``web/src/README.md`` are written (:mod:`workbench.page.declare`).
"""

from __future__ import annotations

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
    """What a handler is given: the page a message comes from, the message (untrusted), and for jobs their token."""

    pages: Pages
    page: Page
    message: Message
    token: CancelToken = field(default_factory=CancelToken.never)

    @property
    def hub(self) -> Hub:
        """The models."""
        return self.pages.hub

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
        slow: takes more than a moment, so a host must not let other calls wait behind it.
        locked: works on the page's document and must not meet another such call.
        host: answered by this host alone (``jupyter``), or by every one.
    """

    name: str
    handler: str
    about: str
    fields: Fields = field(default_factory=dict)
    replies: Mapping[str, Fields] = field(default_factory=dict)
    slow: bool = False
    locked: bool = False
    host: str = ""

    def answer(self, request: Request) -> Message:
        """Answer one message; raises what the handler raises."""
        return dict(_load(self.handler)(request))


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
    """

    name: str
    handler: str
    about: str
    fields: Fields = field(default_factory=dict)
    result: Fields = field(default_factory=dict)
    partials: Mapping[str, Fields] = field(default_factory=dict)

    def answer(self, request: Request) -> Iterator[Message]:
        """Do the work; raises what the handler raises."""
        work: Iterator[Message] = _load(self.handler)(request)
        return work


@dataclass(frozen=True)
class Push:
    """What the server sends of its own accord."""

    name: str
    about: str
    fields: Fields = field(default_factory=dict)


Row = Call | Job | Push


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
