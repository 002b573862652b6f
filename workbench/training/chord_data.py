"""Tunes with their chords, by half bars: what the chord network learns from and is measured on."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from workbench.score.lanes import QUALITIES
from workbench.tokens import half_bars as hb
from workbench.training import corpora
from workbench.training.splits import Split

#: Shortest tune, in half bars; and the share of a half bar that a chord must cover to be its chord.
SHORTEST, COVER = 8, 0.4
_TONES = tuple(QUALITIES.values())


@dataclass(frozen=True)
class Tune:
    """A tune from its first bar with a note to its last, and its chords.

    Attributes:
        notes: int64 [m, 3], onset, end and pitch in ticks at 480 a beat.
        edges: of the half bars, int64 [n + 1].
        bar: number of each half bar's bar, int64 [n], 0 at the first.
        root: of the chord of each, int64 [n], -1 where none is known; ``quality`` an index into ``QUALITIES``;
            ``bass`` its pitch class.
    """

    work: str
    notes: np.ndarray
    edges: np.ndarray
    bar: np.ndarray
    root: np.ndarray
    quality: np.ndarray
    bass: np.ndarray

    def states(self, home: int) -> np.ndarray:
        """The chords as states of the network, read from the tonic ``home``: int64 [n], -1 where none is known."""
        degree = (self.root - home) % 12
        kinds = [hb.kind_of(int(d), _TONES[q]) for d, q in zip(degree, self.quality, strict=True)]
        return np.where(self.root < 0, -1, len(hb.KINDS) * degree + np.array(kinds, np.int64))


def tunes(corpus: str, side: Split, track: str = "MELODY") -> Iterator[Tune]:
    """The tunes of a corpus that have chords; ``track`` names the part where parts have names, else the highest."""
    for piece in corpora.pieces(corpus, side):
        if len(piece.chords):
            found = tune_of(piece, track)
            if found is not None:
                yield found


def tune_of(piece: corpora.Piece, track: str = "MELODY") -> Tune | None:
    """The tune of a piece: the track of that name (None without it) where tracks are named, else the highest."""
    number = piece.notes[:, corpora.TRACK]
    if "MELODY" in piece.tracks:
        if track not in piece.tracks:
            return None
        own = number == np.unique(number)[piece.tracks.index(track)]
    else:
        means = {int(n): float(piece.notes[number == n, corpora.PITCH].mean()) for n in np.unique(number)}
        own = number == max(means, key=lambda n: means[n])
    rows = piece.notes[own].astype(np.int64)
    notes = top_line(np.stack([rows[:, 0], rows[:, 0] + rows[:, 1], rows[:, 2]], axis=1))
    if len(notes) < SHORTEST:
        return None
    edges, bar = half_bars(piece)
    first = int(np.searchsorted(edges, notes[0, 0], side="right")) - 1
    last = int(np.searchsorted(edges, notes[-1, 1], side="left"))
    keep = (bar >= bar[max(0, first)]) & (bar <= bar[min(len(bar) - 1, max(0, last - 1))])
    if keep.sum() < SHORTEST:
        return None
    begin, stop = int(np.flatnonzero(keep)[0]), int(np.flatnonzero(keep)[-1]) + 1
    labels = half_bar_chords(piece.chords.astype(np.int64), edges[begin : stop + 1])
    return Tune(piece.work, notes, edges[begin : stop + 1], bar[begin:stop] - bar[begin], *labels)


def half_bars(piece: corpora.Piece) -> tuple[np.ndarray, np.ndarray]:
    """Edges of the half bars of a piece, int64 [n + 1], and the number of each one's bar, int64 [n]."""
    edges, bar = [], []
    bounds = np.unique(piece.downbeats).astype(np.int64)
    last = int(np.diff(bounds)[-1]) if len(bounds) > 1 else 4 * corpora.PPQ
    ends = [*bounds.tolist(), int(bounds[-1]) + last]
    numerators = piece.meters[np.searchsorted(piece.meters[:, 0], bounds, side="right") - 1, 1].tolist()
    for number, (start, end) in enumerate(itertools.pairwise(ends)):
        edges.append(start)
        bar.append(number)
        if end - start >= 4 * corpora.PPQ and numerators[number] % 2 == 0:
            edges.append((start + end) // 2)
            bar.append(number)
    return np.array([*edges, ends[-1]], np.int64), np.array(bar, np.int64)


def half_bar_chords(chords: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Root, quality and bass of the chord that covers most of each half bar, int64 [n] each; root -1: none does."""
    count = len(edges) - 1
    best = np.full(count, COVER)
    root, quality, bass = np.full(count, -1), np.zeros(count, np.int64), np.zeros(count, np.int64)
    for tick, length, r, q, b in chords.tolist():
        first = max(0, int(np.searchsorted(edges, tick, side="right")) - 1)
        for at in range(first, count):
            if edges[at] >= tick + length:
                break
            share = (min(tick + length, edges[at + 1]) - max(tick, edges[at])) / (edges[at + 1] - edges[at])
            if share > best[at]:
                best[at], root[at], quality[at], bass[at] = share, r, q, b
    return root, quality, bass


def top_line(notes: np.ndarray) -> np.ndarray:
    """The highest of notes that begin together, without those that begin below a longer one: int64 [m, 3]."""
    notes = notes[np.lexsort((-notes[:, 2], notes[:, 0]))]
    out: list[list[int]] = []
    for start, end, pitch in notes.tolist():
        if out and (start == out[-1][0] or (start < out[-1][1] and pitch < out[-1][2] - 4)):
            continue
        out.append([start, end, pitch])
    return np.array(out, dtype=np.int64).reshape(-1, 3)
