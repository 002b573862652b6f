"""The training corpora: pieces as integer arrays on a beat grid, read once and cached.

``pieces("pop909_main")`` walks one corpus; :data:`CORPORA` says what there is and under which licence. The raw
archives lie below ``WORKBENCH_DATA_DIR``; the caches (one ``.npz`` a corpus) below ``WORKBENCH_TRAIN_DIR``.

What a piece is stands in :mod:`workbench.training.pieces`; how each archive gets there, and around which traps, in
:mod:`workbench.training.collect` and the readers that it names.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from workbench.errors import Unavailable
from workbench.training.collect import read_corpus
from workbench.training.pieces import (
    CORPORA,
    DRUMS,
    DURATION,
    ONSET,
    PITCH,
    PPQ,
    PROGRAM,
    TRACK,
    VELOCITY,
    Corpus,
    Piece,
)  # fmt: skip
from workbench.training.splits import Split

__all__ = [
    "CACHE_VERSION", "CORPORA", "DRUMS", "DURATION", "ONSET", "PITCH", "PPQ", "PROGRAM", "TRACK", "VELOCITY", "Corpus",
    "Piece", "data_dir", "load", "pieces", "save", "train_dir",
]  # fmt: skip


CACHE_VERSION = 2


def data_dir() -> Path:
    """Folder of the unpacked archives (``WORKBENCH_DATA_DIR``); raises :class:`Unavailable` without one."""
    name = os.environ.get("WORKBENCH_DATA_DIR", "")
    if not name or not Path(name).is_dir():
        raise Unavailable("Set WORKBENCH_DATA_DIR to the folder in which the training archives are unpacked.")
    return Path(name)


def train_dir() -> Path:
    """Folder of caches, checkpoints and logs (``WORKBENCH_TRAIN_DIR``), created; never inside the repository."""
    folder = Path(os.environ.get("WORKBENCH_TRAIN_DIR", "") or Path.home() / ".cache" / "workbench" / "train")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def pieces(name: str, only: Split | None = None) -> Iterator[Piece]:
    """The pieces of a corpus in the order of their ids, of one side of the split if ``only`` is given.

    The first call reads the archive (seconds to a minute) and writes the cache.

    Raises:
        Unavailable: neither the cache nor the archive is there.
        KeyError: no corpus of that name.
    """
    corpus = CORPORA[name]
    cache = train_dir() / "corpora" / f"{name}.v{CACHE_VERSION}.npz"
    if not cache.exists():
        save(read_corpus(corpus, data_dir() / corpus.folder, pieces), cache)
    for piece in load(cache):
        # LilyPond writes keys beyond MIDI's as bytes that read as negative ones: such a piece has wrong notes.
        sound = bool(((piece.notes[:, PITCH] >= 0) & (piece.notes[:, PITCH] <= 127)).all())
        if sound and (only is None or piece.split == only):
            yield piece


_ARRAYS = ("notes", "beats", "downbeats", "meters", "chords")


def save(found: list[Piece], path: Path) -> None:
    """Write pieces to one ``.npz``: all arrays joined end to end, with their lengths and names beside them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, np.ndarray] = {}
    for name in _ARRAYS:
        parts = [getattr(piece, name) for piece in found]
        arrays[name] = np.concatenate(parts) if parts else np.zeros(0)
        arrays[f"{name}_len"] = np.array([len(part) for part in parts], np.int64)
    about = [[piece.id, piece.work, piece.corpus, list(piece.tracks)] for piece in found]
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    partial = path.with_suffix(f".{os.getpid()}.npz")
    np.savez(partial, **arrays)  # type: ignore[arg-type]
    partial.replace(path)


def load(path: Path) -> Iterator[Piece]:
    """Read what :func:`save` wrote."""
    with np.load(path) as archive:
        data: dict[str, Any] = {name: archive[name] for name in archive.files}
    ends = {name: np.concatenate([[0], np.cumsum(data[f"{name}_len"])]) for name in _ARRAYS}
    for row, (piece_id, work, corpus, tracks) in enumerate(json.loads(data["about"].tobytes())):
        arrays = {name: data[name][ends[name][row] : ends[name][row + 1]] for name in _ARRAYS}
        yield Piece(piece_id, work, corpus, tracks=tuple(tracks), **arrays)
