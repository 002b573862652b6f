"""``workbench infill``: fill bars of a piece and save the result."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import BadRequest, WorkbenchError

if TYPE_CHECKING:
    from workbench.score.files import Loaded

#: Forms a filled piece can be saved in.


def add_parser(subparsers: Any) -> None:
    """Add the command to ``subparsers`` (what ``ArgumentParser.add_subparsers`` returns)."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "infill", help="fill bars of a piece", description="Let a model fill bars of a piece; the rest stays as it is."
    )
    parser.add_argument("input", metavar="IN", help="MIDI, MusicXML, ABC or .wbz")
    parser.add_argument("--from", dest="first", type=int, required=True, metavar="BAR", help="first bar, from 1")
    parser.add_argument("--to", dest="last", type=int, required=True, metavar="BAR", help="last bar, included")
    parser.add_argument("--track", action="append", metavar="NAME", help="track to fill, by name or number; repeatable")
    parser.add_argument("--instrument", action="append", metavar="NAME", help="add a track with it; repeatable")
    parser.add_argument("--around", action="store_true", help="keep the notes that stand there and add to them")
    parser.add_argument("--overhang", action="store_true", help="new notes may sound past the last bar")
    parser.add_argument("--model", metavar="ID", help="the model to use (see 'workbench models list')")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a wish, such as density=80")
    parser.add_argument("-n", dest="count", type=int, default=1, metavar="N", help="how many ideas, 1 to 8")
    parser.add_argument("--seed", type=int, default=0, help="equal seeds give equal ideas")
    parser.add_argument("-o", dest="output", required=True, metavar="OUT", help="file to write, or folder with -n")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> str:
    """Fill and save; returns the line to print.

    Raises:
        WorkbenchError: the file, the bars, the tracks, the wishes or the output are not as they should be.
    """
    from workbench.create.infill.fill import infill
    from workbench.create.taste.kept import ranked
    from workbench.deliver.formats import check_score, is_score
    from workbench.score.files import load

    output = Path(arguments.output)
    several = arguments.count != 1
    if not several:
        check_score(output)
    elif is_score(output):
        raise BadRequest("Several ideas need a folder: give -o a name without an ending.")
    loaded = load(arguments.input)
    ideas = infill(
        loaded.score, (arguments.first, arguments.last), tracks=arguments.track, model=arguments.model,
        count=arguments.count, seed=arguments.seed, around=arguments.around, overhang=arguments.overhang,
        instrument=arguments.instrument, controls=_wishes(arguments.set),
    )  # fmt: skip
    ideas = ranked(ideas)
    first, last = arguments.first, arguments.last
    bars = f"bar {first}" if first == last else f"bars {first} to {last}"
    if several:
        _save_folder(loaded, ideas, bars, output)
    else:
        _save(loaded, ideas[0], bars, output)
    counts = ", ".join(str(idea.note_count) for idea in ideas)
    line = f"Filled {bars} with {counts} notes (model {ideas[0].model}, seed {arguments.seed}): {output}"
    said = list(dict.fromkeys(text for idea in ideas for text in idea.remarks))
    return " ".join([line, *said[:3]])


def _wishes(pairs: list[str]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise BadRequest(f"A wish is written NAME=VALUE, such as density=80; {pair[:40]!r} is not.")
        try:
            out[name.strip()] = json.loads(value)
        except ValueError:
            out[name.strip()] = value.strip()
    return out


def _text(idea: Any, bars: str) -> str:
    names = [track.name or track.id for track in idea.score().tracks if idea.notes.get(track.id)]
    return f"The model {idea.model} wrote notes in {bars} of {', '.join(names) or 'no track'}."


def _save(loaded: Loaded, idea: Any, bars: str, path: Path) -> None:
    from workbench.commands.kept import with_idea, write

    write(with_idea(loaded, idea, "infill"), path, _text(idea, bars))


def _save_folder(loaded: Loaded, ideas: list[Any], bars: str, folder: Path) -> None:
    from workbench.create.taste.kept import traits_of
    from workbench.fsutil import replacing_folder
    from workbench.provenance.run import Run

    with replacing_folder(folder) as temporary:
        rows = []
        for number, idea in enumerate(ideas, start=1):
            name = f"idea-{number}.mid"
            _save(loaded, idea, bars, temporary / name)
            rows.append({
                "file": name, "run": idea.run, "settings": dict(idea.settings), "remarks": list(idea.remarks),
                "notes": {track: len(notes) for track, notes in idea.notes.items() if notes},
                "traits": {name: round(value, 4) for name, value in traits_of(idea).items()},
            })  # fmt: skip
        runs = {idea.run: Run.of(idea.attempt).to_dict() for idea in ideas}
        try:
            text = json.dumps({"runs": list(runs.values()), "ideas": rows}, indent=1, ensure_ascii=False)
            (temporary / "manifest.json").write_text(text, encoding="utf-8")
        except (OSError, TypeError) as error:
            raise WorkbenchError("The list of ideas cannot be written; choose another place.") from error
