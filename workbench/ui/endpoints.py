"""Typed endpoints for programs: the same work as the command line, over HTTP, listed on the API page.

Files cross as base64 text, so that every client in every language can call them without Gradio's upload step.
"""

from __future__ import annotations

import base64
import binascii
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import gradio as gr
from gradio.events import api

from workbench.errors import BadFile, WorkbenchError
from workbench.score.files import encode, load

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.hub.hub import Hub

MAX_BYTES = 20 * 2**20


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


def add_endpoints(hub: Hub, *, public: bool) -> None:
    """Add the endpoints to the blocks being built."""

    def render(score_base64: str, format: Literal["mp3", "wav", "flac", "m4a"] = "mp3") -> str:
        """Render a score to sound.

        score_base64: a MIDI, MusicXML, ABC or .wbz file as base64. format: kind of sound file.
        Returns the sound file as base64; its loudness is -16 LUFS.
        """

        def work() -> str:
            from workbench.sound.files import write_audio
            from workbench.sound.render import render as render_score

            score = load(read(score_base64)).score
            check_length(hub, score)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / f"out.{format}"
                write_audio(render_score(score), path)
                return base64.b64encode(path.read_bytes()).decode()

        return str(plain_errors(work))

    def stems(score_base64: str, rate: Literal[44100, 48000] = 44100) -> str:
        """Split a score into stems: one sound and one MIDI file a track, the mix, the score and a manifest.

        score_base64: a MIDI, MusicXML, ABC or .wbz file as base64. rate: samples a second.
        Returns a zip file as base64.
        """

        def work() -> str:
            import io
            import zipfile

            from workbench.sound.stems import export_stems

            score = load(read(score_base64)).score
            check_length(hub, score)
            with tempfile.TemporaryDirectory() as folder:
                place = Path(folder) / "stems"
                export_stems(score, place, rate=rate)
                out = io.BytesIO()
                with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
                    for path in sorted(place.rglob("*")):
                        archive.write(path, path.relative_to(place).as_posix())
                return base64.b64encode(out.getvalue()).decode()

        return str(plain_errors(work))

    def fill(
        score_base64: str,
        first_bar: int,
        last_bar: int,
        tracks: list[str],
        ideas: int = 1,
        seed: int = 0,
        model: str = "",
        around: bool = False,
    ) -> list[str]:
        """Let a model fill a gap: bars first_bar to last_bar (from 1, both included) of some tracks.

        score_base64: a MIDI, MusicXML, ABC or .wbz file as base64. tracks: names or numbers; empty: every track.
        ideas: how many alternatives, 1 to 8. seed: equal seeds give equal notes. model: an id from the Models tab;
        empty: the best one here. around: keep what stands in the gap. Returns MIDI files as base64, one an idea.
        """

        def work() -> list[str]:
            from workbench.create.fill import infill

            score = load(read(score_base64)).score
            check_length(hub, score)
            made = infill(
                score, bars=(first_bar, last_bar), tracks=tracks or None, model=model or None, count=ideas,
                seed=seed, around=around, hub=hub,
            )  # fmt: skip
            return [base64.b64encode(encode(idea.score(), ".mid")).decode() for idea in made]

        return list(plain_errors(work))

    for endpoint in (render, stems, fill):
        api(endpoint, api_name=endpoint.__name__, concurrency_limit=2)


def check_length(hub: Hub, score: Any) -> None:
    """Hold visitors of a public server to the owner's limit on minutes."""
    if hub.rules is not None:
        from workbench.score.timemap import TimeMap

        hub.rules.check_length(TimeMap(score).seconds(score.end))
