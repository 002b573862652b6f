"""What the Genie learns from: performances as keys, times and chords, cut into windows of 128 notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from workbench.errors import Unavailable
from workbench.score.lanes import QUALITIES
from workbench.training.corpora import DRUMS, ONSET, PITCH, PROGRAM, TRACK, Piece, pieces, train_dir
from workbench.training.splits import Split

WINDOW = 128
LOWEST, HIGHEST = 21, 108
#: Chord family of every quality (an index below 8), -1 where only the root is told to the network.
FAMILY_OF = np.array(
    [{"sus4": -1, "sus2": -1, "5": -1, "dim7": 3, "6": 0, "min6": 1, "minmaj7": 1, "7sus4": 4, "9": 4, "maj9": 5,
      "min9": 6, "aug7": 2}.get(name, min(place, 7)) for place, name in enumerate(QUALITIES)],
    np.int64,
)  # fmt: skip
#: Part of the training windows that each source gives.
SOURCES: dict[str, float] = {
    "pop909": 0.62, "pop909_melody": 0.07, "giantmidi": 0.10, "lieder_piano": 0.10, "lieder_voice": 0.03, "folk": 0.08,
}  # fmt: skip
#: The same from music that may be passed on note by note: neither songs under copyright nor Open EWLD, some of whose
#: titles may still be protected.
OPEN_SOURCES: dict[str, float] = {
    "lieder_piano_heard": 0.36, "lieder_voice_heard": 0.10, "mutopia_piano_heard": 0.22, "giantmidi": 0.12,
    "folk": 0.20,
}  # fmt: skip
#: Sources whose chords were heard by rule, and the corpus of each.
HEARD = {"lieder_piano_heard": "lieder", "lieder_voice_heard": "lieder", "mutopia_piano_heard": "mutopia"}


@dataclass(frozen=True)
class Performance:
    """Notes of one piece in the order of onset, then pitch.

    ``keys`` int16 [n] (0 = A0 to 87), ``seconds`` float64 [n], ``roots`` and ``families`` int16 [n] (-1 = none).
    """

    id: str
    keys: np.ndarray
    seconds: np.ndarray
    roots: np.ndarray
    families: np.ndarray

    def __len__(self) -> int:
        return len(self.keys)


def performance(piece: Piece, tracks: Iterable[int] | None = None) -> Performance:
    """A piece (or some of its tracks, merged) as the Genie hears it; drums and keys off the piano are left out."""
    notes = piece.notes
    kept = (notes[:, PROGRAM] != DRUMS) & (notes[:, PITCH] >= LOWEST) & (notes[:, PITCH] <= HIGHEST)
    if tracks is not None:
        kept &= np.isin(notes[:, TRACK], list(tracks))
    notes = notes[kept]
    notes = notes[np.lexsort((notes[:, PITCH], notes[:, ONSET]))]
    roots, families = chord_inputs(piece.chords, notes[:, ONSET])
    keys = (notes[:, PITCH] - LOWEST).astype(np.int16)
    return Performance(piece.id, keys, piece.seconds(notes[:, ONSET]), roots, families)


def chord_inputs(chords: np.ndarray, onsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Root and family (int16 [n], -1 = none) of the chord that sounds at each onset.

    A note up to a sixteenth before the change belongs to the new chord: players anticipate.
    """
    none = np.full(len(onsets), -1, np.int16)
    if not len(chords) or not len(onsets):
        return none, none.copy()
    place = onsets.astype(np.int64) + 60
    index = np.searchsorted(chords[:, 0], place, side="right") - 1
    held = (index >= 0) & (place < chords[np.maximum(index, 0), 0] + chords[np.maximum(index, 0), 1] + 60)
    roots = np.where(held, chords[np.maximum(index, 0), 2], -1)
    families = np.where(held, FAMILY_OF[chords[np.maximum(index, 0), 3]], -1)
    return roots.astype(np.int16), families.astype(np.int16)


