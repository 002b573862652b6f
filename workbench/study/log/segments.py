"""The interaction log as a folder of files: append-only segments, a closed one of which is never touched again.

Each process writes one file of its own at a time, ``<time>-<writer>-<number>.part``. When it has grown to
:data:`CLOSE_BYTES` or to :data:`CLOSE_SECONDS` of age it is closed: renamed to ``.jsonl``. Every batch is written at
its end and reaches the disk before :meth:`Segments.append` returns. A batch that does not fit (the disk is full) is cut
off again; the half line that a process leaves when it is killed in the middle of one is cut off by whoever closes the
file. Such a line was never acknowledged, so its sender still has it.

Everything that changes the folder holds the lock of the folder, so that any process may close what a dead one left,
and may rewrite any file, open ones too, when a person wants their events gone.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from workbench.errors import BadDocument, Unavailable
from workbench.fsutil import because
from workbench.study.log.schema import Event, check, from_line, to_lines

#: A segment is closed when it has grown to this many bytes ...
CLOSE_BYTES = 4_000_000
#: ... or when so many seconds have passed since it was begun.
CLOSE_SECONDS = 60.0
LOCK_SECONDS = 20.0


class Segments:
    """A folder of segments as a :class:`~workbench.study.log.sinks.Sink`.

    Args:
        folder: where they lie; it is made.
        close_bytes: see :data:`CLOSE_BYTES`.
        close_seconds: see :data:`CLOSE_SECONDS`.
        clock: seconds since 1970.

    Raises:
        Unavailable: the folder cannot be made.
    """

    def __init__(
        self, folder: Path, *, close_bytes: int = CLOSE_BYTES, close_seconds: float = CLOSE_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        from filelock import FileLock

        self.folder = folder
        self._close_bytes, self._close_seconds, self._clock = close_bytes, close_seconds, clock
        self._writer, self._number, self._process = secrets.token_hex(4), 0, os.getpid()
        self._part: Path | None = None
        self._thread_lock = threading.RLock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(f"The folder of the log cannot be made{because(error)}") from error
        self._file_lock = FileLock(str(folder / ".lock"), timeout=LOCK_SECONDS, thread_local=False)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder against all others; raises :class:`Unavailable` if that takes too long."""
        from filelock import Timeout

        with self._thread_lock:
            try:
                self._file_lock.acquire()
            except (Timeout, OSError, NotImplementedError) as error:
                why = (
                    because(error) if isinstance(error, OSError) and not isinstance(error, Timeout) else "; try again."
                )
                raise Unavailable(f"The folder of the log cannot be locked{why}") from error
            try:
                yield
            finally:
                self._file_lock.release()

    def append(self, session: str, events: Sequence[Event]) -> None:
        """As :meth:`Sink.append`."""
        for event in events:
            check(event)
            if event["session"] != session:
                raise BadDocument("An event of another session was to be kept.")
        data = to_lines(events)
        if not data:
            return
        with self.locked():
            self._close_due()
            part = self._own_part()
            try:
                try:
                    _append(part, data)
                except OSError as error:
                    if error.errno != errno.EFBIG or not part.stat().st_size:
                        raise
                    self._close_part(part)  # this system lets no file grow so long: the next one has room
                    _append(self._own_part(), data)
            except OSError as error:
                raise Unavailable(f"The log cannot be written{because(error)}") from error

    def _own_part(self) -> Path:
        """The file that this process writes now; another process may have closed the one before."""
        if os.getpid() != self._process:  # a forked child is a writer of its own
            self._writer, self._part, self._process = secrets.token_hex(4), None, os.getpid()
        if self._part is None or not self._part.exists():
            self._number += 1
            name = f"{int(self._clock() * 1000):013d}-{self._writer}-{self._number:04d}.part"
            self._part = self.folder / name
        return self._part

    def _close_due(self) -> None:
        """Close the open segments, of whatever process, that are old or large enough."""
        now = self._clock()
        for part in self.folder.glob("*.part"):
            try:
                old = now - begun(part) >= self._close_seconds
                if old or part.stat().st_size >= self._close_bytes:
                    self._close_part(part)
            except OSError:
                continue  # a full disk may refuse even this; the next one tries again

    def _close_part(self, part: Path) -> None:
        cut_torn(part)
        if part.stat().st_size:
            os.rename(part, part.with_suffix(".jsonl"))
        else:
            part.unlink()
        _sync_folder(self.folder)
        if part == self._part:
            self._part = None

    def close_segments(self) -> list[Path]:
        """Close what is due and what this process writes; returns the closed segments, the oldest first."""
        with self.locked():
            self._close_due()
            if self._part is not None and self._part.exists():
                with contextlib.suppress(OSError):
                    self._close_part(self._part)
            return sorted(self.folder.glob("*.jsonl"))

    def files(self) -> list[Path]:
        """All segments, closed and open, the oldest first."""
        return sorted([*self.folder.glob("*.jsonl"), *self.folder.glob("*.part")])

    def lines(self) -> Iterator[tuple[str, bytes]]:
        """Every whole line with the name of its segment, as it lies there; unread ones are for the caller to judge."""
        for path in self.files():
            try:
                data = path.read_bytes()
            except FileNotFoundError:  # closed or rewritten since it was listed
                path = path.with_suffix(".jsonl")
                data = path.read_bytes() if path.exists() else b""
            for line in data[: data.rfind(b"\n") + 1].splitlines():
                yield path.stem, line

    def events(self) -> Iterator[Event]:
        """As :meth:`Sink.events`."""
        for _, line in self.lines():
            with contextlib.suppress(BadDocument):
                yield from_line(line)

    def settled(self, session: str) -> int | None:
        """As :meth:`Sink.settled`."""
        return None

    def sessions(self) -> list[str]:
        """As :meth:`Sink.sessions`."""
        return list(dict.fromkeys(event["session"] for event in self.events()))

    def read(self, session: str) -> Iterator[Event]:
        """As :meth:`Sink.read`."""
        return self._where("session", session)

    def about(self, person: str) -> Iterator[Event]:
        """As :meth:`Sink.about`."""
        return self._where("person", person)

    def _where(self, field: str, value: str) -> Iterator[Event]:
        sign = value.encode()
        for _, line in self.lines():
            if sign not in line:
                continue  # most lines are another's, and need not be understood
            with contextlib.suppress(BadDocument):
                if (event := from_line(line))[field] == value:
                    yield event

    def erase(self, person: str) -> int:
        """As :meth:`Sink.erase`: every segment that holds something of them is written anew, or goes."""
        return self.remove(lambda event: event["person"] == person, person.encode())

    def expire(self, before: int) -> int:
        """As :meth:`Sink.expire`."""
        with self.locked():
            old = expired(self.events(), before)
            return self.remove(lambda event: event["session"] in old) if old else 0

    def remove(self, unwanted: Callable[[Event], bool], sign: bytes = b"") -> int:
        """Delete the events that are unwanted, of all segments, closed ones included.

        Args:
            unwanted: which.
            sign: bytes that stand in every line of such an event.

        Returns:
            How many went.
        """
        count = 0
        try:
            with self.locked():
                for half in self.folder.glob(".*.new"):  # a process was stopped while it wrote one
                    half.unlink()
                for path in self.files():
                    count += rewrite(path, unwanted, sign)
                _sync_folder(self.folder)
        except OSError as error:
            raise Unavailable(
                f"The log could not be written anew, so not everything is deleted{because(error)}"
            ) from error
        return count

    def close(self) -> None:
        """As :meth:`Sink.close`: the open segment is closed."""
        with contextlib.suppress(Unavailable):
            self.close_segments()


