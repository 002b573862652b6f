"""The typed endpoint that reads a picture of a score, given as base64 text."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, TypedDict

import gradio as gr

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.hub.protocol import CancelToken
    from workbench.page.session import Pages
    from workbench.ui.programs import Programs


class Reading(TypedDict):
    """``read``: what ``workbench read-score --json`` writes; the same as MusicXML text and as a MIDI file."""

    read: dict[str, Any]
    musicxml: str
    midi_base64: str


def reading_endpoint(pages: Pages, read: Callable[[str], bytes], programs: Programs) -> Callable[..., Any]:
    """The function to publish; ``read`` decodes base64."""

    async def read_score(request: gr.Request, picture_base64: str, pages_wanted: str = "", model: str = "") -> Reading:
        """Read a picture or PDF of a score: its notes, as a description, as MusicXML and as MIDI.

        picture_base64: a PNG, JPEG, WEBP, HEIC or PDF file as base64. pages_wanted: of a PDF, counted from 1, such as
        2-5; empty: all.
        model: an id from the Models tab; empty: the built-in one.
        Returns read, as workbench read-score --json writes it, musicxml and midi_base64.
        """
        from workbench.provenance.authorship import statement
        from workbench.provenance.handover import handed_over
        from workbench.score.files import encode
        from workbench.understand.score_image.pages import page_numbers
        from workbench.understand.score_image.read import read_score as read_pages

        def work(token: CancelToken) -> Reading:
            found = read_pages(
                read(picture_base64), pages=page_numbers(pages_wanted or None), cancelled=lambda: token.cancelled,
                model=model or None, hub=pages.hub,
            )  # fmt: skip
            score = found.to_score()
            texts = [statement(score)]
            return Reading(
                read=found.to_json(),
                musicxml=handed_over(encode(score, ".musicxml", texts=texts), score, kind="musicxml").decode(),
                midi_base64=base64.b64encode(handed_over(encode(score, ".mid", texts=texts), score)).decode(),
            )  # fmt: skip

        return await programs.work(request, "api read_score", 20.0, work)

    return read_score
