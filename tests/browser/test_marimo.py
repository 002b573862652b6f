"""The piano roll in marimo: cells run again after an edit in the widget, and Python's changes show there."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.jupyter_server import ROOT, environment, free_port, wait_for

pytestmark = pytest.mark.browser

APP = f"""
import marimo
app = marimo.App()

@app.cell
def _():
    import marimo as mo
    from workbench import PianoRoll, Score
    from workbench.score import edits
    from workbench.score.score import Note
    roll = mo.ui.anywidget(PianoRoll(Score.open({str(ROOT / "assets/pieces/opening.wbz")!r}), height=420))
    return Note, edits, mo, roll

@app.cell
def _(roll):
    roll
    return

@app.cell
def _(mo, roll):
    mo.md(f"revision {{roll.value['revision']}}, notes {{roll.widget.score.note_count}}")
    return

@app.cell
def _(Note, edits, mo, roll):
    def add(_):
        roll.widget.apply(edits.add_notes("t1", [Note("py", 0, 960, 90)]))
    mo.ui.button(label="Add from Python", on_click=add)
    return

if __name__ == "__main__":
    app.run()
"""


@pytest.fixture
def marimo(tmp_path: Path) -> Iterator[str]:
    """Address of a marimo app that shows a roll."""
    (tmp_path / "app.py").write_text(APP, encoding="utf-8")
    port = free_port()
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "marimo", "run", "app.py", "--headless", "--host", "127.0.0.1", "--no-token",
                "--port", str(port),
            ],
            cwd=tmp_path, env=environment(tmp_path), stdout=log, stderr=log,
        )  # fmt: skip
        wait_for(f"http://127.0.0.1:{port}/health", process)
        yield f"http://127.0.0.1:{port}"
        process.terminate()
        process.wait(20)


def test_edits_go_both_ways_and_cells_follow(marimo: str, chromium: Any) -> None:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    outside = []

    def only_here(route: Any) -> None:
        if route.request.url.startswith((marimo, "data:", "blob:")):
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    context.route("**/*", only_here)
    page.goto(marimo)
    page.wait_for_selector(".wb-roll .stage", timeout=90_000)
    page.get_by_text("revision 0, notes 129").wait_for(timeout=60_000)

    # Cells come one after the other and move the roll: it is clicked once it lies still.
    box = None
    while (now := page.locator(".wb-roll .stage").bounding_box()) != box:
        box = now
        page.wait_for_timeout(1_000)
    page.mouse.click(box["x"] + box["width"] - 90, box["y"] + 95)
    page.get_by_text("revision 1, notes 130").wait_for(timeout=60_000)

    page.get_by_role("button", name="Add from Python").click()
    page.wait_for_function("Object.values(window.__musicWorkbench.stores)[0].revision === 2", timeout=60_000)
    assert page.evaluate("Object.values(window.__musicWorkbench.stores)[0].score.tracks[0].notes.has('py')")
    assert outside == []
    context.close()
