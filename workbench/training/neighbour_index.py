"""The lines of all training music, small enough to ship: what :mod:`workbench.provenance.neighbours` looks through.

    python -m workbench.training.neighbour_index

Each melodic part of each piece on the training side gives its melody and, where it is another, its line of highest
notes. What a work repeats is kept once: a note stays if it stands in a passage of eight notes (steps and rhythm) that
the work has not had before. Written twice it comes out byte for byte the same.
"""

from __future__ import annotations

import csv
import json
import lzma
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench import resources
from workbench.score.lines import BREAK, PASSAGE, Line, coded, hashed, melody_line, top_line
from workbench.training.corpora import CORPORA, data_dir, pieces
from workbench.training.pieces import DRUMS, DURATION, ONSET, PITCH, PPQ, PROGRAM, TRACK, Piece

#: Sets whose every work stands in another one as well, or that have no melodic part.
LEFT_OUT = ("groove",)
#: Notes of the passages that a work keeps once: so many in a row are therefore always found in a row.
WHOLE = 12


def part_lines(piece: Piece) -> Iterator[Line]:
    """The melody of each melodic part, and its highest notes where they are another line."""
    notes = piece.notes.astype(np.int64)
    notes = notes[notes[:, PROGRAM] != DRUMS]
    for track in np.unique(notes[:, TRACK]):
        part = notes[notes[:, TRACK] == track]
        tune = melody_line(part[:, ONSET], part[:, ONSET] + part[:, DURATION], part[:, PITCH], PPQ)
        top = top_line(part[:, ONSET], part[:, PITCH], PPQ)
        yield tune
        if len(top.steps) != len(tune.steps):
            yield top


def condensed(
    lines: Iterator[Line], seen: npt.NDArray[np.uint64]
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint64]]:
    """The passages of a piece that its work has not had before, and all that the work has had then.

    The first as uint8 [2, n], steps and ratios, ``BREAK`` between stretches; the second, and ``seen``, as hashes.
    """
    out = []
    for line in lines:
        code = coded(line)
        windows = hashed(code, rhythm=True, notes=WHOLE)
        if not len(windows):  # a short line stays as it is
            out += [code, np.full((2, 1), BREAK, np.uint8)] if code.shape[1] >= PASSAGE - 1 else []
            continue
        _, first = np.unique(windows, return_index=True)
        fresh = np.zeros(len(windows), bool)
        fresh[first] = True
        fresh &= ~np.isin(windows, seen)
        seen = np.union1d(seen, windows)
        kept = np.zeros(code.shape[1], bool)
        for place in range(WHOLE - 1):
            kept[place : place + len(fresh)] |= fresh
        ends = np.flatnonzero(np.diff(np.concatenate([[0], kept.astype(np.int8), [0]])))
        for start, end in zip(ends[::2], ends[1::2], strict=True):
            out += [code[:, start:end], np.full((2, 1), BREAK, np.uint8)]
    return np.concatenate(out, axis=1) if out else np.zeros((2, 0), np.uint8), seen


def titles() -> dict[str, tuple[str, str]]:
    """Title and composer of the pieces whose ids do not tell them."""
    found: dict[str, tuple[str, str]] = {}
    with (data_dir() / "mutopia_midi/pieces.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if len(row) >= 4:
                found[f"mutopia/{row[0].replace('/', '__')}"] = (row[2], row[3])
    return found


def name_of(piece: Piece, known: dict[str, tuple[str, str]]) -> tuple[str, str]:
    """Title and composer in plain letters."""
    rest = piece.id.partition("/")[2]
    if piece.corpus == "mutopia":
        key = re.sub(r"__\d+$", "", piece.id)
        return known.get(key, (rest.replace("__", " "), ""))
    if piece.corpus == "folk":
        return (piece.tracks[0].strip(" .") if piece.tracks and piece.tracks[0] else rest), "traditional"
    if piece.corpus in ("lieder", "quartets"):
        parts = [part.strip("_").replace("_", " ") for part in rest.split("__")]
        by = " ".join(reversed([word.strip() for word in parts[0].split(",", 1)]))
        return ", ".join(part for part in parts[1:-1] if part) or rest, by
    if piece.corpus == "ewld":
        by, _, title = rest.partition("/")
        return title.replace("_", " "), by.replace("_", " ").replace("-", ", ")
    if piece.corpus == "polish":
        by, _, title = piece.work.partition("/")[2].partition("--")
        plain = (title or by).replace("-", " ")
        return plain[:1].upper() + plain[1:], by.replace("-", " ").title() if title else ""
    if piece.corpus == "giantmidi":
        words = (piece.tracks[0] if piece.tracks else "").split(", ")
        return (", ".join(words[2:-1]) or rest, " ".join(reversed(words[:2]))) if len(words) > 3 else (rest, "")
    if piece.corpus == "orchestra":
        by, _, title = piece.work.partition("/")[2].partition("/")
        return title.replace("_", " "), " ".join(reversed(by.replace("_", " ").split(", ", 1)))
    if piece.corpus.startswith("pop909"):
        return f"song {rest} of POP909", ""
    return rest.replace("_", " "), ""


def build(folder: Path) -> dict[str, Any]:
    """Write ``lines.xz`` and ``works.json`` into ``folder``; returns how much of what went in."""
    known, works, parts = titles(), [], []
    had: dict[str, npt.NDArray[np.uint64]] = {}  # a song of two sets is one work
    for corpus in CORPORA:
        if corpus in LEFT_OUT:
            continue
        for piece in pieces(corpus, "train"):
            nothing: npt.NDArray[np.uint64] = np.zeros(0, np.uint64)
            lines, had[piece.work] = condensed(part_lines(piece), had.get(piece.work, nothing))
            if lines.shape[1]:
                works.append([*name_of(piece, known), corpus, lines.shape[1]])
                parts.append(lines)
    whole = np.concatenate(parts, axis=1)
    folder.mkdir(parents=True, exist_ok=True)
    packed = lzma.compress(whole.tobytes(), preset=9)
    (folder / "lines.xz").write_bytes(packed)
    named = {
        "corpora": {
            name: {"licence": corpus.licence, "attribution": corpus.attribution}
            for name, corpus in CORPORA.items()
            if name not in LEFT_OUT
        },
        "works": works,
    }
    (folder / "works.json").write_text(json.dumps(named, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    return {"works": len(works), "notes": int(whole.shape[1]), "bytes": len(packed)}


if __name__ == "__main__":
    print(json.dumps(build(resources.path("assets") / "neighbours")))
