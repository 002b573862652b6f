"""POP909 twice: performances on their annotated beats, and the corrected chords of POP909-CL laid over them.

Three files of four in ``pop909_main`` claim a metre of 1/4, so bars and tempo come from ``beat_midi.txt`` (time in
seconds, a half-bar mark, a downbeat mark). ``pop909_cl`` is the same music quantised and shifted, with the chords
as notes of a second track; the shift is found by matching the notes, and only then do its chords count.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from workbench.score.lanes import QUALITIES
from workbench.training.pieces import ONSET, PITCH, PPQ, Piece
from workbench.training.readers import bar_starts, beat_times, meter_array, note_array

NO_CHORDS = np.zeros((0, 5), np.int32)
MIN_MATCH = 0.6


def read_cl(folder: Path) -> Iterator[Piece | None]:
    """POP909-CL: one track of music (melody included), the chords of the second track as labels."""
    for path in sorted((folder / "POP909_processed").glob("*.mid")):
        yield _read_cl_file(path)


def _read_cl_file(path: Path) -> Piece | None:
    import symusic

    try:
        score = symusic.Score(str(path))
    except (RuntimeError, ValueError, OSError):
        return None
    notes = note_array(score)
    if not len(notes) or len(score.tracks) < 2:
        return None
    music = notes[notes[:, 5] == 0]
    chords = label_chords(notes[notes[:, 5] == 1])
    end = int((notes[:, 0] + notes[:, 1]).max())
    meters = meter_array(score)
    return Piece(
        f"pop909_cl/{path.stem}", f"pop909/{path.stem}", "pop909_cl", music, beat_times(score, end),
        bar_starts(meters, end), meters, chords, tracks=(score.tracks[0].name,),
    )  # fmt: skip


def label_chords(notes: np.ndarray) -> np.ndarray:
    """Chords written as notes (int32 [n, 6]) to labels, int32 [c, 5]: tick, duration, root, quality, bass."""
    rows = []
    for tick in np.unique(notes[:, 0]):
        group = notes[notes[:, 0] == tick]
        root, quality, bass = name_chord(group[:, PITCH])
        if root >= 0:
            rows.append((int(tick), int(group[:, 1].max()), root, quality, bass))
    return np.array(rows, np.int32) if rows else NO_CHORDS


_TEMPLATES = [
    (root, number, frozenset((root + step) % 12 for step in tones))
    for number, tones in enumerate(QUALITIES.values())
    for root in range(12)
]


def name_chord(pitches: Any) -> tuple[int, int, int]:
    """Root, quality index and bass (pitch classes) of sounding pitches; root -1 if no chord fits well.

    The best template shares most tones and misses fewest; the bass being the root and simpler chords break ties.
    """
    classes = frozenset(int(pitch) % 12 for pitch in pitches)
    bass = int(min(pitches)) % 12
    if len(classes) < 2:
        return -1, 0, bass
    best = max(
        _TEMPLATES,
        key=lambda item: (
            2 * len(item[2] & classes) - len(item[2] - classes) * 2 - len(classes - item[2]) * 2,
            item[0] == bass,
            -item[1],
        ),
    )
    wrong = len(best[2] - classes) + len(classes - best[2])
    return (best[0], best[1], bass) if wrong <= 1 else (-1, 0, bass)


def read_main(folder: Path) -> Iterator[Piece | None]:
    """POP909 as played: MELODY, BRIDGE and PIANO on the annotated beats, with the twin's chords where they fit."""
    twins = folder.parent / "pop909_cl"
    corrected = {piece.work: piece for piece in read_cl(twins) if piece is not None}
    for path in sorted((folder / "POP909").glob("[0-9]*")):
        yield _read_main_song(path, corrected.get(f"pop909/{path.name}"))


def _read_main_song(folder: Path, twin: Piece | None) -> Piece | None:
    import symusic

    try:
        score = symusic.Score(str(folder / f"{folder.name}.mid")).to("second")
        beats, marks = read_beats(folder / "beat_midi.txt")
    except (RuntimeError, ValueError, OSError):
        return None
    rows = []
    for number, track in enumerate(score.tracks):
        rows += [(note.start, note.end, note.pitch, note.velocity, track.program, number) for note in track.notes]
    if not rows or len(beats) < 8:
        return None
    times = np.array(sorted(rows), np.float64)
    beats, marks = extend(beats, marks, float(times[:, 0].min()), float(times[:, 1].max()))
    notes = times.copy()
    notes[:, 0] = seconds_to_ticks(times[:, 0], beats)
    notes[:, 1] = np.maximum(seconds_to_ticks(times[:, 1], beats) - notes[:, 0], 1)
    final = notes.round().astype(np.int32)
    final = final[np.lexsort((final[:, 5], final[:, 2], final[:, 0]))]
    downbeats = (np.flatnonzero(marks) * PPQ).astype(np.int32)
    piece = Piece(
        f"pop909_main/{folder.name}", f"pop909/{folder.name}", "pop909_main", final, beats, downbeats,
        downbeat_meters(downbeats), tracks=tuple(track.name for track in score.tracks),
    )  # fmt: skip
    if twin is None:
        return piece
    return Piece(**{**piece.__dict__, "chords": transfer_chords(piece, twin)})


