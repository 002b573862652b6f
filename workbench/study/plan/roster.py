"""Who takes part, which row of the table is theirs, and how far they are: one SQLite file that survives the server.

People are known by their salted ids alone. One program serves a study at a time: it holds a lock beside the file.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

from workbench.errors import Unavailable
from workbench.fsutil import shown

#: ``open``: on their way; ``dropped``: not seen for long, the row is somebody else's now; ``erasing``: have withdrawn,
#: and what is kept of them is being deleted; ``withdrawn``: have withdrawn, what was kept stays.
STATUSES = ("open", "done", "dropped", "erasing", "withdrawn")

_TABLES = """
CREATE TABLE IF NOT EXISTS people (
  person TEXT PRIMARY KEY, place INTEGER NOT NULL, status TEXT NOT NULL, state TEXT NOT NULL,
  began INTEGER NOT NULL, seen INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Roster:
    """The roster of one study.

    Args:
        path: its file; made where there is none.

    Raises:
        Unavailable: it cannot be opened, or another program serves this study from it.
    """

    def __init__(self, path: Path) -> None:
        from filelock import FileLock, Timeout

        self.path = path
        self._thread = threading.RLock()
        self._only = FileLock(f"{path}.lock")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._only.acquire(timeout=0)
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("PRAGMA secure_delete=ON")
            self._db.executescript(_TABLES)
        except Timeout as error:
            raise Unavailable("This study is being served by another program already; stop it first.") from error
        except (OSError, sqlite3.Error) as error:
            self._only.release()
            raise Unavailable(f"The list of participants {shown(path)} cannot be opened ({error}).") from error

    def close(self) -> None:
        """Let go of the file."""
        with self._thread:
            self._db.close()
            self._only.release()

    def get(self, person: str) -> dict[str, Any] | None:
        """What is known of a person: ``row``, ``status``, ``state``, ``began``, ``seen``; None if nothing is."""
        found = self._ask("SELECT place, status, state, began, seen FROM people WHERE person = ?", person)
        if not found:
            return None
        row, status, state, began, seen = found[0]
        return {"row": row, "status": status, "state": json.loads(state), "began": began, "seen": seen}

    def enter(self, person: str, rows: int, state: dict[str, Any], now: int, oldest: int) -> int | None:
        """Give a new person the first row that is free; None if none is.

        Args:
            person: salted id.
            rows: how many rows the table has.
            state: how far the person is.
            now: milliseconds since 1970.
            oldest: whoever is on their way and was last seen before this has dropped out.
        """
        with self._thread:
            self._do("BEGIN IMMEDIATE")
            try:
                self._db.execute("UPDATE people SET status = 'dropped' WHERE status = 'open' AND seen < ?", (oldest,))
                held = self._db.execute("SELECT place FROM people WHERE status IN ('open', 'done')").fetchall()
                taken = {row for (row,) in held}
                free = next((row for row in range(rows) if row not in taken), None)
                if free is not None:
                    self._db.execute(
                        "INSERT INTO people VALUES (?, ?, 'open', ?, ?, ?)", (person, free, json.dumps(state), now, now)
                    )
                self._db.execute("COMMIT")
                return free
            except sqlite3.Error as error:
                self._db.execute("ROLLBACK")
                raise self._full(error) from error

    def keep(self, person: str, state: dict[str, Any], now: int, status: str = "open") -> None:
        """Keep how far a person is; it is on the disk when this returns."""
        self._do(
            "UPDATE people SET state = ?, seen = ?, status = ? WHERE person = ?", json.dumps(state), now, status, person
        )

    def seen(self, person: str, now: int) -> None:
        """The person was here."""
        self._do("UPDATE people SET seen = ? WHERE person = ?", now, person)

    def forget(self, person: str) -> None:
        """Delete what is known of a person; only that somebody withdrew is still counted."""
        self._do("DELETE FROM people WHERE person = ?", person)
        self.put("withdrawn", str(self.withdrawn + 1))

    @property
    def withdrawn(self) -> int:
        """How many have withdrawn and been forgotten."""
        return int(self.fact("withdrawn") or 0)

    def erasing(self) -> list[str]:
        """Those whose data were being deleted when the server stopped."""
        return [person for (person,) in self._ask("SELECT person FROM people WHERE status = 'erasing'")]

    def counts(self) -> dict[str, int]:
        """How many people have each status."""
        found = dict(self._ask("SELECT status, COUNT(*) FROM people GROUP BY status"))
        return {**{status: int(found.get(status, 0)) for status in STATUSES}, "forgotten": self.withdrawn}

    def rows(self) -> list[tuple[int, str]]:
        """Every row that was given away, and the status of whom it was given to."""
        return [(int(row), str(status)) for row, status in self._ask("SELECT place, status FROM people ORDER BY place")]

    def fact(self, name: str) -> str:
        """Something kept of the study itself; "" if nothing is."""
        found = self._ask("SELECT value FROM facts WHERE name = ?", name)
        return str(found[0][0]) if found else ""

    def put(self, name: str, value: str) -> None:
        """Keep something of the study itself."""
        self._do("INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)

    def _ask(self, question: str, *values: Any) -> list[Any]:
        with self._thread, closing(self._db.execute(question, values)) as cursor:
            return cursor.fetchall()

    def _do(self, command: str, *values: Any) -> None:
        with self._thread:
            try:
                self._db.execute(command, values)
            except sqlite3.Error as error:
                raise self._full(error) from error

    def _full(self, error: sqlite3.Error) -> Unavailable:
        return Unavailable(f"The list of participants {shown(self.path)} cannot be written ({error}); try again.")
