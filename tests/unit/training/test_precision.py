"""Training asks the processor for its number format: an AVX2 processor, which has no bfloat16, trains in float32."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import torch

from workbench.training import infill_optim, precision

#: One step of each training loop, as on the processor that the environment names.
STEPS = """
import json, sys
import numpy as np, torch
from workbench.nets.genie import Genie, hand_losses
from workbench.nets.infill import InfillConfig, InfillNet
from workbench.training import infill_train, infill_windows as w, precision
from workbench.training.grid_pieces import GridPiece
from workbench.training.infill_optim import optimisers
from workbench.tokens import grid12 as g

torch.set_num_threads(1)
torch.manual_seed(1)
model = Genie()
keys = torch.arange(32)[None] % 20 + 30
none = torch.full_like(keys, -1)
with precision.autocast():
    logits, scalar = model(keys, torch.ones_like(keys), none, none)
genie = str(logits.dtype)
sum(hand_losses(scalar.float(), keys).values()).backward()

rows = [(6 * k, slot, 72 - 12 * slot + k % 5, 8, 9) for k in range(160) for slot in range(3)]
programs = np.full(g.N_SLOT, g.NO_PROGRAM)
programs[:3] = 0
piece = GridPiece("one", "one", np.array(rows, dtype=np.int64), programs, g.Bars(48 * np.arange(22)))
windows = w.Windows({"lieder": [piece]}, 128, np.random.default_rng(1))
net = InfillNet(InfillConfig(width=64, heads=1, lower=1, upper=1))
loss, bits = infill_train.loss_of(net, infill_train.to_tensors(windows.batch(2)))
loss.backward()
before = [value.clone() for value in net.parameters()]
for optimiser in optimisers(net, 1e-3, True):
    optimiser.step()
moved = any(not torch.equal(a, b) for a, b in zip(before, net.parameters()))
print(json.dumps([precision.bfloat16_works(), genie, bool(torch.isfinite(loss)), moved]))
"""


def _steps(**limits: str) -> list[object]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **limits}
    done = subprocess.run(
        [sys.executable, "-c", STEPS], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout.splitlines()[-1]))


def test_an_avx2_processor_trains_in_float32() -> None:
    assert _steps(ONEDNN_MAX_CPU_ISA="AVX2") == [False, "torch.float32", True, True]


def test_this_processor_trains_in_what_it_says_it_has() -> None:
    dtype = "torch.bfloat16" if precision.bfloat16_works() else "torch.float32"
    assert _steps() == [precision.bfloat16_works(), dtype, True, True]


def test_asking_leaves_the_random_numbers_of_a_seeded_run_alone() -> None:
    precision.bfloat16_works.cache_clear()
    torch.manual_seed(3)
    precision.bfloat16_works()
    asked = torch.rand(4)
    torch.manual_seed(3)
    assert torch.equal(asked, torch.rand(4))


@pytest.mark.parametrize("works", [True, False])
def test_a_matrix_is_made_orthogonal_in_either_format(works: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(infill_optim, "bfloat16_works", lambda: works)
    found = infill_optim.orthogonalise(torch.randn(24, 40, generator=torch.Generator().manual_seed(2)))
    assert found.dtype == torch.float32
    sizes = torch.linalg.svdvals(found)
    assert float(sizes.min()) > 0.6
    assert float(sizes.max()) < 1.3
