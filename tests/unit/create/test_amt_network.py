"""The network: the layout of the files, and a cache that changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.unit.create import amt_tiny
from workbench.create.infill.anticipatory.runtime import Network, Rows, Shape, few_threads
from workbench.errors import BadFile
from workbench.tokens.arrival import ANTICIPATE, CONTEXT, SEPARATOR

PROMPT = [ANTICIPATE, *((7_919 * place) % SEPARATOR for place in range(1, 40))]
IDS = np.array([0, 9_999, 10_000, 11_060, 27_512, 27_513, 38_513, 55_027])
#: Logits of GPT2LMHeadModel of transformers 5.23 with these weights, after PROMPT, for IDS.
GOLDEN = np.array([0.50507, -0.76632, 2.23748, 1.25368, -1.43917, -0.0395, -0.49763, -0.0661])


def feed(rows: Rows, new: dict[int, list[int]], fresh: tuple[int, ...] = ()) -> None:
    for _ in rows.feed(new, fresh):
        pass


def some_tokens(count: int, seed: int) -> list[int]:
    dice = np.random.default_rng(seed)
    return [ANTICIPATE, *(int(token) for token in dice.integers(0, SEPARATOR, count - 1))]


def test_the_logits_are_those_of_the_reference_implementation() -> None:
    assert np.abs(amt_tiny.network().recompute(PROMPT, IDS) - GOLDEN).max() < 1e-4


def test_attention_is_scaled_by_layer_only_where_the_settings_say_so() -> None:
    plain = Network(Shape.read({**amt_tiny.CONFIG, "scale_attn_by_inverse_layer_idx": False}), amt_tiny.tensors())
    assert np.abs(plain.recompute(PROMPT, IDS) - GOLDEN).max() > 1e-2


def test_the_cache_equals_recomputing_for_rows_of_any_length() -> None:
    network = amt_tiny.network()
    windows = {0: some_tokens(70, 0), 1: some_tokens(3, 1), 2: some_tokens(200, 2)}
    rows = Rows(network, 3)
    feed(rows, windows, fresh=(0, 1, 2))
    dice = np.random.default_rng(5)
    for step in range(12):
        for row, window in windows.items():
            assert np.abs(rows.scores(row) - network.recompute(window)).max() < 1e-3
        new = {row: dice.integers(0, SEPARATOR, dice.integers(1, 12)).tolist() for row in windows if (step + row) % 3}
        for row, tokens in new.items():
            windows[row] += tokens
        feed(rows, new)


def test_a_row_that_starts_anew_leaves_the_others_alone() -> None:
    network, rows = amt_tiny.network(), Rows(amt_tiny.network(), 2)
    full = some_tokens(CONTEXT, 1)
    feed(rows, {0: some_tokens(50, 0), 1: full[:-2]}, fresh=(0, 1))
    again = some_tokens(150, 2)
    feed(rows, {0: again, 1: full[-2:]}, fresh=(0,))
    assert np.abs(rows.scores(0) - network.recompute(again)).max() < 1e-3
    assert np.abs(rows.scores(1) - network.recompute(full)).max() < 1e-3
    feed(rows, {0: [5] * 8})  # padding beside a full row
    assert np.abs(rows.scores(0) - network.recompute([*again, *[5] * 8])).max() < 1e-3


def test_alternatives_with_the_same_window_read_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    network, rows = amt_tiny.network(), Rows(amt_tiny.network(), 3)
    sizes: list[tuple[int, ...]] = []
    whole = Network.pass_over

    def counted(self: Network, tokens: Any, *rest: Any) -> Any:
        sizes.append(tuple(tokens.shape))
        return whole(self, tokens, *rest)

    monkeypatch.setattr(Network, "pass_over", counted)
    window = some_tokens(300, 0)
    feed(rows, dict.fromkeys(range(3), window), fresh=(0, 1, 2))
    assert sum(a * b for a, b in sizes) < 300 + 3 * 9
    for row in range(3):
        assert np.abs(rows.scores(row) - network.recompute(window)).max() < 1e-3


def test_torch_keeps_its_threads() -> None:
    before = torch.get_num_threads()
    with few_threads(1):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
    amt_tiny.network().recompute(PROMPT, IDS)
    assert torch.get_num_threads() == before
    assert torch.is_grad_enabled()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"vocab_size": 34_025}, "34,025 tokens"), ({"n_positions": 512}, "window of 512"), ({"n_head": 3}, "GPT-2"),
        ({"model_type": "llama"}, "GPT-2"), ({"activation_function": "relu"}, "GPT-2"), ({"n_embd": "wide"}, "GPT-2"),
    ],
)  # fmt: skip
def test_a_model_of_another_kind_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(BadFile, match=words):
        Shape.read({**amt_tiny.CONFIG, **changes})


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    weights = amt_tiny.tensors()
    del weights["transformer.h.1.mlp.c_fc.weight"]
    with pytest.raises(BadFile, match="do not fit"):
        Network(Shape.read(amt_tiny.CONFIG), weights)
    broken = tmp_path / "model.safetensors"
    broken.write_bytes(b"no weights")
    with pytest.raises(BadFile, match="cannot be read"):
        Network.load(amt_tiny.CONFIG, [broken])


def test_shards_and_names_without_a_prefix_are_read(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    weights = {name.removeprefix("transformer."): tensor for name, tensor in amt_tiny.tensors().items()}
    names = sorted(weights)
    for number, part in enumerate((names[::2], names[1::2]), start=1):
        save_file({name: weights[name].clone() for name in part}, tmp_path / f"model-0000{number}-of-00002.safetensors")
    network = Network.load(amt_tiny.CONFIG, sorted(tmp_path.iterdir()))
    assert np.abs(network.recompute(PROMPT, IDS) - GOLDEN).max() < 1e-4