def source(name: str, side: Split) -> list[Performance]:
    """All performances of one source on one side of the split, of at least 16 notes."""
    found: Iterator[Performance]
    if name in HEARD:
        heard = (piece for piece in with_heard(HEARD[name], side))
        if name == "mutopia_piano_heard":
            found = (performance(piece) for piece in heard if not piece.notes[:, PROGRAM].any())
        else:
            found = (performance(piece, _named(piece, name.split("_")[1])) for piece in heard)
    elif name == "pop909":
        found = (performance(piece) for piece in pieces("pop909_main", side))
    elif name == "pop909_melody":
        found = (performance(piece, _named(piece, "melody")) for piece in pieces("pop909_main", side))
    elif name == "lieder_piano":
        found = (performance(piece, _named(piece, "piano")) for piece in pieces("lieder", side))
    elif name == "lieder_voice":
        found = (performance(piece, _named(piece, "voice")) for piece in pieces("lieder", side))
    else:
        found = (performance(piece) for piece in pieces(name, side))
    return [item for item in found if len(item) >= 16]


def heard_file(corpus: str, side: Split) -> Path:
    """Where :mod:`workbench.evaluation.heard_chords` leaves the chords of a corpus."""
    return train_dir() / "heard-chords" / f"{corpus}.{side}.npz"


def with_heard(corpus: str, side: Split) -> Iterator[Piece]:
    """Pieces with the chords that were heard in them.

    Raises:
        Unavailable: nobody has listened yet.
    """
    file = heard_file(corpus, side)
    if not file.exists():
        raise Unavailable("Let python -m workbench.evaluation.heard_chords run to its end first.")
    with np.load(file) as found:
        for piece in pieces(corpus, side):
            if piece.id in found:
                yield replace(piece, chords=found[piece.id])


def _named(piece: Piece, word: str) -> list[int]:
    return [number for number, name in enumerate(piece.tracks) if word in name.lower()]


@dataclass(frozen=True)
class Batch:
    """Windows, all int64 [batch, 128]: keys, time bins, chord roots and families (-1 = none)."""

    keys: np.ndarray
    bins: np.ndarray
    roots: np.ndarray
    families: np.ndarray


def to_bins(seconds: np.ndarray) -> np.ndarray:
    """Time bins (int64 [n]) of onset times in order; the first note comes after a long silence."""
    gaps = np.diff(np.asarray(seconds, np.float64), prepend=-1e9)
    return np.clip(np.floor(gaps * 31.25 + 0.5), 0, 32).astype(np.int64)


def windows(item: Performance, size: int = WINDOW) -> Iterator[Batch]:
    """Consecutive windows of a performance as it was played, each a batch of one; a rest below 16 notes is dropped."""
    for start in range(0, len(item), size):
        part = slice(start, start + size)
        if len(item.keys[part]) < 16:
            return
        rows = (item.keys[part], to_bins(item.seconds[part]), item.roots[part], item.families[part])
        yield Batch(*(np.asarray(row, np.int64)[None] for row in rows))


class Sampler:
    """Random training windows: a source by its share, a piece by its length, any start; then transposed and stretched.

    Transposition by -6 to 5 semitones moves the chord's root along; tempo changes by up to 5 %; the chord is hidden in
    half of the windows, so that one network plays with and without.
    """

    def __init__(self, side: Split = "train", shares: dict[str, float] | None = None, chord_share: float = 0.5) -> None:
        shares = SOURCES if shares is None else shares
        self.data = {name: [item for item in source(name, side) if len(item) >= WINDOW] for name in shares}
        self.names = list(shares)
        self.odds = np.array([shares[name] for name in self.names]) / sum(shares.values())
        self.weights = {
            name: (lambda lengths: lengths / lengths.sum())(np.array([len(item) for item in items], np.float64))
            for name, items in self.data.items()
        }
        self.chord_share = chord_share

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """``size`` windows."""
        rows = [self._window(rng) for _ in range(size)]
        return Batch(*(np.stack(column) for column in zip(*rows, strict=True)))

    def _window(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        name = self.names[int(rng.choice(len(self.names), p=self.odds))]
        item = self.data[name][int(rng.choice(len(self.data[name]), p=self.weights[name]))]
        start = int(rng.integers(0, len(item) - WINDOW + 1))
        part = slice(start, start + WINDOW)
        keys = item.keys[part].astype(np.int64)
        low, high = max(-6, -int(keys.min())), min(5, 87 - int(keys.max()))
        shift = int(rng.integers(low, high + 1))
        bins = to_bins(item.seconds[part] * rng.uniform(0.95, 1.05))
        roots, families = item.roots[part].astype(np.int64), item.families[part].astype(np.int64)
        if rng.random() >= self.chord_share:
            roots, families = np.full(WINDOW, -1), np.full(WINDOW, -1)
        else:
            roots = np.where(roots >= 0, (roots + shift) % 12, -1)
        return keys + shift, bins, roots, families
