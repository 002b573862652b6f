"""``workbench watch``: what music can follow in a video."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.understand.video.watched import Watched


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``watch`` to the command line."""
    parser = commands.add_parser("watch", help="a video's cuts, moments, motion, light and speech")
    parser.add_argument("input", metavar="VIDEO", help="a video file: MP4, MOV, WebM, MKV, AVI ...")
    parser.add_argument("--json", dest="description", metavar="OUT.json", required=True, help="all that was seen")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> str:
    """Look at a video and save what was seen; returns the line to print.

    Raises:
        WorkbenchError: the video cannot be read or the output cannot be written.
    """
    from workbench.fsutil import replacing_file
    from workbench.understand.video.watch import watch

    with replacing_file(Path(arguments.description)) as place:
        seen = watch(arguments.input)
        place.write_text(json.dumps(seen.to_json(), ensure_ascii=False) + "\n", encoding="utf-8")
    return f"{arguments.description}: {summary(seen)}"


def summary(seen: Watched) -> str:
    """One line on what was seen, with the remarks."""
    counts = [(len(seen.cuts), "cut"), (len(seen.moments), "moment"), (len(seen.speech), "stretch of speech")]
    parts = [f"{seen.duration:.1f} seconds of {seen.width} x {seen.height}"]
    for count, name in counts:
        plural = name.replace("stretch", "stretches") if " " in name else f"{name}s"
        parts.append(f"{count} {name if count == 1 else plural}")
    likely = [name for name, value in sorted(seen.mood.items(), key=lambda one: -one[1]) if value > 0.6][:2]
    if likely:
        parts.append(f"mood (an estimate) {' and '.join(likely)}")
    return ". ".join([", ".join(parts), *(remark.rstrip(".") for remark in seen.remarks)])
