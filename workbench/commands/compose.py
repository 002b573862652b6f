"""``workbench compose``: a piece from any mixture of words, a tune, a picture of a score, a recording and a video."""

from __future__ import annotations

import argparse


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("compose", help="a piece from words, a tune, a picture of a score, a style, a video")
    parser.add_argument("--text", metavar="T", help='what it shall be like, such as "a calm waltz for piano"')
    parser.add_argument("--melody", metavar="IN", help="the tune: a recording of a voice, or MIDI")
    parser.add_argument("--score", metavar="IN", help="a picture of a score, a PDF, or MusicXML")
    parser.add_argument("--style", metavar="AUDIO", help="a recording that it shall sound like")
    parser.add_argument("--video", metavar="VIDEO", help="a video that it shall be cut to")
    parser.add_argument("--notes", metavar="IN", help="MIDI or MusicXML, beside a melody that is sung")
    parser.add_argument("--seconds", type=float, metavar="S", help="how long it is (a video says that itself)")
    parser.add_argument("--varied", action="store_true", help="the tune may be varied (default: kept note by note)")
    parser.add_argument("--count", type=int, default=2, metavar="N", help="alternatives, 1 to 8 (default 2)")
    parser.add_argument(
        "--rights",
        choices=("mine", "licensed", "public-domain", "unknown"),
        default="unknown",
        help="whose the style recording is",
    )
    parser.add_argument(
        "--original", choices=("duck", "keep", "drop"), default="duck", help="the video's own sound (default: duck)"
    )
    parser.add_argument("--falling", choices=("9:16", "16:9"), default="", help="without a video: one of falling notes")
    parser.add_argument(
        "--take",
        metavar="MODEL",
        help="beside it take.wav: its beginning recorded again by a model (models list)",
    )
    parser.add_argument("--take-seconds", type=float, metavar="S", help="of it (default: as much as fits ten minutes)")
    parser.add_argument(
        "--dataset", type=int, metavar="N", help="instead: N examples of mixtures, sentences, briefs and pieces"
    )
    parser.add_argument("--seed", type=int, default=0, help="equal seeds give equal music")
    parser.add_argument("-o", dest="output", required=True, metavar="DIR", help="the folder to write")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> str:
    """Compose and save; returns the line to print.

    Raises:
        WorkbenchError: nothing given can be used, or the folder cannot be written.
    """
    from pathlib import Path

    from workbench.errors import BadRequest
    from workbench.fsutil import replaceable
    from workbench.page.composed import compose

    target = Path(arguments.output)
    if arguments.dataset is not None:
        from workbench.create.prompt.dataset import write_dataset

        count = write_dataset(target, arguments.dataset, seed=arguments.seed)
        return f"{target}: {count} examples of prompts with their sentence, brief and piece, as a Hub data set."
    if not replaceable(target):  # said before the work, not after it
        raise BadRequest(f"The folder {target.name!r} holds other files; name a new folder.")
    made = compose(
        arguments.text, melody=arguments.melody, score=arguments.score, style=arguments.style, video=arguments.video,
        notes=arguments.notes, seconds=arguments.seconds, faithful=not arguments.varied, seed=arguments.seed,
        count=arguments.count, rights=arguments.rights,
    )  # fmt: skip
    recording = None
    if arguments.take is not None:
        from workbench.page.taken import another_recording

        recording = another_recording(made, arguments.take, seconds=arguments.take_seconds, seed=arguments.seed)
    made.save(target, original=arguments.original, falling=arguments.falling, recording=recording)
    brief = made.brief
    said = [
        f"{target}: {made.prompts.sentence()} {brief.seconds:.1f} seconds, {brief.bars} bars in {brief.key_name}",
        f"{len(made.takes)} alternatives" if len(made.takes) > 1 else "",
    ]
    line = ", ".join(text for text in said if text) + "." + "".join(f" {text}" for text in made.remarks[:4])
    if recording is None:
        return line
    told = f" take.wav: {recording.sound.seconds:g} seconds by {recording.title}."
    return line + told + "".join(f" {text}" for text in (recording.instead, recording.attempt.spec.card.sell) if text)
