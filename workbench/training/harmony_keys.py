"""Which key the training pieces are in, where somebody has written it down.

POP909 gives keys (found by a program, so not always right); ABC tunes name theirs; of Lieder whose key
signature never changes, the last bass note tells major from its relative minor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from workbench.training import corpora
from workbench.training.corpora import DURATION, ONSET, PITCH, Piece
from workbench.training.splits import Split

_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
#: What may follow the tonic in an ABC key, in lower case, and whether it is minor; modes in between are left out.
_MODES = {"": 0, "maj": 0, "major": 0, "m": 1, "min": 1, "minor": 1, "dorian": 1, "dor": 1}


def keyed(corpus: str, side: Split) -> Iterator[tuple[Piece, int]]:
    """Pieces of ``pop909_main``, ``folk`` or ``lieder`` whose key is known: 0 to 11 major, C to B, 12 to 23 minor."""
    root = corpora.data_dir()
    names = _abc_keys(root / "music21_corpus/music21/corpus") if corpus == "folk" else {}
    for piece in corpora.pieces(corpus, side):
        name = piece.id.split("/", 1)[1]
        if corpus == "pop909_main":
            key = _pop_key(root / "pop909/POP909" / name / "key_audio.txt")
        elif corpus == "folk":
            key = names.get((name.split("__")[0], piece.tracks[0] if piece.tracks else ""))
        else:
            key = _signed(root / "openscore_lieder/midi" / f"{name}.mid", piece)
        if key is not None:
            yield piece, key


def tonic_of(name: str) -> int | None:
    """Pitch class of a note's name such as ``Gb``."""
    if not name or name[0] not in _LETTERS:
        return None
    return (_LETTERS[name[0]] + name.count("#") - name.count("b")) % 12


def _pop_key(path: Path) -> int | None:
    rows = [line.split() for line in path.read_text().splitlines() if line.strip()] if path.exists() else []
    if len(rows) != 1:
        return None
    tonic, mode = rows[0][2].split(":")
    found = tonic_of(tonic)
    return None if found is None else found + 12 * (mode == "min")


def _abc_keys(folder: Path) -> dict[tuple[str, str], int]:
    """(folder, any title) -> key, of all ABC tunes that name one."""
    out: dict[tuple[str, str], int] = {}
    for path in sorted(folder.glob("*/*.abc")):
        titles: list[str] = []
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("X:"):
                titles = []
            elif line.startswith("T:"):
                titles.append(line[2:].strip())
            elif line.startswith("K:") and titles:
                found = re.match(r"\s*([A-G][#b]?)\s*([A-Za-z]*)", line[2:])
                mode = _MODES.get(found[2].lower()) if found else None
                tonic = tonic_of(found[1]) if found else None
                if mode is not None and tonic is not None:
                    out |= {(path.parent.name, title): tonic + 12 * mode for title in titles}
                titles = []
    return out


def _signed(path: Path, piece: Piece) -> int | None:
    """Key by a signature that never changes and the last bass note."""
    import symusic

    try:
        sharps = {sign.key for sign in symusic.Score(str(path)).key_signatures}
    except (RuntimeError, ValueError, OSError):
        return None
    if len(sharps) != 1:
        return None
    major = int(7 * sharps.pop() % 12)
    end = piece.notes[:, ONSET] + piece.notes[:, DURATION]
    last = int(piece.notes[end >= end.max() - 10, PITCH].min()) % 12
    if last == major:
        return major
    minor = (major + 9) % 12
    return minor + 12 if last == minor else None


def weights(piece: Piece) -> np.ndarray:
    """How long each pitch class sounds, float64 [12]."""
    return np.bincount(piece.notes[:, PITCH] % 12, piece.notes[:, DURATION].astype(float), 12)
