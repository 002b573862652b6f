"""``workbench taste``: what was learnt from the ideas that you kept; shown, struck out, forgotten; off unless asked."""

from __future__ import annotations

import argparse
import json
from pathlib import Path


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Mount the command on the command line."""
    parser = commands.add_parser("taste", help="what was learnt from the ideas you kept: show it, strike out, forget")
    parser.add_argument("--learn", action="store_true", help="learn from now on; ideas of 'infill -n' are ranked by it")
    parser.add_argument("--kept", nargs=2, metavar=("DIR", "N"), help="of the ideas that 'infill -n' wrote, N was kept")
    parser.add_argument("--strike", metavar="TRAIT", help="never look at this trait")
    parser.add_argument("--forget", action="store_true", help="forget everything and learn no more")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> str:
    """Show or change; returns the lines to print.

    Raises:
        WorkbenchError: nothing is being learnt, or the folder holds no ideas.
    """
    from workbench.create.taste import kept
    from workbench.create.taste.taste import Taste
    from workbench.errors import BadRequest

    if arguments.forget:
        kept.forget()
        return "Forgotten. Ideas come in the models' own order again, and nothing is learnt."
    taste = kept.read()
    if taste is None and arguments.learn:
        kept.write(Taste())
        return "From now on your choices are learnt from, here on this machine alone."
    if taste is None:
        if arguments.kept or arguments.strike:
            raise BadRequest("Nothing is being learnt; begin with: workbench taste --learn")
        return "Nothing is being learnt of your taste."
    if arguments.kept:
        taste = taste.choose(*_choice(Path(arguments.kept[0]), arguments.kept[1]))
    if arguments.strike:
        taste = taste.without(arguments.strike)
    kept.write(taste)
    lines = [f"{item.sentence} (strike out: {item.trait})" for item in taste.statements()]
    struck = [f"Struck out: {', '.join(sorted(taste.struck))}."] if taste.struck else []
    return "\n".join([*(lines or ["Nothing sure has been learnt yet."]), *struck])


def _choice(folder: Path, number: str) -> tuple[list[dict[str, float]], int]:
    """The traits of the ideas in a folder, and which was kept."""
    from workbench.errors import BadFile, BadRequest

    try:
        rows = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["ideas"]
        offered = [{str(name): float(value) for name, value in row["traits"].items()} for row in rows]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise BadFile(f"The folder {folder.name!r} holds no ideas that 'workbench infill -n' wrote.") from problem
    if not number.isdecimal() or not 1 <= int(number) <= len(offered):
        raise BadRequest(f"The folder holds ideas 1 to {len(offered)}; say which of them was kept.")
    return offered, int(number) - 1
