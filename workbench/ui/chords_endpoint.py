"""The typed endpoint that finds chords for a tune."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, TypedDict

import gradio as gr

from workbench.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.hub.protocol import CancelToken
    from workbench.page.session import Pages
    from workbench.score.score import Score
    from workbench.ui.programs import Programs


class Ways(TypedDict):
    """``ways``: what ``workbench chords --json`` prints. ``midi_base64``: the piece with each, a part plays it."""

    ways: list[dict[str, Any]]
    midi_base64: list[str]


def chords_endpoint(
    pages: Pages, read: Callable[[str], bytes], check: Callable[[Score], None], programs: Programs
) -> Callable[..., Any]:
    """The function to publish; ``read`` decodes base64, ``check`` holds a visitor to the owner's limits."""

    async def chords(request: gr.Request, score_base64: str, count: int = 3, seed: int = 0, tune: str = "") -> Ways:
        """Find chords for a tune: several ways, each playable; the first is what the piece goes by as it is.

        score_base64: a MIDI, MusicXML, ABC or .wbz file as base64; chords that it has stay. count: how many ways, 1 to
        12. seed: equal seeds give equal chords. tune: name or number of the track; empty: it is found.
        Returns ways, as workbench chords --json prints them, and for each a MIDI file with a plain part.
        """
        from workbench.create.compose.harmonies import chords as ways_of
        from workbench.create.infill.fill import find_tracks
        from workbench.provenance.authorship import statement
        from workbench.provenance.handover import handed_over
        from workbench.score.files import encode, load

        def work(token: CancelToken) -> Ways:
            score = load(read(score_base64)).score
            check(score)
            track = find_tracks(score, [tune])[0] if tune else None
            ways = ways_of(score, count=count, seed=seed, tune=track)
            if not ways:
                raise BadRequest("There are no notes in this piece to find chords for.")
            files = []
            for piece in (way.score() for way in ways):
                token.check()
                data = handed_over(encode(piece, ".mid", texts=[statement(piece)]), piece)
                files.append(base64.b64encode(data).decode())
            return Ways(ways=[way.to_json() for way in ways], midi_base64=files)

        return await programs.work(request, "api chords", 2.0, work)

    return chords
