"""Splits by work: every version of one piece falls on the same side.

The work's id, not the file's, is hashed, so that a song of ``pop909_main`` and its twin in ``pop909_cl``, or a Lied
as MIDI and as MusicXML, never sit on two sides of an evaluation.
"""

from __future__ import annotations

import hashlib
from typing import Literal

Split = Literal["train", "valid", "test"]
SPLITS: tuple[Split, ...] = ("train", "valid", "test")
TEST_SHARE = 0.05
VALID_SHARE = 0.05


def fraction(work: str) -> float:
    """A number in [0, 1) that depends on the work's id alone."""
    return int.from_bytes(hashlib.sha256(work.encode()).digest()[:6], "big") / 2.0**48


def split(work: str) -> Split:
    """Side of a work: 5 % test, 5 % validation, the rest for training.

    The shares are fixed: to change them would move works that a released network has learnt from into its test.
    """
    place = fraction(work)
    if place < TEST_SHARE:
        return "test"
    return "valid" if place < TEST_SHARE + VALID_SHARE else "train"
