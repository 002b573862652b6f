"""A worker process: ``python -m workbench.page.worker`` does the :mod:`.work` it is told of, one thing at a time.

It speaks through its standard input and output: eight bytes of length, then JSON. It ends when whoever started it has
gone. Nobody need start it by hand; see :mod:`.workers`.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

#: The most memory (address space, where the system has such a limit) that a worker may take, in bytes.
MEMORY_BYTES = 6 * 2**30
#: A worker that has grown beyond this is replaced when its work is done, in bytes.
TIRED_BYTES = 700_000_000
#: How often progress is told at most, in seconds.
TELL_SECONDS = 0.1
MAX_FRAME = 2**31


def write_frame(file: IO[bytes], value: Any) -> None:
    """Send one message."""
    data = json.dumps(value, separators=(",", ":")).encode()
    file.write(len(data).to_bytes(8, "big") + data)
    file.flush()


def read_frame(file: IO[bytes]) -> Any:
    """Receive one message; raises :class:`EOFError` when the other side has gone."""
    head = file.read(8)
    if len(head) < 8:
        raise EOFError
    size = int.from_bytes(head, "big")
    data = file.read(size) if size <= MAX_FRAME else b""
    if len(data) < size:
        raise EOFError
    return json.loads(data)


class _Listener:
    """Hears what the other side says: work to do, or that the work of now is to stop."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.work: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.stopped = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                message = read_frame(self._source)
            except (EOFError, OSError, ValueError):
                os._exit(0)  # nobody waits for us any more
            if message == "stop":
                self.stopped.set()
            else:
                self.work.put(message)


def _limit_memory() -> None:
    """Be modest: bounded memory, and behind the server itself when the processor is busy."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    with contextlib.suppress(AttributeError, OSError):
        os.nice(5)


def peak_memory() -> int:
    """The most memory this process has used, in bytes; 0 where that is not known.

    Linux tells it of this program alone; what ``getrusage`` says begins with what the starting process held.
    """
    with contextlib.suppress(OSError, StopIteration, ValueError):
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) * 1024
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _do(message: Any, listener: _Listener, out: IO[bytes]) -> None:
    """Do one piece of work and send what comes of it."""
    from workbench.errors import WorkbenchError
    from workbench.hub.public import trace
    from workbench.page.work import WORK

    last = 0.0

    def tell(kind: str, value: Any) -> None:
        nonlocal last
        now = time.monotonic()
        if kind != "progress" or value >= 1 or now - last >= TELL_SECONDS:
            last = now if kind == "progress" else last
            write_frame(out, [kind, value])

    try:
        made = WORK[message["work"]](message["values"], tell, listener.stopped.is_set)
        write_frame(out, ["result", {"value": made, "tired": peak_memory() > TIRED_BYTES}])
    except WorkbenchError as problem:
        write_frame(out, ["error", {"kind": type(problem).__name__, "text": str(problem)}])
    except MemoryError:
        write_frame(out, ["memory", None])
    except Exception as problem:  # a bug of ours, for the log of whoever started us: where, and nothing of what
        write_frame(out, ["bug", trace(problem)])


def main() -> None:
    """Work until whoever started us goes."""
    _limit_memory()
    # What libraries print must not stand between our messages.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    listener = _Listener(os.fdopen(os.dup(0), "rb"))
    write_frame(out, ["ready", os.getpid()])
    while True:
        message = listener.work.get()
        listener.stopped.clear()
        _do(message, listener, out)


if __name__ == "__main__":
    main()
