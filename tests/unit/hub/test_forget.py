"""Taking weights away never takes anything else away."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.unit.hub.test_wheel import GAINS, NAME, make, pull, shop, spec
from workbench.errors import Unavailable
from workbench.hub.weights import stored, wheel
from workbench.hub.weights.download import forget

__all__ = ["shop"]


def repository(tmp_path: Path) -> tuple[Path, Path]:
    """A repository's folder in the cache, and the pointer of its one file."""
    root = tmp_path / "hub" / "models--owner--tune"
    (root / "blobs").mkdir(parents=True)
    (root / "blobs" / "abc").write_bytes(b"weights")
    pointer = root / "snapshots" / ("0" * 40) / "model.safetensors"
    pointer.parent.mkdir(parents=True)
    os.symlink("../../blobs/abc", pointer)
    return root, pointer


def test_a_cached_file_goes_with_its_blob(tmp_path: Path) -> None:
    root, pointer = repository(tmp_path)
    assert forget(pointer, root) == 7
    assert not [path for path in root.rglob("*") if not path.is_dir()]


def test_the_target_of_a_link_out_of_the_cache_stays(tmp_path: Path) -> None:
    root, pointer = repository(tmp_path)
    mine = tmp_path / "thesis.txt"
    mine.write_text("years of work")
    pointer.unlink()
    os.symlink(mine, pointer)
    forget(pointer, root)
    assert mine.read_text() == "years of work"
    assert not os.path.lexists(pointer)


def test_a_blob_that_is_a_link_goes_and_its_target_stays(tmp_path: Path) -> None:
    root, pointer = repository(tmp_path)
    mine = tmp_path / "thesis.txt"
    mine.write_text("years of work")
    (root / "blobs" / "abc").unlink()
    os.symlink(mine, root / "blobs" / "abc")
    forget(pointer, root)
    assert mine.read_text() == "years of work"
    assert not os.path.lexists(root / "blobs" / "abc")


@pytest.mark.parametrize("place", ["snapshots", "blobs"])
def test_a_folder_that_is_a_link_out_is_left_alone(tmp_path: Path, place: str) -> None:
    root, pointer = repository(tmp_path)
    outside = tmp_path / "outside"
    os.rename(root / place, outside)
    os.symlink(outside, root / place)
    before = set(outside.rglob("*"))
    if place == "snapshots":
        with pytest.raises(Unavailable, match="leads out of the weights cache"):
            forget(pointer, root)
    else:
        forget(pointer, root)
    assert set(outside.rglob("*")) == before


def test_a_whole_cache_behind_a_link_is_the_cache(tmp_path: Path) -> None:
    """People link their cache to a larger disk: that is no way out of it."""
    root, pointer = repository(tmp_path)
    os.rename(tmp_path / "hub", tmp_path / "large-disk")
    os.symlink(tmp_path / "large-disk", tmp_path / "hub")
    assert forget(pointer, root) == 7


def test_removing_a_wheel_s_file_never_follows_a_link(shop: Path, tmp_path: Path) -> None:
    make(shop, {NAME: GAINS})
    path = pull(spec()).files[NAME]
    mine = tmp_path / "thesis.txt"
    mine.write_text("years of work")
    path.unlink()
    os.symlink(mine, path)
    stored.remove(spec())
    assert mine.read_text() == "years of work"
    assert not os.path.lexists(path)
    folder = wheel.folder(spec().source)  # type: ignore[arg-type]
    folder.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "outside" / "tiny_weights").mkdir(parents=True)
    (tmp_path / "outside" / NAME).write_text("mine")
    os.symlink(tmp_path / "outside", folder)
    with pytest.raises(Unavailable, match="leads out of the weights cache"):
        stored.remove(spec())
    assert (tmp_path / "outside" / NAME).read_text() == "mine"


def test_a_lock_file_of_long_names_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from workbench.errors import BadFile
    from workbench.hub import places
    from workbench.hub.weights import pins

    entry = {"commit": "0" * 40, "files": {"m" * 5_000: {"sha256": "0" * 64, "size": 1}}}
    places.write_atomic(places.lock_file(), json.dumps({"repositories": {"a/b": entry}}))
    with pytest.raises(BadFile, match="at most 255"):
        pins.find("a/b")
