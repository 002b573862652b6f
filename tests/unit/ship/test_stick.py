"""A stick: built from wheels made here, started as a double click does, with no network and an empty home."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.wheelshop import make, opened
from workbench.errors import Unavailable
from workbench.ship import bundle, checksums, own
from workbench.ship.targets import targets

APP = b"""import sys, tiny_who
print("The workbench is open at http://127.0.0.1:1/ with", sys.argv[1:], tiny_who.WHO, flush=True)
"""
#: What start.sh itself calls; nothing else is on its path, so that only the Python meant is found.
TOOLS = ("sh", "dirname", "uname", "cut", "cat")


def shelf(shop: Path, pip: Path) -> Path:
    """A package index for a small workbench: itself, what its app needs, and pip as it stands here."""
    make(
        shop, {"tiny_who.py": b"WHO = 'tiny'\n"}, name="tiny-app", about='Requires-Dist: tiny-far; os_name == "none"\n'
    )
    shutil.copy(pip, shop)
    about = 'Provides-Extra: app\nRequires-Dist: tiny-app>=1; extra == "app"\n'
    files = {"workbench/__init__.py": b"", "workbench/__main__.py": APP}
    return make(shop, files, name="music-workbench", about=about)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, pip_wheel: Path) -> Path:
    """A stick for this computer; tests that harm it take a copy."""
    with pytest.MonkeyPatch.context() as patch:
        shop = opened(tmp_path_factory.mktemp("made"), patch)
        wheel = shelf(shop, pip_wheel)
        patch.setattr(own, "wheel", lambda folder: Path(shutil.copy(wheel, folder)))
        return bundle.build(shop.parent / "stick", targets([], [])).folder


@pytest.fixture
def stick(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "a stick")


Start = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def start(stick: Path, tmp_path: Path) -> Start:
    """Start a stick as a double click does: an empty home, one Python on the path, and an index that nobody answers."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in TOOLS:
        (tools / name).symlink_to(str(shutil.which(name)))
    (tools / "python3").symlink_to(os.path.realpath(sys.executable))

    def run(*arguments: str, script: str = "start.sh", **more: str) -> subprocess.CompletedProcess[str]:
        nowhere = "http://127.0.0.1:9/"
        environ = {"HOME": str(tmp_path / "home"), "PATH": str(tools), "PIP_INDEX_URL": nowhere, "PIP_USER": "1",
                   "http_proxy": nowhere, "https_proxy": nowhere, "LANG": "en_US.UTF-8", **more}  # fmt: skip
        command = [str(tools / "sh"), str(stick / script), *arguments]
        return subprocess.run(
            command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
        )

    return run


def environments(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "home/.local/share/workbench").glob("stick-*") if path.is_dir()]


def test_a_first_start_sets_up_a_second_finds_it_and_the_stick_stays_as_it_was(
    stick: Path, start: Start, tmp_path: Path
) -> None:
    first = start("--class")
    assert first.returncode == 0, first.stderr
    assert "Setting the workbench up on this computer, once" in first.stdout
    assert "open at http://127.0.0.1:1/ with ['--class'] tiny" in first.stdout
    (place,) = environments(tmp_path)
    whole = (place / "whole.json").read_text()
    second = start(script="class.sh")
    assert second.returncode == 0, second.stderr
    assert "Setting" not in second.stdout
    assert "['--class'] tiny" in second.stdout
    assert (environments(tmp_path), (place / "whole.json").read_text()) == ([place], whole)
    assert checksums.problems(stick) == []

    (place / "whole.json").unlink()  # as if the computer had been switched off in the middle
    (place / "lib/half").write_text("half")
    others = [place.with_name(f"stick-{name}") for name in ("newer", "running", "oldest")]
    for age, other in enumerate(others):
        other.mkdir()
        (other / "whole.json").write_text("{}")
        os.utime(other / "whole.json", (1_000_000 - age, 1_000_000 - age))
    with (others[1] / "held").open("a+b") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        third = start(LANG="de_DE.UTF-8")
    assert [other.exists() for other in others] == [True, True, False]
    assert third.returncode == 0, third.stderr
    assert "Ein früherer Start kam nicht bis zum Ende" in third.stdout
    assert "tiny" in third.stdout
    assert not (place / "lib/half").exists()


