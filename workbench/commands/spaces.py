"""``workbench spaces``: build, check and push the pages that run as Hugging Face Spaces."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from workbench.errors import BadFile

Arguments = argparse.Namespace


def add_parser(subparsers: Any) -> None:
    """Mount ``spaces`` and its commands on the ``add_subparsers()`` of the command line."""
    top = subparsers.add_parser("spaces", help="pages for Hugging Face Spaces: build, check, push")
    top.set_defaults(run=_list)
    commands = top.add_subparsers(dest="spaces_command", metavar="COMMAND", parser_class=type(top))
    for name, run, words in (
        ("build", _build, "write the whole folder of a Space"),
        ("check", _check, "install and start a Space in an empty environment, and take it away again"),
        ("push", _push, "upload a Space with the Hub's client"),
    ):
        command = commands.add_parser(name, help=words)
        command.set_defaults(run=run)
        command.add_argument("name", help="which Space; see 'workbench spaces'")
        if name == "build":
            command.add_argument("-o", "--output", type=Path, required=True, help="the folder to write")
        if name == "push":
            command.add_argument("--repo", required=True, help="owner/name of the Space")
            command.add_argument("--private", action="store_true", help="make it one that only its owner sees")


def _list(_: Arguments) -> str:
    from workbench.hub import spacefolder

    return "\n".join(spacefolder.names())


def _build(arguments: Arguments) -> str:
    from workbench.hub import spacefolder

    folder = spacefolder.build(arguments.name, arguments.output)
    if found := spacefolder.problems(folder):
        raise BadFile(" ".join(found))
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    return f"{folder}: the Space {arguments.name}, {len(files):,} files, {size / 1e6:,.1f} MB."


def _check(arguments: Arguments) -> str:
    from workbench.hub import spacecheck, spacefolder

    with tempfile.TemporaryDirectory() as scratch:
        folder = spacefolder.build(arguments.name, Path(scratch) / "space")
        if found := spacefolder.problems(folder):
            raise BadFile(" ".join(found))
        done = spacecheck.check(folder, tell=lambda text: print(f"{text} ...", file=sys.stderr, flush=True))
    return (
        f"The Space {arguments.name} starts from an empty environment: installed in {done.install_seconds:.0f} s "
        f"({done.environment_bytes / 1e6:,.0f} MB), its page came after {done.start_seconds:.1f} s."
    )


def _push(arguments: Arguments) -> str:
    from workbench.hub import spacefolder

    return spacefolder.push(arguments.name, arguments.repo, private=arguments.private)
