"""Steps of a document's history, kept without keeping their operations in memory.

An operation can hold a hundred thousand notes. Those that the document made stand in its log, most of which is on
disk; those it was told of are packed.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass

from workbench.score.events import EventLog
from workbench.score.operations import Operation


@dataclass(frozen=True, slots=True)
class Step:
    """One step that can be undone, or redone; made by :func:`logged` and :func:`told`.

    ``seq``: of the event that made it, None if that stands in no log of ours.
    """

    seq: int | None
    _log: EventLog | None = None
    _packed: bytes = b""

    @property
    def operation(self) -> Operation:
        """What was done."""
        found: Operation
        if self._log is not None and self.seq is not None:
            found = self._log.find(self.seq)["payload"]["operation"]
        else:
            found = json.loads(zlib.decompress(self._packed))
        return found


def logged(log: EventLog, seq: int) -> Step:
    """A step whose event stands in the log."""
    return Step(seq, log)


def told(operation: Operation) -> Step:
    """A step that was told of."""
    return Step(None, None, zlib.compress(json.dumps(operation).encode(), 1))


def fingerprint(operation: Operation) -> bytes:
    """What tells operations apart without keeping them."""
    return hashlib.sha256(json.dumps(operation, sort_keys=True).encode()).digest()
