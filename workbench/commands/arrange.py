"""``workbench arrange``: a long piece from a tune or from chords; or a section of one made again."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from workbench.errors import BadRequest


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("arrange", help="write a long piece, intro to ending, from a tune or from chords")
    parser.add_argument("input", nargs="?", metavar="IN", help="MIDI, MusicXML, ABC or .wbz (left out: --chords alone)")
    parser.add_argument("--chords", default="", metavar="TEXT", help='chords, a bar each, in turn, such as "C Am F G"')
    parser.add_argument("--style", default="", metavar="TEXT", help="a style in plain words (default: rock)")
    parser.add_argument(
        "--form", default="", metavar="TEXT", help='such as "intro verse chorus verse chorus ending", pop, or AABA'
    )
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--bars", type=int, metavar="N", help="bars in all, 2 to 400")
    length.add_argument("--seconds", type=float, metavar="S", help="about how long it lasts")
    parser.add_argument("--tune", metavar="NAME", help="track that has the tune (default: it is found)")
    parser.add_argument("--humanise", type=int, default=60, metavar="N", help="0 (on the grid) to 100, default 60")
    parser.add_argument("--again", metavar="SECTION", help="of a piece arranged before: write this section anew")
    parser.add_argument("--part", action="append", metavar="NAME", help="with --again: this part alone; repeatable")
    parser.add_argument("--seed", type=int, default=0, help="equal seeds give equal music")
    parser.add_argument(
        "-o", dest="output", required=True, metavar="OUT", help="file (.mid, .musicxml, .wbz) or folder of stems"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> str:
    """Arrange and save; returns the line to print.

    Raises:
        WorkbenchError: the piece, the chords, the style, the form or the output are not as they should be.
    """
    from workbench.commands.kept import write
    from workbench.create.compose.arrange import arrange, arrange_again
    from workbench.create.compose.songplan import titles
    from workbench.create.infill.fill import find_tracks
    from workbench.deliver.formats import check_score
    from workbench.score.files import load

    output = Path(arguments.output)
    check_score(output, folder=True)
    if arguments.input is None and not arguments.chords:
        raise BadRequest("Name a file with a tune, or say the chords.")
    loaded = None if arguments.input is None else load(arguments.input)
    if arguments.again is not None:
        if loaded is None:
            raise BadRequest("Name the arranged piece of which a section is to be written anew.")
        song = arrange_again(loaded.score, section=arguments.again, parts=arguments.part or (), style=arguments.style)
        write(_project(song, loaded), output)
        return f"{output}: {arguments.again} written anew." + _said(song)
    score = None if loaded is None else loaded.score
    tune = None
    if score is not None and arguments.tune:
        tune = find_tracks(score, [arguments.tune])[0]
    song = arrange(
        score, style=arguments.style, form=arguments.form, chords=arguments.chords, bars=arguments.bars,
        seconds=arguments.seconds, tune=tune, seed=arguments.seed, humanise=arguments.humanise,
    )  # fmt: skip
    write(_project(song, None), output)
    bars, style = sum(item.section.bars for item in song.plan.sections), song.plan.style
    sections = ", ".join(titles(song.plan))
    return f"{output}: {sections}; {bars} bars, {song.score.note_count} notes, style {style}." + _said(song)


def _said(song: Any) -> str:
    return " ".join(["", *song.remarks[:3]])


def _project(song: Any, loaded: Any) -> Any:
    """The piece with its log: what was there (the tune in its places, or the piece before), and what the run added."""
    from workbench.provenance.run import keep
    from workbench.score.document import Document
    from workbench.score.project import Project

    if loaded is not None and loaded.kind == "project":
        document = Project(song.base, loaded.events).document()
    else:
        document = Document()
        document.open(song.base.copy(), reason="file")
    keep(document, song.attempts[0], song.operation, "arrange")
    return Project.of(document, {} if loaded is None else loaded.media)