def test_a_damaged_or_missing_wheel_is_named_and_nothing_half_made_stays(
    stick: Path, start: Start, tmp_path: Path
) -> None:
    (wheel,) = (stick / "wheels").glob("tiny_app-*.whl")
    data = bytearray(wheel.read_bytes())
    data[60] ^= 255
    wheel.write_bytes(data)
    for _ in range(2):
        done = start()
        assert done.returncode == 1
        assert done.stderr.startswith("A file of this stick is missing or damaged (")
        assert "tiny" in done.stderr
        assert done.stderr.count("\n") == 1
        assert environments(tmp_path) == []
        wheel.unlink(missing_ok=True)


def test_a_full_disk_is_said_before_anything_is_written(stick: Path, start: Start, tmp_path: Path) -> None:
    about = json.loads((stick / "manifest.json").read_text())
    for target in about["targets"].values():
        target["bytes"] = 10**16
    (stick / "manifest.json").write_text(json.dumps(about))
    done = start()
    assert done.returncode == 1
    assert done.stderr.startswith("The disk of this computer is too full: the workbench needs 10000000.2 GB")
    assert environments(tmp_path) == []


def test_no_python_and_one_that_does_not_fit_are_one_sentence_in_the_person_s_language(
    stick: Path, start: Start, tmp_path: Path
) -> None:
    version = "{}.{}".format(*sys.version_info)
    (found,) = (stick / "wheels").glob("*.txt")
    found.rename(found.with_name("linux-x86_64-3.99.txt"))
    done = start()
    assert done.returncode == 1
    assert done.stderr.strip().startswith(
        f"The Python of this computer does not fit: this stick needs Python {version}"
    )
    (tmp_path / "bin/python3").unlink()
    for lang, said in (("fr_FR.UTF-8", "This computer has no Python: install Python"), ("zh_CN.UTF-8", "这台电脑没有")):
        done = start(LANG=lang)
        assert done.returncode == 1
        assert done.stderr.startswith(said)
        assert done.stderr.strip().count("\n") == 0


def test_a_python_on_the_stick_that_only_points_elsewhere_is_refused(stick: Path, start: Start, tmp_path: Path) -> None:
    (stick / "python/bin").mkdir(parents=True)
    (stick / "python/bin/python3").symlink_to(os.path.realpath(sys.executable))
    done = start()
    assert done.returncode == 1
    assert done.stderr.startswith("The Python in the folder python cannot be moved")
    assert environments(tmp_path) == []
    assert checksums.problems(stick) == []  # the teacher's own Python is nobody's business


def test_a_place_that_cannot_be_written_is_said(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    done = start(XDG_DATA_HOME=str(tmp_path / "file"))
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_desktop_s_entry_runs_the_script_beside_it(stick: Path, start: Start, tmp_path: Path) -> None:
    import shlex

    line = next(text for text in (stick / "start.desktop").read_text().splitlines() if text.startswith("Exec="))
    # A desktop's own rules: the value's escapes, then the quotes' (which are the shell's), then the field codes.
    words = shlex.split(line.removeprefix("Exec=").replace("\\\\", "\\"))
    words = [word.replace("\\$", "$") for word in words]  # which shlex leaves as it is
    command = [str(stick / "start.desktop") if word == "%k" else word for word in words]
    (tmp_path / "bin/python3").unlink()  # how far the script got is told by what it misses
    done = subprocess.run(command, env={"HOME": str(tmp_path / "home"), "PATH": str(tmp_path / "bin")},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)  # fmt: skip
    assert done.stderr.startswith("This computer has no Python")


def test_a_new_build_takes_the_place_of_the_old_keeps_the_teacher_s_python_and_no_stranger_s_file(
    stick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pip_wheel: Path
) -> None:
    wheel = shelf(opened(tmp_path, monkeypatch), pip_wheel)
    monkeypatch.setattr(own, "wheel", lambda folder: Path(shutil.copy(wheel, folder)))
    (stick / "python").mkdir()
    (stick / "python/python.exe").write_text("mine")
    (stick / "stick/old.py").write_text("left over")
    with pytest.raises(Unavailable, match=r"not the workbench's \(stick/old.py\)"):
        bundle.build(stick, targets([], []))
    (stick / "stick/old.py").unlink()
    (stick / "start.sh").write_text("damaged")
    built = bundle.build(stick, targets([], []))
    assert (stick / "python/python.exe").read_text() == "mine"
    assert bundle.check(stick) == built.files - 1
    assert [path.name for path in tmp_path.glob(".*")] == []
