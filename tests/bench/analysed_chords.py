"""Chords found for tunes against what people analysed: ``python tests/bench/analysed_chords.py [models/chords]``.

Needs music21, which tests install, ``WORKBENCH_DATA_DIR`` and ``WORKBENCH_TRAIN_DIR``.

When in Rome (Gotham and others; CC BY-SA 4.0, hence for evaluation alone) has Roman numerals for some OpenScore
Lieder. Its measures are laid on the bars of our pieces; where no way of counting the first bar makes the analysis agree
with what is heard in the song, the song is left out.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from workbench.create.infill.around.chord_plan import ChordModel
from workbench.evaluation.chord_accuracy import song, table
from workbench.evaluation.heard_chords import chords_of
from workbench.nets.chords import ChordRuntime
from workbench.score.lanes import QUALITIES
from workbench.training.chord_data import half_bar_chords, half_bars, tune_of
from workbench.training.corpora import data_dir, pieces
from workbench.training.pieces import PPQ, Piece
from workbench.training.splits import Split

CORPUS = Path("when_in_rome") / "Corpus" / "OpenScore-LiederCorpus"
#: How the first full measure may be counted, and the share of heard roots that an analysis must agree with.
SHIFTS, AGREES = (-1, 0, 1), 0.55
_QUALITIES = {tuple(sorted(step % 12 for step in steps)): number for number, steps in enumerate(QUALITIES.values())}


def analysed(side: Split) -> Iterator[tuple[Piece, np.ndarray]]:
    """Held-out Lieder with their analyses: int32 [c, 5], tick, duration, root, quality, bass (pitch classes)."""
    files = {_plain("".join(file.parts[-4:-1])): file for file in sorted((data_dir() / CORPUS).rglob("analysis.txt"))}
    for piece in pieces("lieder", side):
        file = files.get(_plain("".join(piece.id.split("/", 1)[1].split("__")[:-1])))
        if file is not None:
            chords = _aligned(piece, _measures(file))
            if chords is not None:
                yield piece, chords


def _plain(name: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFC", name).casefold() if letter.isalnum())


def _measures(file: Path) -> list[tuple[int, float, int, int, int]]:
    """Measure, place in it (quarters), root, quality and bass of every numeral of a RomanText file."""
    from music21 import converter

    found = []
    for numeral in converter.parse(file, format="romantext").recurse().getElementsByClass("RomanNumeral"):
        root, tones = numeral.root().pitchClass, numeral.pitchClasses
        shape = tuple(sorted((tone - root) % 12 for tone in set(tones)))
        quality = _QUALITIES.get(shape, _QUALITIES[(0, 3, 7) if 3 in shape else (0, 4, 7)])
        found.append((int(numeral.measureNumber), float(numeral.offset), root, quality, numeral.bass().pitchClass))
    return found


def _aligned(piece: Piece, numerals: list[tuple[int, float, int, int, int]]) -> np.ndarray | None:
    """The analysis on the piece's ticks, the first measure counted as fits best; None where no way fits."""
    edges, _ = half_bars(piece)
    heard, _, _ = half_bar_chords(chords_of(piece).astype(np.int64), edges)
    bars, best, found = np.unique(piece.downbeats).astype(np.int64), AGREES, None
    for shift in SHIFTS:
        rows = []
        for measure, place, *chord in numerals:
            at = measure - 1 + shift
            if measure > 0 and 0 <= at < len(bars):
                rows.append([int(bars[at] + round(place * PPQ)), *chord])
        starts = [row[0] for row in rows]
        if len(rows) < 2 or starts != sorted(starts):
            continue
        ends = [*starts[1:], int(edges[-1])]
        chords = np.array([[row[0], end - row[0], *row[1:]] for row, end in zip(rows, ends, strict=True)], np.int32)
        root, _, _ = half_bar_chords(chords.astype(np.int64), edges)
        both = (root >= 0) & (heard >= 0)
        agreed = float((root == heard)[both].mean()) if both.any() else 0.0
        if agreed > best:
            best, found = agreed, chords
    return found


def heard_agreement(piece: Piece, chords: np.ndarray) -> float:
    """Share of half bars in which the chord heard in the whole song has the analysis's root."""
    edges, _ = half_bars(piece)
    root, heard = (half_bar_chords(each.astype(np.int64), edges)[0] for each in (chords, chords_of(piece)))
    known = root >= 0
    return float((root == heard)[known].mean())


def main(folder: Path) -> None:
    """Print the table of ``workbench.evaluation.chord_accuracy`` for all analysed Lieder that nothing learnt from."""
    runtime, before = ChordRuntime.load(folder), ChordModel.load(folder.parent / "infill" / "chords.safetensors")
    rng, rows, heard = np.random.default_rng(0), [], []
    for side in ("test", "valid"):
        for piece, chords in analysed(side):
            heard.append(heard_agreement(piece, chords))
            tune = tune_of(replace(piece, chords=chords, tracks=()))
            if tune is not None:
                rows.append(song(tune, tune.notes, runtime, before, rng))
    print(f"Lieder, as people analysed them, {len(rows)} songs\n\n{table(rows)}\n")
    print(f"Chords heard in the whole song: {np.mean(heard):.3f}, at least {np.min(heard):.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "models" / "chords")
