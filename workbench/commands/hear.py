"""``workbench transcribe``: a recording written down; and ``workbench stems`` for a recording: taken apart."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import BadRequest
from workbench.hub.tasks.transcribe.request import KINDS, TUNINGS

if TYPE_CHECKING:
    from workbench.hub.protocol import Attempt
    from workbench.understand.heard import Heard


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``transcribe`` to the command line."""
    parser = commands.add_parser("transcribe", help="a recording as notes, chords and beats")
    parser.add_argument("input", metavar="AUDIO", help="a sound or video file: WAV, MP3, FLAC, OGG, M4A, MP4, WebM ...")
    parser.add_argument("--kind", choices=KINDS, default="auto", help="what is heard (default: found out)")
    parser.add_argument("--tuning", choices=TUNINGS, default="as sung", help="of a voice (default: as sung)")
    parser.add_argument("--model", metavar="ID", help="a model of the hub (default: the built-in ones)")
    parser.add_argument("--grid", action="store_true", help="move the notes to the grid, for notation")
    parser.add_argument("--seed", type=int, default=0, help="for models that use chance")
    parser.add_argument("-o", dest="output", metavar="OUT", help="OUT.mid, .musicxml or .wbz")
    parser.add_argument("--json", dest="description", metavar="OUT.json", help="all that was heard, in seconds")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> str:
    """Write a recording down and save it; returns the line to print.

    Raises:
        WorkbenchError: the recording cannot be read, holds nothing, or the output cannot be written.
    """
    from workbench.commands.kept import write_found
    from workbench.deliver.formats import check_score
    from workbench.understand.transcribe import transcribe

    if arguments.output is None and arguments.description is None:
        raise BadRequest("Name what to write with -o OUT.mid, with --json OUT.json, or with both.")
    if arguments.output is not None:
        check_score(Path(arguments.output))
    attempts: list[Attempt] = []
    heard = transcribe(
        arguments.input, arguments.kind, model=arguments.model, tuning=arguments.tuning, seed=arguments.seed,
        ended=attempts.append,
    )  # fmt: skip
    title = Path(arguments.input).stem[:200]
    written = write_found(
        arguments.output, arguments.description, heard.to_json(),
        lambda: heard.score(quantise=arguments.grid, title=title), attempts, "transcribe",
    )  # fmt: skip
    return f"{written}: {summary(heard)}"


def summary(heard: Heard) -> str:
    """One line on what was heard, with the remarks."""
    count = len(heard.notes)
    parts = [f"{heard.duration:.1f} seconds heard as {heard.kind}", f"{count} note{'' if count == 1 else 's'}"]
    if heard.drums:
        parts.append(f"{len(heard.drums)} drum strokes")
    if heard.key is not None:
        parts.append(heard.key.name)
    if heard.tempo:
        parts.append(f"{heard.tempo:.0f} beats a minute")
    return ". ".join([", ".join(parts), *(remark.rstrip(".") for remark in heard.remarks)])


#: Endings that promise a recording, whatever is in the file.
_SOUNDS = (".wav", ".mp3", ".flac", ".ogg", ".m4a", ".aac", ".aiff", ".opus", ".mp4", ".mov", ".webm", ".mkv", ".avi")


def is_recording(name: str) -> bool:
    """Whether a file is a sound or a video, by its first bytes; by its ending where these say nothing."""
    from workbench.page.mediakinds import HEAD, kind_of

    path = Path(name)
    try:
        with path.open("rb") as file:
            found = kind_of(file.read(HEAD))
    except OSError:
        found = None
    return found.kind in ("sound", "video") if found else path.suffix.lower() in _SOUNDS


def run_parted(arguments: argparse.Namespace) -> str:
    """Take a recording apart and write it down, each stem with its notes; returns the line to print.

    Raises:
        WorkbenchError: the recording cannot be read, or the folder not written.
    """
    from workbench.fsutil import replaceable
    from workbench.page.parting import part_into
    from workbench.sound.files import read_audio

    target = Path(arguments.output)
    if not replaceable(target):  # said before the work, not after it
        raise BadRequest(f"The folder {target.name!r} holds other files; name a new folder.")
    audio = read_audio(arguments.input, rate=arguments.rate)
    manifest = part_into(
        audio, target, title=Path(arguments.input).stem[:200], model=arguments.model, kind=arguments.kind,
        seed=arguments.seed, subtype="float" if arguments.bits == "float" else "pcm24",
        whole_bars=arguments.whole_bars, tempo_names=arguments.tempo_names, by_stem=arguments.transcribe,
    )  # fmt: skip
    names = ", ".join(track["name"] for track in manifest["tracks"])
    return f"{target}: {names}, the mix, and what was heard as MIDI, notation and projects for workstations"
