"""Playing along with a piece: a band of the library of styles, or instruments that the infilling network writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workbench.create.compose.joining import join_in, meant, no_style
from workbench.create.compose.players import own_roles, players_request
from workbench.create.compose.style import Part
from workbench.create.idea import Idea, make_ideas
from workbench.create.infill.ensembles import FOUR_VOICES, STYLES
from workbench.create.infill.ensembles import instruments as instruments_of
from workbench.create.infill.fill import infill
from workbench.errors import BadRequest
from workbench.hub.tasks.arrange.request import HUMANISE
from workbench.score.score import Score
from workbench.score.timemap import TimeMap

if TYPE_CHECKING:
    from workbench.hub.hub import Hub
    from workbench.hub.protocol import CancelToken


def whole(score: Score) -> tuple[int, int]:
    """The first and the last bar of a piece, a pickup included; raises :class:`BadRequest` where it has no notes."""
    if not score.note_count:
        raise BadRequest("There are no notes in this piece yet, so there is nothing to play along with.")
    return (0 if score.pickup else 1, TimeMap(score).bar_at(score.end - 1).number)


def accompany(
    score: Score,
    *,
    style: str = "band",
    instruments: Iterable[str] = (),
    parts: Iterable[str] = (),
    model: str | None = None,
    count: int = 1,
    seed: int = 0,
    humanise: int = HUMANISE,
    controls: Mapping[str, Any] | None = None,
    hub: Hub | None = None,
    cancel: CancelToken | None = None,
) -> list[Idea]:
    """Add instruments that play along with the whole piece; what is there stays as it is.

    A style of the library is fitted to the piece's chords by the arranger
    (:func:`workbench.create.compose.joining.join_in`). Named instruments that have a part in a band (keys, guitar,
    bass, strings, drums) play that of a style that suits the piece; with a violin or a flute among them, all are
    written by the infilling network.

    Args:
        score: the piece, such as a tune by itself.
        style: a style's id or plain words for one ("a jazz band"), ``four voices``, or a small band of
            :data:`~workbench.create.infill.ensembles.STYLES`; used where no instruments are named.
        instruments: plain names; each becomes a track.
        parts: names of the parts of a style of the library that play; left out: all but the drums and the bass that
            the piece has already.
        model: a model's id; left out: the best one here. A model that fills gaps writes the small bands itself.
        count: 1 to 8 ideas.
        seed: equal seeds give equal ideas.
        humanise: how far a style's band plays as people do, 0 (on the grid) to 100.
        controls: wishes, as for a fill.
        hub: where to run.
        cancel: a token that ends the work at its next step.

    Raises:
        BadRequest: an unknown style or instrument, or a piece without notes.
    """
    names = list(instruments)
    plain = " ".join(style.casefold().split())
    if not names and plain == FOUR_VOICES:
        from workbench.create.infill.extend import harmonise

        return harmonise(score, model=model, count=count, seed=seed, controls=controls, hub=hub, cancel=cancel)
    arranges = model is None or _arranges(model, hub)
    if names and arranges:
        first, last = whole(score)
        asked = players_request(
            score, instruments_of(score, names), (max(1, first), last), count=count, humanise=humanise,
            controls=controls,
        )  # fmt: skip
        if asked is not None:
            return make_ideas(asked, score, model or "arrange", seed=seed, hub=hub, cancel=cancel)
    if not names and arranges:
        found = meant(style)
        if found is not None:
            parts, said = _missing(score, found[1], parts)
            ideas = join_in(
                score, style, parts=parts, count=count, seed=seed, humanise=humanise, controls=controls, model=model,
                hub=hub, cancel=cancel,
            )  # fmt: skip
            return [replace(idea, said=(*said, *idea.said)) for idea in ideas]
        if plain not in STYLES:
            raise BadRequest(no_style(style))
    if not names and plain not in STYLES:
        known = ", ".join([*STYLES, FOUR_VOICES])
        raise BadRequest(f"This model knows no style {style[:40]!r}; choose {known}, or name instruments.")
    return infill(
        score, whole(score), instrument=names or STYLES[plain], model=model, count=count, seed=seed,
        controls=controls, hub=hub, cancel=cancel,
    )  # fmt: skip


def _missing(score: Score, band: Sequence[Part], parts: Iterable[str]) -> tuple[list[str], tuple[str, ...]]:
    """The parts that join, and what to say: all that were named, else all but the drums and the bass the piece has."""
    if chosen := list(parts):
        return chosen, ()
    has = own_roles(score)
    joining = [part for part in band if part.role not in has]
    if len(joining) == len(band):
        return [], ()
    if not any(not track.is_drum and track.notes for track in score.tracks) and not score.chords:
        raise BadRequest(
            "There are only drums in this piece, so a band has no chords to play; write some into the chord lane, or "
            "draw a tune."
        )
    if not joining:
        return [], ()
    names = " and ".join("a bass" if role == "bass" else "drums" for role in sorted(has))
    return [part.name for part in joining], (f"The piece has {names} of its own, so the style's stay out.",)


def _arranges(model: str, hub: Hub | None) -> bool:
    """Whether a model lets bands join, rather than fill gaps."""
    if hub is None:
        from workbench.hub.shared import shared_hub

        hub = shared_hub()
    return hub.registry.find(model).task == "arrange"
