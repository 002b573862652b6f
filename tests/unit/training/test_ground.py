"""Splits, grid, keys, schedules and checkpoints."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from workbench.errors import BadFile
from workbench.training import checkpoint, grid, keys
from workbench.training.corpora import DRUMS, Piece
from workbench.training.schedule import CpuClock, Schedule
from workbench.training.splits import fraction, split


def make_piece(
    rows: list[tuple[int, int, int]], program: int = 0, meters: tuple[tuple[int, int, int], ...] = ((0, 4, 4),)
) -> Piece:
    notes = np.array([(onset, length, pitch, 80, program, 0) for onset, length, pitch in rows], np.int32)
    downbeats = np.arange(0, 480 * 40, 480 * 4, dtype=np.int32)
    return Piece("x/1", "x/1", "x", notes, np.arange(50) * 0.5, downbeats, np.array(meters, np.int32))


def test_the_split_of_a_work_never_changes() -> None:
    assert fraction("pop909/001") == pytest.approx(0.7248866, abs=1e-6)
    assert [split(f"pop909/{number:03d}") for number in (7, 36, 39, 42, 97, 228)] == ["test"] * 6


def test_shares_of_the_split() -> None:
    sides = Counter(split(f"pop909/{number:03d}") for number in range(4000))
    assert sides["train"] == pytest.approx(3600, abs=80)
    assert sides["test"] == pytest.approx(200, abs=50)
    assert sides["valid"] == pytest.approx(200, abs=50)


def test_grid_rounds_and_keeps_one_of_two_equal_notes() -> None:
    piece = make_piece([(0, 480, 60), (19, 100, 60), (21, 100, 62), (485, 1, 64)])
    rows = grid.grid_notes(piece)
    assert rows[:, :3].tolist() == [[0, 12, 60], [1, 2, 62], [12, 1, 64]]


def test_positions_in_the_bar() -> None:
    piece = make_piece([(0, 10, 60)])
    bar, position = grid.bar_positions(piece, np.array([0, 47, 48, 100]))
    assert bar.tolist() == [0, 0, 1, 2]
    assert position.tolist() == [0, 47, 0, 4]


def test_a_performance_is_told_from_a_score() -> None:
    assert grid.off_grid_share(make_piece([(0, 10, 60), (240, 10, 60), (160, 10, 60)])) == 0
    assert grid.off_grid_share(make_piece([(15, 10, 60), (255, 10, 60), (480, 10, 60)])) == pytest.approx(2 / 3)


@pytest.mark.parametrize("tonic", range(12))
def test_any_major_key_becomes_c(tonic: int) -> None:
    scale = [(60 + tonic + step, place) for place, step in enumerate(keys.MAJOR_SCALE)]
    piece = make_piece([(480 * place, 480, pitch) for pitch, place in scale])
    shift = keys.normalising_shift(piece.notes)
    assert -6 <= shift <= 5
    assert {(pitch + shift) % 12 for pitch, _ in scale} == set(keys.MAJOR_SCALE)
    assert keys.in_key_share(piece.notes[:, 2]) == 1


def test_drums_have_no_key() -> None:
    assert keys.pitch_class_weights(make_piece([(0, 10, 61)], program=DRUMS).notes).sum() == 0
    assert keys.best_major(np.zeros(12)) == (0, 0.0)


def test_entropy_of_pitch_classes() -> None:
    assert keys.pitch_class_entropy(np.array([60, 72, 48])) == 0
    assert keys.pitch_class_entropy(np.arange(60, 72)) == pytest.approx(np.log2(12))


def test_the_rate_holds_and_then_decays() -> None:
    plan = Schedule(peak=1.0, budget=100, warmup=10, decay=0.5, floor=0.1)
    assert plan.rate(5) == pytest.approx(0.5)
    assert plan.rate(10) == plan.rate(49.9) == 1.0
    assert plan.rate(75) == pytest.approx(0.5)
    assert plan.rate(99) == pytest.approx(0.1)
    assert plan.finished(100)
    assert not plan.finished(99)


def test_a_longer_budget_resumes_at_full_rate() -> None:
    assert Schedule(peak=1.0, budget=200, decay=0.3).rate(100) == 1.0


def test_the_clock_goes_on_from_an_earlier_run() -> None:
    assert CpuClock(50.0).spent >= 50.0


def test_a_checkpoint_restores_everything(folders: Path) -> None:
    import torch

    def fresh() -> tuple[torch.nn.Linear, torch.optim.Adam]:
        model = torch.nn.Linear(3, 2)
        return model, torch.optim.Adam(model.parameters(), lr=0.1)

    model, optimizer = fresh()
    model(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    checkpoint.save("try", model, optimizer, {"step": 7})
    other, other_optimizer = fresh()
    assert checkpoint.load("try", other, other_optimizer) == {"step": 7}
    assert torch.equal(model.weight, other.weight)
    assert len(other_optimizer.state_dict()["state"]) == 2
    assert checkpoint.load("never", other, other_optimizer) is None
    assert not list(checkpoint.folder("try").glob("*.part"))


def test_weights_of_another_network_are_refused(folders: Path) -> None:
    import torch

    model = torch.nn.Linear(3, 2)
    checkpoint.save("try", model, torch.optim.SGD(model.parameters(), lr=1), {})
    path = checkpoint.folder("try") / "model.safetensors"
    with pytest.raises(BadFile, match="another network"):
        checkpoint.load_weights(path, torch.nn.Linear(4, 2))
    assert checkpoint.load_weights(path, torch.nn.Linear(4, 2), strict=False) == 1
    path.write_bytes(b"not weights")
    with pytest.raises(BadFile, match="cannot be read"):
        checkpoint.load_weights(path, model)
