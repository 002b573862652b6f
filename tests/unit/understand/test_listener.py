"""The network that is shipped: how well it hears two short pieces, and what it makes of bad recordings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench import resources
from workbench.nets.listen_onnx import ListenRuntime
from workbench.nets.listen_spectrum import RATE, decibels, loudness, scaled
from workbench.score.score import Note, Score, Track
from workbench.sound.audio import Audio
from workbench.sound.render import render
from workbench.understand.frames import Frames, hear_frames, listener
from workbench.understand.heard import HeardNote
from workbench.understand.notes import drums_of, notes_of

BEAT = 960


def numbered(name: str, rows: list[tuple[int, int, int, int]]) -> dict[str, Note]:
    return {f"{name}{number}": Note(f"{name}{number}", *row) for number, row in enumerate(rows)}


def piano() -> Score:
    """Eight bars' worth of broken chords and a tune over them, at 120 beats a minute."""
    rng = np.random.default_rng(4)
    notes = []
    for bar, root in enumerate((48, 45, 53, 55)):
        for eighth in range(8):
            pitch = root + (0, 7, 12, 16)[eighth % 4] - (root in (45,) and eighth % 4 == 3)
            notes.append((bar * 4 * BEAT + eighth * BEAT // 2, BEAT // 2, pitch, 70))
        for beat in range(4):
            notes.append((bar * 4 * BEAT + beat * BEAT, BEAT, 72 + int(rng.choice([0, 2, 4, 5, 7, 9, 12])), 90))
    return Score(tracks=[Track("t", "Piano", 0, notes=numbered("n", notes))])


def band() -> Score:
    """Four bars of drums, bass, guitar chords and a flute."""
    rows: dict[str, list[tuple[int, int, int, int]]] = {"drums": [], "bass": [], "guitar": [], "flute": []}
    for bar, root in enumerate((45, 41, 48, 43)):
        start = bar * 4 * BEAT
        for eighth in range(8):
            at = start + eighth * BEAT // 2
            rows["drums"].append((at, 120, 42, 80))
            if eighth % 4 in (0, 2):
                rows["drums"].append((at, 120, 36 if eighth % 4 == 0 else 38, 105))
        for beat in range(4):
            rows["bass"].append((start + beat * BEAT, BEAT - 60, root - 12, 95))
            rows["flute"].append(
                (start + beat * BEAT, BEAT - 40, (76, 79, 81, 84, 83, 79, 77)[(bar * 3 + beat) % 7], 95)
            )
        for half in range(2):
            for above in (0, 4 if root != 45 else 3, 7):
                rows["guitar"].append((start + half * 2 * BEAT, 2 * BEAT - 60, root + 12 + above, 80))
    programs = {"drums": 0, "bass": 33, "guitar": 25, "flute": 73}
    tracks = [
        Track(
            name, name, programs[name], name == "drums",
            notes=numbered(name, sorted(mine)),
        )
        for name, mine in rows.items()
    ]  # fmt: skip
    return Score(tracks=tracks)


def share(found: list[tuple[float, int]], true: list[tuple[float, int]]) -> float:
    """F of (second, key) within 50 ms, each counted once."""
    left, hits = list(true), 0
    for time, key in found:
        near = [row for row in left if row[1] == key and abs(row[0] - time) <= 0.05]
        if near:
            left.remove(min(near, key=lambda row: abs(row[0] - time)))
            hits += 1
    return 2 * hits / (len(found) + len(true))


def truth(score: Score, drums: bool) -> list[tuple[float, int]]:
    return [
        (note.start / BEAT / 2, note.pitch)
        for track in score.tracks if track.is_drum == drums for note in track.notes.values()
    ]  # fmt: skip


def starts(notes: tuple[HeardNote, ...]) -> list[tuple[float, int]]:
    return [(note.start, note.pitch) for note in notes]


@pytest.fixture(scope="module")
def played() -> dict[str, tuple[Score, Frames]]:
    return {name: (score, hear_frames(render(score))) for name, score in (("piano", piano()), ("band", band()))}


def test_a_piano_is_written_down(played: dict[str, tuple[Score, Frames]]) -> None:
    score, frames = played["piano"]
    assert share(starts(notes_of(frames)), truth(score, False)) > 0.85


def test_a_band_and_its_drums_are_written_down(played: dict[str, tuple[Score, Frames]]) -> None:
    score, frames = played["band"]
    assert share(starts(notes_of(frames)), truth(score, False)) > 0.6
    assert share(starts(drums_of(frames)), truth(score, True)) > 0.6


def test_sure_notes_are_oftener_right_than_unsure_ones(played: dict[str, tuple[Score, Frames]]) -> None:
    right: dict[bool, list[bool]] = {True: [], False: []}
    for score, frames in played.values():
        true = truth(score, False)
        for note in notes_of(frames):
            hit = any(key == note.pitch and abs(time - note.start) <= 0.05 for time, key in true)
            right[note.confidence > 0.8].append(hit)
    assert np.mean(right[True]) > 0.85
    assert np.mean(right[True]) > np.mean(right[False])


def test_listening_in_stretches_is_listening_to_the_whole(played: dict[str, tuple[Score, Frames]]) -> None:
    once_played = render(piano())
    audio = Audio(np.tile(once_played.samples, (5, 1)), once_played.rate)  # over 40 seconds: three stretches
    heard = hear_frames(audio)
    rows = decibels(audio.resampled(RATE).mono())
    level = loudness(rows)
    whole = ListenRuntime(resources.path("models/transcribe/model.onnx"), 1).stretch(scaled(rows, level))
    once = Frames(
        **{name: value.astype(np.float16) for name, value in whole.items() if name != "voiced"},
        voiced=whole["voiced"][:, 0].astype(np.float16), level=level, tuning_cents=0.0, duration=heard.duration,
    )  # type: ignore[arg-type]  # fmt: skip
    assert share(starts(notes_of(heard)), starts(notes_of(once))) > 0.97


def test_the_network_is_the_one_that_its_tensors_say() -> None:
    import torch
    from safetensors.torch import load_file

    from workbench.nets.listen import Listen
    from workbench.nets.listen_onnx import HEADS
    from workbench.training.listen_export import Probabilities

    net = Listen().eval()
    tensors = load_file(resources.path("models/transcribe/model.safetensors"))
    net.load_state_dict({name: value.float() for name, value in tensors.items()})
    bins = np.random.default_rng(0).uniform(0, 1, (120, 339)).astype(np.float32)
    with torch.inference_mode():
        wanted = Probabilities(net)(torch.from_numpy(bins[None]))
    found = listener().stretch(bins)
    for rows, name in zip(wanted, HEADS, strict=True):
        assert np.abs(found[name] - rows[0].numpy()).max() < 1e-3, name


@pytest.mark.parametrize(
    ("seconds", "rate", "channels"),
    [(0.0, 44_100, 1), (0.2, 44_100, 2), (2.0, 8_000, 1), (2.0, 96_000, 1), (1.0, 48_000, 6)],
)  # fmt: skip
def test_a_tone_of_any_form_is_heard_or_too_short(seconds: float, rate: int, channels: int) -> None:
    time = np.arange(round(seconds * rate)) / rate
    tone = sum(np.sin(2 * np.pi * 440 * part * time) * np.exp(-2 * time) / part for part in (1, 2, 3)) * 0.2
    audio = Audio(np.repeat(np.asarray(tone, np.float32)[:, None], channels, axis=1), rate)
    frames = hear_frames(audio)
    notes = notes_of(frames)
    assert all(note.end > note.start for note in notes)
    assert {note.pitch for note in notes} <= {57, 69, 81, 88}
    if seconds >= 1:
        assert np.abs(frames.frame[10:30, 69 - 21]).max() > 0.5


def test_silence_and_noise_hold_no_notes_to_be_sure_of(tmp_path: Path) -> None:
    silent = hear_frames(Audio(np.zeros((RATE * 4, 1), np.float32), RATE))
    assert notes_of(silent) == ()
    assert drums_of(silent) == ()
    noise = np.random.default_rng(0).normal(0, 0.05, (RATE * 4, 1)).astype(np.float32)
    assert sum(note.confidence > 0.7 for note in notes_of(hear_frames(Audio(noise, RATE)))) <= 2
