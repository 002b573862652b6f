"""Readers of the training archives: one function a source, with the traps of each handled.

symusic reads the files: tempo and metre events come from all tracks (Freedoom keeps its tempo off track 0, Lieder
repeat their metre in every track), and 8,000 files take seconds. Files that cannot be read are left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from workbench.training.pieces import DRUMS, PPQ, Piece

MAX_BEATS = 20_000


def read_file(path: Path, piece_id: str, work: str, corpus: str) -> Piece | None:
    """One MIDI file on its own beat grid; None if it cannot be read or is absurdly long."""
    import symusic

    try:
        score = symusic.Score(str(path))
    except (RuntimeError, ValueError, OSError):
        return None
    notes = note_array(score)
    if not len(notes) or score.tpq <= 0:
        return None
    end = int((notes[:, 0] + notes[:, 1]).max())
    if end > MAX_BEATS * PPQ:
        return None
    meters = meter_array(score)
    return Piece(
        piece_id, work, corpus, notes, beat_times(score, end), bar_starts(meters, end), meters,
        tracks=tuple(track.name for track in score.tracks),
    )  # fmt: skip


def note_array(score: Any) -> np.ndarray:
    """Notes of a symusic score, int32 [n, 6] with ticks at 480 a beat, sorted by onset, pitch and track."""
    rows: list[np.ndarray] = []
    for number, track in enumerate(score.tracks):
        found = track.notes.numpy()
        count = len(found["time"])
        program = DRUMS if track.is_drum else track.program
        columns = [
            rescale(found["time"], score.tpq), rescale(found["duration"], score.tpq), found["pitch"],
            found["velocity"], np.full(count, program), np.full(count, number),
        ]  # fmt: skip
        rows.append(np.stack([np.asarray(column, np.int32) for column in columns], axis=1))
    notes = np.concatenate(rows) if rows else np.zeros((0, 6), np.int32)
    return notes[np.lexsort((notes[:, 5], notes[:, 2], notes[:, 0]))]


def rescale(ticks: np.ndarray, ppq: int) -> np.ndarray:
    """Ticks of a file as ticks at 480 a beat, rounded."""
    return (np.asarray(ticks, np.int64) * PPQ * 2 + ppq) // (2 * ppq)


def beat_times(score: Any, end: int) -> np.ndarray:
    """Seconds of every beat up to the first one after ``end`` (ticks at 480), through the file's tempo map."""
    changes = {0: 500_000}
    for tempo in score.tempos:
        changes[int(rescale(np.array(tempo.time), score.tpq))] = int(tempo.mspq)
    ticks = np.array(sorted(changes), np.int64)
    rates = np.array([changes[int(tick)] for tick in ticks], np.float64) / 1e6 / PPQ
    starts = np.concatenate([[0.0], np.cumsum(np.diff(ticks) * rates[:-1])])
    beats = np.arange(end // PPQ + 2) * PPQ
    segment = np.searchsorted(ticks, beats, side="right") - 1
    return np.asarray(starts[segment] + (beats - ticks[segment]) * rates[segment])


def meter_array(score: Any) -> np.ndarray:
    """Metre changes of a symusic score, int32 [k, 3]; repeats in other tracks dropped, 4/4 where none is given."""
    found: dict[int, tuple[int, int]] = {0: (4, 4)}
    for meter in score.time_signatures:
        if meter.numerator > 0 and meter.denominator > 0:
            found[int(rescale(np.array(meter.time), score.tpq))] = (int(meter.numerator), int(meter.denominator))
    rows = [(tick, *found[tick]) for tick in sorted(found)]
    kept = [row for place, row in enumerate(rows) if place == 0 or row[1:] != rows[place - 1][1:]]
    return np.array(kept, np.int32)


def bar_starts(meters: np.ndarray, end: int) -> np.ndarray:
    """Ticks of all bars up to ``end``; a change of metre starts a new bar."""
    starts: list[np.ndarray] = []
    for place, (tick, numerator, denominator) in enumerate(meters.tolist()):
        stop = int(meters[place + 1, 0]) if place + 1 < len(meters) else end + 1
        starts.append(np.arange(tick, max(stop, tick + 1), max(1, numerator * 4 * PPQ // denominator)))
    return np.concatenate(starts).astype(np.int32)
