"""Readers of the sets that are written scores: OpenScore Orchestra, Open EWLD, and Mutopia once it is MIDI.

MusicXML goes through the workbench's own reader, so what training sees of a file is what a person sees of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from workbench.errors import Unavailable, WorkbenchError
from workbench.score import files
from workbench.score.lanes import QUALITIES
from workbench.score.score import Score
from workbench.score.timemap import TimeMap
from workbench.training.pieces import DRUMS, PPQ, TRACK, Piece
from workbench.training.readers import bar_starts, read_file, rescale

MOST_PARTS = 11  #: melodic parts the networks know; larger orchestras share staves first


def score_piece(score: Score, piece_id: str, work: str, corpus: str) -> Piece | None:
    """A score of the workbench as a piece; None if it has no notes."""
    rows = [
        (note.start, note.end, note.pitch, note.velocity, DRUMS if track.is_drum else track.program, number)
        for number, track in enumerate(score.tracks)
        for note in track.sorted_notes()
    ]
    if not rows:
        return None
    notes = np.array(rows, dtype=np.int64)
    start, end = rescale(notes[:, 0], score.ppq), rescale(notes[:, 1], score.ppq)
    notes[:, 0], notes[:, 1] = start, np.maximum(end - start, 1)
    notes = notes[np.lexsort((notes[:, 5], notes[:, 2], notes[:, 0]))].astype(np.int32)
    time = TimeMap(score)
    beats = np.array([time.seconds(beat * score.ppq) for beat in range(int(end.max()) // PPQ + 2)])
    bars = time.bars()
    downbeats = rescale(np.array([bar.start for bar in bars]), score.ppq).astype(np.int32)
    kinds = [(int(tick), bar.numerator, bar.denominator) for tick, bar in zip(downbeats, bars, strict=True)]
    meters = [kind for place, kind in enumerate(kinds) if place == 0 or kind[1:] != kinds[place - 1][1:]]
    names = list(QUALITIES)
    chords = [
        (*rescale(np.array([chord.tick, chord.duration]), score.ppq).tolist(), chord.root, names.index(chord.quality),
         chord.root if chord.bass < 0 else chord.bass)
        for chord in score.chords
    ]  # fmt: skip
    return Piece(
        piece_id, work, corpus, notes, beats, downbeats, np.array(meters, np.int32),
        np.array(chords, np.int32).reshape(-1, 5), tuple(track.name for track in score.tracks),
    )  # fmt: skip


def read_orchestra(folder: Path) -> Iterator[Piece | None]:
    """OpenScore Orchestra: every movement a piece, the symphony (or mass, concerto) its work."""
    for path in sorted(folder.rglob("*.musicxml")):
        work = "/".join(path.relative_to(folder).parts[:2])
        piece = _open(path, f"orchestra/{path.stem}", f"orchestra/{work}", "orchestra")
        yield None if piece is None else share_staves(piece)


def read_ewld(folder: Path) -> Iterator[Piece | None]:
    """Open EWLD: tunes with chord symbols; the title is the work, since a song stands under several names."""
    for path in sorted(folder.rglob("*.musicxml")):
        title = re.sub(r"[^a-z0-9]", "", path.stem.lower()) or path.stem
        yield _open(path, f"ewld/{path.parent.name}/{path.stem}", f"ewld/{title}", "ewld")


def read_mutopia(folder: Path) -> Iterator[Piece | None]:
    """What :mod:`workbench.training.mutopia` wrote: MIDI with LilyPond's own bar lines beside it.

    Raises:
        Unavailable: Mutopia has not been converted to the end.
    """
    if not (folder / "pieces.tsv").exists():
        raise Unavailable("Mutopia is not MIDI yet; let python -m workbench.training.mutopia run to its end.")
    for path in sorted(folder.glob("*.mid")):
        name = path.stem.rsplit("__", 1)[0]
        piece = read_file(path, f"mutopia/{path.stem}", f"mutopia/{name}", "mutopia")
        told = path.with_suffix(".bars.json")
        if piece is not None and told.exists():
            starts = np.array(json.loads(told.read_text()), dtype=np.float64)
            end = int((piece.notes[:, 0] + piece.notes[:, 1]).max())
            piece = replace(piece, downbeats=bar_lines(np.round(starts * PPQ).astype(np.int64), end, piece.meters))
        yield piece


def bar_lines(told: np.ndarray, end: int, meters: np.ndarray) -> np.ndarray:
    """All bar lines from those at which something happens, int32: where all rest, bars of the metre fill the time.

    Ticks at 480 a beat; ``meters`` int32 [k, 3] as in :class:`Piece`. The first bar begins at tick 0, an upbeat or not.
    """
    if not len(told):
        return bar_starts(meters, end)
    out = [0] if told[0] > 0 else []
    for start, stop in zip(told.tolist(), [*told[1:].tolist(), end + 1], strict=True):
        _, numerator, denominator = meters[max(0, int(np.searchsorted(meters[:, 0], start, side="right")) - 1)].tolist()
        length = max(1, numerator * 4 * PPQ // denominator)
        whole = stop == end + 1 or (stop - start) % length == 0
        out += list(range(start, stop, length)) if whole else [start]
    return np.array(out, np.int32)


def share_staves(piece: Piece) -> Piece:
    """Tracks of one instrument joined, the thinnest pairs first, until at most eleven melodic ones are left."""
    notes = piece.notes.copy()
    melodic = notes[:, 4] != DRUMS
    while True:
        tracks, counts = np.unique(notes[melodic, TRACK], return_counts=True)
        program = {int(track): int(notes[melodic & (notes[:, TRACK] == track), 4][0]) for track in tracks}
        pairs = [
            (int(counts[place] + counts[place + 1]), int(tracks[place]), int(tracks[place + 1]))
            for place in range(len(tracks) - 1)
            if program[int(tracks[place])] == program[int(tracks[place + 1])]
        ]
        if len(tracks) <= MOST_PARTS or not pairs:
            return replace(piece, notes=notes)
        _, kept, gone = min(pairs)
        notes[melodic & (notes[:, TRACK] == gone), TRACK] = kept


def _open(path: Path, piece_id: str, work: str, corpus: str) -> Piece | None:
    try:
        return score_piece(files.load(path).score, piece_id, work, corpus)
    except WorkbenchError:  # a broken file is left out, as in every other set
        return None
