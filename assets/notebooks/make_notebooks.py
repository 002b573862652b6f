"""Write and run the lessons: ``python assets/notebooks/make_notebooks.py``.

Each file of ``sources/`` is a lesson in Markdown whose Python blocks are the notebook's code cells. The notebooks are
saved with their outputs, so that they can be read where no kernel runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
_BLOCK = re.compile(r"^```python\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def cells(text: str) -> Iterator[tuple[str, str]]:
    """(kind, source) of every cell of a lesson: ``markdown`` or ``code``; a heading begins a cell."""
    place = 0
    for block in _BLOCK.finditer(text):
        yield from _prose(text[place : block.start()])
        yield "code", block[1].strip()
        place = block.end()
    yield from _prose(text[place:])


def _prose(text: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"(?m)^(?=## )", text):
        if part.strip():
            yield "markdown", part.strip()


def lesson(path: Path) -> nbformat.NotebookNode:
    """A lesson as a notebook, not yet run."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    make = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}
    found = cells(path.read_text(encoding="utf-8"))
    notebook.cells = [make[kind](text, id=f"step-{number}") for number, (kind, text) in enumerate(found)]
    return notebook


def main() -> None:
    """Run every lesson and write it beside this file, without what differs from run to run."""
    for path in sorted((HERE / "sources").glob("*.md")):
        notebook = lesson(path)
        NotebookClient(notebook, timeout=900, store_widget_state=False).execute()
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
        notebook.metadata.pop("language_info", None)
        nbformat.write(notebook, HERE / f"{path.stem}.ipynb")
        print(path.stem, (HERE / f"{path.stem}.ipynb").stat().st_size, flush=True)


if __name__ == "__main__":
    main()
