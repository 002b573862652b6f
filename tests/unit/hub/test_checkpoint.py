"""Torch checkpoints: read only when pinned, looked at before they are loaded, converted once."""

from __future__ import annotations

import hashlib
import pickle
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import BadFile, Cancelled, Unavailable
from workbench.hub.protocol import CancelScope, CancelToken
from workbench.hub.weights.checkpoint import convert, refuse_code
from workbench.hub.weights.download import file_hash

NEVER = CancelToken.never()


class Evil:
    """Pickles to a call of ``open(path, 'w')``: harmless here, and visible if it ran."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (open, (str(self.path), "w"))


def archive(path: Path, data: bytes, *, compression: int = zipfile.ZIP_STORED, extra: str = "") -> Path:
    with zipfile.ZipFile(path, "w", compression) as file:
        file.writestr("archive/data.pkl", data)
        file.writestr("archive/version", "3")
        if extra:
            file.writestr(extra, "x")
    return path


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_plain_weights_become_safetensors_once(tmp_path: Path) -> None:
    import torch
    from safetensors.numpy import load_file

    weights = OrderedDict(a=torch.arange(6.0).reshape(2, 3), b=torch.ones(4, dtype=torch.float16))
    weights["tied"] = weights["a"]
    path = tmp_path / "pytorch_model.bin"
    torch.save({"state_dict": weights, "epoch": 3}, path)
    made = convert(path, sha(path), tmp_path / "out", NEVER)
    found = load_file(made)
    assert sorted(found) == ["a", "b", "tied"]
    assert found["a"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert [item.name for item in (tmp_path / "out").iterdir()] == [made.name]
    path.unlink()
    assert convert(path, made.stem, tmp_path / "out", NEVER) == made


@pytest.mark.parametrize("protocol", [2, 4])
def test_a_malicious_pickle_is_refused_and_never_runs(tmp_path: Path, protocol: int) -> None:
    witness = tmp_path / "witness"
    path = archive(tmp_path / "evil.bin", pickle.dumps({"weights": Evil(witness)}, protocol))
    with pytest.raises(BadFile, match="holds code"):
        convert(path, sha(path), tmp_path / "out", NEVER)
    assert not witness.exists()
    assert not (tmp_path / "out").exists()


def test_a_name_hidden_behind_harmless_ones_is_refused(tmp_path: Path) -> None:
    # os.system is on the stack below two harmless texts that are popped before the name is looked up.
    data = b"\x80\x04\x8c\x02os\x8c\x06system\x8c\x0bcollections\x8c\x0bOrderedDict00\x93\x8c\x02id\x85R."
    with pytest.raises(BadFile, match="holds code"):
        refuse_code(archive(tmp_path / "evil.bin", data))


@pytest.mark.parametrize(
    ("data", "options"),
    [
        (b"not a pickle", {}),
        (b"", {}),
        (pickle.dumps({}, 2), {"compression": zipfile.ZIP_DEFLATED}),
        (pickle.dumps({}, 2), {"extra": "archive/more/data.pkl"}),
        (pickle.dumps({}, 2), {"extra": "archive/code.py"}),
    ],
)
def test_odd_archives_are_refused(tmp_path: Path, data: bytes, options: Any) -> None:
    with pytest.raises(BadFile):
        refuse_code(archive(tmp_path / "odd.bin", data, **options))


def test_bare_pickles_and_other_files_are_refused(tmp_path: Path) -> None:
    for data in (pickle.dumps({"weights": Evil(tmp_path / "witness")}), b"", b"PK\x03\x04broken", b"text"):
        path = tmp_path / "model.bin"
        path.write_bytes(data)
        with pytest.raises(BadFile, match="safely"):
            refuse_code(path)
    assert not (tmp_path / "witness").exists()


def test_another_file_than_the_pinned_one_is_not_opened(tmp_path: Path) -> None:
    path = archive(tmp_path / "model.bin", pickle.dumps({}, 2))
    with pytest.raises(BadFile, match="pinned"):
        convert(path, "0" * 64, tmp_path / "out", NEVER)


def test_a_checkpoint_without_weights_says_so(tmp_path: Path) -> None:
    import torch

    path = tmp_path / "model.bin"
    torch.save({"epoch": 3}, path)
    with pytest.raises(BadFile, match="no weights"):
        convert(path, sha(path), tmp_path / "out", NEVER)


def test_without_torch_the_sentence_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path / "model.bin", pickle.dumps({}, 2))
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(Unavailable, match=r"music-workbench\[hub\]"):
        convert(path, sha(path), tmp_path / "out", NEVER)


def test_stop_is_obeyed_while_hashing(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(b"x" * 100)
    scope = CancelScope()
    token = scope.start()
    scope.cancel()
    with pytest.raises(Cancelled):
        file_hash(path, token)
