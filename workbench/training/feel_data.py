"""How players place and strike their notes, measured against the grid: what the table of the feel is counted from.

Drums come from the Groove MIDI Dataset (played to a click), keys from the POP909 songs that were played by hand and
not drawn on a grid, and how the notes of one chord fall apart from GiantMIDI-Piano. A *take* is one recording, its own
mean deviation taken out, for nobody hears whether a whole recording is early.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from workbench.nets.feel_table import GROUPS, STRAIGHT, voice_of
from workbench.training import corpora
from workbench.training.pieces import ONSET, PITCH, PPQ, TRACK, VELOCITY, Piece
from workbench.training.splits import fraction

#: Players whose takes are kept for the test, and the share of works among the keys.
HELD_OUT_DRUMMERS = ("drummer2", "drummer3", "drummer5", "drummer6", "drummer9", "drummer10")
HELD_OUT_KEYS = 0.25

_FAMILY = {
    **dict.fromkeys(("rock", "pop", "punk", "country", "dance", "middleeastern"), "rock"),
    **dict.fromkeys(("funk", "soul", "hiphop", "gospel", "blues"), "funk"),
    **dict.fromkeys(("jazz", "neworleans"), "jazz"),
    **dict.fromkeys(("latin", "afrocuban", "reggae", "afrobeat", "highlife"), "latin"),
}  # fmt: skip


@dataclass(frozen=True)
class Take:
    """Notes of one recording, sorted by place in time, all arrays [n].

    ``beat``: where on the grid, in quarters, float64. ``group``, ``place``: indices into :data:`GROUPS` and of
    :data:`PLACES`. ``ms``: how late, float64. ``velocity``: above the take's median of that group, float64.
    ``pitch``: MIDI. ``quarter_ms``: milliseconds of a quarter.
    """

    name: str
    beat: np.ndarray
    group: np.ndarray
    place: np.ndarray
    ms: np.ndarray
    velocity: np.ndarray
    pitch: np.ndarray
    quarter_ms: float


def drum_takes(pieces: Iterable[Piece]) -> Iterator[tuple[str, Take]]:
    """Drummer and take of every recording in four quarters with sixteen strokes or more."""
    for piece in pieces:
        parts = piece.id.split("/")
        style = parts[-1].split("_")[1].split("-")[0]
        family = _FAMILY.get(style)
        notes = piece.notes
        if family is None or len(notes) < 16 or not (piece.meters[0, 1] == 4 and piece.meters[0, 2] == 4):
            continue
        group = np.array([GROUPS.index(f"{family} {voice_of(int(pitch))}") for pitch in notes[:, PITCH]])
        yield parts[1], _take(piece, notes, group)


def key_takes(pieces: Iterable[Piece]) -> Iterator[tuple[str, Take]]:
    """Work and take of every POP909 song that a hand has played (its notes stand off the grid, but near it)."""
    for piece in pieces:
        if (piece.downbeats[1:] - piece.downbeats[:-1] == 4 * PPQ).mean() < 0.9:
            continue
        groups = _hands(piece)
        notes = piece.notes[groups >= 0]
        piano = piece.notes[:, TRACK] == len(piece.tracks) - 1
        off = np.abs((piece.notes[piano, ONSET] + 60) % 120 - 60)
        spread = off.std() * np.median(np.diff(piece.beats)) * 1000 / PPQ
        if len(notes) < 100 or (off >= 4).mean() < 0.4 or spread > 25:
            continue
        yield piece.work, _take(piece, notes, groups[groups >= 0])


def key_velocities(pieces: Iterable[Piece]) -> Iterator[tuple[str, Take]]:
    """Work and take of every POP909 song whose piano has dynamics, on the grid or off it: for velocities alone."""
    for piece in pieces:
        if (piece.downbeats[1:] - piece.downbeats[:-1] == 4 * PPQ).mean() < 0.9:
            continue
        groups = _hands(piece)
        notes = piece.notes[groups >= 0]
        if len(notes) >= 200 and notes[:, VELOCITY].std() >= 8:
            yield piece.work, _take(piece, notes, groups[groups >= 0])


def _hands(piece: Piece) -> np.ndarray:
    """Group of every note: the melody's, or lowest, highest or inner of what the piano strikes at once; -1: neither."""
    out = np.full(len(piece.notes), -1)
    out[piece.notes[:, TRACK] == 0] = GROUPS.index("tune")
    piano = np.flatnonzero(piece.notes[:, TRACK] == len(piece.tracks) - 1)
    grid = np.round(piece.notes[piano, ONSET] / 120).astype(np.int64)
    for at in np.unique(grid):
        chord = piano[grid == at]
        pitch = piece.notes[chord, PITCH]
        out[chord] = GROUPS.index("inner")
        low, high = chord[pitch.argmin()], chord[pitch.argmax()]
        out[high] = GROUPS.index("top")
        if piece.notes[low, PITCH] < 60:
            out[low] = GROUPS.index("low")
    return out


