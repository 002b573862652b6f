"""Building a stick: other computers' wheels, what is refused, the checksums, and models that go along."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
import zipfile
from collections.abc import Generator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from tests.unit.hub.test_registry import CARD
from tests.wheelshop import make, opened, sha
from workbench.cli import main
from workbench.errors import BadFile, BadRequest, Unavailable
from workbench.hub import places
from workbench.hub.protocol import CancelScope
from workbench.hub.registry import Registry
from workbench.hub.repositories import to_toml
from workbench.hub.weights import pins, resolve
from workbench.ship import bundle, carried, checksums, own, wheelhouse
from workbench.ship.onstick import target as onstick
from workbench.ship.targets import Target, targets

WINDOWS = Target("windows-x86_64", "3.12")


def pack(shop: Path, pip: Path, needs: str) -> Path:
    """A small workbench that needs something, with pip beside it."""
    shutil.copy(pip, shop)
    return make(shop, {}, name="music-workbench", about=f"Provides-Extra: app\n{needs}")


def fetch(wheel: Path, target: Target, folder: Path, extras: tuple[str, ...] = ()) -> wheelhouse.Set:
    folder.mkdir(exist_ok=True)
    return wheelhouse.fetch(wheel, extras, target, folder, lambda text: None)


def test_another_computer_gets_what_it_needs_and_not_what_this_one_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pip_wheel: Path
) -> None:
    shop = opened(tmp_path, monkeypatch)
    make(shop, {}, name="for-windows", tag="cp312-cp312-win_amd64")
    make(shop, {}, name="for-windows", tag="cp311-cp311-manylinux_2_17_x86_64")
    make(shop, {}, name="for-old-patches")
    wheel = pack(
        shop, pip_wheel,
        'Requires-Dist: for-windows; sys_platform == "win32"\nRequires-Dist: nowhere; sys_platform != "win32"\n'
        'Requires-Dist: nowhere; python_version < "3.12"\n'
        'Requires-Dist: for-old-patches; python_full_version > "3.12.4"\n',
    )  # fmt: skip
    found = fetch(wheel, WINDOWS, tmp_path / "wheels")
    names = [line.split("==")[0] for line in found.listed.splitlines()]
    assert names == ["for-old-patches", "for-windows", "music-workbench", "pip"]
    assert (tmp_path / "wheels/for_windows-1.2.0-cp312-cp312-win_amd64.whl").is_file()
    for line in found.listed.splitlines():
        name, digest = line.split(" --hash=sha256:")
        (path,) = (tmp_path / "wheels").glob(f"{name.split('==')[0].replace('-', '_')}-*.whl")
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest


def test_a_package_without_a_wheel_for_that_computer_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pip_wheel: Path
) -> None:
    shop = opened(tmp_path, monkeypatch)
    make(shop, {}, name="only-here", tag="cp312-cp312-manylinux_2_17_x86_64")
    wheel = pack(shop, pip_wheel, "Requires-Dist: only-here>=1\n")
    with pytest.raises(Unavailable, match=re.escape("only-here>=1 has no wheel for Python 3.12 on windows-x86_64")):
        fetch(wheel, WINDOWS, tmp_path / "wheels")
    assert list((tmp_path / "wheels").iterdir()) == []
    assert fetch(wheel, Target("linux-x86_64", "3.12"), tmp_path / "wheels").packages == 3
    with pytest.raises(BadRequest, match="no extra 'juggling'; choose among app"):
        fetch(wheel, WINDOWS, tmp_path / "wheels", ("juggling",))


def test_what_pip_says_becomes_one_sentence() -> None:
    for said, sentence in (
        ("WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError'\n"
         "ERROR: Could not find a version that satisfies the requirement numpy (from versions: none)",
         "check the network"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "The disk is full"),
        ("ERROR: Cannot install x and y\nAdditionally, some packages in these conflicts have no matching distributions "
         "available for your environment:\n    numba\n", "The package numba has no wheel for Python 3.12"),
        ("Oh dear\nERROR: something odd.\n", "pip says: something odd"),
    ):  # fmt: skip
        assert sentence in str(wheelhouse.explain(said, WINDOWS))


def test_platforms_and_pythons_by_name() -> None:
    version = "{}.{}".format(*sys.version_info)
    (here,) = targets([], [])
    assert (here.name, here.here) == (onstick.name(), True)
    names = [one.name for one in targets(["windows", "macos", "here"], ["3.12", version])]
    assert {"windows-x86_64-3.12", "macos-arm64-3.12", f"windows-x86_64-{version}", here.name} <= set(names)
    assert len(names) == len(set(names))
    for systems, pythons in ((["amiga"], []), ([], ["2.7"]), ([], ["3.12.1"])):
        with pytest.raises(BadRequest, match=r"choose"):
            targets(systems, pythons)


def test_an_installation_becomes_the_wheel_that_it_came_from(tmp_path: Path) -> None:
    path = own.put_together(metadata.distribution("filelock"), tmp_path)
    version = metadata.version("filelock")
    assert path.name == f"filelock-{version}-py3-none-any.whl"
    names = set(zipfile.ZipFile(path).namelist())
    assert {"filelock/__init__.py", f"filelock-{version}.dist-info/RECORD"} <= names
    assert not any(name.endswith(("INSTALLER", ".pyc")) for name in names)
    assert wheelhouse.read(path).version == version


def small_stick(folder: Path) -> Path:
    for name in ("wheels/a.whl", "stick/start.py", "start.sh"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    checksums.write(folder)
    return folder


def test_what_is_missing_changed_or_slipped_in_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stick = small_stick(tmp_path / "stick")
    for name in (".DS_Store", "wheels/._a.whl", "python/python.exe", "my lesson.pdf"):
        (stick / name).parent.mkdir(exist_ok=True)
        (stick / name).write_text("litter")
    assert main(["bundle", str(stick), "--check"]) == 0
    assert "all 3 files are as they were written" in capsys.readouterr().out
    (stick / "wheels/b.whl").write_text("a stranger")
    (stick / "start.sh").write_text("changed")
    (stick / "wheels/a.whl").unlink()
    assert checksums.problems(stick) == [
        "start.sh is damaged.", "wheels/a.whl is missing.", "wheels/b.whl does not belong there.",
    ]  # fmt: skip
    assert main(["bundle", str(stick), "--check"]) == 1
    assert capsys.readouterr().err == "The stick is not whole: start.sh is damaged. 2 more like it. Copy it again.\n"
    (stick / checksums.FILE).write_text("0" * 64 + "  ../../etc/passwd\n")
    with pytest.raises(BadFile, match="damaged"):
        checksums.problems(stick)
    assert main(["bundle", str(tmp_path), "--check"]) == 1
    assert "is no stick of the workbench" in capsys.readouterr().err


def test_every_language_has_every_sentence_and_a_page_of_its_own() -> None:
    said = json.loads((bundle.ONSTICK / "words.json").read_text(encoding="utf-8"))
    fields = {key: sorted(part[1] for part in _parts(text)) for key, text in said["en"].items()}
    assert set(said) == set(bundle.LANGUAGES)
    for language in bundle.LANGUAGES:
        assert {key: sorted(part[1] for part in _parts(text)) for key, text in said[language].items()} == fields
        page = (bundle.ONSTICK / "readme" / f"{language}.html").read_text(encoding="utf-8")
        assert {"versions", "systems", "size"} == {part[1] for part in _parts(page)}
        assert page.count("<h2>") == 4


def _parts(text: str) -> list[tuple[str, str]]:
    import string

    return [(before, name) for before, name, *_ in string.Formatter().parse(text) if name is not None]


def test_fetched_models_go_along_and_are_there_on_the_next_computer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    def moved_to(computer: str) -> Path:
        home = tmp_path / computer
        monkeypatch.setattr(constants, "HF_HOME", str(home))
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
        monkeypatch.setenv("WORKBENCH_HOME", str(home / "own"))
        return home

    home = moved_to("school")
    data = b"weights"
    commit = "a" * 40
    blobs, snapshot = (home / "hub/models--owner--name" / part for part in ("blobs", f"snapshots/{commit}"))
    blobs.mkdir(parents=True)
    snapshot.mkdir(parents=True)
    (blobs / sha(data)).write_bytes(data)
    (snapshot / "config.json").symlink_to(blobs / sha(data))
    (snapshot / "model.safetensors").symlink_to(blobs / sha(data))
    card = {"task": "infill", "adapter": "markov", "card": CARD}
    far = {**card, "repo": "owner/name", "revision": commit, "files": {"model.safetensors": sha(data)}}
    first = {**card, "repo": "owner/name"}  # pinned on first use
    packed = {**card, "wheel": {"package": "some-weights", "version": "1.0"}, "files": {"w/m.onnx": sha(data)}}
    entries = (("far", far), ("first", first), ("packed", {**packed, "extra": "hub"}))
    places.write_atomic(places.user_registry(), "".join(to_toml(["models", name], one) for name, one in entries))
    files = {name: pins.PinnedFile(sha(data), len(data)) for name in ("config.json", "model.safetensors")}
    pins.keep(pins.Pin("owner/name", commit, files, "2026-11-29"))
    with pytest.raises(BadRequest, match="needs the extra hub"):
        carried.carry(["packed"], tmp_path / "stick", ["app"])
    with pytest.raises(Unavailable, match="models pull packed"):
        carried.carry(["packed"], tmp_path / "stick", ["hub"])
    inside = home / "workbench/wheels/some-weights/1.0/w/m.onnx"
    inside.parent.mkdir(parents=True)
    inside.write_bytes(data)
    assert carried.carry(["far", "first", "packed", "infill"], tmp_path / "stick", ["hub"]) == 3 * len(data)
    assert not any(path.is_symlink() for path in (tmp_path / "stick").rglob("*"))

    moved_to("home")
    assert carried.main([str(tmp_path / "stick")]) == 0
    assert carried.take(tmp_path / "stick") == 0  # all is there
    registry = Registry.load(plugins=False)
    for model_id in ("far", "first", "packed"):
        work = resolve.resolve(registry.get(model_id), CancelScope().start(), download=False)
        found: list[resolve.Resolved] = []

        def run(work: Generator[Any, None, resolve.Resolved] = work, found: list[resolve.Resolved] = found) -> Any:
            found.append((yield from work))

        assert list(run()) == []
        assert {path.read_bytes() for path in found[0].files.values()} == {data}
