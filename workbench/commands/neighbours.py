"""``workbench neighbours``: which passages of a piece stand in the music that the models learnt from."""

from __future__ import annotations

import argparse
import json
from pathlib import Path


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Mount the command on the command line."""
    parser = commands.add_parser("neighbours", help="which passages stand in the models' training music, and in whose")
    parser.add_argument("input", type=Path, help="a score: MIDI, MusicXML, ABC or a project")
    parser.add_argument("--track", action="append", default=[], metavar="NAME", help="only this track; may be repeated")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> str:
    """Check a piece; returns the lines to print.

    Raises:
        WorkbenchError: the file cannot be read, or has no such track.
    """
    from workbench.errors import BadRequest
    from workbench.provenance.neighbours import neighbours
    from workbench.score.score import Score
    from workbench.score.timemap import TimeMap

    score = Score.open(arguments.input)
    chosen = [track for track in score.tracks if not arguments.track or {track.name, track.id} & set(arguments.track)]
    if not chosen:
        raise BadRequest(f"There is no track of that name in {arguments.input.name}.")
    found = neighbours(score, tracks=[track.id for track in chosen])
    if arguments.json:
        told = [{**item.to_dict(), "sentence": item.sentence()} for item in found]
        return json.dumps({"neighbours": told}, ensure_ascii=False, indent=1)
    if not found:
        return f"{arguments.input}: no passage of it was found in the music that the models learnt from."
    times = TimeMap(score)
    names = {track.id: track.name or track.id for track in score.tracks}
    return "\n".join(f"{names[item.track]}, bar {times.bar_at(item.start).number}: {item.sentence()}" for item in found)
