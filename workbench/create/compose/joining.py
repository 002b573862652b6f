"""A band joins a piece, in one call::

from workbench import Score
from workbench.create.compose.joining import join_in

ideas = join_in(Score.open("tune.mid"), "a jazz band", count=3, seed=1)
ideas[0].score().save("band.mid")
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from workbench.create.compose.style import Part, Style
from workbench.create.compose.styles import find_style, style_names
from workbench.create.idea import Idea, make_ideas
from workbench.errors import BadRequest
from workbench.hub.protocol import CancelToken, Partial, Progress
from workbench.hub.tasks.arrange.request import HUMANISE, JOIN, ArrangeRequest, BandTrack, SectionSpan
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.score.score import Score, fresh_ids
from workbench.score.timemap import TimeMap

if TYPE_CHECKING:
    from workbench.hub.hub import Hub

#: The order of the parts in the score, by role: drums last.
ORDER = ("lead", "bass", "keys", "guitar", "pad", "drums")
#: Small bands that go by a name of their own: words for the style, and the roles that play.
NAMED: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = MappingProxyType({
    "band": (("rock",), ("bass", "keys", "drums")),
    "jazz": (("swing",), ("bass", "keys", "drums")),
    "piano": (("pop-ballad",), ("keys",)),
    "strings": (("string-quartet",), ()),
    "folk": (("folk-picking",), ("guitar", "bass")),
})  # fmt: skip


def no_style(text: str) -> str:
    """What a person reads who named a style that is not there."""
    return f"There is no style {text[:40]!r}; choose one of {', '.join(style_names())}, or name instruments."


def meant(text: str) -> tuple[Style, tuple[Part, ...]] | None:
    """The style that words mean, and the parts of it that play, in the order of their tracks; None if none is meant."""
    plain = " ".join(text.casefold().split())
    if plain in NAMED:
        ids, roles = NAMED[plain]
        known = [name for name in ids if name in style_names()]
        style = find_style(known[0]) if known else None
        return None if style is None else (style, _ordered(style, roles))
    style = find_style(text)
    return None if style is None else (style, _ordered(style, ()))


def _ordered(style: Style, roles: Sequence[str]) -> tuple[Part, ...]:
    """One part for each role (what stands in for keys where there are none), or all parts; by :data:`ORDER`."""
    chosen = list(style.parts)
    if roles:
        chosen = []
        for role in roles:
            stands_in = (role, "guitar", "pad") if role == "keys" else (role,)
            part = next((own for kind in stands_in for own in style.parts if own.role == kind), None)
            chosen += [] if part is None or part in chosen else [part]
    return tuple(sorted(chosen, key=lambda part: ORDER.index(part.role) if part.role in ORDER else 0))


def band_request(
    score: Score,
    style: str,
    bars: tuple[int, int] | None = None,
    *,
    parts: Iterable[str] = (),
    sections: Sequence[SectionSpan] = (),
    tune: str = "",
    count: int = 1,
    join: int = JOIN,
    humanise: int = HUMANISE,
    controls: InfillControls | Mapping[str, Any] | None = None,
    prefix: str = "t",
    document_revision: int = 0,
) -> ArrangeRequest:
    """The request for a band in plain words.

    Args:
        score: the piece.
        style: a style's id, or words for one ("a jazz band").
        bars: first and last bar, both included; left out: the whole piece.
        parts: names or roles of the parts that play; empty: all of the band.
        sections: which section of the style comes where; empty: by the phrases of the piece.
        tune: id of the track that has the tune; empty: it is found.
        count: 1 to 8 ideas.
        join: how much of it the network may change around the tune, in per cent.
        humanise: 0 (on the grid) to 100: how far the band plays as people do.
        controls: wishes, as for a fill.
        prefix: of the new tracks' ids.
        document_revision: of the document that the person saw.

    Raises:
        BadRequest: no such style or part, a piece without notes, or bars that it does not have.
    """
    found = meant(style)
    if found is None:
        raise BadRequest(no_style(style))
    chosen, band = found
    wanted = set(parts)
    if unknown := sorted(name for name in wanted if chosen.part(name) is None):
        have = ", ".join(part.name for part in chosen.parts)
        raise BadRequest(f"The style {chosen.title} has no part called {unknown[0][:40]!r}; it has {have}.")
    if wanted:
        band = tuple(part for part in _ordered(chosen, ()) if {part.name, part.role} & wanted)
    if bars is None:
        if not score.note_count:
            raise BadRequest("There are no notes in this piece yet, so there is nothing to play along with.")
        bars = (1, max(1, TimeMap(score).bar_at(score.end - 1).number))
    ids = fresh_ids((track.id for track in score.tracks), prefix, len(band))
    tracks = tuple(
        BandTrack(track_id, part.name, part.name, part.program, part.is_drum, part.volume, part.pan)
        for track_id, part in zip(ids, band, strict=True)
    )
    wishes = controls if isinstance(controls, InfillControls) else InfillControls.from_dict(controls or {})
    return ArrangeRequest(
        score, chosen.id, bars, tracks, tuple(sections), tune, wishes, join, count, document_revision, humanise
    )  # fmt: skip


def join_in(
    score: Score,
    style: str,
    bars: tuple[int, int] | None = None,
    *,
    parts: Iterable[str] = (),
    tune: str = "",
    count: int = 1,
    seed: int = 0,
    join: int = JOIN,
    humanise: int = HUMANISE,
    controls: InfillControls | Mapping[str, Any] | None = None,
    model: str | None = None,
    hub: Hub | None = None,
    cancel: CancelToken | None = None,
    watch: Callable[[Progress | Partial], None] | None = None,
) -> list[Idea]:
    """Let a band join a piece; returns ``count`` ideas, none of them applied.

    Args:
        score, style, bars, parts, tune, count, join, humanise, controls: see :func:`band_request`.
        seed: equal seeds give equal bands.
        model: a model's id; left out: the best one that is installed for ``arrange``.
        hub, cancel, watch: see :func:`workbench.create.idea.make_ideas`.

    Raises:
        BadRequest: the style, the parts, the bars or the wishes do not fit.
        Unavailable: the model cannot be had and nothing can step in.
        Cancelled: ``cancel`` was pulled.
    """
    request = band_request(
        score, style, bars, parts=parts, tune=tune, count=count, join=join, humanise=humanise, controls=controls
    )  # fmt: skip
    return make_ideas(request, score, model or "arrange", seed=seed, hub=hub, cancel=cancel, watch=watch)
