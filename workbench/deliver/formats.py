"""The one table of files that a piece becomes, and of those it can come from: scores, sound, videos, bundles.

Commands, endpoints, exports and the page's file chooser take their endings from here. How scores are read and written
stands in :mod:`workbench.score.formats`, what writes sound in :mod:`workbench.sound.writer`. The browser's lists are
made from these (a test holds them together)::

    python -m workbench.deliver.formats > workbench/web/src/host/formats.ts
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from workbench.deliver.video.scene import SHAPES
from workbench.errors import BadRequest
from workbench.score import formats as scores
from workbench.sound import writer

#: Kinds as the page and the endpoints name them: endings without their dot.
DOCUMENTS = tuple(ending.removeprefix(".") for ending in scores.WRITES)
SOUNDS = tuple(ending.removeprefix(".") for ending in writer.KINDS)
VIDEOS = ("mp4",)
BUNDLES = ("zip",)
KINDS = (*DOCUMENTS, *SOUNDS, *VIDEOS, *BUNDLES)
SoundKind = Literal["mp3", "wav", "flac", "m4a"]  #: :data:`SOUNDS` for the documentation of endpoints


def is_score(path: Path) -> bool:
    """Whether a piece saved under this name is one file; every other name without an ending is a folder's."""
    return scores.saved_as(path.suffix) is not None


def check_score(path: Path, *, folder: bool = False) -> None:
    """Raise :class:`BadRequest` where a piece cannot be saved under this name (``folder``: a folder will do)."""
    if is_score(path) or (folder and not path.suffix):
        return
    otherwise = ", or be a folder's name without an ending" if folder else ""
    raise BadRequest(f"The output must end in one of {', '.join(scores.WRITES)}{otherwise}.")


def is_video(path: Path) -> bool:
    """Whether a piece rendered under this name is a video of falling notes."""
    return path.suffix.lower().removeprefix(".") in VIDEOS


def check_sound(path: Path) -> None:
    """Raise :class:`BadRequest` where no sound can be written under this name."""
    if path.suffix.lower() not in writer.KINDS:
        raise BadRequest(f"The output must end in one of {', '.join(writer.KINDS)}.")


def typescript() -> str:
    """The lists that the browser needs, as a TypeScript module."""
    accept = ",".join([*scores.READS, *(item.media_type for item in scores.FORMATS if "audio/" in item.media_type)])
    return (
        "/** What can be opened and kept; made by `python -m workbench.deliver.formats` from the server's table. */\n"
        f"export const SCORES = {json.dumps(accept)};\n"
        f"export const SOUND_KINDS = {json.dumps(SOUNDS)} as const;\n"
        f"export const VIDEO_KIND = {json.dumps(VIDEOS[0])};\n"
        f"export const VIDEO_SHAPES = {json.dumps(tuple(SHAPES))} as const;\n"
    )


if __name__ == "__main__":
    print(typescript(), end="")
