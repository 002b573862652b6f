"""Typed endpoints that write music: fill, continue, accompany, harmonise, vary, arrange.

Each takes a score as base64 text and gives MIDI files as base64, one an idea, with the idea in the piece (arrange: one
project).
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import gradio as gr

from workbench.errors import BadRequest
from workbench.provenance.authorship import statement
from workbench.provenance.handover import handed_over
from workbench.provenance.manifest import written_by
from workbench.provenance.run import keep
from workbench.score.document import Document
from workbench.score.files import encode, load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from workbench.create.idea import Idea
    from workbench.hub.hub import Hub
    from workbench.hub.protocol import CancelToken
    from workbench.page.session import Pages
    from workbench.score.score import Score
    from workbench.ui.programs import Programs

MAX_WISHES = 20_000


def wishes_of(text: str) -> dict[str, Any]:
    """Wishes sent as JSON text; empty text is no wish. Raises :class:`BadRequest`."""
    if not isinstance(text, str) or len(text) > MAX_WISHES:
        raise BadRequest('The wishes must be JSON text, such as {"density": 80}.')
    try:
        found = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        raise BadRequest('The wishes must be JSON text, such as {"density": 80}.') from error
    if not isinstance(found, dict):
        raise BadRequest('The wishes must be a JSON object, such as {"density": 80}.')
    return found


def _midi(idea: Idea, kind: str) -> bytes:
    """The piece with an idea in it as a MIDI file that says who wrote what."""
    document = Document()
    document.open(idea.base.copy(), reason="file")
    keep(document, idea.attempt, idea.operation, kind)
    score = document.score
    data = encode(score, ".mid", texts=[statement(score)])
    return handed_over(data, score, written_by(score, document.log.events))


def writing_endpoints(
    pages: Pages, read: Callable[[str], bytes], check: Callable[[Score], None], programs: Programs
) -> Sequence[Callable[..., Any]]:
    """The functions to publish; ``read`` decodes base64, ``check`` holds a visitor to the owner's limits."""

    async def ideas_of(
        request: gr.Request, kind: str, score_base64: str, make: Callable[[Score, Hub, CancelToken], list[Idea]]
    ) -> list[str]:
        def work(token: CancelToken) -> list[str]:
            score = load(read(score_base64)).score
            check(score)
            ideas = make(score, pages.hub, token)
            return [base64.b64encode(_midi(idea, kind)).decode() for idea in ideas]

        return await programs.work(request, f"api {kind}", 4.0, work)

    async def fill(
        request: gr.Request,
        score_base64: str,
        first_bar: int,
        last_bar: int,
        tracks: list[str],
        ideas: int = 1,
        seed: int = 0,
        model: str = "",
        around: bool = False,
        wishes: str = "",
    ) -> list[str]:
        """Let a model fill a gap: bars first_bar to last_bar (from 1, both included) of some tracks.

        score_base64: a MIDI, MusicXML, ABC or .wbz file as base64. tracks: names or numbers; empty: every track.
        ideas: how many alternatives, 1 to 8. seed: equal seeds give equal notes. model: an id from the Models tab;
        empty: the best one here. around: keep what stands in the gap. wishes: JSON text, such as {"density": 80}.
        Returns MIDI files as base64, one an idea.
        """
        from workbench.create.infill.fill import infill

        return await ideas_of(
            request,
            "fill",
            score_base64,
            lambda score, hub, cancel: infill(
                score, bars=(first_bar, last_bar), tracks=tracks or None, model=model or None, count=ideas,
                seed=seed, around=around, controls=wishes_of(wishes), hub=hub, cancel=cancel,
            ),
        )  # fmt: skip

    async def continue_piece(
        request: gr.Request,
        score_base64: str,
        bars: int,
        tracks: list[str],
        ideas: int = 1,
        seed: int = 0,
        model: str = "",
        wishes: str = "",
    ) -> list[str]:
        """Go on for some bars where a piece ends; from twelve bars on parts of it come back, as in a song.

        score_base64: a MIDI, MusicXML, ABC or .wbz file as base64. bars: 1 to 256. tracks: names or numbers; empty:
        every track. ideas, seed, model, wishes: as for fill. Returns MIDI files as base64, one an idea.
        """
        from workbench.create.infill.extend import continue_piece

        return await ideas_of(
            request,
            "continue",
            score_base64,
            lambda score, hub, cancel: continue_piece(
                score, bars, tracks=tracks or None, model=model or None, count=ideas, seed=seed,
                controls=wishes_of(wishes), hub=hub, cancel=cancel,
            ),
        )  # fmt: skip

    async def accompany(
        request: gr.Request,
        score_base64: str,
        style: str,
        instruments: list[str],
        ideas: int = 1,
        seed: int = 0,
        model: str = "",
        wishes: str = "",
    ) -> list[str]:
        """Add instruments that play along with a whole piece; what is there stays as it is.

        score_base64: a MIDI, MusicXML, ABC or .wbz file as base64. style: plain words, such as a jazz band, or
        four voices. instruments: plain names, instead of a style; empty: the style's own. ideas, seed, model, wishes:
        as for fill. Returns MIDI files as base64, one an idea.
        """
        from workbench.create.infill.extend import accompany

        return await ideas_of(
            request,
            "accompany",
            score_base64,
            lambda score, hub, cancel: accompany(
                score, style=style or "band", instruments=instruments, model=model or None, count=ideas, seed=seed,
                controls=wishes_of(wishes), hub=hub, cancel=cancel,
            ),
        )  # fmt: skip

    async def harmonise(
        request: gr.Request, score_base64: str, tune: str = "", ideas: int = 1, seed: int = 0, model: str = ""
    ) -> list[str]:
        """Set an alto, a tenor and a bass under a tune, each in its range, without parallel fifths and octaves.

        score_base64: a MIDI, MusicXML, ABC or .wbz file as base64. tune: name or number of the track that has it;
        empty: the highest line. ideas, seed, model: as for fill. Returns MIDI files as base64, one an idea.
        """
        from workbench.create.infill.extend import harmonise

        return await ideas_of(
            request,
            "harmonise",
            score_base64,
            lambda score, hub, cancel: harmonise(
                score, tune or None, model=model or None, count=ideas, seed=seed, hub=hub, cancel=cancel
            ),
        )

    async def vary(
        request: gr.Request,
        score_base64: str,
        first_bar: int,
        last_bar: int,
        tracks: list[str],
        closeness: int = 60,
        ideas: int = 1,
        seed: int = 0,
        model: str = "",
    ) -> list[str]:
        """Change some of what stands in bars first_bar to last_bar and keep the rest to the tick.

        score_base64: a MIDI, MusicXML, ABC or .wbz file as base64. tracks: names or numbers; empty: every track.
        closeness: 0 (all new) to 100 (hardly any change). ideas, seed, model: as for fill. Returns MIDI files as
        base64, one an idea.
        """
        from workbench.create.infill.extend import vary

        return await ideas_of(
            request,
            "vary",
            score_base64,
            lambda score, hub, cancel: vary(
                score, (first_bar, last_bar), closeness=closeness, tracks=tracks or None, model=model or None,
                count=ideas, seed=seed, hub=hub, cancel=cancel,
            ),
        )  # fmt: skip

    async def arrange(
        request: gr.Request,
        score_base64: str = "",
        style: str = "",
        form: str = "",
        chords: str = "",
        bars: int = 0,
        seconds: float = 0.0,
        seed: int = 0,
        humanise: int = 60,
    ) -> str:
        """Write a long piece, introduction to ending, from a tune or from chords alone.

        score_base64: a MIDI, MusicXML, ABC or .wbz file as base64; empty: chords alone. style: plain words, such as a
        jazz band; empty: rock. form: section names, such as "intro verse chorus verse chorus ending"; empty: as the
        length asks for. chords: a bar each, in turn, such as "C Am F G"; empty: the tune's own. bars or seconds: how
        long it is; 0: as the form is. seed: equal seeds give equal notes. humanise: 0 (on the grid) to 100. Returns
        a .wbz project as base64: its markers name the sections.
        """
        from workbench.create.compose.arrange import arrange as arranged

        def work(token: CancelToken) -> str:
            score = load(read(score_base64)).score if score_base64 else None
            if score is not None:
                check(score)
            song = arranged(
                score, style=style, form=form, chords=chords, bars=bars or None, seconds=seconds or None, seed=seed,
                humanise=humanise, hub=pages.hub, cancel=token,
            )  # fmt: skip
            check(song.score)
            return base64.b64encode(handed_over(encode(song.score, ".wbz"), song.score, kind="wbz")).decode()

        return str(await programs.work(request, "api arrange", 4.0, work))

    return (fill, continue_piece, accompany, harmonise, vary, arrange)
