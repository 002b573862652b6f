"""Hiding the inaudible mark in what is handed over, if a model wrote some of it and the owner does not object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from workbench.provenance.authorship import models
from workbench.provenance.mark.choice import checked, stated
from workbench.score.score import Score
from workbench.sound.playing import BLOCK
from workbench.sound.recording import Recording
from workbench.sound.tape import Block

#: The way the mark is made; another number where an older detector would not find it any more.
VERSION = 1
#: Seconds of marked sound below which nobody should rely on the mark being found.
ENOUGH = 5.0


@dataclass(frozen=True, slots=True)
class Marking:
    """``wanted``: whether a mark is hidden; ``because``: if not, why not, as a sentence. ``chosen``: somebody left it
    out who was free to."""

    wanted: bool
    because: str = ""
    chosen: bool = False

    def noted(self, note: str) -> str:
        """A file's remark, with the reason where a mark was left out by choice."""
        return f"{note} {self.because}".strip() if self.chosen else note

    def told(self, stem: str, seconds: float) -> dict[str, Any]:
        """What a manifest says: ``stem``: the mark's own file, ``seconds``: how long there is something of it."""
        if not self.wanted:
            return {"hidden": False, "because": self.because}
        if seconds == 0:
            return {"hidden": False, "because": "There is no sound that a mark could be hidden behind."}
        said = {"hidden": True, "kind": "spread spectrum", "version": VERSION, "stem": stem, "seconds": seconds}
        return said if seconds >= ENOUGH else {**said, "remark": "This is too short for a mark to be found surely."}


def marking(score: Score, left_out: str = "") -> Marking:
    """Whether sound of this piece is marked.

    Args:
        score: the piece.
        left_out: a person's reason for leaving the mark out of this file alone.

    Raises:
        BadRequest: a reason that is none.
    """
    if not models(score):
        return Marking(False, "No model wrote any of this.")
    if left_out:
        return Marking(False, f"The inaudible mark was left out: {checked(left_out)}", chosen=True)
    choice = stated()
    if not choice.on:
        return Marking(False, f"The inaudible mark was left out: {choice.reason}", chosen=True)
    return Marking(True)


class Marked:
    """A recording whose mix carries the mark.

    Args:
        made: the recording.

    ``seconds``: for how long :meth:`blocks` has hidden something so far.
    """

    def __init__(self, made: Recording) -> None:
        self._made, self._frames = made, 0

    @property
    def seconds(self) -> float:
        """Seconds of sound that carry something of the mark."""
        return round(self._frames / self._made.rate, 2)

    def mark(self, start: int, end: int) -> Block:
        """The mark alone from one frame to another, float32 [frames, 2]."""
        from workbench.provenance.mark.embed import mark_of

        return mark_of(self._made.read_mix, start, end, self._made.rate)

    def read_mix(self, start: int, end: int) -> Block:
        """The mix with its mark from one frame to another."""
        out = self._made.read_mix(start, end)
        out += self.mark(start, end)
        return out

    def blocks(self) -> Iterator[tuple[Block, Block]]:
        """The marked mix and the mark alone, from start to end."""
        for start in range(0, self._made.frames, BLOCK):
            end = min(start + BLOCK, self._made.frames)
            mark = self.mark(start, end)
            self._frames += int(mark.any(axis=1).sum())
            yield self._made.read_mix(start, end) + mark, mark
