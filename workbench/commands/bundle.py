"""``workbench bundle DIR``: a folder for a stick, started by a double click, with no network and no rights."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

Arguments = argparse.Namespace

_ABOUT = """\
Writes a folder that carries the workbench and everything that it needs, to be copied to a USB stick. On a computer
with no network and no administrator's rights a double click on start.bat, start.command or start.sh sets it up in the
person's own folder, once, and starts it. Python itself is not on the stick: it must be on that computer, or in the
folder python of the stick.

  workbench bundle stick                                        for computers like this one
  workbench bundle stick --platform windows --platform macos --python 3.12 --python 3.13
  workbench bundle stick --models silero-vad basic-pitch        fetched models go along
  workbench bundle stick --check                                is it still whole?
"""


def add_parser(subparsers: Any) -> None:
    """Mount ``bundle`` on the ``add_subparsers()`` of the command line."""
    from workbench.ship.targets import PYTHONS, SHORT

    command = subparsers.add_parser(
        "bundle", help="a folder for a USB stick that starts the workbench with no network", description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    command.set_defaults(run=_bundle)
    command.add_argument("folder", type=Path, metavar="DIR", help="the folder to write, or to check")
    command.add_argument("--check", action="store_true", help="compare every file with the folder's list of checksums")
    command.add_argument(
        "--platform", action="append", default=[], metavar="NAME",
        help=f"the computers it is for: here (the default), {', '.join(SHORT)}, linux-arm64, windows-arm64; repeatable",
    )  # fmt: skip
    command.add_argument(
        "--python", action="append", default=[], metavar="VERSION",
        help=f"the Python on them: {', '.join(PYTHONS)} (default: the one that runs this); repeatable",
    )  # fmt: skip
    command.add_argument("--extras", default="app", metavar="NAMES", help="the package's extras, with commas: app,hub")
    command.add_argument("--models", nargs="+", default=[], metavar="ID", help="fetched models whose files go along")


def _bundle(arguments: Arguments) -> str:
    from workbench.ship import bundle
    from workbench.ship.targets import targets

    if arguments.check:
        return f"{arguments.folder}: all {bundle.check(arguments.folder)} files are as they were written."
    built = bundle.build(
        arguments.folder, targets(arguments.platform, arguments.python),
        extras=[name.strip() for name in arguments.extras.split(",") if name.strip()], models=arguments.models,
        tell=lambda text: print(f"{text} ...", file=sys.stderr, flush=True),
    )  # fmt: skip
    for remark in built.remarks:
        print(remark, file=sys.stderr)
    return bundle.sentence(built)
