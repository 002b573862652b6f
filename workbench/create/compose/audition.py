"""A style heard over somebody's own bars before it is chosen: fitted alone, without the network, in a moment."""

from __future__ import annotations

from typing import NamedTuple

from workbench.create.compose.band import fit
from workbench.create.compose.bandfeel import as_played
from workbench.create.compose.given import chords_for, tune_of
from workbench.create.compose.harmonies import within
from workbench.create.compose.joining import band_request
from workbench.create.compose.model import bars_of
from workbench.create.compose.styles import load_style
from workbench.score.lanes import Chord
from workbench.score.score import Score, Track, fresh_ids
from workbench.score.timemap import TimeMap

#: How many bars are heard.
BARS = 4


class Heard(NamedTuple):
    """What a style would play: its tracks, no part of the piece; the chords that it goes by, in those bars alone.

    ``found``: nobody wrote the chords, they were heard in the piece or found for its tune.
    """

    tracks: list[Track]
    chords: tuple[Chord, ...]
    found: bool


def audition(
    score: Score, style: str, first: int = 1, *, bars: int = BARS, parts: tuple[str, ...] = (), seed: int = 0
) -> Heard:
    """What a style would play in ``bars`` bars from ``first`` on, in the piece's ticks.

    The fast way, some hundredths of a second for four bars of a usual piece: no network, no fill, no ending.

    Args:
        score: the piece; it is not changed.
        style: a style's id, or plain words for one.
        first: number of the first bar.
        bars: how many.
        parts: names or roles of the parts; empty: all.
        seed: equal seeds give equal notes.

    Raises:
        BadRequest: no such style, part or bar.
    """
    request = band_request(score, style, (first, first + bars - 1), parts=parts)
    given, found = chords_for(score, (), count=1, seed=seed)
    band = fit(
        load_style(request.style), given[0], bars_of(score, request.bars), tune=tune_of(score), ppq=score.ppq,
        seed=seed, parts=[part.part for part in request.parts], ends=False, phrases=(first,),
    )  # fmt: skip
    played = as_played(
        load_style(request.style), band.notes, bars_of(score, request.bars), TimeMap(score), request.humanise, seed
    )  # fmt: skip
    out = []
    for part in request.parts:
        track, notes = part.track(), played.get(part.part, ())
        end = request.region.end
        for name, note in zip(fresh_ids((), "n", len(notes)), notes, strict=True):
            track.notes[name] = type(note)(
                name, note.start, max(1, min(note.end, end) - note.start), note.pitch, note.velocity, "model:arranger"
            )
        out.append(track)
    region = request.region
    return Heard(out, tuple(within(given[0], region.start, region.end)), bool(found))
