"""A band that joins a lone tune, judged by the chords that people wrote down for the song (POP909-CL).

The tune of sixteen bars is all that the model is given. What is counted in the parts it writes is counted in the
song's own piano in the same way: its lowest note stands for the bass. Chances: a bass that plays some tone of the key
at random meets the chord's bass one time in seven.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.score.lanes import QUALITIES
from workbench.score.score import Note, Score, Track
from workbench.tokens import grid12 as g
from workbench.training import corpora
from workbench.training.chord_counts import sung_track
from workbench.training.grid import on_grid, to_grid

BARS = 16
BAR = 4 * g.TICKS  #: only songs in four are judged
PPQ = 960
BASS_DRUMS = (35, 36)
#: Joins a band to a tune: the score with the tune, and a seed, to the piece with the tune first.
Bandleader = Callable[[Score, int], Score]


@dataclass(frozen=True)
class Song:
    """Sixteen bars of a song on the grid, from tick 0 on.

    ``tune`` and ``rest``: int64 [n, 3] onset, length, MIDI pitch. ``chords``: int64 [c, 4] start, end, pitch class of
    the bass, and a mask of the chord's pitch classes (bit k: pitch class k).
    """

    work: str
    tune: np.ndarray
    rest: np.ndarray
    chords: np.ndarray


def songs(pieces: Iterable[corpora.Piece]) -> list[Song]:
    """The first sixteen bars of every song in four that have a tune throughout and chords written for them."""
    out = []
    for piece in pieces:
        notes = on_grid(piece.notes).astype(np.int64)[:, [corpora.ONSET, corpora.DURATION, corpora.PITCH]]
        track = piece.notes[:, corpora.TRACK]
        lead = sung_track(piece)
        lines = to_grid(piece.downbeats).astype(np.int64)
        song = _cut(piece.work, notes[track == lead], notes[track != lead], _chords(piece), lines)
        if song is not None:
            out.append(song)
    return out


def _chords(piece: corpora.Piece) -> np.ndarray:
    tones = list(QUALITIES.values())
    rows = [
        (tick, tick + length, bass, sum(1 << (root + step) % 12 for step in tones[quality]))
        for tick, length, root, quality, bass in piece.chords.tolist()
    ]
    found = np.array(rows, dtype=np.int64).reshape(-1, 4)
    found[:, :2] = to_grid(found[:, :2])
    return found


def _cut(work: str, tune: np.ndarray, rest: np.ndarray, chords: np.ndarray, lines: np.ndarray) -> Song | None:
    for first in range(len(lines) - BARS):
        start, stop = int(lines[first]), int(lines[first + BARS])
        sung = tune[(tune[:, 0] >= start) & (tune[:, 0] < stop)]
        if stop - start != BARS * BAR or len(np.unique((sung[:, 0] - start) // BAR)) < BARS - 2:
            continue
        if not (np.diff(lines[first : first + BARS + 1]) == BAR).all():
            continue
        known = chords[(chords[:, 1] > start) & (chords[:, 0] < stop)] - [start, start, 0, 0]
        if (np.minimum(known[:, 1], stop - start) - np.maximum(known[:, 0], 0)).sum() < 0.8 * (stop - start):
            continue
        played = rest[(rest[:, 0] >= start) & (rest[:, 0] < stop)]
        return Song(work, sung - [start, 0, 0], played - [start, 0, 0], known)
    return None


def tune_score(song: Song) -> Score:
    """The tune as a score of one track."""
    track = Track("t1", name="Tune", program=73)
    step = PPQ // g.TICKS
    for number, (tick, length, pitch) in enumerate(song.tune.tolist()):
        track.notes[f"n{number}"] = Note(f"n{number}", tick * step, length * step, pitch)
    score = Score(ppq=PPQ)
    score.tracks.append(track)
    return score


def track_notes(track: Track, ppq: int) -> np.ndarray:
    """Notes of a track on the grid, int64 [n, 3]: onset, length, MIDI pitch."""
    rows = [
        (round(note.start * g.TICKS / ppq), max(1, round(note.duration * g.TICKS / ppq)), note.pitch)
        for note in track.sorted_notes()
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


def bass_hits(notes: np.ndarray, chords: np.ndarray) -> tuple[int, int]:
    """Half bars that begin with a note of the bass: how often its lowest one is the chord's bass, and how many."""
    hits = total = 0
    for tick in range(0, BARS * BAR, BAR // 2):
        here = notes[notes[:, 0] == tick]
        chord = chords[(chords[:, 0] <= tick) & (chords[:, 1] > tick)]
        if len(here) and len(chord):
            total += 1
            hits += int(here[:, 2].min() % 12 == chord[0, 2])
    return hits, total


def chord_share(notes: np.ndarray, chords: np.ndarray) -> tuple[int, int]:
    """Ticks for which notes sound that are tones of the chord of their onset, and ticks in all."""
    hits = total = 0
    for tick, length, pitch in notes.tolist():
        chord = chords[(chords[:, 0] <= tick) & (chords[:, 1] > tick)]
        if len(chord):
            total += length
            hits += length * (int(chord[0, 3]) >> pitch % 12 & 1)
    return hits, total


def straight(notes: np.ndarray) -> float:
    """Share of onsets on sixteenths or triplets of eighths."""
    return float(np.isin(notes[:, 0] % g.TICKS, g.STRAIGHT).mean()) if len(notes) else float("nan")


def pattern_likeness(notes: np.ndarray) -> float:
    """How much of one bar of drums stands in the next one: mean Jaccard index of (place, key)."""
    bars: list[set[tuple[int, int]]] = [set() for _ in range(BARS)]
    for tick, _, pitch in notes.tolist():
        if 0 <= tick < BARS * BAR:
            bars[tick // BAR].add((tick % BAR, pitch))
    pairs = [(a, b) for a, b in itertools.pairwise(bars) if a | b]
    return float(np.mean([len(a & b) / len(a | b) for a, b in pairs])) if pairs else float("nan")


def report(found: Sequence[Song], lead: Bandleader) -> dict[str, Any]:
    """Means over the songs: band with bass, keys and drums beside the song's own piano."""
    rows: dict[str, list[float]] = {}
    sums: dict[str, list[tuple[int, int]]] = {}
    for number, song in enumerate(found):
        made = lead(tune_score(song), number)
        for track in made.tracks[1:]:
            notes = track_notes(track, made.ppq)
            kind = "drums" if track.is_drum else "bass" if track.program // 8 == 4 else "keys"
            rows.setdefault(f"{kind}: notes a bar", []).append(len(notes) / BARS)
            rows.setdefault(f"{kind}: onsets on the grid", []).append(straight(notes))
            if kind == "drums":
                rows.setdefault("drums: bar like the next", []).append(pattern_likeness(notes))
                ones = {tick // BAR for tick, _, key in notes.tolist() if tick % BAR == 0 and key in BASS_DRUMS}
                rows.setdefault("drums: bars with a bass drum on one", []).append(len(ones) / BARS)
                continue
            sums.setdefault(f"{kind}: time in the chord", []).append(chord_share(notes, song.chords))
            if len(notes):
                rows.setdefault(f"{kind}: mean pitch", []).append(float(notes[:, 2].mean()))
            if kind == "bass":
                sums.setdefault("bass: on the chord's bass", []).append(bass_hits(notes, song.chords))
        sums.setdefault("song: time in the chord", []).append(chord_share(song.rest, song.chords))
        sums.setdefault("song: on the chord's bass", []).append(bass_hits(song.rest, song.chords))
    out: dict[str, Any] = {"songs": len(found)}
    out |= {name: round(float(np.nanmean(values)), 4) for name, values in sorted(rows.items())}
    shares = {name: np.array(pairs).sum(axis=0) for name, pairs in sorted(sums.items())}
    return out | {name: round(float(hits / max(1, total)), 4) for name, (hits, total) in shares.items()}
