"""TensorFlow checkpoints without TensorFlow: what is in them is read, what is wrong with them is one sentence."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.hub.bundles import MAGIC, bundle, entry, field, table, varint
from workbench.errors import BadFile
from workbench.hub.weights.bundle import read_bundle

DICE = np.random.default_rng(5)
TENSORS = {
    "conv/kernel": DICE.standard_normal((3, 2, 4)), "conv/bias": DICE.standard_normal(4),
    "conv_1/kernel": DICE.standard_normal((1, 5)), "step": np.float32(7.0),
}  # fmt: skip


def write(folder: Path, index: bytes, data: bytes) -> tuple[Path, Path]:
    (folder / "model.index").write_bytes(index)
    (folder / "model.data").write_bytes(data)
    return folder / "model.index", folder / "model.data"


def test_every_tensor_comes_back_as_it_was_written(tmp_path: Path) -> None:
    found = read_bundle(*write(tmp_path, *bundle(TENSORS)))
    assert found.keys() == TENSORS.keys()
    for name, value in TENSORS.items():
        np.testing.assert_array_equal(found[name], np.asarray(value, np.float32))


def test_only_what_is_wanted_is_read(tmp_path: Path) -> None:
    paths = write(tmp_path, *bundle(TENSORS))
    assert read_bundle(*paths, lambda name: name.startswith("conv/")).keys() == {"conv/kernel", "conv/bias"}


def test_texts_and_whole_numbers_beside_the_weights_do_no_harm(tmp_path: Path) -> None:
    data = np.arange(3, dtype="<i8").tobytes()
    index = table({"words": entry(7, (2,), 0, 99), "steps": entry(9, (3,), 0, 24)})
    found = read_bundle(*write(tmp_path, index, data))
    assert {name: value.tolist() for name, value in found.items()} == {"steps": [0, 1, 2]}


WHOLE = b"\x08\x01\x1a\x02\x08\x01"


@pytest.mark.parametrize(
    "index",
    [
        b"", b"not a checkpoint at all" * 10, table({"a": entry(1, (4,), 0, 12)}), table({"a": entry(1, (4,), 8, 16)}),
        table({"a": entry(1, (2**40, 2**40), 0, 16)}), table({"a": entry(1, (1,) * 9, 0, 4)}),
        table({"a": entry(1, (4,), 0, 16)}, compression=1), table({"a": entry(1, (4,), 0, 16)}, header=field(1, 2)),
        table({"a": entry(1, (4,), 0, 16)}, header=WHOLE + field(2, 1)), table({"a": b"\x0a\xff"}),
        table({"a": entry(1, (4,), 0, 16) + field(3, 1)}), table({"a": b"\xff" * 12}),
        bundle(TENSORS)[0][:-48] + (varint(0) * 2 + varint(10**9) * 2).ljust(40, b"\0") + struct.pack("<Q", MAGIC),
    ],
    ids=["empty", "text", "too few bytes", "beyond the data", "astronomical", "nine axes", "compressed", "two shards",
         "big-endian", "cut field", "second shard", "endless number", "index elsewhere"],
)  # fmt: skip
def test_a_checkpoint_that_cannot_be_is_one_sentence(tmp_path: Path, index: bytes) -> None:
    with pytest.raises(BadFile) as caught:
        read_bundle(*write(tmp_path, index, bytes(16)))
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_flipped_and_lost_bytes_never_end_in_anything_but_a_sentence(tmp_path: Path, data: st.DataObject) -> None:
    index, numbers = bundle(TENSORS)
    at = data.draw(st.integers(0, len(index) - 1))
    cut = data.draw(st.integers(at, len(index)))
    broken = (
        index[:at]
        + bytes([data.draw(st.integers(0, 255))])
        + index[at + 1 : cut]
        + index[cut + data.draw(st.integers(0, 3)) :]
    )
    try:
        found = read_bundle(*write(tmp_path, broken, numbers))
    except BadFile:
        return
    assert sum(value.nbytes for value in found.values()) <= len(TENSORS) * len(numbers)
