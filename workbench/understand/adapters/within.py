"""Notes of a network kept within the recording they were heard in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from workbench.understand.heard import HeardNote

#: What would be shorter than this in seconds is left out.
SHORTEST = 0.01


def within(notes: Iterable[HeardNote], seconds: float) -> tuple[HeardNote, ...]:
    """The notes that begin within ``seconds``, ended there at the latest."""
    return tuple(replace(n, end=min(n.end, seconds)) for n in notes if n.start < seconds - SHORTEST)
