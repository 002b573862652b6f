"""What a training piece is, and what corpora there are under which licence.

Every piece has the same shape whatever its source: ticks at 480 to the beat, the time of every beat in seconds, the
bars, and the chords where somebody wrote them down.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from workbench.training.splits import Split, split

PPQ = 480
#: Columns of :attr:`Piece.notes`.
ONSET, DURATION, PITCH, VELOCITY, PROGRAM, TRACK = range(6)
DRUMS = 128


@dataclass(frozen=True)
class Corpus:
    """One archive: its folder below the data directory, what it asks for, and what it can teach."""

    name: str
    folder: str
    licence: str
    attribution: str
    real_beats: bool = True  # false: the file's tempo is nominal, its bars mean nothing
    real_dynamics: bool = False  # false: velocities were set by a program


CORPORA: dict[str, Corpus] = {
    corpus.name: corpus
    for corpus in (
        Corpus("pop909_main", "pop909", "MIT", "POP909, music-x-lab", real_dynamics=True),
        Corpus("pop909_cl", "pop909_cl", "MIT", "POP909-CL, AndyWeasley2004", real_dynamics=True),
        Corpus("groove", "groove", "CC-BY-4.0", "Groove MIDI Dataset, Google LLC", real_dynamics=True),
        Corpus("freedoom", "freedoom_midi", "BSD-3-Clause", "Freedoom project contributors"),
        Corpus("giantmidi", "giantmidi_samples", "CC-BY-4.0", "GiantMIDI-Piano, ByteDance", False, True),
        Corpus("lieder", "openscore_lieder", "CC0-1.0", "OpenScore Lieder Corpus"),
        Corpus("quartets", "openscore_quartets", "CC0-1.0", "OpenScore String Quartets"),
        Corpus("polish", "polish_scores", "CC-BY-4.0", "Polish Scores, Fryderyk Chopin Institute (NIFC)"),
        Corpus("folk", "music21_corpus", "public domain", "Aird, O'Neill, Ryan and others, through music21"),
        Corpus("orchestra", "openscore_orchestra_xml", "CC0-1.0", "OpenScore Orchestra"),
        Corpus("ewld", "open_ewld_xml", "MIT; public-domain scores by its own word", "Open EWLD"),
        Corpus("mutopia", "mutopia_midi", "public domain or CC-BY", "The Mutopia Project; pieces.tsv names each"),
    )
}


@dataclass(frozen=True)
class Piece:
    """One piece of music.

    Attributes:
        id: unique over all corpora; ``work`` is shared by all versions of the same music.
        notes: int32 [n, 6], sorted by onset, pitch: onset and duration in ticks (480 a beat), pitch, velocity,
            program (128 = drums), track number.
        beats: float64 [b], seconds of beat 0, 1, 2 ... (beat i lies on tick 480 i; the first may be negative).
        downbeats: int32 [m], the tick of every bar's start, from tick 0 to the end.
        meters: int32 [k, 3], tick, numerator, denominator.
        chords: int32 [c, 5], tick, duration, root, quality (an index into ``QUALITIES``), bass (pitch classes);
            empty where the corpus has none.
        tracks: the name of every track that has notes.
    """

    id: str
    work: str
    corpus: str
    notes: np.ndarray
    beats: np.ndarray
    downbeats: np.ndarray
    meters: np.ndarray
    chords: np.ndarray = field(default_factory=lambda: np.zeros((0, 5), np.int32))
    tracks: tuple[str, ...] = ()

    @property
    def licence(self) -> str:
        """Licence of the corpus that the piece is from."""
        return CORPORA[self.corpus].licence if self.corpus in CORPORA else "unknown"

    @property
    def split(self) -> Split:
        """``train``, ``valid`` or ``test``."""
        return split(self.work)

    def seconds(self, ticks: np.ndarray) -> np.ndarray:
        """Seconds of ticks, float64; linear between beats, the first and last beat's tempo outside."""
        place = np.asarray(ticks, np.float64) / PPQ
        if len(self.beats) < 2:
            return place * 0.5 + (self.beats[0] if len(self.beats) else 0.0)
        index = np.clip(np.floor(place).astype(np.int64), 0, len(self.beats) - 2)
        return np.asarray(self.beats[index] + (place - index) * (self.beats[index + 1] - self.beats[index]))
