"""Two everyday requests on top of filling: go on from where the piece ends, and play along with what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from workbench.create.fill import Idea, infill
from workbench.errors import BadRequest
from workbench.score.document import Score
from workbench.score.timemap import TimeMap

if TYPE_CHECKING:
    from workbench.hub.hub import Hub

#: Bands that can be asked for by one word: the instruments that join.
STYLES: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "band": ("electric bass", "electric piano", "drums"),
    "piano": ("piano",),
    "strings": ("violin", "viola", "cello"),
    "jazz": ("acoustic bass", "piano", "drums"),
    "folk": ("nylon guitar", "acoustic bass"),
})  # fmt: skip
MAX_BARS = 256


def _last_bar(score: Score) -> int:
    if not score.note_count:
        raise BadRequest("There are no notes in this piece yet, so there is nothing to go on from.")
    return TimeMap(score).bar_at(score.end - 1).number


def continue_piece(
    score: Score,
    bars: int,
    *,
    tracks: Iterable[str | int] | None = None,
    model: str | None = None,
    count: int = 1,
    seed: int = 0,
    controls: Mapping[str, Any] | None = None,
    hub: Hub | None = None,
) -> list[Idea]:
    """Go on for ``bars`` bars after the last one; see :func:`workbench.create.fill.infill` for the rest.

    Raises:
        BadRequest: no notes, or a number of bars outside 1 to 256.
    """
    if type(bars) is not int or not 1 <= bars <= MAX_BARS:
        raise BadRequest(f"A piece can be continued by 1 to {MAX_BARS} bars at a time.")
    last = _last_bar(score)
    return infill(
        score, (last + 1, last + bars), tracks=tracks, model=model, count=count, seed=seed, controls=controls, hub=hub
    )


def accompany(
    score: Score,
    *,
    style: str = "band",
    instruments: Iterable[str] = (),
    model: str | None = None,
    count: int = 1,
    seed: int = 0,
    controls: Mapping[str, Any] | None = None,
    hub: Hub | None = None,
) -> list[Idea]:
    """Add instruments that play along with the whole piece; what is there stays as it is.

    Args:
        score: the piece, such as a tune by itself.
        style: one of :data:`STYLES`, used where no instruments are named.
        instruments: plain names; each becomes a track.
        model: a model's id; left out: the best one here.
        count: 1 to 8 ideas.
        seed: equal seeds give equal ideas.
        controls: wishes, as for a fill.
        hub: where to run.

    Raises:
        BadRequest: an unknown style or instrument, or a piece without notes.
    """
    names = list(instruments)
    if not names and style not in STYLES:
        raise BadRequest(f"There is no style {style[:40]!r}; choose {', '.join(STYLES)}, or name instruments.")
    first = 0 if score.pickup else 1
    return infill(
        score, (first, _last_bar(score)), instrument=names or STYLES[style], model=model, count=count, seed=seed,
        controls=controls, hub=hub,
    )  # fmt: skip
