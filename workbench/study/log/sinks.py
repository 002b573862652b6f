"""Where the interaction log is kept: what every such place can do, and how one is named.

A place is named by one string: a folder (:mod:`.segments`), ``sqlite:FILE`` (:mod:`.database`) or
``hub:OWNER/DATASET`` (:mod:`.dataset`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from workbench.errors import BadRequest
from workbench.study.log.schema import Event


@runtime_checkable
class Sink(Protocol):
    """A place where events are kept. Safe to use from several threads, and from several processes side by side."""

    def append(self, session: str, events: Sequence[Event]) -> None:
        """Keep events of one session, all of them or none; they survive the end of this process when it returns.

        Raises:
            Unavailable: they could not be kept (the disk is full, say); none of them is there.
            BadDocument: one of them breaks the schema; none of them is there.
        """
        ...

    def settled(self, session: str) -> int | None:
        """How many events of a session survive the loss of this very machine; None: as many as :meth:`append` took."""
        ...

    def sessions(self) -> list[str]:
        """Ids of the sessions of which something is kept, the oldest first."""
        ...

    def read(self, session: str) -> Iterator[Event]:
        """The events of one session in the order in which they were kept.

        Lines that cannot be read are left out here; :func:`workbench.study.log.read.load` reports them.
        """
        ...

    def events(self) -> Iterator[Event]:
        """All that is kept, in no order between sessions."""
        ...

    def about(self, person: str) -> Iterator[Event]:
        """All that is kept about one person."""
        ...

    def erase(self, person: str) -> int:
        """Delete every event of a person so that no byte of it is left here; returns how many events went.

        Raises:
            Unavailable: it could not be done, or not wholly; the sentence says what is left.
        """
        ...

    def expire(self, before: int) -> int:
        """Delete the sessions whose last event is older than ``before`` (milliseconds since 1970); returns how many
        events went. Raises as :meth:`erase`."""
        ...

    def close(self) -> None:
        """Nothing more will be kept through this object."""
        ...


def open_sink(where: str | Path) -> Sink:
    """The sink of this name.

    Args:
        where: a folder, ``sqlite:FILE`` or ``hub:OWNER/DATASET``.

    Raises:
        Unavailable: it cannot be opened.
        BadRequest: it is no such name.
    """
    text = str(where)
    if text.startswith("sqlite:"):
        from workbench.study.log.database import Database

        return Database(Path(text.removeprefix("sqlite:")))
    if text.startswith("hub:"):
        from workbench.study.log.dataset import Dataset

        return Dataset(text.removeprefix("hub:"))
    if not text:
        raise BadRequest("Name a folder, sqlite:FILE or hub:OWNER/DATASET for the log.")
    from workbench.study.log.segments import Segments

    return Segments(Path(text))
