"""Which notes of a request stay and which give way: the one place that says so, for guards, models and redoing.

A note gives way if its onset lies in a gap of its track, unless the note or the track is locked. When filling *around*
what is there, nothing gives way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.hub.tasks.infill.request import InfillRequest
from workbench.score.score import Note, Region


@dataclass(frozen=True, slots=True)
class Parted:
    """The notes of a request's score, parted; each list in canonical order.

    ``gaps``: the regions of each track that may be filled, in the request's order; new tracks too. By the score's
    tracks, in its order: ``kept``: what is there when the model begins; ``stood``: what is not locked in a gap, whether
    it gives way or, filling around, is added to; ``gone``: what gives way.
    """

    gaps: Mapping[str, list[Region]]
    kept: Mapping[str, list[Note]]
    stood: Mapping[str, list[Note]]
    gone: Mapping[str, list[Note]]

    def gap_at(self, track_id: str, tick: int) -> Region | None:
        """The gap of a track that a note beginning at ``tick`` belongs to."""
        return next((gap for gap in self.gaps.get(track_id, ()) if gap.start <= tick < gap.end), None)


def parted(request: InfillRequest) -> Parted:
    """Part the notes of a request's score as it is now."""
    gaps: dict[str, list[Region]] = {}
    for region in request.regions:
        for track_id in request.fillable(region):
            gaps.setdefault(track_id, []).append(region)
    found = Parted(gaps, *({track.id: [] for track in request.score.tracks} for _ in range(3)))
    for track, note in request.score.all_notes():
        open_to_change = not note.locked and found.gap_at(track.id, note.start) is not None
        if open_to_change:
            found.stood[track.id].append(note)
        gives_way = open_to_change and not request.around
        (found.gone if gives_way else found.kept)[track.id].append(note)
    return found
