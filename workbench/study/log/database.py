"""The interaction log as one SQLite file, for one machine; several processes may write side by side.

Every batch is one transaction that reaches the disk before it returns. What is deleted is overwritten with zeros
(``secure_delete``), and the file is packed (``VACUUM``) afterwards, so that no byte of it stays in free pages.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench.errors import BadDocument, Unavailable
from workbench.fsutil import shown
from workbench.study.log.schema import Event, check, from_line, to_line

BUSY_SECONDS = 20.0
_TABLE = """
CREATE TABLE IF NOT EXISTS events (
  number INTEGER PRIMARY KEY, session TEXT NOT NULL, seq INTEGER NOT NULL, person TEXT NOT NULL,
  time INTEGER NOT NULL, event TEXT NOT NULL, UNIQUE (session, seq)
);
CREATE INDEX IF NOT EXISTS persons ON events (person);
"""


class Database:
    """A SQLite file as a :class:`~workbench.study.log.sinks.Sink`; raises :class:`Unavailable` where it cannot be.

    Table ``events``: ``number`` in the order of writing, ``session``, ``seq``, ``person``, ``time`` (of the server, in
    milliseconds) and ``event``, the whole event as JSON.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None)
            for pragma in ("journal_mode = DELETE", "synchronous = EXTRA", "secure_delete = ON"):
                self._base.execute(f"PRAGMA {pragma}")
            self._base.executescript(_TABLE)
        except (OSError, sqlite3.Error) as error:
            raise Unavailable(f"The log {shown(path)} cannot be opened: {error}.") from error

    @contextlib.contextmanager
    def _writing(self, what: str = "written") -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._base.execute("BEGIN IMMEDIATE")
                try:
                    yield self._base
                    self._base.execute("COMMIT")
                except BaseException:
                    with contextlib.suppress(sqlite3.Error):
                        self._base.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise Unavailable(f"The log {shown(self.path)} cannot be {what}: {_reason(error)}.") from error

    def append(self, session: str, events: Sequence[Event]) -> None:
        """As :meth:`Sink.append`; an event whose number the session has already is refused."""
        rows = []
        for event in events:
            check(event)
            if event["session"] != session:
                raise BadDocument("An event of another session was to be kept.")
            text = to_line(event).decode().rstrip("\n")
            rows.append((session, event["seq"], event["person"], event["server_time"], text))
        if rows:
            with self._writing() as base:
                base.executemany("INSERT INTO events (session, seq, person, time, event) VALUES (?, ?, ?, ?, ?)", rows)

    def _lines(self, query: str, *values: str) -> Iterator[str]:
        with self._lock:
            try:
                found = self._base.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise Unavailable(f"The log {shown(self.path)} cannot be read: {error}.") from error
        yield from (row[0] for row in found)

    def settled(self, session: str) -> int | None:
        """As :meth:`Sink.settled`."""
        return None

    def sessions(self) -> list[str]:
        """As :meth:`Sink.sessions`."""
        return list(self._lines("SELECT session FROM events GROUP BY session ORDER BY min(number)"))

    def read(self, session: str) -> Iterator[Event]:
        """As :meth:`Sink.read`."""
        return self._where("session", session)

    def about(self, person: str) -> Iterator[Event]:
        """As :meth:`Sink.about`."""
        return self._where("person", person)

    def _where(self, column: str, value: str) -> Iterator[Event]:
        for line in self._lines(f"SELECT event FROM events WHERE {column} = ? ORDER BY number", value):
            with contextlib.suppress(BadDocument):
                yield from_line(line)

    def events(self) -> Iterator[Event]:
        """As :meth:`Sink.events`."""
        for session in self.sessions():
            yield from self.read(session)

    def lines(self) -> Iterator[tuple[str, bytes]]:
        """Every line as it is kept, with where it lies."""
        for line in self._lines("SELECT event FROM events ORDER BY number"):
            yield self.path.name, line.encode("utf-8", "surrogatepass")

    def erase(self, person: str) -> int:
        """As :meth:`Sink.erase`."""
        return self._delete("DELETE FROM events WHERE person = ?", (person,))

    def expire(self, before: int) -> int:
        """As :meth:`Sink.expire`."""
        old = "SELECT session FROM events GROUP BY session HAVING max(time) < ?"
        return self._delete(f"DELETE FROM events WHERE session IN ({old})", (before,))

    def _delete(self, query: str, values: tuple[str | int, ...]) -> int:
        with self._writing("cleared") as base:
            count = base.execute(query, values).rowcount
        with self._lock:
            try:
                self._base.execute("VACUUM")
            except sqlite3.Error as error:
                raise Unavailable(
                    f"The events are deleted, and the file {shown(self.path)} could not be packed: {_reason(error)}."
                ) from error
        return count

    def close(self) -> None:
        """As :meth:`Sink.close`."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            self._base.close()


def _reason(error: sqlite3.Error) -> str:
    if "full" in str(error):
        return "the disk is full; free some space and try again"
    return json.dumps(str(error))[1:-1]
