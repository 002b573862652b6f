"""The typed endpoint that composes from a mixture of prompts; every file comes as base64 text."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import gradio as gr

from workbench.errors import BadRequest
from workbench.page.parting import packed

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.hub.protocol import CancelToken
    from workbench.page.session import Pages
    from workbench.ui.programs import Programs


def composing_endpoint(
    pages: Pages, read: Callable[[str], bytes], programs: Programs, made_file: Callable[[Any], Any]
) -> Callable[..., Any]:
    """The function to publish; ``read`` decodes base64, ``made_file`` names a finished file for Gradio's clients."""

    async def compose(
        request: gr.Request,
        text: str = "",
        melody_base64: str = "",
        score_base64: str = "",
        style_base64: str = "",
        video_base64: str = "",
        notes_base64: str = "",
        seconds: float = 0.0,
        faithful: bool = True,
        rights: Literal["mine", "licensed", "public-domain", "unknown"] = "unknown",
        count: int = 2,
        seed: int = 0,
        take: str = "",
        take_seconds: float = 0.0,
    ) -> Any:
        """Make a piece from any mixture of words, a tune, a picture of a score, a recording and a video.

        text: what it shall be like. melody_base64: a recording of a voice, or MIDI. score_base64: a picture of a score,
        a PDF, or MusicXML. style_base64: a recording that it shall sound like; rights: whose it is. video_base64: a
        video that it shall be cut to. notes_base64: MIDI or MusicXML beside a sung melody. seconds: how long it is; 0:
        as the prompts ask. faithful: the tune keeps every note. count: alternatives, 1 to 8. seed: equal seeds give
        equal notes. take: a model that records the piece's beginning again, such as musicgen-melody, beside it as
        take.wav with rows of its own in card.json; take_seconds: how long, 0: as much as ten minutes of work allow.
        Returns a zip with stems, mix, MIDI, notation, the brief and, with a video, the video with its music; it is kept
        for an hour.
        """
        from workbench.page.composed import compose as composed
        from workbench.page.composed import save
        from workbench.page.taken import another_recording

        given = {
            "melody": melody_base64, "score": score_base64, "style": style_base64, "video": video_base64,
            "notes": notes_base64,
        }  # fmt: skip

        def work(token: CancelToken) -> Any:
            if not 1 <= count <= 8:
                raise BadRequest("Ask for 1 to 8 alternatives.")
            place = Path(pages.exports.folder) / secrets.token_hex(16)
            place.mkdir(parents=True)
            try:
                files: dict[str, Any] = {}
                for name, data in given.items():
                    if data:
                        files[name] = place / f"{name}.bin"
                        files[name].write_bytes(read(data))
                made = composed(
                    text or None, **files, seconds=seconds or None, faithful=faithful, rights=rights, count=count,
                    seed=seed, hub=pages.hub, cancel=token, longest=pages.rules and 60.0 * pages.rules.max_minutes,
                )  # fmt: skip
                recording = None
                if take:
                    recording = another_recording(
                        made, take, seconds=take_seconds or None, seed=seed, hub=pages.hub, cancel=token
                    )
                folder = place / "piece"
                limits: dict[str, Any] = {} if pages.rules is None else {"limits": pages.rules.sound}
                save(made, folder, recording=recording, stop=lambda: token.cancelled, **limits)
                path = packed(folder)
                shutil.rmtree(folder)
                for file in files.values():
                    file.unlink()
            except BaseException:
                shutil.rmtree(place, ignore_errors=True)
                raise
            return made_file(path)

        return await programs.work(request, "api compose", 40.0, work)

    return compose
