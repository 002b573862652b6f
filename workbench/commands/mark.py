"""``workbench mark``: the inaudible mark of sound that a model wrote some of: hide it in a file, or look for it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Mount the command on the command line."""
    parser = commands.add_parser("mark", help="hide the inaudible mark of models in a sound file, or look for it")
    parser.add_argument("input", nargs="?", type=Path, metavar="IN", help="a sound or video file to hide it in")
    parser.add_argument("-o", dest="output", type=Path, metavar="OUT", help="OUT.wav, .flac, .mp3 or .m4a")
    parser.add_argument("--detect", type=Path, metavar="FILE", help="a sound or video file to look for it in")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    parser.add_argument("--off", metavar="REASON", help="hide no marks on this machine from now on, and why")
    parser.add_argument("--on", action="store_true", help="hide marks again")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> str:
    """Hide, look for, turn off or on; returns the line to print.

    Raises:
        WorkbenchError: a file cannot be read or written, or it is not clear what is wanted.
    """
    from workbench.errors import BadRequest
    from workbench.provenance.mark import choice

    asked = [arguments.input is not None, arguments.detect is not None, arguments.off is not None, arguments.on]
    if sum(asked) > 1 or (arguments.output is not None) != asked[0]:
        raise BadRequest("Say one thing: IN -o OUT to hide the mark, --detect FILE, --off REASON, or --on.")
    if arguments.detect is not None:
        return _detect(arguments.detect, arguments.json)
    if arguments.input is not None:
        return _hide(arguments.input, arguments.output)
    if arguments.off is not None:
        return choice.leave_out(arguments.off).sentence()
    return (choice.put_in() if arguments.on else choice.stated()).sentence()


def _detect(path: Path, as_json: bool) -> str:
    from workbench.provenance.mark.detect import detect
    from workbench.sound.files import read_audio

    seen = detect(read_audio(path))
    if not as_json:
        return f"{path}: {seen.sentence()}"
    told = {
        "found": seen.found, "p": seen.p, "spans": seen.spans, "seconds": seen.seconds, "sounding": seen.sounding,
        "sentence": seen.sentence(),
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, indent=1)


def _hide(source: Path, output: Path) -> str:
    from workbench.deliver.formats import check_sound
    from workbench.provenance.mark.detect import detect
    from workbench.provenance.mark.embed import RATES, marked
    from workbench.sound.audio import Audio
    from workbench.sound.files import read_audio, write_audio

    check_sound(output)
    audio = read_audio(source)
    if audio.rate not in RATES:
        audio = audio.resampled(RATES[0])
    made = marked(audio)
    if not (made.samples != audio.samples).any():
        return f"{output}: not written; there is no sound in {source.name} that a mark could be hidden behind."
    peak = float(np.abs(made.samples).max(initial=0.0))
    if peak > 1 and output.suffix.lower() != ".wav":
        made = Audio(made.samples / np.float32(peak), made.rate)
    seen = detect(made)
    write_audio(made, output, note="Made with the Music Workbench. Marked as partly written by a model.")
    sure = "it can be found" if seen.found else "too little sound for it to be found surely"
    return f"{output}: {made.seconds:.1f} seconds with the inaudible mark; {sure}."
