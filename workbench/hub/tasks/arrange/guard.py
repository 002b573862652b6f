"""What holds for every band, whatever the model did.

A band only ever adds tracks: what is in the piece stays byte-identical. Its notes begin and end inside the bars asked
for, have valid pitches and velocities, fresh ids and the model as their author, and one pitch of one track never
sounds twice at once: the guard of a fill (:mod:`workbench.hub.tasks.infill.guard`) sees to it, for which a band is a
gap of new tracks. A part that plays nothing gets no track.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from workbench.hub.protocol import Alternative, Partial, Result
from workbench.hub.spec import ModelSpec
from workbench.hub.tasks.arrange.request import ArrangeRequest
from workbench.hub.tasks.infill.guard import InfillGuard
from workbench.hub.tasks.infill.request import InfillRequest, NewTrack
from workbench.score import edits
from workbench.score.operations import Operation, apply
from workbench.score.score import Note


class ArrangeGuard:
    """The guard of ``arrange``. ``request`` must be the hub's own copy, which no model has seen."""

    def __init__(self, request: ArrangeRequest, spec: ModelSpec) -> None:
        self.request = request
        # A part that rings into the next section is no news: a piece is written section by section.
        self._inner = InfillGuard(as_gap(request), spec, untold=("clipped",))

    @property
    def full(self) -> bool:
        """Whether the model goes on writing what nobody asked for."""
        return self._inner.full

    def partial(self, partial: Any) -> Partial | None:
        """The notes of a partial that may be shown."""
        return self._inner.partial(partial)

    def result(self, result: Result | None, *, seed: int, revision: str) -> tuple[Alternative, ...]:
        """One alternative for each that was asked for, with its tracks, settings and remarks."""
        settings = self.request.settings()
        out = []
        for idea in self._inner.result(result, seed=seed, revision=revision):
            notes = {name: found for name, found in idea.notes.items() if found}
            own = {name: idea.settings[name] for name in ("alternative", "model_settings") if name in idea.settings}
            out.append(replace(idea, notes=notes, operation=self._operation(notes), settings={**settings, **own}))
        return tuple(out)

    def _operation(self, notes: Mapping[str, tuple[Note, ...]]) -> Operation:
        """New tracks with their notes in them, and nothing else."""
        score = self.request.score.copy()
        steps: list[Operation] = []
        for part in self.request.parts:
            if part.id in notes:
                track = part.track()
                track.notes = {note.id: note for note in notes[part.id]}
                steps.append(edits.add_track(score, track))
                apply(score, steps[-1])
        return steps[0] if len(steps) == 1 else edits.compound("fill", steps)


def as_gap(request: ArrangeRequest) -> InfillRequest:
    """The band as a gap of new tracks, with the hard limits asked for."""
    new = tuple(NewTrack(part.id, part.name or part.part, part.program, part.is_drum) for part in request.parts)
    return InfillRequest(
        request.score, (request.region,), controls=request.controls, new_tracks=new, count=request.count
    )
