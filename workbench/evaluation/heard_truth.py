"""What there is to hear in a clip of :mod:`workbench.evaluation.beat_clips`: its chords, its key and its melody."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from workbench.evaluation.beat_clips import Clip, tapped
from workbench.score.lanes import QUALITIES
from workbench.training import corpora
from workbench.training.corpora import DURATION, ONSET, PITCH, TRACK, Piece
from workbench.training.harmony_keys import keyed
from workbench.understand.labels import chord_label

Labelled = tuple[np.ndarray, list[str]]
_QUALITIES = tuple(QUALITIES)


@lru_cache(maxsize=4)
def _pieces(corpus: str) -> dict[str, Piece]:
    return {piece.id: piece for piece in corpora.pieces(corpus, "test")}


@lru_cache(maxsize=4)
def _keys(corpus: str) -> dict[str, int]:
    return {piece.id: key for piece, key in keyed(corpus, "test")}


def piece_of(clip: Clip) -> Piece:
    """The work that a clip is cut from."""
    return _pieces(clip.id.split("/", 1)[0])[clip.id]


@lru_cache(maxsize=256)
def _begin(clip_id: str, first: float, shape: bytes, own: bytes) -> float:
    piece = _pieces(clip_id.split("/", 1)[0])[clip_id]
    beats, _, _ = tapped(piece)
    steps = np.frombuffer(shape)
    off = [
        float(np.abs(np.diff(beats[at : at + len(steps) + 1]) - steps).max()) for at in range(len(beats) - len(steps))
    ]
    places = np.flatnonzero(np.array(off) < min(off) + 1e-4)
    onsets = piece.seconds(piece.notes[:, ONSET])
    by_pitch = [np.sort(onsets[piece.notes[:, PITCH] == pitch]) for pitch in range(128)]
    rows = np.frombuffer(own).reshape(-1, 2)

    def found(begin: float) -> int:
        hits = 0
        for time, pitch in rows:
            at = by_pitch[int(pitch)]
            near = int(np.searchsorted(at, time + begin - 0.03))
            hits += near < len(at) and at[near] < time + begin + 0.03
        return hits

    return max((float(beats[at] - first) for at in places.tolist()), key=found)


def begin_of(clip: Clip) -> float:
    """Where in its work a clip begins, in seconds: where its beats lie, and of steady beats where its notes do."""
    pitched = clip.notes[clip.notes[:, 4] != corpora.DRUMS][:, [0, 2]]
    own = np.ascontiguousarray(pitched[:: max(1, len(pitched) // 100)])
    return _begin(clip.id, float(clip.beats[0]), np.diff(clip.beats).tobytes(), own.tobytes())


def chords(clip: Clip) -> Labelled | None:
    """Intervals in seconds, float64 [n, 2], and labels of mir_eval; None where nobody wrote chords."""
    piece = piece_of(clip)
    if not len(piece.chords):
        return None
    begin, end = begin_of(clip), float(clip.notes[:, 1].max())
    on = piece.seconds(piece.chords[:, 0]) - begin
    off = piece.seconds(piece.chords[:, 0] + piece.chords[:, 1]) - begin
    rows, labels, last = [], [], 0.0
    for start, stop, row in zip(on, off, piece.chords.tolist(), strict=True):
        start, stop = max(float(start), last), min(float(stop), end)
        if stop - start < 0.01:
            continue
        if start - last > 0.01:
            rows.append((last, start))
            labels.append("N")
        rows.append((start, stop))
        labels.append(chord_label(row[2], _QUALITIES[row[3]]))
        last = stop
    if end - last > 0.01:
        rows.append((last, end))
        labels.append("N")
    return np.array(rows), labels


def key(clip: Clip) -> int | None:
    """0 to 11: C major to B major, 12 to 23 minor; None where it is not known."""
    corpus = clip.id.split("/", 1)[0]
    return _keys(corpus).get(clip.id) if corpus in ("pop909_main", "folk", "lieder") else None


def melody(clip: Clip) -> np.ndarray | None:
    """Start and end in seconds and pitch of the melody's notes, float64 [n, 3]; None where none is marked."""
    piece = piece_of(clip)
    if piece.corpus == "folk":
        mine = np.ones(len(piece.notes), bool)
    elif "MELODY" in piece.tracks:
        mine = piece.notes[:, TRACK] == piece.tracks.index("MELODY")
    else:
        return None
    begin, notes = begin_of(clip), piece.notes[mine]
    on, off = piece.seconds(notes[:, ONSET]) - begin, piece.seconds(notes[:, ONSET] + notes[:, DURATION]) - begin
    kept = (on >= 0.02) & (on < clip.notes[:, 0].max() + 0.01)
    return np.asarray(np.stack([on, off, notes[:, PITCH]], axis=1)[kept])
