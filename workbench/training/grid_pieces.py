"""Pieces on the grid of the infilling network, read from the corpora once and cached."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training import corpora
from workbench.training.grid import to_grid
from workbench.training.splits import Split

#: Roland pads of the Groove recordings that General MIDI does not name: rims and edges of the hi-hat and toms.
_GROOVE_PADS = {22: 42, 26: 46, 58: 43}
CACHE_VERSION = 2


@dataclass(frozen=True)
class GridPiece:
    """A piece on the grid.

    Attributes:
        notes: int64 [n, 5] as in :mod:`workbench.tokens.rows`, sorted, not yet in C.
        programs: int64 [12], General MIDI program of each slot.
        chords: int64 [c, 5], tick and length on the grid, root, quality (an index into ``QUALITIES``), bass; empty
            where nobody wrote any down.
    """

    id: str
    work: str
    notes: np.ndarray
    programs: np.ndarray
    bars: g.Bars
    chords: np.ndarray = field(default_factory=lambda: np.zeros((0, 5), np.int64))


def encode(piece: corpora.Piece, dynamics: bool) -> GridPiece:
    """Put a piece on the grid: parts to slots from high to low, the drums to the last slot.

    Of more than eleven melodic parts the eleven with most notes stay. ``dynamics`` False hides the velocities.
    """
    raw = piece.notes.astype(np.int64)
    drum = raw[:, corpora.PROGRAM] == corpora.DRUMS
    programs = np.full(g.N_SLOT, g.NO_PROGRAM, dtype=np.int64)
    slots = np.full(len(raw), -1, dtype=np.int64)
    slots[drum] = g.DRUM_SLOT
    if drum.any():
        programs[g.DRUM_SLOT] = g.DRUM_PROGRAM
    tracks = [int(track) for track in np.unique(raw[~drum, corpora.TRACK])]
    tracks = sorted(tracks, key=lambda track: -int((raw[~drum, corpora.TRACK] == track).sum()))[: g.DRUM_SLOT]
    own = {track: raw[~drum & (raw[:, corpora.TRACK] == track)] for track in tracks}
    for slot, track in enumerate(sorted(tracks, key=lambda track: -own[track][:, corpora.PITCH].mean())):
        slots[~drum & (raw[:, corpora.TRACK] == track)] = slot
        programs[slot] = own[track][0, corpora.PROGRAM]
    onset = to_grid(raw[:, corpora.ONSET]).astype(np.int64)
    end = to_grid(raw[:, corpora.ONSET] + raw[:, corpora.DURATION]).astype(np.int64)
    pitch = raw[:, corpora.PITCH]
    for pad, key in _GROOVE_PADS.items():
        pitch = np.where(drum & (pitch == pad), key, pitch)
    velocity = raw[:, corpora.VELOCITY] if dynamics else np.zeros(len(raw), dtype=np.int64)
    notes = np.stack(
        [onset, slots, g.model_pitch(pitch, drum, 0), g.duration_class(end - onset), g.velocity_class(velocity)], axis=1
    )
    starts = np.unique(to_grid(piece.downbeats).astype(np.int64))
    starts = starts if len(starts) else np.zeros(1, dtype=np.int64)
    last = int(starts[-1] - starts[-2]) if len(starts) > 1 else 4 * g.TICKS
    starts = np.append(starts, starts[-1] + max(last, g.TICKS))
    chords = piece.chords.astype(np.int64).copy()
    if len(chords):
        stop = to_grid(chords[:, 0] + chords[:, 1])
        chords[:, 0] = to_grid(chords[:, 0])
        chords[:, 1] = np.maximum(stop - chords[:, 0], 1)
    return GridPiece(piece.id, piece.work, r.sort_notes(notes[slots >= 0]), programs, g.Bars(starts), chords)


def load(name: str, only: Split) -> list[GridPiece]:
    """The grid pieces of one corpus and side of the split, cached beside the corpus caches."""
    cache = corpora.train_dir() / "infill" / f"{name}.{only}.v{CACHE_VERSION}.npz"
    if not cache.exists():
        dynamics = corpora.CORPORA[name].real_dynamics
        found = [encode(piece, dynamics) for piece in corpora.pieces(name, only)]
        _save([piece for piece in found if len(piece.notes) >= 16], cache)
    return _load(cache)


def _save(pieces: Sequence[GridPiece], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    about = json.dumps([[p.id, p.work, len(p.notes), len(p.bars.starts), len(p.chords)] for p in pieces])
    partial = path.with_suffix(".partial.npz")
    np.savez(
        partial,
        about=np.frombuffer(about.encode(), dtype=np.uint8),
        notes=np.concatenate([np.zeros((0, 5), int), *(p.notes for p in pieces)]).astype(np.int32),
        bars=np.concatenate([np.zeros(0, int), *(p.bars.starts for p in pieces)]).astype(np.int32),
        chords=np.concatenate([np.zeros((0, 5), int), *(p.chords for p in pieces)]).astype(np.int32),
        programs=np.array([p.programs for p in pieces], np.int16).reshape(-1, g.N_SLOT),
    )
    partial.replace(path)


def _load(path: Path) -> list[GridPiece]:
    with np.load(path) as file:
        about, notes, bars = json.loads(file["about"].tobytes()), file["notes"], file["bars"]
        chords, programs = file["chords"], file["programs"]
    out, note, bar, chord = [], 0, 0, 0
    for row, (piece_id, work, notes_here, bars_here, chords_here) in enumerate(about):
        out.append(
            GridPiece(
                piece_id, work, notes[note : note + notes_here].astype(np.int64), programs[row].astype(np.int64),
                g.Bars(bars[bar : bar + bars_here].astype(np.int64)),
                chords[chord : chord + chords_here].astype(np.int64),
            )
        )  # fmt: skip
        note, bar, chord = note + notes_here, bar + bars_here, chord + chords_here
    return out


def lay_drums(piece: GridPiece, groove: GridPiece) -> GridPiece:
    """``piece`` with the bars of ``groove`` repeated under its bars of the same length."""
    drums = groove.notes[groove.notes[:, r.SLOT] == g.DRUM_SLOT]
    bar, position, length = groove.bars.locate(drums[:, r.TICK])
    whole = np.bincount(np.clip(bar, 0, None)) if len(drums) else np.zeros(0)
    usable = [index for index in range(len(whole)) if whole[index] >= 4]
    if not usable:
        return piece
    starts = piece.bars.starts
    added = [piece.notes]
    for number in range(len(starts) - 1):
        source = bar == usable[number % len(usable)]
        if starts[number + 1] - starts[number] == length[0]:
            copy = drums[source].copy()
            copy[:, r.TICK] = starts[number] + position[source]
            added.append(copy)
    programs = piece.programs.copy()
    programs[g.DRUM_SLOT] = g.DRUM_PROGRAM
    return replace(piece, notes=r.sort_notes(np.concatenate(added)), programs=programs)
