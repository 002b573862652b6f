"""Music whose beats are known: held-out works as bands, pianos and ensembles, rendered with a held-out soundfont.

A clip is a minute of a work of the test side with the beats a musician would tap: in 6/8, 9/8 and 12/8 the dotted
quarter, in 3/8 the eighth, else the quarter (the half in 2/2 stays written as two quarters).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.nets.listen_spectrum import RATE
from workbench.sound.audio import Audio
from workbench.training import corpora
from workbench.training.corpora import DRUMS, DURATION, ONSET, PITCH, PPQ, PROGRAM, TRACK, VELOCITY, Piece
from workbench.training.listen_scenes import Scene
from workbench.training.listen_sound import HELD_OUT, render

#: Kind of clip -> the corpora it is made of.
KINDS = {
    "band": ("pop909_main", "freedoom"),
    "piano": ("pop909_main",),
    "songs": ("lieder",),
    "ensemble": ("quartets", "orchestra", "mutopia"),
    "folk": ("folk",),
}
#: Programs of a band's parts: what leads, what plays between, what a piano's part is given to, the bass.
LEADS, BETWEEN, CHORDS, BASSES = (65, 73, 56, 81, 71, 40), (27, 48, 24, 11, 61), (0, 4, 25, 26, 16), (32, 33, 34, 38)


@dataclass(frozen=True)
class Clip:
    """``notes``: float64 [n, 5]: start, end in seconds, pitch, velocity, program (128: drums), sorted. ``beats``,
    ``downbeats``: seconds. ``metre``: beats a bar."""

    id: str
    kind: str
    notes: np.ndarray
    beats: np.ndarray
    downbeats: np.ndarray
    metre: int


def tapped(piece: Piece) -> tuple[np.ndarray, np.ndarray, int]:
    """The beats that one taps, the downbeats (seconds), and the commonest number of beats a bar."""
    ticks: list[float] = []
    counts: list[int] = []
    ends = np.append(piece.downbeats[1:], len(piece.beats) * PPQ)
    for start, end in zip(piece.downbeats, ends, strict=True):
        which = max(0, int(np.searchsorted(piece.meters[:, 0], start, side="right")) - 1)
        _, number, unit = piece.meters[which] if len(piece.meters) else (0, 4, 4)
        step = PPQ * 3 // 2 if unit == 8 and number % 3 == 0 and number > 3 else PPQ * 4 // unit if unit > 4 else PPQ
        beats = np.arange(start, end - step / 4, step)
        ticks += beats.tolist()
        counts.append(len(beats))
    metre = int(np.bincount(counts).argmax()) if counts else 4
    return piece.seconds(np.array(ticks)), piece.seconds(piece.downbeats), metre


def clip(piece: Piece, kind: str, rng: np.random.Generator, seconds: float = 60.0) -> Clip | None:
    """A stretch of a piece as a clip; None where it holds too little to follow."""
    beats, downbeats, metre = tapped(piece)
    total = float(piece.seconds(piece.notes[:, [ONSET]].max(axis=0))[0])
    begin = float(rng.uniform(0.0, max(0.1, total - seconds)))
    notes = piece.notes
    on, off = piece.seconds(notes[:, ONSET]) - begin, piece.seconds(notes[:, ONSET] + notes[:, DURATION]) - begin
    rows = np.stack([on, off, notes[:, PITCH], notes[:, VELOCITY], notes[:, PROGRAM]], axis=1).astype(np.float64)
    if not corpora.CORPORA[piece.corpus].real_dynamics:
        rows[:, 3] = np.clip(78 + rng.normal(0, 8, len(rows)), 25, 120)
        rows[:, 0] += rng.normal(0, 0.007, len(rows))
    if kind == "band" and piece.corpus == "pop909_main":
        rows = _band(piece, rows, begin, rng)
    elif kind in ("piano", "folk"):
        rows[:, 4] = 0 if kind == "piano" else rng.choice([40, 73, 21, 105, 0])
    inside = (rows[:, 0] >= 0.02) & (rows[:, 0] < seconds - 0.3)
    rows = rows[inside]
    rows[:, 1] = np.clip(np.maximum(rows[:, 1], rows[:, 0] + 0.05), None, seconds)
    if len(rows) < 30:
        return None
    first, last = rows[:, 0].min() - 0.1, rows[:, 0].max() + 0.1  # beats where something sounds

    def kept(times: np.ndarray) -> np.ndarray:
        moved = times - begin
        return np.asarray(moved[(moved >= max(0.0, first)) & (moved <= last)])

    order = np.argsort(rows[:, 0], kind="stable")
    return Clip(piece.id, kind, rows[order], kept(beats), kept(downbeats), metre)


def _band(piece: Piece, rows: np.ndarray, begin: float, rng: np.random.Generator) -> np.ndarray:
    """A song's three tracks given to a band: bass on the roots of its chords, drums of Groove by the beat."""
    rows = rows.copy()
    for number, name in enumerate(piece.tracks):
        choice = {"MELODY": LEADS, "BRIDGE": BETWEEN}.get(name, CHORDS)
        rows[piece.notes[:, TRACK] == number, 4] = rng.choice(choice)
    parts = [rows]
    bass = int(rng.choice(BASSES))
    busy = int(rng.integers(1, 3))
    for start, length, _, _, low in piece.chords:
        places = np.arange(start, start + length - 1, PPQ * 2 // busy)
        ends = np.minimum(places + PPQ * 2 // busy - 30, start + length)
        on, off = piece.seconds(places) - begin, piece.seconds(ends) - begin
        pitch = np.full(len(on), 28 + (int(low) - 28) % 12)
        parts.append(np.stack([on, off, pitch, rng.normal(85, 6, len(on)), np.full(len(on), bass)], axis=1))
    grooves = [item for item in corpora.pieces("groove", "test") if item.notes[:, ONSET].max() > 4 * 4 * PPQ]
    groove = grooves[rng.integers(len(grooves))]
    bar = 4 * PPQ
    length = max(bar, int(groove.notes[:, ONSET].max()) // bar * bar)
    onset = groove.notes[groove.notes[:, ONSET] < length]
    first = int(piece.downbeats[0])
    for turn in range(int(len(piece.beats) * PPQ // length) + 1):
        at = piece.seconds(first + turn * length + onset[:, ONSET]) - begin
        drums = np.stack([at, at + 0.1, onset[:, PITCH], onset[:, VELOCITY], np.full(len(at), DRUMS)], axis=1)
        parts.append(drums[first + turn * length + onset[:, ONSET] < (len(piece.beats) - 1) * PPQ])
    return np.concatenate(parts)


def draw(kind: str, count: int, seed: int = 0, seconds: float = 60.0) -> list[Clip]:
    """``count`` clips of a kind of :data:`KINDS`, of as many works as there are; the same for the same seed."""
    rng = np.random.default_rng(seed)
    pieces = [piece for name in KINDS[kind] for piece in corpora.pieces(name, "test") if len(piece.notes) > 60]
    out: list[Clip] = []
    order = [int(place) for _ in range(1 + count // max(1, len(pieces))) for place in rng.permutation(len(pieces))]
    for place in order:
        found = clip(pieces[place], kind, rng, seconds)
        if found is not None and len(found.beats) > 15:
            out.append(found)
        if len(out) == count:
            break
    return out


def sound(clip: Clip, seconds: float = 60.0, font: str = HELD_OUT) -> Audio:
    """The clip played by FluidSynth, mono at 22,050 Hz; raises :class:`Unavailable` without it or the soundfont."""
    scene = Scene(clip.notes.astype(np.float32))
    samples = render([scene], font, True, np.random.default_rng(0), [0.0], seconds)[0]
    loudest = max(1e-6, float(np.abs(samples).max()))
    return Audio((samples / loudest * 0.7).astype(np.float32)[:, None], RATE)
