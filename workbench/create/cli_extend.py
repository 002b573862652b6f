"""``workbench continue`` and ``workbench accompany``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from workbench.errors import BadRequest


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add both commands to the command line."""
    go_on = commands.add_parser("continue", help="go on from where a piece ends")
    go_on.add_argument("--bars", type=int, required=True, metavar="N", help="how many bars, 1 to 256")
    go_on.add_argument("--track", action="append", metavar="NAME", help="track that goes on (default: all); repeatable")
    go_on.set_defaults(run=run_continue)
    along = commands.add_parser("accompany", help="add instruments that play along with a tune")
    along.add_argument("--style", default="band", metavar="NAME", help="band, piano, strings, jazz or folk")
    along.add_argument("--instrument", action="append", metavar="NAME", help="instead: an instrument; repeatable")
    along.set_defaults(run=run_accompany)
    for parser, what in ((go_on, "file to write: .mid, .musicxml or .wbz"), (along, "folder to write")):
        parser.add_argument("input", metavar="IN", help="MIDI, MusicXML, ABC or .wbz")
        parser.add_argument("--model", metavar="ID", help="the model to use (see 'workbench models list')")
        parser.add_argument("--seed", type=int, default=0, help="equal seeds give equal music")
        parser.add_argument("-o", dest="output", required=True, metavar="OUT", help=what)


def _said(idea: Any) -> str:
    return " ".join(["", *idea.remarks[:3]])


def run_continue(arguments: argparse.Namespace) -> str:
    """Continue and save; returns the line to print.

    Raises:
        WorkbenchError: the piece, the number of bars, the tracks or the output are not as they should be.
    """
    from workbench.create.extend import continue_piece
    from workbench.score.authorship import statement
    from workbench.score.files import WRITES, load, save

    output = Path(arguments.output)
    if output.suffix.lower() not in WRITES:
        raise BadRequest(f"The output must end in one of {', '.join(WRITES)}.")
    idea = continue_piece(
        load(arguments.input).score, arguments.bars, tracks=arguments.track, model=arguments.model, seed=arguments.seed
    )[0]
    score = idea.score()
    save(score, output, texts=[statement(score)])
    return f"{output}: {arguments.bars} more bars, {idea.note_count} notes by {idea.model}." + _said(idea)


def run_accompany(arguments: argparse.Namespace) -> str:
    """Accompany and write stems, mix, MIDI and notation; returns the line to print.

    Raises:
        WorkbenchError: the piece, the style, the instruments or the output are not as they should be.
    """
    from workbench.create.extend import accompany
    from workbench.score.files import load
    from workbench.sound.stems import export_stems

    idea = accompany(
        load(arguments.input).score, style=arguments.style, instruments=arguments.instrument or (),
        model=arguments.model, seed=arguments.seed,
    )[0]  # fmt: skip
    score = idea.score()
    export_stems(score, Path(arguments.output))
    added = [track.name for track in score.tracks if idea.notes.get(track.id)]
    return f"{arguments.output}: {', '.join(added)} by {idea.model}, {idea.note_count} notes." + _said(idea)
