"""Filling a gap from Python, in one call::

    from workbench import Score, infill

    ideas = infill(Score.open("tune.mid"), bars=(5, 8), tracks=["Piano"], count=3, seed=1)
    ideas[0].score().save("filled.mid")

The call goes through the hub, so its guarantees hold: nothing outside the gap and nothing locked changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench.create.idea import Idea, make_ideas
from workbench.create.infill.ensembles import Ensemble, instruments
from workbench.errors import BadRequest
from workbench.hub.protocol import CancelToken, Partial, Progress
from workbench.hub.tasks.infill.controls import InfillControls
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.score.score import Region, Score
from workbench.score.timemap import TimeMap

#: Bars on either side of a gap in which a track that is not named has to play, to be filled too.
REST = 8

if TYPE_CHECKING:
    from workbench.hub.hub import Hub


def infill(
    score: Score,
    bars: tuple[int, int] | None = None,
    *,
    regions: Sequence[Region] | None = None,
    tracks: Iterable[str | int] | None = None,
    model: str | None = None,
    count: int = 1,
    seed: int = 0,
    around: bool = False,
    overhang: bool = False,
    instrument: str | Sequence[str] | None = None,
    ensemble: Ensemble | None = None,
    controls: InfillControls | Mapping[str, Any] | None = None,
    hub: Hub | None = None,
    cancel: CancelToken | None = None,
    watch: Callable[[Progress | Partial], None] | None = None,
) -> list[Idea]:
    """Let a model fill a gap; returns ``count`` ideas, none of them applied.

    Args:
        score: the piece; it is not changed.
        bars: first and last bar, counted from 1, both included.
        regions: instead of ``bars``, one or several stretches in ticks, each with its tracks.
        tracks: names or numbers (from 1) of the tracks to fill; left out: every track that has no lock and plays in
            the gap or within eight bars of it, or only the new ones where ``instrument`` is given.
        model: a model's id; left out: the best one that is installed for this task.
        count: 1 to 8 ideas.
        seed: equal seeds give equal ideas.
        around: keep what stands in the gap and add to it.
        overhang: new notes may sound past the gap's end.
        instrument: one or several plain names ("violin", "drums"); each becomes a new track in the gap.
        ensemble: instead, new tracks with wishes of their own (:func:`workbench.create.infill.ensembles.ensemble`).
        controls: wishes, as :class:`~workbench.hub.tasks.infill.controls.InfillControls` or its JSON form.
        hub: the hub to run on; left out: one that the process shares.
        cancel: stops the work.
        watch: called with progress and partial notes as they come.

    Raises:
        BadRequest: the gap, the tracks or the wishes do not fit the piece.
        Unavailable: the model cannot be had and nothing can step in.
        Cancelled: ``cancel`` was pulled.
    """
    request = make_request(
        score, bars, regions=regions, tracks=tracks, count=count, around=around, overhang=overhang,
        instrument=instrument, ensemble=ensemble, controls=controls,
    )  # fmt: skip
    return run_request(request, model=model, seed=seed, hub=hub, cancel=cancel, watch=watch)


def run_request(
    request: InfillRequest,
    *,
    model: str | None = None,
    seed: int = 0,
    hub: Hub | None = None,
    cancel: CancelToken | None = None,
    watch: Callable[[Progress | Partial], None] | None = None,
) -> list[Idea]:
    """Run a request that is made already; arguments and errors as of :func:`infill`."""
    return make_ideas(request, request.score, model or "infill", seed=seed, hub=hub, cancel=cancel, watch=watch)


def make_request(
    score: Score,
    bars: tuple[int, int] | None = None,
    *,
    regions: Sequence[Region] | None = None,
    tracks: Iterable[str | int] | None = None,
    count: int = 1,
    around: bool = False,
    overhang: bool = False,
    instrument: str | Sequence[str] | None = None,
    ensemble: Ensemble | None = None,
    controls: InfillControls | Mapping[str, Any] | None = None,
) -> InfillRequest:
    """The request that :func:`infill` sends; see there. Raises :class:`BadRequest`."""
    wishes = controls if isinstance(controls, InfillControls) else InfillControls.from_dict(controls or {})
    named = [instrument] if isinstance(instrument, str) else list(instrument or ())
    if (bars is None) == (regions is None):
        raise BadRequest("Say which bars to fill, or give the regions in ticks, and not both.")
    if ensemble is not None and (named or tracks is not None or regions is not None):
        raise BadRequest("An ensemble names its own tracks; leave out tracks, regions and instruments.")
    if ensemble is not None:
        wishes = _joined(ensemble.controls, wishes)
    if regions is not None:
        if named or tracks is not None:
            raise BadRequest("Regions name their own tracks; leave out tracks and instruments.")
        return InfillRequest(score, tuple(regions), around, overhang, wishes, count=count)
    assert bars is not None
    start, end = _span(score, bars)
    new = ensemble.tracks if ensemble is not None else instruments(score, named)
    if tracks is not None:
        old = find_tracks(score, tracks)
    elif new:
        old = ()
    else:
        old = _playing(score, bars)
    if not old and not new:
        raise BadRequest("There is no track with notes that may be filled; name a track or a new instrument.")
    region = Region(start, end, (*old, *(track.id for track in new)))
    own = {} if ensemble is None else {name: _joined(wishes, item) for name, item in ensemble.per_track.items()}
    return InfillRequest(score, (region,), around, overhang, wishes, own, new, count)


def _playing(score: Score, bars: tuple[int, int]) -> tuple[str, ...]:
    """The tracks that are meant where nobody names any: those with notes and no lock.

    Inside a piece, what rests in the gap and for a long while on both sides goes on resting; the choir of another
    section has nothing to sing here.
    """
    free = [track for track in score.tracks if track.notes and not track.locked]
    time = TimeMap(score)
    start, end = time.bar(max(0 if score.pickup else 1, bars[0] - REST)).start, time.bar(bars[1] + REST).end
    if max((note.start for track in free for note in track.notes.values()), default=0) < time.bar(bars[1]).end:
        return tuple(track.id for track in free)  # the piece goes on here, and anybody may come back
    near = [track.id for track in free if any(n.start < end and n.end > start for n in track.notes.values())]
    return tuple(near or (track.id for track in free))


def _joined(common: InfillControls, own: InfillControls) -> InfillControls:
    """The wishes for all with those of one track, whose own come first."""
    return InfillControls.from_dict({**common.to_dict(), **own.to_dict()})


def _span(score: Score, bars: tuple[int, int]) -> tuple[int, int]:
    if len(bars) != 2 or any(type(number) is not int for number in bars):
        raise BadRequest("Name the first and the last bar as two whole numbers.")
    first, last = bars
    time = TimeMap(score)
    have = time.bar_at(max(0, score.end - 1)).number
    if first > have + 1 and score.note_count:
        raise BadRequest(f"The piece ends with bar {have}; a gap may begin at bar {have + 1} at the latest.")
    if last - first >= 1_000:
        raise BadRequest("At most 1,000 bars can be filled at once.")
    return time.bar_range(first, last)


def find_tracks(score: Score, names: Iterable[str | int]) -> tuple[str, ...]:
    """Ids of the tracks meant by ``names``: a name in any case, a number from 1, an id, or an unmistakable part.

    Raises:
        BadRequest: no track or several tracks are meant.
    """
    out: list[str] = []
    for name in names:
        track_id = _find_track(score, str(name).strip())
        if track_id not in out:
            out.append(track_id)
    return tuple(out)


def _find_track(score: Score, name: str) -> str:
    wanted = name.casefold()
    same = [track.id for track in score.tracks if track.name.strip().casefold() == wanted]
    if not same and name.isdecimal() and 1 <= int(name) <= len(score.tracks):
        same = [score.tracks[int(name) - 1].id]
    if not same:
        same = [track.id for track in score.tracks if track.id == name]
    if not same and wanted:
        same = [track.id for track in score.tracks if wanted in track.name.casefold()]
    if len(same) == 1:
        return same[0]
    listed = ", ".join(f"{number} {track.name}".strip() for number, track in enumerate(score.tracks[:12], start=1))
    if same:
        raise BadRequest(f"More than one track is called {name[:60]!r}; name it by its number: {listed}.")
    raise BadRequest(f"There is no track {name[:60]!r}; the tracks are {listed or 'none'}.")
