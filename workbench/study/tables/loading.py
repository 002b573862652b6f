"""Reading the logs of a study, whatever state they are in: what cannot be read is said in a sentence, not raised."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import BadFile
from workbench.fsutil import shown
from workbench.study.tables.cut import SessionLike


@dataclass(frozen=True)
class Loaded:
    """Sittings that could be read, and sentences about what could not."""

    sessions: tuple[SessionLike, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sitting:
    """One sitting by hand: for events that come from elsewhere than a sink."""

    session: str
    person: str
    events: Sequence[Any]


def loaded(where: Any) -> Loaded:
    """The logs at a place, or sessions that were loaded before.

    Args:
        where: a folder, ``sqlite:FILE``, ``hub:OWNER/DATASET``, an open sink, a :class:`Loaded`, or sessions.

    Raises:
        WorkbenchError: there is no such place.
    """
    if isinstance(where, Loaded):
        return where
    if isinstance(where, (list, tuple)):
        return of_sessions(where)
    from workbench.study.log.read import load

    if isinstance(where, (str, Path)):
        _check_there(str(where))
    return of_sessions(load(where))


def _check_there(where: str) -> None:
    """Raise :class:`BadFile` where nothing is: opening a sink would make an empty log there."""
    place = Path(where.removeprefix("sqlite:"))
    if not where.startswith("hub:") and not place.exists():
        raise BadFile(f"There is no log at {shown(place)}; name the folder or file that the study wrote.")


def of_sessions(found: Iterable[Any]) -> Loaded:
    """Put sessions together with what reading them brought to light."""
    sessions = tuple(found)
    problems = [
        f"Sitting {number}: {problem}"
        for number, session in enumerate(sessions, 1)
        for problem in getattr(session, "problems", ())
    ]
    return Loaded(sessions, tuple(problems))
