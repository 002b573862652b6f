"""``workbench genie``: turn a list of button presses into a piano part."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from workbench.errors import BadFile

MAX_BYTES = 16_000_000


def add_parser(subparsers: Any) -> None:
    """Add the command to ``subparsers`` (what ``ArgumentParser.add_subparsers`` returns)."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "genie", help="play presses of eight buttons", description="Turn button presses into a piano part."
    )
    parser.add_argument(
        "input", metavar="PRESSES.json", help='a list of {"time", "button", "release", "velocity"}, seconds and 0 to 7'
    )
    parser.add_argument("--chords", metavar="TEXT", help='chords of two seconds each, such as "C Am F G"')
    parser.add_argument("--chord-rule", default="soft", help="off, hint, soft or hard (default: soft)")
    parser.add_argument("--mode", default="steady", help="steady or replayable (default: steady)")
    parser.add_argument("--temperature", type=float, default=0.6, help="0 (tame) to 2 (wild), default 0.6")
    parser.add_argument("--buttons", type=int, default=8, help="8, 4 or 1 (one switch)")
    parser.add_argument("--seed", type=int, default=0, help="equal seeds give equal music")
    parser.add_argument("-o", dest="output", required=True, metavar="OUT", help="file to write")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> str:
    """Decode and save; returns the line to print.

    Raises:
        WorkbenchError: the file, its presses, the settings or the output are not as they should be.
    """
    from workbench.commands.kept import with_idea, write
    from workbench.create.genie.play import blank
    from workbench.create.idea import make_ideas
    from workbench.deliver.formats import check_score
    from workbench.hub.tasks.genie.request import GenieRequest, GenieSettings, chord_spans, read_presses
    from workbench.score.files import Loaded
    from workbench.score.report import ImportReport

    output = Path(arguments.output)
    check_score(output)
    settings = GenieSettings(
        temperature=arguments.temperature, mode=arguments.mode, chords=arguments.chord_rule, buttons=arguments.buttons
    )
    request = GenieRequest(read_presses_file(Path(arguments.input)), arguments.chords, settings)
    base = blank(read_presses(list(request.presses), settings), chord_spans(request.chords, 0.0))
    idea = make_ideas(request, base, "genie", seed=arguments.seed)[0]
    project = with_idea(Loaded(base, ImportReport(), "presses"), idea, "genie")
    write(project, output)
    return f"{project.score.note_count} notes written to {output}"


def read_presses_file(path: Path) -> Any:
    """The JSON of a presses file (a list, or an object with a list ``presses``); raises :class:`BadFile`."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadFile(f"{path.name} is too large for a list of presses.")
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadFile(f"{path.name} cannot be read; check the name.") from error
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{path.name} is not a JSON file of presses.") from error
    return data.get("presses", data) if isinstance(data, dict) else data
