"""Measures on free-running lines: how tonal they are, and how much of the training music stands in them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from workbench.training.genie_data import Performance
from workbench.training.keys import in_key_share, pitch_class_entropy

RUN = 12
_HASH = np.uint64(0x9E3779B97F4A7C15)


def tonality(lines: Iterable[np.ndarray], size: int = 64) -> np.ndarray:
    """In-key share and pitch-class entropy (bits) of consecutive windows of ``size`` notes, float64 [n, 2]."""
    rows = [
        (in_key_share(line[start : start + size]), pitch_class_entropy(line[start : start + size]))
        for line in lines
        for start in range(0, len(line) - size + 1, size)
    ]
    return np.array(rows)


def fingerprints(pitches: np.ndarray) -> np.ndarray:
    """A 64-bit number for every run of twelve notes (eleven intervals), uint64 [n - 11]: equal under transposition."""
    moves = (np.diff(np.asarray(pitches, np.int64)) + 128).astype(np.uint64)
    total = np.zeros(max(0, len(moves) - RUN + 2), np.uint64)
    for offset in range(RUN - 1):
        with np.errstate(over="ignore"):
            total = (total ^ moves[offset : offset + len(total)]) * _HASH
            total ^= total >> np.uint64(29)
    return total


def known_runs(items: Iterable[Performance]) -> np.ndarray:
    """The sorted fingerprints of all runs of twelve notes in performances."""
    return np.unique(np.concatenate([fingerprints(item.keys) for item in items]))


def copied(lines: Iterable[np.ndarray], known: np.ndarray) -> float:
    """Runs of twelve notes that stand in ``known``, per 100,000 notes."""
    found = notes = 0
    for line in lines:
        runs = fingerprints(line)
        place = np.minimum(np.searchsorted(known, runs), len(known) - 1)
        found += int((known[place] == runs).sum())
        notes += len(line)
    return found / max(1, notes) * 100_000
