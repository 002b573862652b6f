"""Typed endpoints for programs: the same work as the command line, over HTTP, listed on the API page.

Scores cross as base64 text, so that every client in every language can call them without Gradio's upload step; what
is made is a file of its own, which the client fetches: stems are far too large to be a text within an answer.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, get_type_hints

import gradio as gr
from gradio.events import api

from workbench.deliver.formats import SoundKind
from workbench.errors import BadFile
from workbench.page.limits import check_piece
from workbench.score.files import load
from workbench.score.project import Project
from workbench.sound.given import files_in
from workbench.ui.chords_endpoint import chords_endpoint
from workbench.ui.compose_endpoint import composing_endpoint
from workbench.ui.fill_endpoints import writing_endpoints
from workbench.ui.harp.endpoints import add_harp
from workbench.ui.hear_endpoints import hearing_endpoints
from workbench.ui.programs import Programs
from workbench.ui.read_endpoint import reading_endpoint
from workbench.ui.watch_endpoints import watching_endpoints

if TYPE_CHECKING:
    from workbench.hub.protocol import CancelToken
    from workbench.page.session import Pages
    from workbench.ui.callers import Callers

MAX_BYTES = 20 * 2**20


class MadeFile(TypedDict):
    """A finished file as Gradio's clients know it: Python's gives its own copy's path, others find ``url`` added."""

    path: str
    orig_name: str
    meta: dict[str, str]


def made_file(path: Path) -> MadeFile:
    """A finished file as Gradio's clients know it."""
    return MadeFile(path=path.as_posix(), orig_name=path.name, meta={"_type": "gradio.FileData"})


def read(data: str, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a file sent as base64; raises :class:`BadFile` with one sentence."""
    if not isinstance(data, str) or len(data) > limit * 4 // 3 + 4:
        raise BadFile(f"The file must be base64 text of at most {limit // 2**20} MB.")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadFile("The file is not valid base64 text.") from error


def add_endpoints(pages: Pages, callers: Callers) -> None:
    """Add the endpoints to the blocks being built: their work waits in the queue of ``pages``."""
    programs = Programs(pages.queue, callers)

    async def render(request: gr.Request, score_base64: str, format: SoundKind = "mp3") -> MadeFile:
        """Render a score to sound.

        score_base64: a MIDI, MusicXML, ABC or .wbz file as base64. format: kind of sound file.
        Returns the sound file; its loudness is -16 LUFS. It is kept for an hour.
        """
        return await programs.work(request, "api render", 3.0, lambda token: make(score_base64, format, {}, token))

    async def stems(
        request: gr.Request,
        score_base64: str,
        rate: Literal[44100, 48000] = 44100,
        subtype: Literal["pcm24", "float"] = "pcm24",
    ) -> MadeFile:
        """Split a score into stems: one sound and one MIDI file a track, the mix, the score and a manifest.

        score_base64: a MIDI, MusicXML, ABC or .wbz file as base64. rate: samples a second. subtype: of the WAV files.
        Returns a zip file. It is kept for an hour.
        """
        options = {"rate": rate, "subtype": subtype}
        return await programs.work(request, "api stems", 6.0, lambda token: make(score_base64, "zip", options, token))

    def make(score_base64: str, kind: str, options: dict[str, Any], token: CancelToken) -> MadeFile:
        loaded = load(read(score_base64))
        check_length(pages, loaded.score)
        project = Project(loaded.score, loaded.events)  # its log says which runs wrote it
        with files_in(loaded.score, loaded.media) as recordings:
            path = pages.exports.make(
                loaded.score, kind, options, lambda share: None, lambda: token.cancelled, project, recordings
            )
        return made_file(path)

    writing = writing_endpoints(pages, read, lambda score: check_length(pages, score), programs)
    hearing = hearing_endpoints(pages, read, programs, made_file)
    hearing[1].__annotations__["return"] = MadeFile
    composing = composing_endpoint(pages, read, programs, made_file)
    composing.__annotations__["return"] = MadeFile
    looking = (reading_endpoint(pages, read, programs), *watching_endpoints(pages, read, programs))
    chords = chords_endpoint(pages, read, lambda score: check_length(pages, score), programs)
    for endpoint in (render, stems, *writing, chords, *hearing, composing, *looking):
        endpoint.__annotations__ = get_type_hints(endpoint)  # Gradio does not resolve what a function returns
        api(endpoint, api_name=endpoint.__name__, concurrency_limit=None)
    add_harp(pages, programs, made_file, MadeFile)


def check_length(pages: Pages, score: Any) -> None:
    """Hold a piece to the limits on its length and its tracks."""
    check_piece(score, pages.rules)
