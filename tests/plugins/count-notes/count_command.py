"""The command: ``workbench count-notes IN``."""

from __future__ import annotations

import argparse
from typing import Any


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("count-notes", help="how many notes a piece has")
    parser.add_argument("input", metavar="IN")
    parser.add_argument("--loudest", type=int, default=1, metavar="VELOCITY", help="only notes at least this loud")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> str:
    from workbench.score.files import load

    counts = counted(load(arguments.input).score, arguments.loudest)
    return f"{sum(counts.values())} notes in {len(counts)} tracks"


def counted(score: Any, loudest: int = 1, hub: Any = None) -> dict[str, int]:
    """Ask the hub; the app's tab does the same."""
    from count_task import CountRequest

    from workbench.hub.protocol import CancelToken
    from workbench.hub.shared import shared_hub

    work = (hub or shared_hub()).run("count-notes", CountRequest(score, loudest), seed=0, cancel=CancelToken.never())
    return dict(list(work)[-1].alternatives[0].value)
