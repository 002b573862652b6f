"""The browser core's own checks, and that what is committed is what its sources build."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "workbench" / "web"
_spec = importlib.util.spec_from_file_location("prepare", ROOT / "tests" / "prepare.py")
assert _spec is not None
assert _spec.loader is not None
prepare = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(prepare)


def run(*arguments: str) -> None:
    assert (WEB / "node_modules").is_dir(), "run tests/prepare.py first (make test does)"
    done = prepare.run_npm(
        arguments, return_completed_process=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.parametrize("script", ["check", "test"])
def test_the_typescript(script: str) -> None:
    run("run", script)


def test_the_committed_bundle_is_what_the_sources_build(tmp_path: Path) -> None:
    run("run", "build", "--", str(tmp_path))
    built = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert Path("roll.js") in built
    for name in sorted(built):
        assert (WEB / "public" / name).read_bytes() == (tmp_path / name).read_bytes(), (
            f"run  make web  ({name} differs)"
        )


def test_what_browsers_may_fetch_is_a_known_list() -> None:
    public = WEB / "public"
    kinds = {path.suffix for path in public.rglob("*") if path.is_file()}
    assert kinds <= {".js", ".json", ".svg", ".sf3", ".txt", ".md", ".safetensors", ".html", ".png"}
    assert not any(path.is_symlink() for path in public.rglob("*"))


def test_the_lock_file_names_no_registry() -> None:
    assert "resolved" not in (WEB / "package-lock.json").read_text(encoding="utf-8")
