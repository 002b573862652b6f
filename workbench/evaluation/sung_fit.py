"""Fitting of the two logistic regressions of singing: where a syllable begins, and how likely a note is right."""

from __future__ import annotations

from collections.abc import Iterable

import mir_eval
import numpy as np
from numpy.typing import NDArray

from workbench.understand.articulation import measures
from workbench.understand.pitchcurve import PERIOD, PitchCurve
from workbench.understand.singing import found_spans
from workbench.understand.sung_path import Settings
from workbench.understand.vibrato import without_vibrato
from workbench.understand.voicing import note_measures

Floats = NDArray[np.float64]


def logistic(measured: Floats, truth: Floats, *, ridge: float = 1.0, rounds: int = 60) -> tuple[Floats, float]:
    """Weights and bias by Newton's method, with a small pull of the weights (not the bias) to 0.

    Args:
        measured: float64 [n, m].
        truth: float64 [n], 0 or 1.
        ridge: strength of the pull, for measures of spread 1.
        rounds: steps of Newton's method.
    """
    spread = measured.std(axis=0) + 1e-9
    x = np.concatenate([measured / spread, np.ones((len(measured), 1))], axis=1)
    pull = np.diag([*np.full(measured.shape[1], ridge), 1e-6])
    w = np.zeros(x.shape[1])
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        step = np.linalg.solve((x.T * (p * (1 - p))) @ x + pull, x.T @ (truth - p) - pull @ w)
        w += step
        if np.abs(step).max() < 1e-8:
            break
    return np.asarray(w[:-1] / spread), float(w[-1])


def syllables(takes: Iterable[tuple[PitchCurve, Floats]]) -> tuple[Floats, Floats]:
    """Measures of the candidates inside voices, and whether a note begins there (50 ms) that follows another of its
    pitch without a rest.

    Candidates near other notes say nothing (the pitch or the rest tells those), nor do those in rests.

    Args:
        takes: curves, and the truth about each: float64 [notes, >= 2], onset and end in seconds.
    """
    found, truth = [], []
    for curve, notes in takes:
        _, depth = without_vibrato(curve.midi, curve.confidence >= 0.3)
        at, values = measures(curve, depth)
        joined = np.concatenate([[False], notes[1:, 0] - notes[:-1, 1] < 0.12])
        joined[1:] &= np.abs(np.diff(notes[:, 2])) < 0.6
        for frame, row in zip(at.tolist(), values, strict=True):
            time = frame * PERIOD
            place = int(np.argmin(np.abs(notes[:, 0] - time)))
            inside = bool(((notes[:, 0] + 0.06 < time) & (time < notes[:, 1] - 0.04)).any())
            near = abs(notes[place, 0] - time) <= 0.05
            if (near and joined[place]) or (inside and not near):
                found.append(row)
                truth.append(float(near))
    return np.array(found), np.array(truth)


def right_notes(takes: Iterable[tuple[PitchCurve, Floats]], settings: Settings) -> tuple[Floats, Floats]:
    """Measures of the notes that are found, and whether each is right (mir_eval: 50 ms, 50 cents, onset alone)."""
    found, truth = [], []
    for curve, notes in takes:
        seen, spans, _, pitches, _ = found_spans(curve, settings)
        if not spans:
            continue
        times = np.array([(start * PERIOD, end * PERIOD) for start, end, _ in spans])
        pairs = mir_eval.transcription.match_notes(
            notes[:, :2],
            440 * 2 ** ((notes[:, 2] - 69) / 12),
            times,
            440 * 2 ** ((pitches - 69) / 12),
            offset_ratio=None,
        )
        hit = np.zeros(len(spans))
        hit[[row for _, row in pairs]] = 1
        found.append(note_measures(curve, seen, spans, pitches))
        truth.append(hit)
    return np.concatenate(found), np.concatenate(truth)
