"""Scenes to listen to: windows of the training music, played by instruments that the score never named.

A scene is a list of notes in seconds with everything that a listener should find in it. Programs change within their
family (and pianos become anything), tempo and key shift, dynamics that a program had set are played instead, and
drums of Groove are laid under songs by the beat, so that the network hears more bands than there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from workbench.training import corpora, listen_bands
from workbench.training.corpora import DRUMS, DURATION, ONSET, PITCH, PPQ, PROGRAM, TRACK, VELOCITY, Piece

SECONDS = 10.0
#: Corpus -> how often it is drawn.
SHARES = {
    "pop909_main": 0.2, "pop909_cl": 0.12, "freedoom": 0.16, "polish": 0.1, "lieder": 0.12, "quartets": 0.08,
    "giantmidi": 0.12, "groove": 0.04, "folk": 0.06,
}  # fmt: skip
#: The same for scenes of bands, singers and choirs.
BANDS = {
    "pop909_main": 0.36, "pop909_cl": 0.02, "freedoom": 0.14, "polish": 0.07, "lieder": 0.1, "quartets": 0.06,
    "giantmidi": 0.06, "groove": 0.01, "folk": 0.05, "mutopia": 0.13,
}  # fmt: skip
#: The same for scenes of one piano, one guitar or a few strings.
SOLOS = {"mutopia": 0.5, "giantmidi": 0.22, "pop909_cl": 0.14, "lieder": 0.07, "quartets": 0.06, "groove": 0.01}
#: Songs that get drums laid under them, and how often.
WITH_DRUMS = {"pop909_main": 0.5, "pop909_cl": 0.5, "folk": 0.2, "polish": 0.1}
#: General MIDI stroke -> class of :data:`workbench.nets.listen.DRUMS`.
STROKES = {
    35: 0, 36: 0, 37: 1, 38: 1, 39: 1, 40: 1, 42: 2, 44: 2, 46: 3, 41: 4, 43: 4, 45: 4, 47: 4, 48: 4, 50: 4,
    49: 5, 51: 5, 52: 5, 53: 5, 55: 5, 57: 5, 59: 5,
}  # fmt: skip
#: What a piano's part may be given to.
ANYTHING = (
    0,
    1,
    2,
    4,
    5,
    6,
    11,
    12,
    16,
    19,
    21,
    24,
    25,
    26,
    27,
    40,
    42,
    46,
    48,
    49,
    52,
    56,
    61,
    65,
    71,
    73,
    80,
    81,
    88,
)
#: Quality of a written chord -> kind listened for: major, minor, 7, maj7, m7, diminished, augmented, suspended.
KIND_OF = {
    "maj": 0, "6": 0, "min": 1, "min6": 1, "minmaj7": 1, "7": 2, "9": 2, "maj7": 3, "maj9": 3, "min7": 4, "min9": 4,
    "dim": 5, "dim7": 5, "hdim7": 5, "aug": 6, "aug7": 6, "sus2": 7, "sus4": 7, "7sus4": 7,
}  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """Ten seconds of music and what is in them; times in seconds from its start.

    ``notes``: float32 [n, 5]: start, end, pitch, velocity, program (128: drums). ``beats``: [b, 2]: second, 1 for a
    downbeat; ``chords``: [c, 4]: start, end, root, kind; ``melody``: [m, 3]: start, end, pitch. What nobody has
    written down for a piece is None, and is not learnt from.
    """

    notes: np.ndarray
    beats: np.ndarray | None = None
    chords: np.ndarray | None = None
    melody: np.ndarray | None = None
    facts: dict[str, str] = field(default_factory=dict)


class Scenes:
    """Draws scenes of one side of the split; ``seed`` makes them again. ``bands``: by singers, bands and choirs."""

    def __init__(
        self, side: str, seed: int, limit: int = 3_000, bands: bool = False, seconds: float = SECONDS,
        shares: Mapping[str, float] | None = None,
    ) -> None:  # fmt: skip
        self.rng, self.seconds = np.random.default_rng(seed), seconds
        self.bands, self.shares = bands, shares or (BANDS if bands else SHARES)
        self.pieces: dict[str, list[Piece]] = {}
        for name in {**SHARES, **BANDS}:
            found = [piece for piece in corpora.pieces(name) if piece.split == side]
            order = np.random.default_rng(1).permutation(len(found))[:limit]
            self.pieces[name] = [found[place] for place in order]

    def draw(self, corpus: str | None = None) -> Scene:
        """One scene with at least four notes."""
        names = [name for name in self.shares if self.pieces[name]]
        weights = np.array([self.shares[name] for name in names])
        while True:
            name = corpus or str(self.rng.choice(names, p=weights / weights.sum()))
            piece = self.pieces[name][self.rng.integers(len(self.pieces[name]))]
            scene = self._cut(piece)
            if scene is not None:
                return scene

    def _cut(self, piece: Piece) -> Scene | None:
        rng, notes = self.rng, piece.notes
        stretch = float(np.exp(rng.uniform(np.log(0.8), np.log(1.25))))
        on = piece.seconds(notes[:, ONSET]) * stretch
        off = piece.seconds(notes[:, ONSET] + notes[:, DURATION]) * stretch
        begin = float(on[rng.integers(len(notes))]) - rng.uniform(0.0, 3.0)
        inside = (on >= begin) & (on < begin + self.seconds - 0.1)
        if inside.sum() < 4 or inside.sum() > 70 * self.seconds:
            return None
        rows = np.stack(
            [on - begin, np.minimum(off - begin, self.seconds), notes[:, PITCH], notes[:, VELOCITY], notes[:, PROGRAM]],
            axis=1,
        )[inside].astype(np.float32)
        tracks = notes[inside][:, TRACK]
        real = corpora.CORPORA[piece.corpus]
        drums = rows[:, 4] == DRUMS
        shift = int(rng.integers(-5, 7))
        rows[~drums, 2] += shift
        if not real.real_dynamics:
            self._play(rows, tracks)
        self._orchestrate(rows, tracks, piece.corpus)
        band = self.bands and listen_bands.cast(rows, tracks, piece, rng)
        if band and len(piece.chords) and rng.random() < 0.9:
            low = listen_bands.bass(piece, begin, stretch, shift, self.seconds, rng)
            rows = np.concatenate([rows[drums | (rows[:, 2] > 38)], low])
        beats = None
        if real.real_beats:
            ticks = np.arange(len(piece.beats)) * PPQ
            times = piece.beats * stretch - begin
            down = np.isin(ticks, piece.downbeats)
            kept = (times >= 0) & (times < self.seconds)
            beats = np.stack([times[kept], down[kept]], axis=1).astype(np.float32)
            if not drums.any() and rng.random() < (0.85 if band else WITH_DRUMS.get(piece.corpus, 0.0)):
                rows = np.concatenate([rows, self._groove(piece, begin, stretch)])
        facts = {"corpus": piece.corpus, "id": piece.id, "shift": str(shift)}
        rows = rows[(rows[:, 2] >= 21) & (rows[:, 2] <= 108) | (rows[:, 4] == DRUMS)]
        return Scene(
            rows[np.argsort(rows[:, 0], kind="stable")], beats, self._chords(piece, stretch, begin, shift),
            self._melody(piece, inside, on, off, begin, shift, self.bands), facts,
        )  # fmt: skip

    def _play(self, rows: np.ndarray, tracks: np.ndarray) -> None:
        """Dynamics and small delays for music whose velocities a program has set."""
        rng = self.rng
        for track in np.unique(tracks):
            mine = tracks == track
            level = rng.uniform(45, 105)
            swell = 12 * np.sin(2 * np.pi * (rows[mine, 0] / rng.uniform(3, 9) + rng.random()))
            rows[mine, 3] = np.clip(level + swell + rng.normal(0, 6, mine.sum()), 20, 127)
            rows[mine, 0] = np.clip(rows[mine, 0] + rng.normal(0, 0.008, mine.sum()), 0, self.seconds - 0.05)
        rows[:, 1] = np.maximum(rows[:, 1], rows[:, 0] + 0.04)

    def _orchestrate(self, rows: np.ndarray, tracks: np.ndarray, corpus: str) -> None:
        rng = self.rng
        for track in np.unique(tracks):
            mine = (tracks == track) & (rows[:, 4] != DRUMS)
            if not mine.any():
                continue
            program = int(rows[mine, 4][0])
            if program >= 112:
                program = 0
            if corpus == "mutopia" and program < 32 and rng.random() < 0.6:
                program = program // 8 * 8 + int(rng.integers(2))  # music for the piano or the guitar, on one
            elif corpus == "giantmidi":
                program = int(rng.choice([0, 0, 0, 0, 1, 2, 3]))
            elif program < 8 and rng.random() < 0.45:
                program = int(rng.choice(ANYTHING))
            elif rng.random() < 0.5:
                program = program // 8 * 8 + int(rng.integers(8))
            rows[mine, 4] = program

    def _groove(self, piece: Piece, begin: float, stretch: float) -> np.ndarray:
        """Drums of a Groove recording under a song, beat for beat, from one of its downbeats on."""
        rng = self.rng
        groove = self.pieces["groove"][rng.integers(len(self.pieces["groove"]))]
        ticks = np.arange(len(piece.beats)) * PPQ
        before = int(np.searchsorted(piece.seconds(piece.downbeats) * stretch, begin))
        first = piece.downbeats[max(0, before - 1)]
        length = max(PPQ * 4, int(groove.notes[:, ONSET].max()) // (PPQ * 4) * PPQ * 4)
        out = []
        for turn in range(24):
            placed = first + turn * length + groove.notes[:, ONSET]
            times = np.interp(placed, ticks, piece.beats, right=np.inf) * stretch - begin
            kept = (times >= 0) & (times < self.seconds - 0.1)
            mine = groove.notes[kept]
            drums = np.full(len(mine), DRUMS)
            out.append(np.stack([times[kept], times[kept] + 0.1, mine[:, PITCH], mine[:, VELOCITY], drums], axis=1))
            if len(times) and times.min() > self.seconds:
                break
        return np.concatenate(out).astype(np.float32)

    def _chords(self, piece: Piece, stretch: float, begin: float, shift: int) -> np.ndarray | None:
        from workbench.score.lanes import QUALITIES

        if not len(piece.chords):
            return None
        names = list(QUALITIES)
        starts = piece.seconds(piece.chords[:, 0]) * stretch - begin
        ends = piece.seconds(piece.chords[:, 0] + piece.chords[:, 1]) * stretch - begin
        out = [
            (max(0.0, start), min(self.seconds, end), (root + shift) % 12, KIND_OF[names[quality]])
            for start, end, root, quality in zip(starts, ends, piece.chords[:, 2], piece.chords[:, 3], strict=True)
            if end > 0 and start < self.seconds and names[quality] in KIND_OF
        ]
        return np.array(out, np.float32).reshape(-1, 4)

    @staticmethod
    def _melody(
        piece: Piece, inside: np.ndarray, on: np.ndarray, off: np.ndarray, begin: float, shift: int, sung: bool = False
    ) -> np.ndarray | None:
        voice = listen_bands.sung_track(piece) if sung else None
        if piece.corpus == "folk":
            mine = inside
        elif voice is not None:
            mine = inside & (piece.notes[:, TRACK] == voice)
        elif piece.corpus == "pop909_main" and "MELODY" in piece.tracks:
            mine = inside & (piece.notes[:, TRACK] == piece.tracks.index("MELODY"))
        else:
            return None
        return np.stack([on[mine] - begin, off[mine] - begin, piece.notes[mine, PITCH] + shift], 1).astype(np.float32)
