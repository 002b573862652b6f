"""Typed endpoints for programs: the same work as the command line, over HTTP, listed on the API page.

Scores cross as base64 text, so that every client in every language can call them without Gradio's upload step; what
is made is a file of its own, which the client fetches: stems are far too large to be a text within an answer.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Literal, TypedDict, get_type_hints

import gradio as gr
from gradio.events import api

from workbench.errors import BadFile, WorkbenchError
from workbench.score.files import load
from workbench.ui.fill_endpoints import writing_endpoints

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.hub.hub import Hub
    from workbench.page.exports import Exports

MAX_BYTES = 20 * 2**20


class MadeFile(TypedDict):
    """A finished file as Gradio's clients know it: Python's gives its own copy's path, others find ``url`` added."""

    path: str
    orig_name: str
    meta: dict[str, str]


def read(data: str, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a file sent as base64; raises :class:`BadFile` with one sentence."""
    if not isinstance(data, str) or len(data) > limit * 4 // 3 + 4:
        raise BadFile(f"The file must be base64 text of at most {limit // 2**20} MB.")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadFile("The file is not valid base64 text.") from error


def plain_errors(work: Callable[[], Any]) -> Any:
    """Turn an expected error into the one that Gradio shows as a sentence."""
    try:
        return work()
    except WorkbenchError as error:
        raise gr.Error(str(error), print_exception=False) from error


def add_endpoints(hub: Hub, exports: Exports) -> None:
    """Add the endpoints to the blocks being built; ``exports`` keeps what they make."""

    def render(score_base64: str, format: Literal["mp3", "wav", "flac", "m4a"] = "mp3") -> MadeFile:
        """Render a score to sound.

        score_base64: a MIDI, MusicXML, ABC or .wbz file as base64. format: kind of sound file.
        Returns the sound file; its loudness is -16 LUFS. It is kept for an hour.
        """
        made: MadeFile = plain_errors(lambda: make(score_base64, format, {}))
        return made

    def stems(
        score_base64: str, rate: Literal[44100, 48000] = 44100, subtype: Literal["pcm24", "float"] = "pcm24"
    ) -> MadeFile:
        """Split a score into stems: one sound and one MIDI file a track, the mix, the score and a manifest.

        score_base64: a MIDI, MusicXML, ABC or .wbz file as base64. rate: samples a second. subtype: of the WAV files.
        Returns a zip file. It is kept for an hour.
        """
        made: MadeFile = plain_errors(lambda: make(score_base64, "zip", {"rate": rate, "subtype": subtype}))
        return made

    def make(score_base64: str, kind: str, options: dict[str, Any]) -> MadeFile:
        score = load(read(score_base64)).score
        check_length(hub, score)
        path = exports.make(score, kind, options, lambda share: None, lambda: False)
        return MadeFile(path=path.as_posix(), orig_name=path.name, meta={"_type": "gradio.FileData"})

    writing = writing_endpoints(hub, read, lambda score: check_length(hub, score), plain_errors)
    for endpoint in (render, stems, *writing):
        endpoint.__annotations__ = get_type_hints(endpoint)  # Gradio does not resolve what a function returns
        api(endpoint, api_name=endpoint.__name__, concurrency_limit=2)


def check_length(hub: Hub, score: Any) -> None:
    """Hold visitors of a public server to the owner's limit on minutes."""
    if hub.rules is not None:
        from workbench.score.timemap import TimeMap

        hub.rules.check_length(TimeMap(score).seconds(score.end))
