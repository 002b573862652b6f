"""A whole capability as a plug-in: a task, its model, message, command and tab, in five files outside the package."""

from __future__ import annotations

import contextlib
import importlib
import os
import secrets
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.create.scores import band
from workbench.hub.conformance import check
from workbench.hub.hub import Hub
from workbench.hub.registry import Registry
from workbench.hub.tasks import table as tasks
from workbench.page import table as messages
from workbench.page.session import Pages
from workbench.provenance.run import runs
from workbench.score.canonical import project_hash
from workbench.score.files import save

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "tests" / "plugins" / "count-notes"


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder that makes the plug-in known as an installed package does, by its entry points."""
    project = tomllib.loads((PLUGIN / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    information = tmp_path / "site" / "count_notes-1.dist-info"
    information.mkdir(parents=True)
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 1\n")
    groups = project["entry-points"]
    lines = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in items.items()) for group, items in groups.items()]
    (information / "entry_points.txt").write_text("\n".join(lines))
    return tmp_path / "site"


@pytest.fixture
def here(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The plug-in known to this very process."""
    monkeypatch.syspath_prepend(str(installed))
    monkeypatch.syspath_prepend(str(PLUGIN))
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    caches: list[Any] = [tasks.table, messages.table]
    with contextlib.suppress(ImportError):  # the app is an extra
        caches.append(importlib.import_module("workbench.ui.tabs").all_tabs)
    for cached in caches:
        cached.cache_clear()
    yield
    monkeypatch.undo()
    for cached in caches:
        cached.cache_clear()


def run(installed: Path, home: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own."""
    places = os.pathsep.join(map(str, (ROOT, installed, PLUGIN)))
    environment = {**os.environ, "PYTHONPATH": places, "WORKBENCH_HOME": str(home)}
    words = (sys.executable, "-m", "workbench", *map(str, words))
    return subprocess.run(words, capture_output=True, text=True, env=environment, check=False)


def test_the_demonstration_stays_small_and_outside() -> None:
    files = [path for path in PLUGIN.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert len(files) <= 5
    for folder in ("hub", "page"):
        for path in (ROOT / "workbench" / folder).rglob("*.py"):
            assert "count-notes" not in path.read_text(encoding="utf-8"), path


def test_its_command_and_its_model_work_on_the_command_line(installed: Path, tmp_path: Path) -> None:
    score = band()
    save(score, tmp_path / "tune.mid")
    done = run(installed, tmp_path / "home", "count-notes", tmp_path / "tune.mid")
    assert (done.stdout, done.stderr) == (f"{score.note_count} notes in {len(score.tracks)} tracks\n", "")
    wrong = run(installed, tmp_path / "home", "count-notes", tmp_path / "tune.mid", "--loudest", "999")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (1, 1)
    checked = run(installed, tmp_path / "home", "models", "check", "note-counter")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "passes all 4 checks" in checked.stdout


@pytest.mark.usefixtures("here")
def test_its_message_is_answered_and_its_run_is_recorded() -> None:
    hub = Hub(Registry.load(user=False))
    assert all(row.passed for row in check(hub.registry.get("note-counter")))
    pages, score, session = Pages(lambda: hub), band(), secrets.token_hex(16)
    pages.call({"type": "open", "session": session, "score": score.to_dict(), "revision": 0, "reason": "start"})
    job = {"type": "count-notes", "session": session, "id": "c1", "request": {"loudest": 1}}
    *_, result = pages.answer(job)
    assert result["type"] == "count-notes.result"
    assert result["counts"] == {track.id: len(track.notes) for track in score.tracks}
    (record,) = runs(pages.page({"session": session}).log.events).values()
    assert (record.task, record.model, record.settings["loudest"]) == ("count-notes", "note-counter", 1)
    assert record.inputs == {"score": project_hash(score)}
    refused = list(pages.answer({**job, "id": "c2", "request": {"loudest": 0}}))
    assert refused[-1]["type"] == "count-notes.error"
    assert "1 to 127" in refused[-1]["text"]


@pytest.mark.usefixtures("here")
def test_the_app_is_built_with_its_tab(tmp_path: Path) -> None:
    pytest.importorskip("gradio", reason="the app is an extra")
    from workbench.ui.app import build

    blocks = build().blocks
    tabs = [item["props"]["label"] for item in blocks.get_config_file()["components"] if item["type"] == "tabitem"]
    assert tabs[-1] == "Count"
    assert len(tabs) >= 6
    score = band()
    save(score, tmp_path / "tune.mid")
    (count,) = (
        function.fn for function in blocks.fns.values() if getattr(function.fn, "__module__", "") == "count_tab"
    )
    assert count(str(tmp_path / "tune.mid")) == score.note_count
