"""What the infilling network is shown: windows, their instruments changed; and workers that share a step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from workbench.nets.infill import InfillConfig, InfillNet
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r
from workbench.training import infill_train
from workbench.training import infill_windows as w
from workbench.training.grid_pieces import GridPiece


def _piece(parts: int = 3) -> GridPiece:
    rows = [(6 * k, slot, 72 - 12 * slot + k % 5, 8, 9) for k in range(160) for slot in range(parts)]
    programs = np.full(g.N_SLOT, g.NO_PROGRAM)
    programs[:parts] = 0
    return GridPiece("one", "one", np.array(rows, dtype=np.int64), programs, g.Bars(48 * np.arange(22)))


def test_other_instruments_play_the_same_notes() -> None:
    piece = _piece()
    seen = set()
    for seed in range(40):
        other = w.recast(piece, np.random.default_rng(seed))
        assert other.notes is piece.notes
        assert (other.programs[3:] == g.NO_PROGRAM).all()
        seen.add(tuple(other.programs[:3].tolist()))
    assert (0, 0, 0) in seen, "often as it is"
    assert len(seen) > 5
    assert (piece.programs[:3] == 0).all(), "the piece itself stays"


@pytest.mark.parametrize("task", w.TASKS)
def test_every_task_asks_for_notes_and_hides_them(task: str) -> None:
    rng = np.random.default_rng(5)
    parts = set()
    for _ in range(20):
        prompt = w.random_prompt(_piece(), 0, 200, task, rng)
        parts.add(len(prompt.parts))
        assert prompt.gaps
        for gap in prompt.gaps:
            assert set(gap.notes[:, r.SLOT].tolist()) <= set(gap.slots) <= set(prompt.parts)
            if task != "around" and gap.end is not None:
                inside = (prompt.context[:, r.TICK] >= gap.start) & (prompt.context[:, r.TICK] < gap.end)
                assert not np.isin(prompt.context[inside, r.SLOT], gap.slots).any()
    assert 3 in parts


def test_workers_share_gradients_even_of_heads_that_learnt_nothing(tmp_path: Path) -> None:
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/meeting", rank=0, world_size=1)
    try:
        net = InfillNet(InfillConfig(width=64, heads=1, lower=1, upper=1))
        net.time_head.weight.grad = torch.ones_like(net.time_head.weight)
        assert infill_train.share(net, 12.5) == 12.5
        assert (net.time_head.weight.grad == 1).all()
        assert all(value.grad is not None for value in net.parameters())
        assert float(net.velocity_head.weight.grad.abs().sum()) == 0
    finally:
        torch.distributed.destroy_process_group()
