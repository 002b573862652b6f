"""The widgets in a real JupyterLab: both ways between page and Python, and what a saved notebook keeps."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.jupyter_server import ROOT, JupyterLab, notebook

pytestmark = pytest.mark.browser

SETUP = f"""
from workbench import PianoRoll, Score, StemMixer
from workbench.score import edits
from workbench.score.score import Note
heard = []
roll = PianoRoll(Score.open({str(ROOT / "assets/pieces/opening.wbz")!r}))
roll.on_change(heard.append)
roll
"""
STORES = "Object.values(window.__musicWorkbench.stores)"
BUSY = 60_000


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterLab]:
    server = JupyterLab(tmp_path_factory.mktemp("lab"))
    yield server
    server.close()


@pytest.fixture
def open_page(chromium: Any, lab: JupyterLab) -> Iterator[Callable[..., Any]]:
    """Open a notebook: ``open_page(name, width=...)`` gives the page; ``page.outside`` lists requests elsewhere."""
    contexts = []

    def open_notebook(name: str, *, kernel: bool = True, **options: Any) -> Any:
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.outside = []

        def only_here(route: Any) -> None:
            if route.request.url.startswith((lab.address, "data:", "blob:")):
                route.continue_()
            else:
                page.outside.append(route.request.url)
                route.abort()

        context.route("**/*", only_here)
        page.goto(f"{lab.address}/lab/tree/{name}?reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=BUSY)
        if kernel:
            idle = "document.querySelector('#jp-bottom-panel')?.innerText.includes('| Idle')"
            page.wait_for_function(idle, timeout=BUSY)
        return page

    yield open_notebook
    for context in contexts:
        context.close()


def run_cells(page: Any, count: int) -> None:
    page.click(".jp-Notebook .jp-Cell >> nth=0 >> .cm-content")
    for _ in range(count):
        page.keyboard.press("Shift+Enter")


def until(value: Callable[[], Any], wanted: Any, seconds: float = 30) -> None:
    """Ask again and again until the answer is the wanted one."""
    deadline = time.monotonic() + seconds
    while (found := value()) != wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found == wanted


def count_notes(page: Any, number: int = 0) -> int:
    total = f"{STORES}[{number}].score.tracks.reduce((sum, track) => sum + track.notes.size, 0)"
    return int(page.evaluate(total))


def draw(page: Any, number: int = 0) -> None:
    """Click into the roll near its upper right corner, where the piece has no note."""
    page.locator(".wb-roll").nth(number).get_by_role("button", name="Draw notes").first.click()
    box = page.locator(".wb-roll .stage").nth(number).bounding_box()
    page.mouse.click(box["x"] + box["width"] - 90, box["y"] + 95)


def test_page_and_python_edit_one_score_and_the_saved_notebook_keeps_it(
    lab: JupyterLab, open_page: Callable[..., Any], chromium: Any
) -> None:
    name = "roll.ipynb"
    path = lab.write(name, notebook(SETUP, "before = 1", "after = 2"))
    page = open_page(name)
    run_cells(page, 1)
    page.wait_for_selector(".wb-roll .stage", timeout=BUSY)
    before = int(lab.run(name, "print(roll.score.note_count)"))
    until(lambda: count_notes(page), before)
    assert not page.locator("figure.wb-saved").is_visible()  # the live widget is there

    draw(page)  # the page edits, Python reads
    until(lambda: lab.run(name, "print(roll.score.note_count, heard[-1].kind if heard else '')"), f"{before + 1} edit")

    # Python edits, the page follows: an operation, undo of the person's own step, another note.
    lab.run(name, "roll.apply(edits.add_notes('t1', [Note('py', 0, 960, 90)]))")
    until(lambda: count_notes(page), before + 2)
    lab.run(name, "roll.undo(); roll.undo()")
    until(lambda: count_notes(page), before)
    lab.run(name, "roll.redo()")
    until(lambda: count_notes(page), before + 1)

    # Keys that mean something to the notebook stay in the roll.
    cells = page.locator(".jp-Notebook .jp-Cell")
    kinds = cells.evaluate_all("cells => cells.map((cell) => cell.className.match(/jp-\\w+Cell/)[0])")
    page.locator(".wb-roll .stage").first.focus()
    for key in ("1", "2", "3", "4", "5", "ArrowDown", "ArrowUp", "d", "d", "a", "b", "m", "y", "x", "Delete", "z"):
        page.keyboard.press(key)
    assert cells.evaluate_all("cells => cells.map((cell) => cell.className.match(/jp-\\w+Cell/)[0])") == kinds
    # "Delete" took the note under the cursor; Python must know before it takes everything back.
    until(lambda: lab.run(name, "print(roll.score.note_count)"), str(before))
    lab.run(name, "while roll.document.can_undo: roll.undo()")
    until(lambda: count_notes(page), before)

    draw(page)
    lab.run(name, "roll.apply(edits.add_notes('t1', [Note(f'py{i}', 960 * i, 960, 90) for i in range(10)]))")
    saved = f"Morning, four bars: 4 tracks, {before + 11} notes"
    page.wait_for_function(
        "text => document.querySelector('figure.wb-saved')?.textContent.includes(text)", arg=saved, timeout=BUSY
    )

    def save() -> bool:
        page.click("jp-button[data-command='docmanager:save']")
        page.wait_for_timeout(500)
        return saved in path.read_text(encoding="utf-8")

    until(save, True)
    assert path.stat().st_size < 400_000
    assert page.outside == []
    page.close()

    lab.shut_down(name)  # reopened where no kernel runs, and nobody has vouched for the outputs
    stranger = json.loads(path.read_text(encoding="utf-8"))
    stranger["metadata"]["kernelspec"]["name"] = "none-of-ours"
    lab.write("stranger.ipynb", stranger)
    page = open_page("stranger.ipynb", kernel=False)
    picture = page.locator("figure.wb-saved img")
    picture.wait_for(state="attached", timeout=BUSY)
    assert_shows_and_sounds(page)

    from nbconvert import HTMLExporter

    html, _ = HTMLExporter(embed_images=True).from_filename(str(path))
    plain = lab.folder / "plain.html"
    plain.write_text(re.sub(r"<script[^>]*src=[^>]*></script>", "", html), encoding="utf-8")
    context = chromium.new_context(offline=True)
    page = context.new_page()
    page.goto(plain.as_uri())
    assert saved in page.locator("figure.wb-saved").inner_text()
    assert_shows_and_sounds(page)
    context.close()


def assert_shows_and_sounds(page: Any) -> None:
    """The saved picture has been drawn, and its sound lasts as long as it says."""
    page.wait_for_function("document.querySelector('figure.wb-saved img')?.naturalWidth > 500", timeout=BUSY)
    page.locator("figure.wb-saved img").scroll_into_view_if_needed()
    assert page.locator("figure.wb-saved img").is_visible()
    assert page.locator("figure.wb-saved audio").is_visible()
    seconds = page.locator("figure.wb-saved audio").evaluate(
        "audio => new Promise((done) => { audio.onloadedmetadata = () => done(audio.duration);"
        " audio.onerror = () => done(-1); audio.preload = 'auto'; audio.load(); })"
    )
    assert 9 < seconds < 12


TWO = """
from workbench import PianoRoll, Score, StemMixer
from workbench.score.score import Note, Track
first = PianoRoll(Score("One", tracks=[Track("t1", "Piano", notes={"n1": Note("n1", 0, 960, 60)})]), height=360)
second = PianoRoll(Score("Two", tracks=[Track("t1", "Flute", program=73)]), height=360, keep=False)
mixer = StemMixer(first, keep=False)
display(first, second, mixer)
"""


def test_two_widgets_are_strangers_unless_they_are_asked_to_share(
    lab: JupyterLab, open_page: Callable[..., Any]
) -> None:
    name = "two.ipynb"
    lab.write(name, notebook(TWO))
    page = open_page(name)
    run_cells(page, 1)
    page.wait_for_selector(".wb-stems", state="attached", timeout=BUSY)
    page.wait_for_selector(".wb-roll .stage >> nth=1", state="attached", timeout=BUSY)
    assert page.evaluate(f"{STORES}.length") == 2  # three widgets, two documents

    page.locator(".wb-roll .stage").first.scroll_into_view_if_needed()
    draw(page)
    until(lambda: lab.run(name, "print(first.score.note_count, second.score.note_count)"), "2 0")
    mute = page.locator(".wb-stems").get_by_role("button", name="Mute Piano").first
    mute.wait_for(state="attached", timeout=BUSY)
    mute.click()
    until(lambda: lab.run(name, "print(first.score.track('t1').mute, first.revision)"), "True 2")

    # A model in the kernel fills a gap; keeping its idea is one more change, and Python knows whose it is.
    roll = page.locator(".wb-roll").first
    roll.get_by_role("button", name="Fill this gap").first.click()
    keep = roll.get_by_role("button", name="Keep idea 1").first
    keep.wait_for(timeout=2 * BUSY)
    keep.click()
    by = "[event['source'] for event in first.document.log.events if event['kind'] in ('edit', 'accept')][-1]"
    until(lambda: lab.run(name, f"print({by}, first.revision)"), "model 3")

    # The files that make the sound come from Python too, and an export goes into the browser's downloads.
    page.locator(".wb-stems").get_by_text("For musicians").click()
    with page.expect_download(timeout=BUSY) as download:
        page.locator(".wb-stems").get_by_role("button", name="MIDI file").click()
    assert Path(download.value.path()).read_bytes()[:4] == b"MThd"
    page.locator(".wb-roll").first.get_by_role("button", name="Play").first.click()
    page.locator(".wb-roll").first.get_by_role("button", name="Stop").first.wait_for(timeout=BUSY)
    assert page.outside == []


def test_the_genie_is_played_by_digits_that_do_not_reach_the_notebook(
    lab: JupyterLab, open_page: Callable[..., Any]
) -> None:
    name = "genie.ipynb"
    lab.write(name, notebook("from workbench import PianoGenie\ngenie = PianoGenie()\ngenie", "before = 1"))
    page = open_page(name)
    run_cells(page, 1)
    page.wait_for_selector("[data-genie=ready]", state="attached", timeout=BUSY)
    cells = page.locator(".jp-Notebook .jp-Cell")
    classes = "cells => cells.map((cell) => cell.className.match(/jp-\\w+Cell/)[0])"
    kinds = cells.evaluate_all(classes)
    page.locator(".wb-genie .pad").nth(3).click()
    for key in "1234567":
        page.keyboard.press(key)
    page.get_by_role("button", name="Done", exact=True).first.click()
    played = "print([len(take.tracks[0].notes) for take in genie.takes])"
    until(lambda: lab.run(name, played), "[8]")
    assert cells.evaluate_all(classes) == kinds
    authors = "print({note.author for note in genie.takes[-1].tracks[0].notes.values()})"
    assert lab.run(name, authors) == "{'human+model:piano-genie'}"
    assert page.outside == []


def test_the_example_notebook_is_small_and_shows_its_result_without_running() -> None:
    path = ROOT / "assets/examples/first-steps.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    figures = ["".join(output["data"]["text/html"]) for output in outputs if "text/html" in output.get("data", {})]
    assert figures
    assert not [output for output in outputs if output["output_type"] == "error"]
    for figure in figures:
        sound = re.search(r"data:audio/mpeg;base64,([\w+/=]+)", figure)
        assert sound is not None
        assert len(base64.b64decode(sound[1])) > 20_000
    assert path.stat().st_size < 400_000
