"""``workbench verify``: who made a file, whether it is unchanged since it was saved, and whether it may be sold."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Mount the command on the command line."""
    parser = commands.add_parser("verify", help="who made a file, and whether it is unchanged since it was saved")
    parser.add_argument("input", type=Path, metavar="FILE", help="sound, video, score, project or zip; or a folder")
    parser.add_argument("--json", action="store_true", help="print JSON, with the whole statement")
    parser.add_argument("--commercial", action="store_true", help="fail, with the reason, where it may not be sold")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> str:
    """Look into a file; returns the lines to print.

    Raises:
        BadFile: there is no such file, or it was changed after it was saved.
        BadRequest: with ``--commercial``, it may not be sold as it is.
    """
    from workbench.errors import BadFile, BadRequest
    from workbench.fsutil import shown
    from workbench.provenance.verify import to_json, verify

    if not arguments.input.exists():
        raise BadFile(f"There is no file {shown(arguments.input)}; check its name.")
    finding = verify(arguments.input)
    if finding.state == "changed":
        raise BadFile(f"{arguments.input}: {finding.text()}")
    if arguments.commercial and (refused := finding.refusal()):
        raise BadRequest(f"{arguments.input}: {refused}")
    return to_json(finding) if arguments.json else f"{arguments.input}: {finding.text()}"
