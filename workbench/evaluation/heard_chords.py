"""Chords for pieces that come without them, heard by rule, for a Genie that learns from free music alone.

    python -m workbench.evaluation.heard_chords [lieder mutopia ...]

writes ``WORKBENCH_TRAIN_DIR/heard-chords/CORPUS.SIDE.npz``: one array a piece, by its id (:class:`Piece`'s ``chords``).
They are those of :func:`workbench.create.found_chords.find_chords`, a template of tones with Viterbi's algorithm, in
which nothing is learnt: no song under copyright has a part in them.
"""

from __future__ import annotations

import argparse

import numpy as np

from workbench.create.found_chords import find_chords
from workbench.score.lanes import QUALITIES, Meter
from workbench.score.score import Note, Score, Track
from workbench.training.corpora import pieces
from workbench.training.genie_data import HEARD, heard_file
from workbench.training.pieces import PPQ, Piece
from workbench.training.splits import SPLITS

_KINDS = list(QUALITIES)
_DRUMS = 128


def to_score(piece: Piece) -> Score:
    """The pitched notes and the metre of a training piece as a score; nothing else of it is heard."""
    score = Score(ppq=PPQ)
    score.meters = [Meter(int(tick), int(upper), int(lower)) for tick, upper, lower in piece.meters] or score.meters
    track = Track("t1")
    for number, (start, length, pitch, velocity, program, _) in enumerate(piece.notes.tolist()):
        if program != _DRUMS:
            name = f"n{number}"
            track.notes[name] = Note(name, start, max(1, length), pitch, max(1, min(127, velocity)))
    score.tracks.append(track)
    return score


def chords_of(piece: Piece) -> np.ndarray:
    """The chords heard in a piece: int32 [c, 5], tick, duration, root, quality, bass (pitch classes)."""
    rows = [(c.tick, c.duration, c.root, _KINDS.index(c.quality), c.root) for c in find_chords(to_score(piece))]
    return np.array(rows, np.int32).reshape(-1, 5)


def main(arguments: list[str] | None = None) -> None:
    """Hear the corpora named, or all that the Genie's open weights learn chords from."""
    parser = argparse.ArgumentParser(prog="heard_chords", description=__doc__)
    parser.add_argument("corpora", nargs="*", default=[], help="by default all that the Genie learns from")
    for name in parser.parse_args(arguments).corpora or sorted(set(HEARD.values())):
        for side in SPLITS:
            found = {piece.id: chords_of(piece) for piece in pieces(name, side)}
            target = heard_file(name, side)
            target.parent.mkdir(parents=True, exist_ok=True)
            np.savez_compressed(target, **found)  # type: ignore[arg-type]  # ids as names
            print(f"{name}, {side}: {len(found)} pieces, {sum(map(len, found.values()))} chords", flush=True)


if __name__ == "__main__":
    main()