def expired(events: Iterator[Event], before: int) -> set[str]:
    """The sessions whose last event is older than ``before``, milliseconds since 1970."""
    last: dict[str, int] = {}
    for event in events:
        last[event["session"]] = max(event["server_time"], last.get(event["session"], 0))
    return {session for session, time_ms in last.items() if time_ms < before}


def begun(part: Path) -> float:
    """When a segment was begun, seconds since 1970: its name says so."""
    head = part.name.partition("-")[0]
    return int(head) / 1000 if head.isdecimal() else part.stat().st_mtime


def cut_torn(part: Path) -> None:
    """Cut off the half line at the end of a file whose writer was stopped in the middle of it."""
    data = part.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        with open(part, "r+b") as file:
            file.truncate(whole)
            os.fsync(file.fileno())


def rewrite(path: Path, unwanted: Callable[[Event], bool], sign: bytes = b"") -> int:
    """Write a file of events anew without some of them; returns how many went. A line that is no event and bears the
    sign goes too. A file that nothing is left of goes; one that nothing is taken from stays as it is."""
    data = path.read_bytes()
    if sign and sign not in data:
        return 0
    kept, gone = [], 0
    for line in data[: data.rfind(b"\n") + 1].splitlines(keepends=True):
        try:
            go = sign in line and unwanted(from_line(line))
        except BadDocument:
            go = bool(sign)
        gone += go
        if not go:
            kept.append(line)
    if not gone and data.endswith(b"\n"):
        return 0
    fresh = path.with_name(f".{path.name}.new")
    with open(path, "r+b") as old:
        if kept:
            _append(fresh, b"".join(kept))
            os.replace(fresh, path)
        else:
            path.unlink()
        old.write(bytes(len(data)))  # where the file system writes in place, the old bytes leave the disk too
        old.flush()
        os.fsync(old.fileno())
    return gone


def _append(path: Path, data: bytes) -> None:
    """Write at the end of a file and see that it reaches the disk; on failure the file is as it was."""
    new = not path.exists()
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        before = os.fstat(handle).st_size
        try:
            at = 0
            while at < len(data):
                at += os.write(handle, data[at:])
            os.fsync(handle)
        except OSError:
            os.ftruncate(handle, before)
            raise
    finally:
        os.close(handle)
    if new:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """See that names of files reach the disk, where the system can do that."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
