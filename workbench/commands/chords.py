"""``workbench chords``: ways to set chords to a piece, told, and one of them written down with a part that plays it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import BadRequest

if TYPE_CHECKING:
    from workbench.create.compose.harmonies import Harmony
    from workbench.score.files import Loaded
    from workbench.score.project import Project


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("chords", help="chords for a tune: several ways, each playable")
    parser.add_argument("input", metavar="IN", help="MIDI, MusicXML, ABC or .wbz")
    parser.add_argument("--count", type=int, default=3, metavar="N", help="how many ways, 1 to 12 (default: 3)")
    parser.add_argument("--tune", metavar="NAME", help="track that has the tune (default: it is found)")
    parser.add_argument("--seed", type=int, default=0, help="equal seeds give equal chords")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--use", type=int, default=1, metavar="N", help="with -o: which way is written (default: 1)")
    parser.add_argument("-o", dest="output", metavar="OUT", help="the piece with chords and a plain part: .mid, "
                        ".musicxml or .wbz")  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> str:
    """Find chords, save one way where it is wanted; returns what to print, a line a way.

    Raises:
        WorkbenchError: the piece cannot be read or has no notes, or the output cannot be written.
    """
    from workbench.commands.kept import write
    from workbench.create.compose.harmonies import chords
    from workbench.create.infill.fill import find_tracks
    from workbench.deliver.formats import check_score
    from workbench.score.files import load

    if arguments.output is not None:
        check_score(Path(arguments.output))
    loaded = load(arguments.input)
    tune = find_tracks(loaded.score, [arguments.tune])[0] if arguments.tune else None
    ways = chords(loaded.score, count=arguments.count, seed=arguments.seed, tune=tune)
    if not ways:
        raise BadRequest("There are no notes in this piece to find chords for.")
    if not 1 <= arguments.use <= len(ways):
        raise BadRequest(f"There are {len(ways)} ways here; choose one of them with --use.")
    if arguments.output is not None:
        write(_project(ways[arguments.use - 1], loaded), Path(arguments.output))
    if arguments.json:
        return json.dumps({"ways": [way.to_json() for way in ways]}, ensure_ascii=False, indent=2)
    lines = [f"{number}: {way.text()}" for number, way in enumerate(ways, 1)]
    if arguments.output is not None:
        lines.append(f"{arguments.output}: way {arguments.use} in the chord lane, with a plain part that plays it.")
    return "\n".join(lines)


def _project(way: Harmony, loaded: Loaded) -> Project:
    """The piece with its log going on; chords and part come in as one step."""
    from workbench.score.document import Document
    from workbench.score.project import Project

    if loaded.kind == "project":
        document = Project(loaded.score.copy(), loaded.events).document()
    else:
        document = Document()
        document.open(loaded.score.copy(), reason="file")
    document.apply(way.step)
    return Project.of(document, loaded.media)
