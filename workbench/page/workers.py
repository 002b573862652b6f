"""Worker processes for what would make everybody else wait: engraving, big files, sound, exports.

Threads of one process share one interpreter, and a library that keeps it for three seconds stops every visitor's
clicks for three seconds. So heavy :mod:`.work` goes to a small pool of processes that are started when they are first
needed, bounded in memory, and ended when they do not stop in time. In Jupyter, on the command line and in tests the
same work is done in this process (:class:`Here`).
"""

from __future__ import annotations

import atexit
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Protocol

import workbench
from workbench import errors
from workbench.errors import Cancelled, Unavailable, WorkbenchError
from workbench.hub.public import trace
from workbench.page.work import WORK, Stop, Tell, Values
from workbench.page.worker import read_frame, write_frame
from workbench.score.score import Score

_log = logging.getLogger(__name__)

MAX_WORKERS = 2
#: How long one piece of work may take, in seconds.
MAX_SECONDS = 1_800.0
#: How long a worker may take to stop before it is ended, in seconds.
GRACE_SECONDS = 3.0
#: How often whoever waits looks whether the work is still wanted, in seconds.
LOOK_SECONDS = 0.1
#: A second worker that has had nothing to do for so long is let go, in seconds.
IDLE_SECONDS = 60.0
#: A worker is replaced after so many pieces of work.
MAX_TASKS = 200
#: A piece of up to so many notes is worked on here while the first worker is still being started.
SMALL_NOTES = 600
#: And of so many seconds of sound, all tracks together.
SMALL_TRACK_SECONDS = 120.0


class Labour(Protocol):
    """Whoever does heavy work."""

    def run(self, name: str, values: Values, tell: Tell | None = None, stop: Stop | None = None) -> Any:
        """Do a piece of :data:`.work.WORK` and wait for it.

        Args:
            name: of the work.
            values: what it is told; plain JSON, and a score.
            tell: called with ``progress`` or ``partial`` and a value as the work goes on.
            stop: asked as the work goes on; where it answers True the work ends.

        Raises:
            Cancelled: ``stop`` said so.
            Unavailable: the work took too long or too much memory.
            WorkbenchError: what the work itself raises.
        """

    def close(self) -> None:
        """End all work."""


class Here:
    """Work done in this process."""

    def run(self, name: str, values: Values, tell: Tell | None = None, stop: Stop | None = None) -> Any:
        """See :meth:`Labour.run`."""
        return WORK[name](values, tell or (lambda kind, value: None), stop or (lambda: False))

    def close(self) -> None:
        """Nothing is left to end."""


class _Worker:
    """One worker process, and what it says."""

    def __init__(self) -> None:
        package = str(Path(workbench.__file__).parents[1])
        path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "workbench.page.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
        self.news: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self.ready = False
        self.tasks = 0
        self.since = time.monotonic()
        threading.Thread(target=self._listen, name="workbench-worker", daemon=True).start()

    def _listen(self) -> None:
        out = self.process.stdout
        assert out is not None
        with suppress(EOFError, OSError, ValueError):
            while True:
                kind, value = read_frame(out)
                self.news.put((kind, value))
        self.news.put(("gone", None))

    def send(self, value: Any) -> None:
        """Tell it something; whether it still lives is heard later."""
        channel: IO[bytes] | None = self.process.stdin
        assert channel is not None
        with suppress(OSError, ValueError):
            write_frame(channel, value)

    def end(self) -> None:
        """End it, whatever it does."""
        with suppress(OSError):
            self.process.kill()
        with suppress(OSError, subprocess.TimeoutExpired):
            self.process.wait(5)
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError, ValueError):
                if pipe is not None:
                    pipe.close()


