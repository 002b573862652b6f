"""``workbench read-score``: a picture or PDF of a score as notes."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import BadRequest

if TYPE_CHECKING:
    from workbench.hub.protocol import Attempt
    from workbench.understand.score_image.readscore import ReadScore


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``read-score`` to the command line."""
    parser = commands.add_parser("read-score", help="a picture or PDF of a score as notes")
    parser.add_argument("input", metavar="IMAGE|PDF", help="PNG, JPEG, WEBP, HEIC or PDF")
    parser.add_argument("--pages", metavar="N[-M]", help="pages of a PDF, from 1, such as 2-5 (default: all)")
    parser.add_argument("--model", metavar="ID", help="a model of the hub (default: the built-in one)")
    parser.add_argument("-o", dest="output", metavar="OUT", help="OUT.musicxml, .mid or .wbz")
    parser.add_argument("--json", dest="description", metavar="OUT.json", help="all that was read, with its places")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> str:
    """Read a score and save it; returns the line to print.

    Raises:
        WorkbenchError: the file cannot be read, holds no music, or the output cannot be written.
    """
    from workbench.commands.kept import write_found
    from workbench.deliver.formats import check_score
    from workbench.understand.score_image.pages import page_numbers
    from workbench.understand.score_image.read import read_score

    if arguments.output is None and arguments.description is None:
        raise BadRequest("Name what to write with -o OUT.musicxml, with --json OUT.json, or with both.")
    if arguments.output is not None:
        check_score(Path(arguments.output))
    attempts: list[Attempt] = []
    found = read_score(
        arguments.input, pages=page_numbers(arguments.pages), model=arguments.model, ended=attempts.append
    )
    title = Path(arguments.input).stem[:200]
    written = write_found(
        arguments.output, arguments.description, found.to_json(),
        lambda: found.to_score(title=title), attempts, "read a score",
    )  # fmt: skip
    return f"{written}: {summary(found)}"


def summary(found: ReadScore) -> str:
    """One line on what was read, with the remarks."""
    bars = found.bars()
    pages = len(found.pages)
    parts = [f"{pages} page{'' if pages == 1 else 's'}", f"{len(bars)} bars", f"{found.note_count} notes"]
    doubtful = sum(event.confidence < 0.5 for event in found.events())
    if doubtful:
        parts.append(f"{doubtful} of them doubtful")
    return ". ".join([", ".join(parts), *(remark.rstrip(".") for remark in found.remarks)])
