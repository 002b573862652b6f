"""The wheel: built from this tree, small enough, complete, and working where there is no repository."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    subprocess.run([*command, str(ROOT)], check=True, env={**os.environ, "PIP_NO_INDEX": "1"})
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_is_small_and_holds_what_people_need(wheel: Path) -> None:
    # The second set of weights took the place that an older, lower limit left.
    assert wheel.stat().st_size < 80 * 2**20
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "workbench/py.typed",
        "workbench/_data/models/registry.toml",
        "workbench/_data/assets/pieces/opening.wbz",
        "workbench/understand/words/meanings.toml",
        "workbench/understand/words/vocabulary/zh.toml",
        "workbench/understand/words/vocabulary/hurtful.txt",
        "workbench/web/public/engine.js",
        "workbench/web/public/soundfonts/000.sf3",
    ):
        assert name in names
    assert not any("node_modules" in name or name.startswith("workbench/web/src") for name in names)


def test_an_installed_wheel_opens_fills_and_saves_without_the_repository(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    code = """
import workbench, sys
assert workbench.__file__.startswith(sys.argv[1]), workbench.__file__
from workbench import resources
from workbench.cli import main
piece = str(resources.path("assets/pieces/opening.wbz"))
assert piece.startswith(sys.argv[1]), piece
sys.exit(main(["infill", piece, "--from", "3", "--to", "3", "--track", "Melody", "-o", "out.mid"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(site)], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.mid").read_bytes().startswith(b"MThd")