class Workers:
    """A pool of worker processes; work waits its turn where all are busy.

    Args:
        most: how many there are at most.
        seconds: how long one piece of work may take.
    """

    def __init__(self, most: int = MAX_WORKERS, seconds: float = MAX_SECONDS) -> None:
        self._most, self._seconds = most, seconds
        self._changed = threading.Condition()
        self._idle: list[_Worker] = []
        self._all: list[_Worker] = []
        self._closed = False
        atexit.register(self.close)

    def run(self, name: str, values: Values, tell: Tell | None = None, stop: Stop | None = None) -> Any:
        """See :meth:`Labour.run`."""
        stop = stop or (lambda: False)
        if self._cold() and _small(values):
            # A process takes a second to start; a small piece is done by then.
            threading.Thread(target=self._warm, name="workbench-warm", daemon=True).start()
            return Here().run(name, values, tell, stop)
        worker = self._take(stop)
        if worker is None:  # a system that lets us start none
            return Here().run(name, values, tell, stop)
        kept = False
        try:
            worker.send({"work": name, "values": _plain(values)})
            kind, value = self._wait(worker, tell or (lambda kind, value: None), stop)
            worker.tasks += 1
            kept = kind in ("result", "error") and worker.tasks < MAX_TASKS
            if kind == "result":
                kept = kept and not value["tired"]
                return value["value"]
        finally:
            self._give_back(worker, kept)
        if kind == "error":
            known = getattr(errors, value["kind"], WorkbenchError)
            raise known(value["text"])
        if kind == "bug":
            _log.error("work in a worker failed: %s", value)
            raise RuntimeError("a bug in a worker")
        if kind == "memory":
            raise Unavailable("This takes more memory than one job may have here; try it with a smaller piece.")
        raise Unavailable("This work ended before it was done; try it again, or with a smaller piece.")

    def _wait(self, worker: _Worker, tell: Tell, stop: Stop) -> tuple[str, Any]:
        """What comes of the work; raises :class:`Cancelled`, or :class:`Unavailable` where it takes too long."""
        end = time.monotonic() + self._seconds
        while True:
            if stop():
                self._stopped(worker)
                raise Cancelled("Stopped.")
            if time.monotonic() > end:
                raise Unavailable("This took too long here and was stopped; try it with a smaller piece.")
            try:
                kind, value = worker.news.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                continue
            if kind in ("progress", "partial"):
                tell(kind, value)
            elif kind != "ready":
                return kind, value

    def _stopped(self, worker: _Worker) -> None:
        """Tell a worker to stop; it is given a moment to tidy up, and ended in any case."""
        worker.send("stop")
        end = time.monotonic() + GRACE_SECONDS
        with suppress(queue.Empty):
            while worker.news.get(timeout=max(0.0, end - time.monotonic()))[0] in ("progress", "partial", "ready"):
                pass

    def _cold(self) -> bool:
        """Whether no worker runs yet."""
        with self._changed:
            return not self._all

    def _warm(self) -> None:
        """Start a worker for the work that comes next."""
        with suppress(Cancelled):
            worker = self._take(lambda: False)
            if worker is not None:
                self._give_back(worker, kept=True)

    def _take(self, stop: Stop) -> _Worker | None:
        """A worker that is free, when there is one; None where none can be started."""
        with self._changed:
            while not self._idle and len(self._all) >= self._most:
                if stop() or self._closed:
                    raise Cancelled("Stopped.")
                self._changed.wait(LOOK_SECONDS)
            if self._closed:
                raise Cancelled("Stopped.")
            if self._idle:
                return self._idle.pop()
            try:
                worker = _Worker()
            except OSError as problem:
                _log.warning("no worker process could be started: %s", trace(problem))
                return None
            self._all.append(worker)
            return worker

    def _give_back(self, worker: _Worker, kept: bool) -> None:
        with self._changed:
            kept = kept and not self._closed
            worker.since = time.monotonic()
            if kept:
                self._idle.append(worker)
            elif worker in self._all:
                self._all.remove(worker)
            many = len(self._idle) > 1
            self._changed.notify_all()
        if not kept:
            worker.end()
        if many:
            timer = threading.Timer(IDLE_SECONDS + 1, self._let_go)
            timer.daemon = True
            timer.start()

    def _let_go(self) -> None:
        """Let workers go that have had nothing to do, all but one."""
        now = time.monotonic()
        with self._changed:
            idle = [worker for worker in self._idle[1:] if now - worker.since >= IDLE_SECONDS]
            self._idle = [worker for worker in self._idle if worker not in idle]
            self._all = [worker for worker in self._all if worker not in idle]
        for worker in idle:
            worker.end()

    def close(self) -> None:
        """End all workers."""
        with self._changed:
            self._closed = True
            workers, self._all, self._idle = self._all, [], []
            self._changed.notify_all()
        for worker in workers:
            worker.end()
        atexit.unregister(self.close)


def _plain(values: Values) -> Values:
    """The same with scores as JSON values."""
    return {name: value.to_dict() if isinstance(value, Score) else value for name, value in values.items()}


def _small(values: Values) -> bool:
    """Whether it surely takes only a moment."""
    from workbench.score.timemap import TimeMap

    score = values.get("score")
    return (
        isinstance(score, Score)
        and score.note_count <= SMALL_NOTES
        and TimeMap(score).seconds(score.end) * max(1, len(score.tracks)) <= SMALL_TRACK_SECONDS
    )
