"""``workbench continue``, ``accompany``, ``harmonise`` and ``vary``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import BadRequest

if TYPE_CHECKING:
    from workbench.score.files import Loaded
    from workbench.score.score import Score


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to the command line."""
    go_on = commands.add_parser("continue", help="go on from where a piece ends")
    go_on.add_argument("--bars", type=int, required=True, metavar="N", help="how many bars, 1 to 256")
    go_on.add_argument("--track", action="append", metavar="NAME", help="track that goes on (default: all); repeatable")
    go_on.set_defaults(run=run_continue)
    along = commands.add_parser("accompany", help="add instruments that play along with a tune")
    along.add_argument(
        "--style", default="band", metavar="TEXT", help="a style in plain words, such as 'a jazz band', or four voices"
    )
    along.add_argument("--instrument", action="append", metavar="NAME", help="instead: an instrument; repeatable")
    along.add_argument(
        "--part", action="append", metavar="NAME",
        help="of the style: a part that plays (default: all that the piece has not got); repeatable",
    )  # fmt: skip
    along.add_argument(
        "--timing",
        choices=("followed", "tightened"),
        default="followed",
        help="of a recorded voice: the band follows its tempo, or the voice is moved onto even beats",
    )
    along.add_argument(
        "--humanise",
        type=int,
        default=60,
        metavar="N",
        help="of a band that joins a score: 0 (on the grid) to 100, default 60",
    )
    along.add_argument("--choir", action="store_true", help="a recorded voice sings three more parts")
    along.set_defaults(run=run_accompany)
    voices = commands.add_parser("harmonise", help="set an alto, a tenor and a bass under a tune")
    voices.add_argument("--track", metavar="NAME", help="the tune (default: the highest line)")
    voices.set_defaults(run=run_harmonise)
    other = commands.add_parser("vary", help="change some of what stands in a few bars, or in the whole piece")
    other.add_argument("--from", dest="first", type=int, metavar="BAR", help="first bar, from 1 (default: the first)")
    other.add_argument("--to", dest="last", type=int, metavar="BAR", help="last bar, included (default: the last)")
    other.add_argument("--closeness", type=int, default=60, metavar="N", help="0 (all new) to 100 (hardly any change)")
    other.add_argument("--track", action="append", metavar="NAME", help="track that changes (default: all); repeatable")
    other.set_defaults(run=run_vary)
    piece = "file to write: .mid, .musicxml or .wbz; or a folder, for stems and a manifest"
    for parser, what in (
        (voices, piece),
        (other, piece),
        (go_on, piece),
        (along, "folder for stems and a mix; or one file: .mid, .musicxml or .wbz"),
    ):
        what_in = "MIDI, MusicXML, ABC or .wbz" + (", or a recording of one voice" if parser is along else "")
        parser.add_argument("input", metavar="IN", help=what_in)
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
    from workbench.create.infill.extend import continue_piece
    from workbench.score.files import load

    output, loaded = _output(arguments), load(arguments.input)
    idea = continue_piece(
        loaded.score, arguments.bars, tracks=arguments.track, model=arguments.model, seed=arguments.seed
    )[0]
    _save(loaded, idea, output, "continue")
    return f"{output}: {arguments.bars} more bars, {idea.note_count} notes by {idea.model}." + _said(idea)


def _output(arguments: argparse.Namespace) -> Path:
    from workbench.deliver.formats import check_score

    output = Path(arguments.output)
    check_score(output, folder=True)
    return output


def _save(loaded: Loaded, idea: Any, output: Path, command: str) -> Score:
    """Write the piece with the idea in it, and its log where the form has room for one; returns it."""
    from workbench.commands.kept import with_idea, write

    project = with_idea(loaded, idea, command)
    write(project, output)
    return project.score


def run_harmonise(arguments: argparse.Namespace) -> str:
    """Set voices under a tune and save; returns the line to print.

    Raises:
        WorkbenchError: the piece, the track or the output are not as they should be.
    """
    from workbench.create.infill.extend import harmonise
    from workbench.score.files import load

    output, loaded = _output(arguments), load(arguments.input)
    idea = harmonise(loaded.score, arguments.track, model=arguments.model, seed=arguments.seed)[0]
    _save(loaded, idea, output, "harmonise")
    return f"{output}: three voices, {idea.note_count} notes by {idea.model}." + _said(idea)


def run_vary(arguments: argparse.Namespace) -> str:
    """Vary and save; returns the line to print.

    Raises:
        WorkbenchError: the piece, the bars, the tracks or the output are not as they should be.
    """
    from workbench.create.infill.extend import vary
    from workbench.score.files import load

    output = _output(arguments)
    if (arguments.first is None) != (arguments.last is None):
        raise BadRequest("Name the first and the last bar, or neither for the whole piece.")
    bars = None if arguments.first is None else (arguments.first, arguments.last)
    loaded = load(arguments.input)
    idea = vary(
        loaded.score, bars, closeness=arguments.closeness, tracks=arguments.track,
        model=arguments.model, seed=arguments.seed,
    )[0]  # fmt: skip
    _save(loaded, idea, output, "vary")
    return f"{output}: varied at closeness {arguments.closeness}, {idea.note_count} notes by {idea.model}." + _said(
        idea
    )


def run_accompany(arguments: argparse.Namespace) -> str:
    """Accompany and write stems, mix, MIDI and notation; returns the line to print.

    Raises:
        WorkbenchError: the piece, the style, the instruments or the output are not as they should be.
    """
    from workbench.page.mediakinds import is_recording

    if is_recording(arguments.input):
        return _band_for_voice(arguments)
    from workbench.create.infill.extend import accompany
    from workbench.score.files import load

    loaded = load(arguments.input)
    idea = accompany(
        loaded.score, style=arguments.style, instruments=arguments.instrument or (), parts=arguments.part or (),
        model=arguments.model, seed=arguments.seed, humanise=arguments.humanise,
    )[0]  # fmt: skip
    score = _save(loaded, idea, Path(arguments.output), "accompany")
    added = [track.name for track in score.tracks if idea.notes.get(track.id)]
    return f"{arguments.output}: {', '.join(added)} by {idea.model}, {idea.note_count} notes." + _said(idea)


def _band_for_voice(arguments: argparse.Namespace) -> str:
    """The same for a recording of one voice, which becomes a stem beside the band's."""
    from workbench.create.voiced.band import band_for_voice
    from workbench.page.voiced import export_take

    take = band_for_voice(
        arguments.input, style=arguments.style, instruments=arguments.instrument or (), timing=arguments.timing,
        choir=arguments.choir, model=arguments.model, seed=arguments.seed,
    )[0]  # fmt: skip
    export_take(take, arguments.output)
    sung = len(take.heard.notes)
    added = [track.name for track in take.score.tracks if take.idea.notes.get(track.id)]
    beats = f"{take.heard.tempo:.0f} beats a minute" if take.heard.tempo else "no steady beat"
    return (
        f"{arguments.output}: {sung} sung notes, {beats}; {', '.join(added)} by {take.idea.model}, "
        f"{take.idea.note_count} notes." + _said(take)
    )
