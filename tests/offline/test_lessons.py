"""The lessons: each runs to its end with no network, and can be read where nothing runs at all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import nbformat
import pytest

FOLDER = Path(__file__).parents[2] / "assets" / "notebooks"
LESSONS = sorted(FOLDER.glob("*.ipynb"))
#: Runs the cells of a notebook as Jupyter does: the last line of a cell, if it is an expression, is shown.
RUNNER = """
import ast, json, socket, sys

def refuse(*arguments, **options):
    raise OSError("the network is blocked")

socket.socket.connect = socket.socket.connect_ex = refuse
socket.create_connection = socket.getaddrinfo = refuse
space = {"__name__": "__main__"}
for source in json.load(sys.stdin):
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), space)
    if last is not None:
        shown = eval(compile(ast.Expression(last.value), "cell", "eval"), space)
        text = getattr(shown, "_repr_svg_", None)
        print("CHART" if text is not None and text().startswith("<svg") else type(shown).__name__)
"""


def code(notebook: Any) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_five() -> None:
    assert len(LESSONS) == 5


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs_with_no_network(path: Path, tmp_path: Path) -> None:
    import json

    environment = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    done = subprocess.run(
        [sys.executable, "-c", RUNNER], input=json.dumps(code(nbformat.read(path, 4))), cwd=tmp_path,
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    assert done.stdout.count("CHART") >= 2
    assert list(tmp_path.iterdir()) == [], "it leaves nothing behind"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_can_be_read_where_nothing_runs(path: Path) -> None:
    notebook = nbformat.read(path, 4)
    nbformat.validate(notebook)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert all(output.output_type != "error" for output in outputs)
    shown = [output for output in outputs if {"image/svg+xml", "text/html"} & set(output.get("data", {}))]
    assert len(shown) >= 3
    text = path.read_text(encoding="utf-8")
    assert "https://" not in re.sub(r'"https?://www\.w3\.org/[^"]*"', "", text).replace("http://www.w3.org", "")
    assert len(text) < 1_200_000
    assert "/home/" not in text
    assert "/root/" not in text


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_is_what_its_source_says_and_takes_45_minutes(path: Path) -> None:
    spec = spec_from_file_location("make_notebooks", FOLDER / "make_notebooks.py")
    assert spec is not None
    assert spec.loader is not None
    make = module_from_spec(spec)
    spec.loader.exec_module(make)
    source = FOLDER / "sources" / f"{path.stem}.md"
    kept = nbformat.read(path, 4)
    assert [(cell.cell_type, cell.source) for cell in kept.cells] == list(make.cells(source.read_text("utf-8")))
    minutes = [int(found) for found in re.findall(r"^## .*\((\d+) minutes", source.read_text("utf-8"), re.MULTILINE)]
    assert sum(minutes) == 45
    assert "## Question sheet" in source.read_text("utf-8")
