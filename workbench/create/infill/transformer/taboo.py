"""No twelve notes in a row of the music that the network learnt from, unless the piece itself has them.

The weights travel with a filter of all runs in their training music (:mod:`workbench.tokens.runs`). The sampler asks,
before it draws a pitch, which pitches would end such a run, and leaves them out. What follows an accompaniment's
figure of two or three keys is not asked about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.errors import BadFile
from workbench.score.score import Note, Score
from workbench.tokens import grid12 as g
from workbench.tokens.runs import RUN, Hashes, RunFilter, closing, part_runs

_KEYS = np.arange(128, dtype=np.int64)


def load(path: Path) -> RunFilter:
    """Read the filter beside the weights; raises :class:`BadFile` if it is none."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return RunFilter(load_file(path)["runs"])
    except (OSError, SafetensorError, ValueError, KeyError) as error:
        raise BadFile("The infilling model's list of known runs is missing or damaged; fetch it again.") from error


def given(score: Score, without: Mapping[str, Sequence[Note]]) -> Hashes:
    """Runs that the piece has already, sorted: a person's own music may come back. ``without``: notes that go."""
    parts = [np.zeros(0, dtype=np.uint64)]
    for track in score.tracks:
        if not track.is_drum:
            gone = {note.id for note in without.get(track.id, ())}
            kept = [(note.start, -note.pitch) for note in track.notes.values() if note.id not in gone]
            parts.append(part_runs(-np.array(sorted(kept), dtype=np.int64).reshape(-1, 2)[:, 1]))
    return np.unique(np.concatenate(parts))


#: Fewer different pitches than these in a row of eleven are an accompaniment's figure. Anybody's figure leads anywhere,
#: and all ways on from it stand in some training piece: forbidding them would keep a part in it for ever.
FIGURE = 4


class Taboo:
    """What one idea must not write. ``known``: the training music's runs; ``own``: the piece's runs, sorted."""

    def __init__(self, known: RunFilter, own: Hashes) -> None:
        self.known, self.own = known, own

    def forbidden(self, line: Sequence[int]) -> npt.NDArray[np.bool_] | None:
        """Pitches that would end a run after the part's ``line`` of new pitches, bool [175]; None if none can."""
        if len(line) < RUN - 1 or len(set(line[1 - RUN :])) < FIGURE:
            return None
        hashes, varied = closing(line[1 - RUN :], _KEYS)
        bad = varied & self.known.holds(hashes)
        if not bad.any():
            return None
        if len(self.own):
            place = np.minimum(np.searchsorted(self.own, hashes), len(self.own) - 1)
            bad &= self.own[place] != hashes
        out = np.zeros(g.N_PITCH, dtype=bool)
        out[:128] = bad
        return out
