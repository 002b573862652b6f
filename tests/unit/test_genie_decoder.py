"""The numpy decoder: equal to torch, equal to the golden file, and careful about what it loads."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from workbench.errors import BadFile
from workbench.nets.genie_numpy import SHAPES, GenieDecoder, Step, shipped, time_bin

GOLDEN = Path(__file__).parents[1] / "golden"


def test_the_golden_steps() -> None:
    golden = json.loads((GOLDEN / "genie_steps.json").read_text())
    decoder, state = shipped(), GenieDecoder.start()
    for values, wanted in zip(golden["steps"], golden["logits"], strict=True):
        logits, state = decoder.step(Step(**dict(zip(golden["inputs"], values, strict=True))), state)
        assert np.abs(logits - np.array(wanted)).max() < 1e-4
    assert len(golden["steps"]) == 128
    assert {values[4] >= 0 for values in golden["steps"]} == {True, False}  # with and without chords


@pytest.mark.parametrize("seed", [0, 1])
def test_numpy_equals_torch_on_any_weights(seed: int) -> None:
    import torch

    from workbench.nets.genie import Decoder

    torch.manual_seed(seed)
    net = Decoder()
    for parameter in net.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    decoder = GenieDecoder({name: value.numpy() for name, value in net.state_dict().items()})
    rng = np.random.default_rng(seed)
    buttons, keys, bins = rng.integers(0, 8, 200), rng.integers(0, 88, 200), rng.integers(0, 33, 200)
    roots, families = rng.integers(-1, 12, 200), rng.integers(-1, 8, 200)
    previous = np.concatenate([[-1], keys[:-1]])
    with torch.no_grad():
        wanted, _ = net(
            torch.tensor(buttons / 3.5 - 1, dtype=torch.float32)[None],
            *(torch.tensor(row)[None] for row in (previous + 1, bins, roots, families)),
        )
    state, before = GenieDecoder.start(), -1
    for place in range(200):
        step = Step(
            *(int(row[place]) for row in (buttons,)),
            before,
            *(int(row[place]) for row in (previous, bins, roots, families)),
        )
        logits, state = decoder.step(step, state)
        assert np.abs(logits - wanted[0, place].numpy()).max() < 1e-4
        before = int(buttons[place])


def test_a_step_leaves_the_state_before_it_alone() -> None:
    decoder, start = shipped(), GenieDecoder.start()
    first, after = decoder.step(Step(3), start)
    again, _ = decoder.step(Step(3), start)
    np.testing.assert_array_equal(first, again)
    assert not start.hidden.any()
    assert after.hidden.any()


@pytest.mark.parametrize(("seconds", "number"), [(0, 0), (0.016, 1), (0.3, 9), (1.02, 32), (5, 32), (float("inf"), 32)])
def test_time_bins(seconds: float, number: int) -> None:
    assert time_bin(seconds) == number


def test_foreign_and_damaged_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="not those"):
        GenieDecoder({"rows": np.zeros((147, 128))})
    broken = {name: np.zeros(shape) for name, shape in SHAPES.items()}
    broken["bias"][3] = np.nan
    with pytest.raises(BadFile, match="damaged"):
        GenieDecoder(broken)
    (tmp_path / "model.safetensors").write_bytes(b"\x00" * 20)
    for name in ("model.safetensors", "nothing.safetensors"):
        with pytest.raises(BadFile, match="cannot be read"):
            GenieDecoder.load(tmp_path / name)
