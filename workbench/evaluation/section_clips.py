"""Pieces whose form is known: phrases of held-out songs laid one after another as A A B A C B, and so on.

Phrases of several songs are brought into one key and one tempo; what comes back is varied a little, as players do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.evaluation.beat_clips import BETWEEN, CHORDS, LEADS
from workbench.training import corpora
from workbench.training.corpora import DRUMS, DURATION, ONSET, PITCH, PPQ, TRACK, VELOCITY, Piece

FORMS = ("AABA", "ABAB", "ABABCB", "AABBAABB", "ABAC", "ABCABC", "IABABCBB", "ABACABA")
BAR = 4 * PPQ


@dataclass(frozen=True)
class Form:
    """``notes``: float64 [n, 5] as in :class:`~workbench.evaluation.beat_clips.Clip`; ``bars``: seconds of the bar
    lines with the end; ``parts``: (first bar, bar after the last, letter)."""

    notes: np.ndarray
    bars: np.ndarray
    parts: tuple[tuple[int, int, str], ...]


def draw(seed: int) -> Form:
    """A piece of one of :data:`FORMS`; the same for the same seed."""
    rng = np.random.default_rng(seed)
    songs = [piece for piece in corpora.pieces("pop909_main", "test") if len(piece.downbeats) > 50]
    letters = str(rng.choice(FORMS))
    own_band = bool(rng.random() < 0.5)  # else every part has the same players, and harmony alone tells them apart
    usual = [8, 8, 8, 4, 16] if len(letters) < 7 else [8, 8, 4]
    band = _players(rng)
    phrases = {}
    for letter in sorted(set(letters)):
        length = 4 if letter == "I" else int(rng.choice(usual))
        phrases[letter] = _phrase(songs[rng.integers(len(songs))], length, _players(rng) if own_band else band, rng)
    step = 60.0 / rng.uniform(75, 140)
    rows, parts, at = [], [], 0
    for letter in letters:
        notes, length = phrases[letter]
        mine = notes[rng.random(len(notes)) > 0.07].copy()  # played a little differently each time
        mine[:, :2] += at * BAR
        rows.append(mine)
        parts.append((at, at + length, letter))
        at += length
    whole = np.concatenate(rows)
    whole[:, :2] *= step / PPQ
    whole[:, 0] += rng.normal(0, 0.008, len(whole))
    whole[:, 0] = np.maximum(0.0, whole[:, 0])
    whole[:, 1] = np.maximum(whole[:, 1], whole[:, 0] + 0.05)
    return Form(whole[np.argsort(whole[:, 0])], np.arange(at + 1) * 4 * step, tuple(parts))


def _players(rng: np.random.Generator) -> tuple[int, int, int, float]:
    """Programs of the melody, of what plays between and of the chords, and how many drum strokes a beat."""
    return int(rng.choice(LEADS)), int(rng.choice(BETWEEN)), int(rng.choice(CHORDS)), float(rng.choice([0, 1, 2, 4]))


def _phrase(
    song: Piece, bars: int, players: tuple[int, int, int, float], rng: np.random.Generator
) -> tuple[np.ndarray, int]:
    """Bars of a song on a ruler of ticks from 0, in C (or A minor as far as its chords tell): notes [n, 5], length."""
    first = int(rng.integers(4, max(5, (len(song.downbeats) - bars - 4) // 4))) * 4
    first = min(first, max(0, len(song.downbeats) - bars - 1))
    start = int(song.downbeats[first])
    notes = song.notes[(song.notes[:, ONSET] >= start) & (song.notes[:, ONSET] < start + bars * BAR)]
    histogram = np.bincount(notes[:, PITCH] % 12, weights=notes[:, DURATION], minlength=12)
    scale = np.array([1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1])
    shift = int(np.argmax([np.roll(histogram, -tonic) @ scale for tonic in range(12)]))
    shift = -shift if shift < 6 else 12 - shift
    lead, between, chords, busy = players
    names = {"MELODY": lead, "BRIDGE": between}
    programs = np.array([names.get(song.tracks[track], chords) for track in notes[:, TRACK]], np.float64)
    begin = (notes[:, ONSET] - start).astype(np.float64)
    rows = [np.stack([begin, begin + notes[:, DURATION], notes[:, PITCH] + shift, notes[:, VELOCITY], programs], 1)]
    if busy:
        at = np.arange(0, bars * BAR, PPQ / busy)
        pitch = np.where(at % (2 * PPQ) == 0, 36, np.where(at % PPQ == 0, 38, 42))
        rows.append(np.stack([at, at + 60, pitch, np.full(len(at), 90), np.full(len(at), DRUMS)], axis=1))
    return np.concatenate(rows), bars