def _take(piece: Piece, notes: np.ndarray, group: np.ndarray) -> Take:
    """Place each note on sixteenths or on triplets, whichever the take is nearer to off the beat."""
    beat = notes[:, ONSET] / PPQ
    phase = beat % 1
    off = phase[(phase > 0.2) & (phase < 0.8)]

    def far(parts: int) -> float:
        return float(np.abs(off * parts - np.round(off * parts)).mean() / parts) if len(off) else 1.0

    parts = 3 if far(3) * 1.15 < far(4) else 4
    step = np.round(beat * parts).astype(np.int64)
    quarter = float(np.median(np.diff(piece.beats))) * 1000
    ms = (beat - step / parts) * quarter
    place = step % (4 * parts) + (STRAIGHT if parts == 3 else 0)
    velocity = notes[:, VELOCITY].astype(np.float64)
    for number in np.unique(group):
        velocity[group == number] -= np.median(velocity[group == number])
    order = np.argsort(step, kind="stable")
    return Take(
        piece.id, (step / parts)[order], group[order], place[order], (ms - ms.mean())[order], velocity[order],
        notes[order, PITCH].astype(np.int64), quarter,
    )  # fmt: skip


def chord_spreads(pieces: Iterable[Piece]) -> list[tuple[str, float]]:
    """How far from the middle of its chord each note falls, in milliseconds, with its group; of solo piano playing."""
    out: list[tuple[str, float]] = []
    for piece in pieces:
        notes = piece.notes[np.argsort(piece.notes[:, ONSET], kind="stable")]
        at = piece.seconds(notes[:, ONSET]) * 1000
        breaks = np.flatnonzero(np.diff(at) > 35) + 1
        for chord in np.split(np.arange(len(notes)), breaks):
            if not 2 <= len(chord) <= 8 or at[chord[-1]] - at[chord[0]] > 70:
                continue
            pitch, late = notes[chord, PITCH], at[chord] - at[chord].mean()
            for k in range(len(chord)):
                role = "top" if k == pitch.argmax() else "low" if k == pitch.argmin() else "inner"
                out.append((role, float(late[k])))
    return out


def sets() -> dict[str, list[Take]]:
    """Everything that is counted or tested: ``drums``, ``keys``, ``velocities``, each with its ``... held out``."""
    out: dict[str, list[Take]] = {
        f"{name}{side}": [] for name in ("drums", "keys", "velocities") for side in ("", " held out")
    }
    for player, take in drum_takes(corpora.pieces("groove")):
        out["drums held out" if player in HELD_OUT_DRUMMERS else "drums"].append(take)
    for name, walk in (("keys", key_takes), ("velocities", key_velocities)):
        for work, take in walk(corpora.pieces("pop909_main")):
            out[f"{name} held out" if fraction(work) < HELD_OUT_KEYS else name].append(take)
    return out
