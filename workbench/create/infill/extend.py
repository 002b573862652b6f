"""Everyday requests on top of filling: go on, play along, set voices under a tune, vary, try a part again.

Each takes a piece and gives :class:`~workbench.create.idea.Idea` objects, none of them applied::

    from workbench.create.infill.extend import harmonise, vary

    choir = harmonise(tune, seed=1)[0].score()
    other = vary(choir, (5, 8), closeness=70)[0].score()
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from workbench.create.accompany import accompany
from workbench.create.idea import Idea
from workbench.create.infill.ensembles import FOUR_VOICES, ensemble
from workbench.create.infill.fill import find_tracks, infill, run_request
from workbench.errors import BadRequest
from workbench.hub.tasks.infill.request import SETTINGS, InfillRequest
from workbench.score.score import Region, Score
from workbench.score.timemap import TimeMap

if TYPE_CHECKING:
    from workbench.hub.hub import Hub
    from workbench.hub.protocol import CancelToken

__all__ = ["accompany", "continue_piece", "harmonise", "try_again", "vary"]

MAX_BARS = 256


class Running(TypedDict, total=False):
    """How an everyday request is run; see :func:`workbench.create.infill.fill.infill` for each."""

    model: str | None
    count: int
    seed: int
    controls: Mapping[str, Any] | None
    hub: Hub | None
    cancel: CancelToken | None


def _last_bar(score: Score) -> int:
    if not score.note_count:
        raise BadRequest("There are no notes in this piece yet, so there is nothing to go on from.")
    return TimeMap(score).bar_at(score.end - 1).number


def _whole(score: Score) -> tuple[int, int]:
    return (0 if score.pickup else 1, _last_bar(score))


def continue_piece(
    score: Score,
    bars: int,
    *,
    tracks: Iterable[str | int] | None = None,
    **running: Unpack[Running],
) -> list[Idea]:
    """Go on for ``bars`` bars after the last one; how it is run: :class:`Running`.

    Each part stays as full as it was. Twelve bars or more get a form: parts of the piece, its opening above all, come
    back with changes, like a hook, and the last bar is an end on the tonic.

    Raises:
        BadRequest: no notes, or a number of bars outside 1 to 256.
    """
    if type(bars) is not int or not 1 <= bars <= MAX_BARS:
        raise BadRequest(f"A piece can be continued by 1 to {MAX_BARS} bars at a time.")
    last = _last_bar(score)
    return infill(score, (last + 1, last + bars), tracks=tracks, **running)


def harmonise(
    score: Score,
    tune: str | int | None = None,
    **running: Unpack[Running],
) -> list[Idea]:
    """Set an alto, a tenor and a bass under a tune: voices in their ranges, without parallel fifths and octaves.

    Args:
        score: the piece; the tune stays as it is.
        tune: name or number of the track that has it; left out: the highest line.
        running: see :class:`Running`.

    Raises:
        BadRequest: no such track, or nothing to set voices under.
    """
    track = None if tune is None else score.track(find_tracks(score, [tune])[0])
    voices = ensemble(score, FOUR_VOICES, track)
    return infill(score, _whole(score), ensemble=voices, **running)


def vary(
    score: Score,
    bars: tuple[int, int] | None = None,
    *,
    closeness: int = 60,
    tracks: Iterable[str | int] | None = None,
    **running: Unpack[Running],
) -> list[Idea]:
    """Change some of what stands in ``bars`` (left out: the whole piece) and keep the rest to the tick.

    What is new keeps to the chords that sounded there. How it is run: :class:`Running`.

    ``closeness`` 0 (only the rhythm of the bars around is left) to 100 (a single beat of each track changes).

    Raises:
        BadRequest: no notes, or a closeness outside 0 to 100.
    """
    running["controls"] = {**dict(running.get("controls") or {}), "closeness": closeness}
    return infill(score, bars or _whole(score), tracks=tracks, **running)


def try_again(
    idea: Idea,
    bars: tuple[int, int] | None = None,
    *,
    tracks: Iterable[str | int] | None = None,
    model: str | None = None,
    count: int = 1,
    seed: int = 0,
    hub: Hub | None = None,
) -> list[Idea]:
    """Write some bars, or some tracks, of an idea anew; the rest of the idea stands.

    Args:
        idea: what a fill gave.
        bars: first and last bar to write anew; left out: all bars of the gap.
        tracks: names or numbers of the tracks to write anew; left out: all of the gap.
        model: left out: the model that wrote the idea.
        count, seed, hub: as for a fill.

    Raises:
        BadRequest: the bars or tracks lie outside the idea's gap.
    """
    settings = {name: idea.settings[name] for name in SETTINGS - {"draft", "again"} if name in idea.settings}
    request = InfillRequest.from_settings(idea.base, settings)
    time = TimeMap(idea.base)
    start, end = (0, 2**62) if bars is None else time.bar_range(*bars)
    wanted = None if tracks is None else set(find_tracks(idea.score(), tracks))
    again = [
        Region(max(start, region.start), min(end, region.end), chosen)
        for region in request.regions
        if (chosen := tuple(name for name in region.tracks if wanted is None or name in wanted))
        and max(start, region.start) < min(end, region.end)
    ]
    if not again:
        raise BadRequest("Name bars and tracks of the gap that this idea fills.")
    redone = replace(request, count=count, draft=idea.notes, again=tuple(again))
    return run_request(redone, model=model or idea.model, seed=seed, hub=hub)
