"""What the listener is trained on: a singer who sings what is written, and spoiling that keeps time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.nets.listen_spectrum import RATE, spectrum
from workbench.training import listen_spoil
from workbench.training.listen_bands import bass, cast
from workbench.training.listen_data import again
from workbench.training.listen_voice import sing
from workbench.training.pieces import DRUMS, PPQ, Piece


def clicks(seconds: float = 6.0) -> np.ndarray:
    """Short tones at irregular times."""
    sound = np.random.default_rng(1).normal(0, 1e-3, round(seconds * RATE))
    for start in (0.31, 1.02, 1.9, 2.2, 3.7, 4.41, 5.05):
        since = np.arange(RATE // 3) / RATE
        first = round(start * RATE)
        sound[first : first + len(since)] += 0.3 * np.exp(-12 * since) * np.sin(2 * np.pi * 440 * since)
    return sound.astype(np.float32)


@pytest.mark.parametrize("seed", range(4))
def test_the_singer_sings_the_pitches_written(seed: int) -> None:
    notes = np.array([[0.5 + n, 1.3 + n, key, 90] for n, key in enumerate((57, 60, 64, 62, 59))], float)
    bins = spectrum(sing(notes, 6.0, np.random.default_rng(seed)))
    for start, end, key, _ in notes:
        seen = bins[round((start + 0.2) * 50) : round((end - 0.1) * 50)].mean(axis=0)
        at = 3 * (int(key) - 20) + 1
        near = seen[at - 3 : at + 4]
        assert abs(int(near.argmax()) - 3) <= 1, key
        assert near.max() > seen[at + 6] + 0.1  # and nothing two semitones above
    silent = bins[:20].max()
    assert silent < seen.max() - 0.15


@pytest.mark.parametrize("codec", range(3))
def test_codecs_keep_time(codec: int) -> None:
    class Chosen:
        """Chances that choose one codec, at its lowest rate."""

        integers = staticmethod(lambda high: codec)
        choice = staticmethod(lambda rates: rates[0])

    sound = clicks()
    back = listen_spoil.encode(sound, Chosen())  # type: ignore[arg-type]
    assert len(back) == len(sound)
    match = np.correlate(back[RATE : RATE * 3], sound[RATE + 400 : RATE * 3 - 400])
    assert abs(int(match.argmax()) - 400) <= 12  # half a millisecond
    assert np.corrcoef(back, sound)[0, 1] > 0.8


def test_spoiling_keeps_length_and_onsets() -> None:
    rng = np.random.default_rng(3)
    sound = clicks()
    for _ in range(12):
        back = listen_spoil.spoil(sound, rng)
        assert back.shape == sound.shape
        assert back.dtype == np.float32
        assert np.isfinite(back).all()
        first = int(0.31 * RATE)
        assert np.abs(back[first : first + 600]).max() > 2 * np.abs(back[first - 700 : first - 100]).max() * 0.6


def test_compression_narrows_what_is_loud_and_soft() -> None:
    tone = np.sin(2 * np.pi * 200 * np.arange(4 * RATE) / RATE)
    tone[: 2 * RATE] *= 0.05
    found = listen_spoil.compress(tone, np.random.default_rng(2))
    assert np.abs(found[3 * RATE :]).max() / np.abs(found[RATE : 2 * RATE]).max() < 15


def song() -> Piece:
    """Four bars with chords, a melody and a piano, two beats a second."""
    rows = [(PPQ * beat, PPQ, 72 + beat % 3, 90, 0, 0) for beat in range(16)]
    rows += [(PPQ * 4 * bar, PPQ * 4, 48 + step, 70, 0, 1) for bar in range(4) for step in (0, 4, 7)]
    notes = np.array(sorted(rows), np.int32)
    chords = np.array([(PPQ * 4 * bar, PPQ * 4, (0, 5, 7, 0)[bar], 0, 0) for bar in range(4)], np.int32)
    return Piece(
        "pop909_main/1", "1", "pop909_main", notes, np.arange(18) * 0.5, np.arange(5, dtype=np.int32) * PPQ * 4,
        np.array([[0, 4, 4]], np.int32), chords, ("MELODY", "PIANO"),
    )  # fmt: skip


def test_a_song_gets_a_bass_on_its_roots() -> None:
    for seed in range(6):
        rows = bass(song(), 0.0, 1.0, 2, 10.0, np.random.default_rng(seed))
        first = rows[np.abs(rows[:, 0, None] - np.array([0, 2, 4, 6])).min(axis=1) < 0.05]
        assert {int(pitch) % 12 for pitch in first[:, 2]} == {2, 7, 9}
        assert (rows[:, 4] // 8 == 4).all()
        assert rows[:, 2].max() < 60


def test_a_band_has_a_lead_or_a_singer_and_no_drums_are_recast() -> None:
    piece = song()
    leads = set()
    for seed in range(30):
        rows = np.stack([piece.seconds(piece.notes[:, 0]), piece.seconds(piece.notes[:, 0]) + 0.4], 1)
        rows = np.concatenate([rows, piece.notes[:, 2:5]], axis=1).astype(np.float32)
        rows[3, 4] = DRUMS
        cast(rows, piece.notes[:, 5], piece, np.random.default_rng(seed))
        assert rows[3, 4] == DRUMS
        lead = np.unique(rows[(piece.notes[:, 5] == 0) & (rows[:, 4] != DRUMS), 4])
        assert len(lead) == 1
        leads.add(int(lead[0]))
    assert 129 in leads
    assert len(leads) > 5


def test_scenes_that_count_again_are_links_and_made_once(tmp_path: Path) -> None:
    for name in ("train-003-0000.npy", "train-003-0000.npz", "train-001-0000.npz"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    for _ in range(2):
        again(tmp_path, "train", 3, 2)
    assert len(list(tmp_path.iterdir())) == 7
    assert (tmp_path / "train-203-0000.npy").read_text(encoding="utf-8") == "train-003-0000.npy"
