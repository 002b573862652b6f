"""Typed endpoints that listen: transcribe and separate. Each takes a recording as base64 text."""

from __future__ import annotations

import base64
import secrets
import shutil
from typing import TYPE_CHECKING, Any, Literal, TypedDict

import gradio as gr

from workbench.errors import BadRequest
from workbench.page.parting import packed, part_into

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from workbench.hub.protocol import CancelToken
    from workbench.page.session import Pages
    from workbench.sound.audio import Audio
    from workbench.ui.programs import Programs

Kind = Literal["auto", "singing", "piano", "band"]


class Transcription(TypedDict):
    """``heard``: what ``workbench transcribe --json`` writes. ``midi_base64``: the same as a MIDI file."""

    heard: dict[str, Any]
    midi_base64: str


def hearing_endpoints(
    pages: Pages, read: Callable[[str], bytes], programs: Programs, made_file: Callable[[Any], Any]
) -> Sequence[Callable[..., Any]]:
    """The functions to publish; ``read`` decodes base64, ``made_file`` names a finished file for Gradio's clients."""

    def recording(audio_base64: str) -> Audio:
        from workbench.sound.files import MAX_SECONDS, read_audio

        longest = MAX_SECONDS if pages.rules is None else 60.0 * pages.rules.max_minutes
        return read_audio(read(audio_base64), max_seconds=longest)

    def check_model(model: str, task: str) -> str | None:
        """The model wanted, None for the built-in one."""
        if not model:
            return None
        spec = pages.hub.registry.find(model)
        if spec.task != task:
            raise BadRequest(f"The model {spec.id} does {spec.task}; choose one that does {task}.")
        return spec.id

    async def transcribe(
        request: gr.Request,
        audio_base64: str,
        kind: Kind = "auto",
        model: str = "",
        tuning: Literal["as sung", "nearest key"] = "as sung",
        seed: int = 0,
    ) -> Transcription:
        """Write a recording down: notes, beats, chords, key, melody, sections.

        audio_base64: a sound or video file as base64. kind: what it is; auto finds out. model: an id from the Models
        tab; empty: the built-in one. tuning: of a voice. seed: for models that use chance.
        Returns heard, as workbench transcribe --json writes it, and midi_base64.
        """
        from workbench.provenance.authorship import statement
        from workbench.provenance.handover import handed_over
        from workbench.score.files import encode
        from workbench.understand.transcribe import transcribe as write_down

        def work(token: CancelToken) -> Transcription:
            wanted = check_model(model, "transcribe")
            heard = write_down(
                recording(audio_base64), kind, model=wanted, tuning=tuning, seed=seed, cancel=token, hub=pages.hub
            )
            score = heard.score()
            midi = handed_over(encode(score, ".mid", texts=[statement(score)]), score)
            return Transcription(heard=heard.to_json(), midi_base64=base64.b64encode(midi).decode())

        return await programs.work(request, "api transcribe", 20.0, work)

    async def separate(
        request: gr.Request,
        audio_base64: str,
        kind: Kind = "auto",
        model: str = "",
        subtype: Literal["pcm24", "float"] = "pcm24",
        seed: int = 0,
    ) -> Any:
        """Take a recording apart: its stems, which sum to it, and what was heard as MIDI, score and tempo map.

        audio_base64: a sound or video file as base64. kind: what it is heard as. model: an id from the Models tab;
        empty: the built-in one. subtype: of the WAV files. seed: for models that use chance.
        Returns a zip file. It is kept for an hour.
        """

        def work(token: CancelToken) -> Any:
            wanted = check_model(model, "separate")
            place = pages.exports.folder / secrets.token_hex(16)
            place.mkdir(parents=True)
            try:
                folder = place / "recording"
                part_into(
                    recording(audio_base64), folder, title="Recording", model=wanted, kind=kind, seed=seed,
                    hub=pages.hub, cancel=token, subtype=subtype,
                )  # fmt: skip
                path = packed(folder)
                shutil.rmtree(folder)
            except BaseException:
                shutil.rmtree(place, ignore_errors=True)
                raise
            return made_file(path)

        return await programs.work(request, "api separate", 30.0, work)

    return transcribe, separate