def read_beats(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """``beat_midi.txt``: seconds of every beat, float64, and whether it is a downbeat, bool."""
    rows = np.array([[float(cell) for cell in line.split()] for line in path.read_text().splitlines() if line.strip()])
    order = np.argsort(rows[:, 0], kind="stable")
    kept = rows[order][np.concatenate([[True], np.diff(rows[order][:, 0]) > 0.05])]
    return kept[:, 0], kept[:, 2] > 0.5


def extend(beats: np.ndarray, marks: np.ndarray, first: float, last: float) -> tuple[np.ndarray, np.ndarray]:
    """Beats continued at the edges' tempo so that they begin with a downbeat before ``first`` and end after ``last``.

    The period of the downbeats is the most frequent one; a song without marks counts from its first beat in fours.
    """
    found = np.flatnonzero(marks)
    period = int(np.bincount(np.diff(found)).argmax()) if len(found) > 1 else 4
    period = period if 2 <= period <= 8 else 4
    first_mark = int(found[0]) if len(found) else 0
    last_mark = int(found[-1]) if len(found) else 0
    step_in, step_out = float(np.median(np.diff(beats[:9]))), float(np.median(np.diff(beats[-9:])))
    lead = max(0, int(np.ceil((beats[0] - first) / step_in)))
    lead += -(first_mark + lead) % period  # beat 0 is a downbeat
    tail = max(0, int(np.ceil((last - beats[-1]) / step_out))) + 1
    before = beats[0] - step_in * np.arange(lead, 0, -1)
    after = beats[-1] + step_out * np.arange(1, tail + 1)
    flags = np.concatenate([np.zeros(lead, bool), marks, np.zeros(tail, bool)])
    flags[np.arange(first_mark + lead, -1, -period)] = True
    flags[np.arange(last_mark + lead, len(flags), period)] = True
    return np.concatenate([before, beats, after]), flags


def downbeat_meters(downbeats: np.ndarray) -> np.ndarray:
    """Metre changes implied by the distance of downbeats, int32 [k, 3]: n quarters to the bar."""
    rows: list[tuple[int, int, int]] = []
    for start, stop in zip(downbeats[:-1].tolist(), downbeats[1:].tolist(), strict=True):
        quarters = (stop - start) // PPQ
        if not rows or rows[-1][1] != quarters:
            rows.append((start, quarters, 4))
    return np.array(rows or [(0, 4, 4)], np.int32)


def seconds_to_ticks(seconds: np.ndarray, beats: np.ndarray) -> np.ndarray:
    """Seconds to ticks at 480 a beat, float64, linear between beats and beyond the last ones."""
    index = np.clip(np.searchsorted(beats, seconds, side="right") - 1, 0, len(beats) - 2)
    inside = (seconds - beats[index]) / (beats[index + 1] - beats[index])
    return np.asarray((index + inside) * PPQ)


def transfer_chords(piece: Piece, twin: Piece) -> np.ndarray:
    """The twin's chords on the piece's ticks; empty unless at least 60 % of the twin's notes find their match.

    Both note lists become rolls of quarter beats by pitch; the shift with the highest correlation wins. The two
    editions may also count beats at half or double speed.
    """
    size = 1 << int(np.ceil(np.log2(4 * (len(piece.beats) + 2 * len(twin.beats)) + 16)))
    roll = np.fft.rfft(_roll(piece.notes, 1.0, size), axis=0)
    best: tuple[float, float, int] = (0.0, 1.0, 0)
    for ratio in (1.0, 0.5, 2.0):
        other = _roll(twin.notes, ratio, size)
        match = np.fft.irfft((roll * np.conj(np.fft.rfft(other, axis=0))).sum(axis=1), size)
        shift = int(match.argmax())
        score = float(match[shift]) / max(1.0, float(other.sum()))
        if score > best[0]:
            best = (score, ratio, shift - size if shift > size // 2 else shift)
    score, ratio, shift = best
    if score < MIN_MATCH or not len(twin.chords):
        return NO_CHORDS
    chords = twin.chords.astype(np.float64)
    chords[:, 0] = chords[:, 0] * ratio + shift * PPQ / 4
    chords[:, 1] *= ratio
    return chords[chords[:, 0] >= 0].round().astype(np.int32)


def _roll(notes: np.ndarray, ratio: float, size: int) -> np.ndarray:
    out = np.zeros((size, 88), np.float32)
    place = np.round(notes[:, ONSET] * ratio * 4 / PPQ).astype(np.int64)
    kept = (place >= 0) & (place < size) & (notes[:, PITCH] >= 21) & (notes[:, PITCH] <= 108)
    out[place[kept], notes[kept, PITCH] - 21] = 1
    return out
