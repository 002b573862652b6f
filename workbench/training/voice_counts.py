"""Counts the tables of ``workbench/create/voices/hymn.py`` in works for four voices, chorales of the tests excluded.

A work counts if it has four parts that are lines and move together: masses, psalms, part songs, hymn-like quartets.
Beats are heard as chords; how often voices pass, return and hang over is counted with them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workbench.tokens import grid12 as g
from workbench.tokens import voice_chords as vc
from workbench.training import corpora

#: Corpora with works for four voices. The chorales that four voices are judged by are in none of them.
SETS = ("polish", "quartets", "lieder", "orchestra")
#: A part is a line if so many of its onsets are single; parts move together if so many of the tune's onsets are shared.
LINE, TOGETHER = 0.93, 0.5
LEAST_NOTES = 16
STEPS = 4  #: columns of one beat
#: A work counts fully from this share of dominant sevenths on, and :data:`OLD` of it without any.
TONAL, OLD = 0.03, 0.2


@dataclass(frozen=True)
class Work:
    """Four voices by quarters of a beat, int64 [4, steps], soprano first, -1 for silence; ``strike`` bool alike;
    ``strong`` bool [beats]: the first beat of a bar, and its middle."""

    voices: np.ndarray
    strike: np.ndarray
    strong: np.ndarray


def works(names: Iterable[str] = SETS) -> Iterator[Work]:
    """The works for four voices of the training side of these corpora."""
    for name in names:
        for piece in corpora.pieces(name, "train"):
            if (work := four_voices(piece)) is not None:
                yield work


def four_voices(piece: corpora.Piece) -> Work | None:
    """A piece as four voices on its beat (a quarter or a half, whichever its tune moves in), or None."""
    track = piece.notes[:, corpora.TRACK]
    parts = [piece.notes[track == number] for number in np.unique(track)]
    if len(parts) != 4 or (piece.notes[:, corpora.PROGRAM] == corpora.DRUMS).any():
        return None
    if any(len(p) < LEAST_NOTES or len(np.unique(p[:, corpora.ONSET])) < LINE * len(p) for p in parts):
        return None
    parts.sort(key=lambda part: -float(np.mean(part[:, corpora.PITCH])))
    tune = set(parts[0][:, corpora.ONSET].tolist())
    shared = [len(tune & set(part[:, corpora.ONSET].tolist())) / len(tune) for part in parts[1:]]
    if np.mean(shared) < TOGETHER:
        return None
    beat = 2 * corpora.PPQ if float(np.median(parts[0][:, corpora.DURATION])) > 1.5 * corpora.PPQ else corpora.PPQ
    step = beat // STEPS
    end = int(max((part[:, corpora.ONSET] + part[:, corpora.DURATION]).max() for part in parts))
    count = -(-end // beat) * STEPS
    voices, strike = np.full((4, count), -1, dtype=np.int64), np.zeros((4, count), dtype=bool)
    for row, part in enumerate(parts):
        for onset, length, pitch in part[:, [corpora.ONSET, corpora.DURATION, corpora.PITCH]].tolist():
            first = round(onset / step)
            voices[row, first : max(first + 1, round((onset + length) / step))] = pitch
            strike[row, min(first, count - 1)] = True
    strong = np.zeros(count // STEPS, dtype=bool)
    lines = piece.downbeats
    for line, after in zip(lines[:-1].tolist(), lines[1:].tolist(), strict=True):
        middle = [(line + after) // 2] if (after - line) % (2 * beat) == 0 and after - line > 2 * beat else []
        for tick in (line, *middle):
            if tick % beat == 0 and tick // beat < len(strong):
                strong[tick // beat] = True
    return Work(voices, strike, strong)


def chord_of(voices: np.ndarray) -> int:
    """The state heard in one beat (int64 [4, STEPS] of pitches), -1 where none fits."""
    sound = np.zeros(12)
    for row in voices:
        for at, pitch in enumerate(row.tolist()):
            if pitch >= 0:
                sound[pitch % 12] += 1.6 if at == 0 else 1.0
    sounding = voices[voices >= 0]
    low = voices[3, 0] if voices[3, 0] >= 0 else (int(sounding.min()) if len(sounding) else -1)
    if sound.sum() < 8 or low < 0:
        return -1
    sound /= sound.sum()
    there = vc.TONES @ sound
    sizes = vc.TONES.sum(axis=1)
    missing = (vc.TONES & (sound < 0.02)).sum(axis=1)
    roots = np.array([state[0] for state in vc.STATES])
    inside = low % 12 == vc.BASS
    fit = 1.6 * there - 0.16 * missing - 0.05 * (sizes == 4) + 0.03 * (roots == low % 12) + np.where(inside, 0, -9.0)
    best = int(fit.argmax())
    return best if fit[best] > 1.0 else -1


def places(work: Work) -> np.ndarray:
    """Where each beat stands (``vc.WEAK`` ...), int64 [beats]."""
    tune, strike = work.voices[0], work.strike[0]
    beats = len(tune) // STEPS
    out = np.where(work.strong, vc.STRONG, vc.WEAK)
    onsets = [*np.flatnonzero(strike).tolist(), len(tune)]
    for beat in range(beats):
        if not strike[beat * STEPS : (beat + 1) * STEPS].any():
            out[beat] = vc.HELD
    for onset, after in itertools.pairwise(onsets):
        stop = onset + int((np.cumsum(tune[onset:after] < 0) == 0).sum())
        if stop - onset >= 2 * STEPS or stop < after or after == len(tune):
            out[onset // STEPS] = vc.CLOSE
    return np.asarray(out, dtype=np.int64)


def count(found: Iterable[Work]) -> dict[str, np.ndarray]:
    """The tables of :class:`~workbench.create.voices.hymn.HymnModel` as uint8: minus sixteen times the logarithm."""
    n = vc.N_STATES
    often, turn = np.zeros(n), np.zeros((vc.N_PLACES, n, n))
    tone, end = np.zeros((n, 12)), np.zeros((12, n))
    for work in found:
        beats = work.voices.shape[1] // STEPS
        chords = np.array([chord_of(work.voices[:, at * STEPS : (at + 1) * STEPS]) for at in range(beats)])
        known = np.flatnonzero(chords >= 0)
        if len(known) < 12:
            continue
        sounding = work.voices[work.voices >= 0]
        tonic = g.best_major(np.bincount(sounding % 12, minlength=12).astype(float))
        last = vc.STATES[int(chords[known[-1]])][0]
        if (last - tonic) % 12 not in (0, 9):  # ends elsewhere: a movement of a larger whole, or in an old mode
            continue
        kinds = np.array([vc.STATES[int(chord)][1] for chord in chords[known]])
        weight = 1.0 if (kinds == 3).mean() >= TONAL else OLD
        per_root = n // 12
        chords = np.where(chords >= 0, (chords - tonic * per_root) % n, -1)
        where = places(work)
        sung = work.voices[0, ::STEPS]
        for at in known.tolist():
            often[chords[at]] += weight
            if sung[at] >= 0 and where[at] != vc.HELD:
                tone[chords[at], (sung[at] - tonic) % 12] += weight
        both = known[:-1][np.diff(known) == 1]
        np.add.at(turn, (where[both + 1], chords[both], chords[both + 1]), weight)
        if sung[known[-1]] >= 0:
            end[(sung[known[-1]] - tonic) % 12, chords[known[-1]]] += weight
    return {name: _rounded(table) for name, table in _smoothed(often, turn, tone, end).items()}


def _smoothed(often: np.ndarray, turn: np.ndarray, tone: np.ndarray, end: np.ndarray) -> dict[str, np.ndarray]:
    """Probabilities: rare turns lean on those of the chords without their basses, those on how common each is."""
    n = len(often)
    per_root = n // 12
    kinds = np.array([kind for _, kind, _ in vc.STATES[:per_root]])
    chord = np.repeat(np.arange(12), per_root) * len(vc.KINDS) + np.tile(kinds, 12)
    n_chords = 12 * len(vc.KINDS)
    usual = often + 0.02 * np.tile(often.reshape(12, -1).sum(axis=0), 12) + 0.5
    usual /= usual.sum()
    wide = np.zeros((len(turn), n_chords, n_chords))
    for place in range(len(turn)):
        np.add.at(wide[place], (chord[:, None], chord[None, :]), turn[place])
    wide += 0.3 * wide.sum(axis=0)
    share = np.zeros(n_chords)
    np.add.at(share, chord, usual)
    wide = (wide + 15 * share) / (wide.sum(axis=2, keepdims=True) + 15)
    inside = usual / share[chord]
    middle = wide[:, chord][:, :, chord] * inside
    turn = turn + 0.2 * turn.sum(axis=0)
    turn = (turn + 20 * middle) / (turn.sum(axis=2, keepdims=True) + 20)
    by_kind = np.stack(
        [sum(np.roll(tone[root * per_root + place], -root) for root in range(12)) for place in range(per_root)]
    )
    grouped = np.stack([by_kind[kinds == kinds[place]].sum(axis=0) for place in range(per_root)])
    grouped = (grouped + 0.5) / (grouped + 0.5).sum(axis=1, keepdims=True)
    prior = np.stack([np.roll(grouped[state % per_root], state // per_root) for state in range(n)])
    tone = (tone + 30 * prior) / (tone.sum(axis=1, keepdims=True) + 30)
    final = end.sum(axis=0) + 0.01 * usual
    end = (end + 2 * final / final.sum()) / (end.sum(axis=1, keepdims=True) + 2)
    return {"start": usual, "turn": turn, "tone": tone, "end": end}


def _rounded(table: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.clip(np.round(-16 * np.log(np.maximum(table, 1e-9))), 0, 255).astype(np.uint8))


def export(folder: Path) -> int:
    """Write ``voices.safetensors`` into ``folder``; returns the number of works that were counted."""
    from safetensors.numpy import save_file

    found = list(works())
    save_file(count(found), folder / "voices.safetensors")
    return len(found)
