"""Counts the tables of :mod:`workbench.create.infill.around.chord_plan` in POP909 with the chords of POP909-CL; for
weights that learn from free music alone, in the OpenScore Lieder with chords heard by rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workbench.score.lanes import QUALITIES
from workbench.tokens import grid12 as g
from workbench.training import corpora
from workbench.training.genie_data import with_heard
from workbench.training.grid import on_grid, to_grid

#: A chord's kind by its quality: third and fifth decide, a minor seventh over a major third makes a dominant.
N_KINDS = 4
#: Pseudo-counts: of tones, and of the chord's overall frequency in every row of transitions.
TONE_SMOOTHING, TURN_SMOOTHING = 20.0, 12.0


@dataclass(frozen=True)
class Line:
    """A song by half bars: ``sung`` float64 [n, 12] in C, ``on_bar`` bool [n], ``chord`` int64 [n] (-1: none)."""

    sung: np.ndarray
    on_bar: np.ndarray
    chord: np.ndarray


def kind_of(root: int, quality: int) -> int:
    """Index into ``chord_plan.KINDS``: of a root in C and an index into ``QUALITIES``; no third: as in the scale."""
    tones = {step % 12 for step in list(QUALITIES.values())[quality]}
    if not {3, 4} & tones:
        tones.add(3 if root in (2, 4, 9, 11) else 4)
    if 3 in tones and 4 not in tones:
        return 3 if 6 in tones and 7 not in tones else 2
    return 1 if 10 in tones and 4 in tones else 0


def lines(pieces: Iterable[corpora.Piece]) -> Iterator[Line]:
    """Every song that has chords, tune and chords moved to C by the scale of all its notes."""
    for piece in pieces:
        if not len(piece.chords):
            continue
        notes = on_grid(piece.notes).astype(np.int64)
        onset, length, pitch = (notes[:, column] for column in (corpora.ONSET, corpora.DURATION, corpora.PITCH))
        own = notes[:, corpora.TRACK] == sung_track(piece)
        tonic = g.best_major(g.pitch_class_counts(pitch, length))
        edges, on_bar = halves(to_grid(piece.downbeats).astype(np.int64))
        sung = sounding(onset[own], (onset + length)[own], (pitch[own] - tonic) % 12, edges)
        chord = np.full(len(on_bar), -1, dtype=np.int64)
        for tick, length, root, quality, _ in piece.chords.tolist():
            first, last = (int(x) for x in to_grid(np.array([tick, tick + length])))
            begin, stop = np.searchsorted(edges[:-1], (first - g.TICKS // 2, last - g.TICKS // 2))
            degree = (root - tonic) % 12
            chord[begin:stop] = N_KINDS * degree + kind_of(degree, quality)
        yield Line(sung, on_bar, chord)


def sung_track(piece: corpora.Piece) -> int:
    """Number of the track called MELODY, else of the highest."""
    track = piece.notes[:, corpora.TRACK]
    if "MELODY" in piece.tracks:
        return int(np.unique(track)[piece.tracks.index("MELODY")])
    return int(max(np.unique(track), key=lambda name: float(piece.notes[track == name, corpora.PITCH].mean())))


def halves(bars: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Edges of the half bars (of bars of four quarters; others are whole), and which begin a bar."""
    edges, on_bar = [], []
    for start, end in zip(bars[:-1].tolist(), bars[1:].tolist(), strict=True):
        edges.append(start)
        on_bar.append(True)
        if end - start == 4 * g.TICKS:
            edges.append((start + end) // 2)
            on_bar.append(False)
    return np.array([*edges, int(bars[-1])]), np.array(on_bar)


def sounding(onset: np.ndarray, end: np.ndarray, pitch: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Share of each half bar for which each pitch class sounds, float64 [n, 12]."""
    out = np.zeros((len(edges) - 1, 12))
    for start, stop, key in zip(onset.tolist(), end.tolist(), pitch.tolist(), strict=True):
        at = max(0, int(np.searchsorted(edges, start, side="right")) - 1)
        while at < len(out) and edges[at] < stop:
            out[at, key] += max(0, min(stop, edges[at + 1]) - max(start, edges[at]))
            at += 1
    return out / np.maximum(1, np.diff(edges))[:, None]


def count(found: Iterable[Line]) -> dict[str, np.ndarray]:
    """Probabilities ``start``, ``turn`` and ``tone`` (see :class:`ChordModel`), float32."""
    states = 12 * N_KINDS
    start, turn, tone = np.zeros(states), np.zeros((2, states, states)), np.zeros((states, 12))
    for line in found:
        known = line.chord >= 0
        start[line.chord[known]] += 1
        both = known[:-1] & known[1:]
        np.add.at(turn, (line.on_bar[1:][both].astype(int), line.chord[:-1][both], line.chord[1:][both]), 1)
        np.add.at(tone, line.chord[known], line.sung[known])
    # A rare chord is sung over like its kind on other roots: all of a kind share tones counted from the root.
    kinds = np.stack(
        [sum(np.roll(tone[N_KINDS * root + kind], -root) for root in range(12)) for kind in range(N_KINDS)]
    )
    kinds /= np.maximum(1e-9, kinds.sum(axis=1, keepdims=True))  # some kind may be in no song
    prior = np.stack([np.roll(kinds[state % N_KINDS], state // N_KINDS) for state in range(states)])
    tone = (tone + TONE_SMOOTHING * prior) / (tone.sum(axis=1, keepdims=True) + TONE_SMOOTHING)
    often = (start + 0.1) / (start + 0.1).sum()
    turn = (turn + TURN_SMOOTHING * often) / (turn.sum(axis=2, keepdims=True) + TURN_SMOOTHING)
    tone = np.maximum(tone, 1e-4)
    return {name: table.astype(np.float32) for name, table in (("start", often), ("turn", turn), ("tone", tone))}


def export(folder: Path, *, open_music: bool = False) -> int:
    """Write ``chords.safetensors`` into ``folder``; returns the number of songs that were counted."""
    from safetensors.numpy import save_file

    found = list(lines(with_heard("lieder", "train") if open_music else corpora.pieces("pop909_main", "train")))
    save_file(count(found), folder / "chords.safetensors")
    return len(found)
