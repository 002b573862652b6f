"""``workbench render`` and ``workbench stems``: a score as sound, whole or one file a track.

``stems`` takes recordings apart as well: see :mod:`workbench.commands.hear`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from workbench.deliver.video.scene import SHAPES
from workbench.errors import BadRequest
from workbench.fsutil import replacing_file
from workbench.hub.tasks.transcribe.request import KINDS
from workbench.provenance.authorship import statement
from workbench.provenance.handover import hand_over
from workbench.provenance.manifest import written_by
from workbench.score.files import Loaded, load
from workbench.score.recorded import sounds_of
from workbench.score.score import Score


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``render`` and ``stems`` to the command line."""
    render = commands.add_parser("render", help="a score as one sound file, or as a video of falling notes")
    render.add_argument("input", metavar="IN", help="MIDI, MusicXML, ABC or .wbz")
    render.add_argument("-o", dest="output", required=True, metavar="OUT", help="OUT.wav, .flac, .mp3, .m4a or .mp4")
    render.add_argument("--shape", choices=tuple(SHAPES), help="of a video (default: 9:16, as phones hold it)")
    render.add_argument("--rate", type=int, choices=(44_100, 48_000), default=44_100, help="samples a second")
    render.add_argument(
        "--no-mark", default="", metavar="REASON", help="leave the inaudible mark out; kept in the file"
    )
    render.set_defaults(run=run_render)
    stems = commands.add_parser("stems", help="a score as one sound and one MIDI file a track; a recording taken apart")
    stems.add_argument("input", metavar="IN", help="MIDI, MusicXML, ABC or .wbz; or a sound or video file")
    stems.add_argument("-o", dest="output", required=True, metavar="DIR", help="the folder to write")
    stems.add_argument(
        "--rate",
        type=int,
        choices=(44_100, 48_000),
        help="samples a second (default: 44100; a recording keeps its own)",
    )
    stems.add_argument("--bits", choices=("float", "24"), default="float", help="WAV samples: 32-bit float or 24 bit")
    stems.add_argument("--whole-bars", action="store_true", help="add silence so that all sound ends on a bar line")
    stems.add_argument("--tempo-names", action="store_true", help="01-piano_96bpm.wav instead of 01-piano.wav")
    stems.add_argument(
        "--no-mark", default="", metavar="REASON", help="leave the inaudible mark out; kept in the files"
    )
    stems.add_argument("--model", metavar="ID", help="of a recording: a model of the hub that takes it apart")
    stems.add_argument("--kind", choices=KINDS, default="auto", help="of a recording: what it is heard as")
    stems.add_argument("--seed", type=int, default=0, help="of a recording: for models that use chance")
    stems.add_argument("--transcribe", action="store_true", help="of a recording: each stem is heard by itself as well")
    stems.set_defaults(run=run_stems)


def _open(name: str) -> Loaded:
    loaded = load(name)
    if not loaded.score.note_count and not sounds_of(loaded.score):
        raise BadRequest(f"{Path(name).name!r} holds no notes, so there is nothing to hear.")
    return loaded


def _count(score: Score, what: str) -> str:
    number = len(score.tracks)
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def run_render(arguments: argparse.Namespace) -> str:
    """Render to one file; returns the line to print.

    Raises:
        WorkbenchError: the score cannot be read, or the sound not written.
    """
    from workbench.deliver.formats import check_sound, is_video
    from workbench.deliver.mixdown import write_mix
    from workbench.sound.given import given_in

    output = Path(arguments.output)
    if is_video(output):
        return _render_video(arguments, output)
    check_sound(output)
    if arguments.shape is not None:
        raise BadRequest("A shape is for videos; let the output end in .mp4 or leave --shape out.")
    loaded = _open(arguments.input)
    score = loaded.score
    with replacing_file(output) as temporary:
        seconds = write_mix(
            score, temporary, rate=arguments.rate, note=statement(score), no_mark=arguments.no_mark,
            given=given_in(score, loaded.media),
        )  # fmt: skip
        hand_over(temporary, score, written_by(score, loaded.events))
    return f"{output}: {seconds:.1f} seconds, {_count(score, 'track')}, {arguments.rate} Hz"


def _render_video(arguments: argparse.Namespace, output: Path) -> str:
    from workbench.deliver.video.piece import write_video
    from workbench.sound.given import given_in

    loaded, shape = _open(arguments.input), arguments.shape or next(iter(SHAPES))
    score = loaded.score
    with replacing_file(output) as temporary:
        seconds = write_video(
            score, temporary, shape=shape, rate=arguments.rate, note=statement(score), no_mark=arguments.no_mark,
            given=given_in(score, loaded.media),
        )  # fmt: skip
        hand_over(temporary, score, written_by(score, loaded.events))
    return f"{output}: {seconds:.1f} seconds, {_count(score, 'track')}, {shape}"


def run_stems(arguments: argparse.Namespace) -> str:
    """Render every track to files of its own, or take a recording apart; returns the line to print.

    Raises:
        WorkbenchError: the score or the recording cannot be read, or the folder not written.
    """
    from workbench.commands.hear import is_recording, run_parted
    from workbench.deliver.stems import export_stems
    from workbench.sound.given import given_in

    if is_recording(arguments.input):
        return run_parted(arguments)
    if arguments.model is not None or arguments.kind != "auto" or arguments.transcribe:
        raise BadRequest("A model, a kind and --transcribe are for recordings; a score has its tracks already.")
    loaded = _open(arguments.input)
    score = loaded.score
    subtype = "float" if arguments.bits == "float" else "pcm24"
    export_stems(
        score, Path(arguments.output), rate=arguments.rate or 44_100, subtype=subtype,
        whole_bars=arguments.whole_bars, tempo_names=arguments.tempo_names, facts=written_by(score, loaded.events),
        no_mark=arguments.no_mark, given=given_in(score, loaded.media),
    )  # fmt: skip
    return f"{arguments.output}: {_count(score, 'stem')}, the mix, MIDI, notation and projects for workstations"
