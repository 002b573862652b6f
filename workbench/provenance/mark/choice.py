"""Whether marks are hidden here: yes, unless the owner of this installation has said no, and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from workbench.errors import BadRequest
from workbench.hub.places import home, write_atomic

MAX_REASON = 300


@dataclass(frozen=True, slots=True)
class Choice:
    """``on``: marks are hidden. ``reason``: of the owner, where they are not; ``since``: a date, YYYY-MM-DD."""

    on: bool = True
    reason: str = ""
    since: str = ""

    def sentence(self) -> str:
        """The same in plain words."""
        if self.on:
            return "Sound in which a model wrote something carries the inaudible mark."
        return f"No mark is hidden here since {self.since}; the owner's reason: {self.reason}"


def choice_file() -> Path:
    """Where the owner's choice is kept."""
    return home() / "mark.json"


def checked(reason: str) -> str:
    """A reason on one line; raises :class:`BadRequest` where there is none or it is too long."""
    reason = " ".join(reason.split())
    if not 3 <= len(reason) <= MAX_REASON:
        raise BadRequest(f"Leaving the mark out needs a reason of 3 to {MAX_REASON} letters; it is kept with the file.")
    return reason


def stated() -> Choice:
    """The owner's choice; a file that cannot be read leaves the mark on."""
    try:
        data = json.loads(choice_file().read_text(encoding="utf-8"))
        if data["on"] is False:
            return Choice(False, checked(str(data["reason"])), str(data["since"])[:10])
    except (OSError, ValueError, KeyError, TypeError, BadRequest):
        pass
    return Choice()


def leave_out(reason: str) -> Choice:
    """Leave the mark out from now on; raises :class:`BadRequest` without a reason."""
    chosen = Choice(False, checked(reason), datetime.now(UTC).strftime("%Y-%m-%d"))
    data = {"on": False, "reason": chosen.reason, "since": chosen.since}
    write_atomic(choice_file(), json.dumps(data, ensure_ascii=False) + "\n")
    return chosen


def put_in() -> Choice:
    """Hide the mark from now on."""
    choice_file().unlink(missing_ok=True)
    return Choice()
