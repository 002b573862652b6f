"""The Genie's data, losses, measures, and a training run on made-up songs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from workbench.evaluation import genie_eval, genie_gold, genie_lines
from workbench.training import corpora, genie_data
from workbench.training.corpora import Piece
from workbench.training.genie_data import Performance
from workbench.training.splits import split


def song(number: int, count: int = 400) -> Piece:
    """A tune over Am and a suspended chord, four notes a bar of two chords."""
    rng = np.random.default_rng(number)
    pitches = 60 + np.cumsum(rng.choice([-2, -1, 1, 2], count)) % 24
    notes = np.stack([np.arange(count) * 240, np.full(count, 240), pitches], axis=1)
    rest = np.tile([80, 0, 0], (count, 1))
    chords = np.array(
        [(bar * 1920, 1920, *((9, 1, 9) if bar % 2 else (2, 8, 2))) for bar in range(count // 8)], np.int32
    )
    beats = np.arange(count // 2 + 2) * 0.5
    bars = np.arange(0, count * 240, 1920, dtype=np.int32)
    meters = np.array([[0, 4, 4]], np.int32)
    work = f"pop909/{number:03d}"
    rows = np.concatenate([notes, rest], axis=1).astype(np.int32)
    return Piece(work, work, "pop909_main", rows, beats, bars, meters, chords, ("MELODY",))


@pytest.fixture
def songs(folders: Path) -> list[Piece]:
    """Some songs, a few of them for validation and test, in the cache that training reads."""
    found = [song(number) for number in (*range(1, 43), 66, 95, 144)]
    corpora.save(found, corpora.train_dir() / "corpora" / f"pop909_main.v{corpora.CACHE_VERSION}.npz")
    return found


def test_chords_reach_the_notes_and_unknown_families_tell_the_root() -> None:
    item = genie_data.performance(song(1))
    assert item.roots[:8].tolist() == [2] * 7 + [2]
    assert item.families[:8].tolist() == [-1] * 8
    assert item.roots[8:16].tolist() == [9] * 8
    assert item.families[8:16].tolist() == [1] * 8


def test_a_note_just_before_the_change_belongs_to_the_new_chord() -> None:
    chords = np.array([[0, 1920, 0, 0, 0], [1920, 1920, 7, 4, 7]], np.int32)
    roots, families = genie_data.chord_inputs(chords, np.array([0, 1800, 1880, 1920, 3900]))
    assert roots.tolist() == [0, 0, 7, 7, -1]
    assert families.tolist() == [0, 0, 4, 4, -1]


def test_time_bins() -> None:
    assert genie_data.to_bins(np.array([0, 0, 0.016, 0.3, 5.0])).tolist() == [32, 0, 1, 9, 32]


def test_windows_cover_a_piece_without_overlap() -> None:
    parts = list(genie_data.windows(genie_data.performance(song(1, 300))))
    assert [part.keys.shape for part in parts] == [(1, 128), (1, 128), (1, 44)]
    assert all(int(part.bins[0, 0]) == 32 for part in parts)


def test_transposition_moves_the_chord_along(songs: list[Piece]) -> None:
    sampler = genie_data.Sampler("train", {"pop909": 1.0}, chord_share=1.0)
    rng = np.random.default_rng(0)
    batch = sampler.batch(rng, 200)
    assert batch.keys.shape == batch.bins.shape == batch.roots.shape == (200, 128)
    assert batch.keys.min() >= 0
    assert batch.keys.max() <= 87
    roots = {frozenset(np.unique(row).tolist()) for row in batch.roots}
    assert len(roots) == 12  # all transpositions come
    assert all((max(pair) - min(pair)) in (5, 7) for pair in roots)  # D and A stay a fifth apart


def test_chords_are_hidden_in_half_of_the_windows(songs: list[Piece]) -> None:
    sampler = genie_data.Sampler("train", {"pop909": 1.0})
    batch = sampler.batch(np.random.default_rng(1), 200)
    hidden = (batch.roots < 0).all(axis=1)
    assert 70 < hidden.sum() < 130
    assert (batch.families[hidden] == -1).all()


def test_training_never_sees_the_held_out_songs(songs: list[Piece]) -> None:
    sampler = genie_data.Sampler("train", {"pop909": 1.0})
    seen = {item.id for item in sampler.data["pop909"]}
    assert seen == {piece.id for piece in songs if split(piece.work) == "train"}
    assert len(seen) < len(songs)


def test_losses_follow_the_hand() -> None:
    import torch

    from workbench.nets.genie import hand_losses

    keys = torch.tensor([[40, 42, 42, 30]])
    kept = hand_losses(torch.tensor([[0.0, 2 / 7, 2 / 7, 0.0]]), keys)
    assert {name: float(value) for name, value in kept.items()} == pytest.approx(
        {"margin": 0, "contour": 0, "deviate": 0}, abs=1e-6
    )
    broken = hand_losses(torch.tensor([[0.0, -2 / 7, 0.0, 9 / 7]]), keys)
    assert all(float(value) > 0.1 for value in broken.values())
    big = hand_losses(torch.tensor([[0.0, 2 / 7]]), torch.tensor([[40, 41]]))
    assert float(big["contour"]) == pytest.approx(0, abs=1e-6)  # one button is enough for any interval


def test_training_learns_and_resumes(songs: list[Piece], capsys: pytest.CaptureFixture[str]) -> None:
    from workbench.training.genie_export import export, load_released
    from workbench.training.genie_train import Options, train, validate

    held_out = [w for item in genie_data.source("pop909", "valid") for w in list(genie_data.windows(item))[:2]]
    train(Options(run="tiny", budget=0.5, batch=8, shares={"pop909": 1.0}))
    folder = corpora.train_dir()
    first = json.loads((folder / "runs/tiny/progress.json").read_text())
    model = train(Options(run="tiny", budget=first["cpu"] + 2.5, batch=8, shares={"pop909": 1.0}))
    second = json.loads((folder / "runs/tiny/progress.json").read_text())
    assert second["step"] > first["step"] > 0
    assert second["cpu"] >= 2.5 > first["cpu"]
    figures = validate(model, held_out)
    untrained = train(Options(run="untrained", budget=0.0, batch=8, shares={"pop909": 1.0}))
    assert figures["ppl"] < validate(untrained, held_out)["ppl"]  # how far it gets depends on the machine
    export("tiny", folder)
    again = validate(load_released(folder), held_out)
    assert again["ppl"] == pytest.approx(figures["ppl"], rel=0.01)
    onward = train(Options(run="onward", budget=0.0, shares={"pop909": 1.0}, released=str(folder)))
    assert validate(onward, held_out)["ppl"] == pytest.approx(again["ppl"], rel=1e-5)


def test_the_report_holds_every_measure_with_its_bar(songs: list[Piece], monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench import resources
    from workbench.evaluation import genie_report
    from workbench.training.genie_export import load_released

    monkeypatch.setattr(genie_report, "SOURCES", {"pop909": 1.0})
    model = load_released(resources.path("models/piano-genie"))
    rows = {row.measure: row for row in genie_report.evaluate_rows(model, twin=model)}
    assert rows["the same over that of the twin without a chord input"].value == 1
    assert rows["perplexity, POP909 test songs, no chords told"].bar == "at most 3.6"
    assert rows["contour violations, teacher-forced"].bar == "at most 0.005"
    assert rows["gold lines, mean squared difference in buttons"].bar == "at most 2"
    assert sum(rows[f"use of button {number}"].value for number in range(1, 9)) == pytest.approx(1)
    text = genie_report.show([genie_report.at_least("x", 0.4, 0.5), genie_report.at_most("y", 0.4, 0.5)])
    assert ["FALLS SHORT" in line for line in text.splitlines()] == [True, False]


def test_gold_lines_go_where_the_tunes_go() -> None:
    lines = genie_gold.gold_lines()
    assert len(lines) == 8
    for name, pitches, buttons in lines:
        assert len(pitches) == len(buttons), name
        assert buttons.min() >= 0
        assert buttons.max() <= 7
        move, pitch = np.sign(np.diff(buttons)), np.sign(np.diff(pitches))
        assert not (move * pitch < 0).any(), name
        assert ((move != 0) | (pitch == 0)).mean() > 0.9, name


def test_a_folder_of_midi_files_is_read_in_its_own_seconds(tmp_path: Path) -> None:
    import mido

    file = mido.MidiFile(ticks_per_beat=100)
    for channel in (0, 9):
        track = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=1_000_000)])
        for place in range(20):
            track.append(mido.Message("note_on", note=60 + place % 3, channel=channel, time=50 if place else 0))
            track.append(mido.Message("note_off", note=60 + place % 3, channel=channel, time=0))
            if place == 9 and channel == 0:
                track.append(mido.MetaMessage("set_tempo", tempo=500_000))
        file.tracks.append(track)
    (tmp_path / "sub").mkdir()
    file.save(tmp_path / "sub" / "a.mid")
    (tmp_path / "broken.mid").write_bytes(b"nothing")
    (item,) = genie_eval.read_folder(tmp_path)
    assert item.id == "sub/a.mid"
    assert len(item) == 20  # the drums are left out
    np.testing.assert_allclose(np.diff(item.seconds), [0.5] * 9 + [0.25] * 10, atol=1e-6)


def test_the_tally_counts_as_published() -> None:
    tally = genie_eval.Tally()
    tally.add(np.full((1, 5), np.log(4)), np.array([[1, 3, 3, 2, 9]]), np.array([[0, 2, 3, 4, 4]]))
    figures = tally.figures()
    assert figures["perplexity"] == pytest.approx(4)
    assert figures["contour_violations"] == pytest.approx(1 / 4)  # down by a key, up by a button
    assert figures["stuck"] == pytest.approx(1 / 4)
    assert figures["deviate"] == 1
    assert figures["buttons"] == [0.2, 0, 0.2, 0.2, 0.4, 0, 0, 0]


def test_copies_are_found_under_transposition_only_when_exact() -> None:
    rng = np.random.default_rng(3)
    original = rng.integers(30, 60, 500)
    none = np.zeros(500, np.int16)
    known = genie_lines.known_runs([Performance("x", original.astype(np.int16), np.arange(500.0), none, none)])
    assert genie_lines.copied([original[100:130] + 7], known) == pytest.approx(19 / 30 * 100_000)
    other = original[100:130].copy()
    other[::6] += 1
    assert genie_lines.copied([other], known) == 0
    assert genie_lines.copied([rng.integers(30, 60, 500)], known) == 0


def test_tonality_of_a_scale_and_of_all_keys() -> None:
    scale = np.tile([60, 62, 64, 65, 67, 69, 71, 72], 8)
    share, entropy = genie_lines.tonality([scale])[0]
    assert share == 1
    assert entropy == pytest.approx(2.75, abs=0.01)
    assert genie_lines.tonality([np.arange(40, 104)])[0, 0] < 0.65
