"""Music for the splitting network to learn from: scenes of the listener's kind, parted into drums, bass and the rest.

Where a piece has no bass of its own, its lowest line is given to one; where it has no drums, those of a Groove
recording are laid under it by the beat.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.training.corpora import DRUMS, ONSET, PITCH, PPQ, VELOCITY
from workbench.training.listen_scenes import SECONDS, Scene, Scenes

#: Corpus -> how often it is drawn.
SHARES = {
    "pop909_main": 0.24, "pop909_cl": 0.16, "freedoom": 0.3, "polish": 0.05, "lieder": 0.06, "quartets": 0.06,
    "giantmidi": 0.07, "folk": 0.06,
}  # fmt: skip
NOBODY = np.zeros((0, 5), np.float32)


@dataclass(frozen=True)
class Parted:
    """The notes of ten seconds by stem, float32 [n, 5] each (start, end, pitch, velocity, program), and a tune.

    ``tune``: the notes that a voice could sing; they are among ``other``, too.
    """

    drums: np.ndarray
    bass: np.ndarray
    other: np.ndarray
    tune: np.ndarray


class PartedScenes:
    """Draws parted scenes of one side of the split; ``seed`` makes them again."""

    def __init__(self, side: str, seed: int, limit: int = 2_000) -> None:
        self.scenes = Scenes(side, seed, limit)
        self.rng = self.scenes.rng

    def draw(self, corpus: str | None = None) -> Parted:
        """One parted scene."""
        rng = self.rng
        names = [name for name in SHARES if self.scenes.pieces[name]]
        weights = np.array([SHARES[name] for name in names])
        scene = self.scenes.draw(corpus or str(rng.choice(names, p=weights / weights.sum())))
        notes = scene.notes
        drums, pitched = notes[notes[:, 4] == DRUMS], notes[notes[:, 4] != DRUMS]
        is_bass = (pitched[:, 4] >= 32) & (pitched[:, 4] < 40)
        bass, other = pitched[is_bass], pitched[~is_bass]
        if len(bass) < 4 and len(other):
            low = lowest(other)
            bass = bass_line(other[low], rng)
            if rng.random() < 0.5:
                other = other[~low]
        if len(drums) < 4:
            drums = self._strokes(scene)
        return Parted(drums, bass, other, self._tune(scene, other))

    def _strokes(self, scene: Scene) -> np.ndarray:
        """Drums of a Groove recording, by the scene's beats if they are known."""
        rng, pool = self.rng, self.scenes.pieces["groove"]
        if scene.beats is None or len(scene.beats) < 4:
            return self.scenes.draw("groove").notes
        groove = pool[rng.integers(len(pool))]
        times, down = scene.beats[:, 0], np.flatnonzero(scene.beats[:, 1])
        first = int(down[0]) if len(down) else 0
        bars = max(1, int(groove.notes[:, ONSET].max()) // (PPQ * 4) + 1) * 4
        beat = groove.notes[:, ONSET] / PPQ
        rows = []
        for turn in range(-1, 24):
            at = _extended(times, first + turn * bars + beat)
            mine = (at >= 0) & (at < SECONDS - 0.1)
            found = groove.notes[mine]
            rows.append(np.stack([at[mine], at[mine] + 0.1, found[:, PITCH], found[:, VELOCITY],
                                  np.full(len(found), DRUMS)], axis=1))  # fmt: skip
        joined = np.concatenate(rows).astype(np.float32)
        return joined[np.argsort(joined[:, 0], kind="stable")]

    def _tune(self, scene: Scene, other: np.ndarray) -> np.ndarray:
        """The written melody, or the highest line."""
        if scene.melody is not None and len(scene.melody) > 3:
            rows = scene.melody[scene.melody[:, 0] >= 0]
            count = len(rows)
            return np.column_stack([rows, np.full(count, 90), np.zeros(count)]).astype(np.float32)
        return other[lowest(other, up=True)] if len(other) else NOBODY


def lowest(notes: np.ndarray, up: bool = False) -> np.ndarray:
    """Which notes are the lowest (or highest) of those that begin within 60 ms, bool [n]."""
    out = np.zeros(len(notes), bool)
    groups = np.cumsum(np.diff(notes[:, 0], prepend=notes[:1, 0]) > 0.06)
    sign = -1 if up else 1
    for group in np.unique(groups):
        mine = np.flatnonzero(groups == group)
        best = mine[np.argmin(sign * notes[mine, 2])]
        out[best] = up or notes[best, 2] < 60
    return out


def bass_line(notes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A line of one voice between E1 and E3 for a random bass instrument."""
    if not len(notes):
        return NOBODY
    line = notes.copy()
    line[:, 2] = 28 + (line[:, 2] - 28) % 12 + 12 * (rng.random(len(line)) < 0.3)
    line[:-1, 1] = np.minimum(np.maximum(line[:-1, 1], line[:-1, 0] + 0.2), line[1:, 0])
    line[:, 3] = np.clip(line[:, 3] + 10, 50, 120)
    line[:, 4] = 32 + rng.integers(8)
    return line[line[:, 1] > line[:, 0] + 0.02]


def _extended(times: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Seconds of beat numbers, going on at the first and last beat's pace outside of the beats."""
    step = float(np.median(np.diff(times)))
    inside = np.interp(at, np.arange(len(times)), times)
    before = times[0] + np.minimum(0, at) * step
    after = np.maximum(0, at - (len(times) - 1)) * step
    seconds: np.ndarray = np.where(at < 0, before, inside + after)
    return seconds
