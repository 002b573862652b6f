"""Beats from notes: of a piano alone, and beside a network that mistakes eighths for beats."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from workbench.understand.heard import Beats, HeardNote
from workbench.understand.note_pulse import hear_beats, note_activation, notes_beats


def piano(tempo: float, bars: int) -> tuple[list[HeardNote], np.ndarray]:
    """A bass note and a chord on each downbeat, a chord on three, eighths above; harmony changes every bar."""
    rng = np.random.default_rng(0)
    beat = 60 / tempo
    beats = 0.3 + np.arange(bars * 4) * beat
    notes = []
    for number, time in enumerate(beats):
        root = (0, 9, 5, 7)[number // 4 % 4]
        if number % 4 == 0:
            notes.append(HeardNote(time, time + 3.8 * beat, 36 + root, 90))
        if number % 2 == 0:
            notes += [HeardNote(time, time + 1.8 * beat, 60 + (root + step) % 12, 80) for step in (0, 4, 7)]
        for half in (0, 1):
            at = time + half * beat / 2 + float(rng.normal(0, 0.006))
            notes.append(HeardNote(at, at + beat / 2, 72 + int(rng.integers(12)), 84 - 14 * half))
    return notes, beats


def hits(found: tuple[float, ...], true: np.ndarray) -> float:
    return 2 * sum(bool(np.abs(true - time).min() < 0.07) for time in found) / (len(found) + len(true))


@pytest.mark.parametrize("tempo", [72.0, 104.0])
def test_a_piano_alone_has_its_beats_and_bars(tempo: float) -> None:
    notes, beats = piano(tempo, 8)
    found = notes_beats(note_activation(notes, beats[-1] + 2))
    assert hits(found.beats, beats) > 0.9
    assert all(np.abs(np.array(found.downbeats) - one).min() < 0.07 for one in beats[4:-4:4])  # maybe half bars too


def test_notes_say_which_level_is_the_beat() -> None:
    notes, beats = piano(84, 8)
    seconds = float(beats[-1]) + 2
    said = np.full((round(seconds * 50), 2), 0.02)
    halves = np.concatenate([beats, beats + 30 / 84])
    said[np.round(halves * 50).astype(int), 0] = 0.7
    frames = SimpleNamespace(beats=said, duration=seconds, fps=50.0)
    found = hear_beats(frames, notes)  # type: ignore[arg-type]
    assert found.tempo == pytest.approx(84, rel=0.02)


def test_a_network_without_a_word_leaves_it_to_the_notes_and_silence_has_no_beat() -> None:
    notes, beats = piano(90, 6)
    seconds = float(beats[-1]) + 2
    frames = SimpleNamespace(beats=np.full((round(seconds * 50), 2), 0.02), duration=seconds, fps=50.0)
    assert hits(hear_beats(frames, notes).beats, beats) > 0.9  # type: ignore[arg-type]
    assert hear_beats(frames, ()) == Beats()  # type: ignore[arg-type]
