"""The network trained with torch and the one that runs in numpy are the same function."""

from __future__ import annotations

import numpy as np
import torch

from workbench.nets import infill as network
from workbench.nets.infill import InfillConfig, InfillNet
from workbench.nets.infill_numpy import InfillRuntime
from workbench.tokens import grid12 as g
from workbench.tokens import rows as r


def _rows() -> r.Arrays:
    rng = np.random.default_rng(3)
    notes = np.stack(
        [
            np.sort(rng.integers(0, 380, 40)), rng.integers(0, 2, 40), rng.integers(40, 80, 40),
            rng.integers(0, 22, 40), rng.integers(0, 17, 40),
        ],
        axis=1,
    )  # fmt: skip
    notes = r.sort_notes(notes)
    inside = (notes[:, 0] >= 96) & (notes[:, 0] < 240)
    programs = np.full(12, g.NO_PROGRAM)
    programs[:2] = (0, 40)
    gap = r.Gap(96, 240, (0, 1), notes[inside])
    return r.add_next(r.prompt_rows(r.Prompt(g.Bars.regular(36, 12), 0, programs, (0, 1), notes[~inside], [gap])))


def _networks() -> tuple[InfillNet, InfillRuntime]:
    torch.manual_seed(0)
    net = InfillNet(InfillConfig(width=64, heads=1, lower=2, upper=2)).eval()
    with torch.no_grad():
        for value in net.parameters():  # no zero weights: every path must matter
            value.add_(0.1 * torch.randn_like(value))
    return net, InfillRuntime({name: value.numpy() for name, value in net.state_dict().items()}, net.config.to_dict())


def test_network_and_grid_agree_about_the_alphabet() -> None:
    sizes = ("TIME", "SLOT", "PITCH", "DURATION", "VELOCITY", "POSITION", "BAR_LENGTH", "REMAINING")
    for name in sizes:
        assert getattr(network, f"N_{name}") == getattr(g, f"N_{name}")
    assert network.N_PROGRAM == g.NO_PROGRAM + 1
    assert sum(steps for _, steps in r.TRAITS.values()) < network.N_TRAIT


def test_numpy_with_its_cache_gives_the_logits_of_torch() -> None:
    net, runtime = _networks()
    rows = _rows()
    with torch.no_grad():
        wanted = net({name: torch.from_numpy(np.ascontiguousarray(value))[None] for name, value in rows.items()})
    count, first = len(rows["kind"]), 25
    cache = runtime.new_cache(4)
    low = runtime.read({name: value[:first] for name, value in rows.items()}, cache)
    for at in range(first - 1, count - 1):
        row = {name: value[at : at + 1] for name, value in rows.items()}
        high = runtime.step_upper(low, row, row, [cache])
        found = {
            "time": runtime.time_logits(low),
            "slot": runtime.slot_logits(low, row),
            "pitch": runtime.pitch_logits(high),
            "duration": runtime.duration_logits(high, row["next_pitch"]),
            "velocity": runtime.velocity_logits(high, row["next_pitch"], row["next_duration"]),
        }
        for head, logits in found.items():
            np.testing.assert_allclose(logits[0], wanted[head][0, at].numpy(), atol=2e-4)
        low = runtime.step_lower({name: value[at + 1 : at + 2] for name, value in rows.items()}, [cache])


def test_alternatives_of_different_length_do_not_touch_each_other() -> None:
    _, runtime = _networks()
    rows = _rows()

    def run(lengths: list[int]) -> np.ndarray:
        caches = [runtime.new_cache(4) for _ in lengths]
        for cache, length in zip(caches, lengths, strict=True):
            runtime.read({name: value[:length] for name, value in rows.items()}, cache)
        both = {
            name: np.concatenate([value[length : length + 1] for length in lengths]) for name, value in rows.items()
        }
        return np.asarray(runtime.step_lower(both, caches))

    np.testing.assert_allclose(run([20, 31]), np.concatenate([run([20]), run([31])]), atol=1e-4)


def test_the_network_cannot_see_what_comes_later() -> None:
    net, _ = _networks()
    rows = _rows()
    batch = {name: torch.from_numpy(np.ascontiguousarray(value))[None] for name, value in rows.items()}
    changed = {name: value.clone() for name, value in batch.items()}
    for name in ("pitch", "duration", "velocity", "tick"):
        changed[name][0, 30:] = 1
    changed["next_pitch"][0, 29:] = 1
    changed["next_duration"][0, 29:] = 1
    with torch.no_grad():
        before, after = net(batch), net(changed)
    for head in ("time", "slot", "pitch"):
        torch.testing.assert_close(before[head][0, :30], after[head][0, :30])
