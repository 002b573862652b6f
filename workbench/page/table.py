"""The table of messages between a page and the server, joined from the rows beside their handlers.

A plug-in brings messages of its own through the entry-point group ``workbench.messages``: each names a sequence of
rows. A row whose name is taken, or a plug-in that cannot be loaded, is left out and named in ``problems``.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module, metadata

from workbench.page.rows import Call, Job, Push, Row

GROUP = "workbench.messages"
#: Modules with ``ROWS``, in the order of the table.
HANDLERS = (
    "workbench.page.handlers.document",
    "workbench.page.handlers.media",
    "workbench.page.handlers.makers",
    "workbench.page.handlers.files",
    "workbench.page.handlers.fill",
    "workbench.page.handlers.bands",
    "workbench.page.handlers.chords",
    "workbench.page.handlers.listen",
    "workbench.page.handlers.apart",
    "workbench.page.handlers.parted",
    "workbench.page.handlers.voiced",
    "workbench.page.handlers.prompt",
    "workbench.page.handlers.compose",
    "workbench.page.handlers.takes",
    "workbench.page.handlers.sound",
    "workbench.page.handlers.sheet",
    "workbench.page.handlers.whose",
    "workbench.page.handlers.taste",
    "workbench.page.handlers.models",
    "workbench.page.handlers.study",
    "workbench.page.handlers.studylog",
    "workbench.page.handlers.replay",
)


@dataclass(frozen=True)
class Table:
    """Every message there is, by its name."""

    calls: dict[str, Call]
    jobs: dict[str, Job]
    pushes: dict[str, Push]
    problems: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """What a page may send."""
        return frozenset((*self.calls, *self.jobs))


def built_in() -> list[Row]:
    """The rows of the workbench itself."""
    return [row for name in HANDLERS for row in import_module(name).ROWS]


def join(own: Iterable[Row], foreign: Iterable[tuple[str, Iterable[Row]]] = ()) -> Table:
    """Join rows; ``foreign`` are those of plug-ins, each with the plug-in's name."""
    table = Table({}, {}, {})
    problems: list[str] = []

    def add(row: Row, whose: str) -> None:
        if not isinstance(row, Call | Job | Push):
            problems.append(f"{whose} brings something that is no message.")
        elif row.name in (table.pushes if isinstance(row, Push) else {**table.calls, **table.jobs}):
            problems.append(f"{whose} brings a second message called {row.name!r}; it is left out.")
        elif isinstance(row, Call):
            table.calls[row.name] = row
        elif isinstance(row, Job):
            table.jobs[row.name] = row
        else:
            table.pushes[row.name] = row

    for row in own:
        add(row, "The workbench")
    for name, rows in foreign:
        for row in rows:
            add(row, f"The plug-in {name}")
    return Table(table.calls, table.jobs, table.pushes, tuple(problems))


@functools.cache
def table() -> Table:
    """The table of this installation, plug-ins included."""
    foreign: list[tuple[str, Iterable[Row]]] = []
    broken: list[str] = []
    for entry in metadata.entry_points(group=GROUP):
        try:
            foreign.append((entry.name, tuple(entry.load())))
        except Exception as problem:
            broken.append(f"The plug-in {entry.name} could not be loaded ({type(problem).__name__}).")
    joined = join(built_in(), foreign)
    return Table(joined.calls, joined.jobs, joined.pushes, (*joined.problems, *broken))
