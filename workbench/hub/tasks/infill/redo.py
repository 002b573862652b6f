"""A part of an idea tried again while the rest of it stands.

Ideas live outside the document, so to a model the part alone is a gap in a piece into which the idea has been put.
:class:`Redo` makes that request, and joins what comes of it with what stood, as an answer to the request that was
made. Models and their guards need not know of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from workbench.hub.protocol import Alternative, Partial, Result
from workbench.hub.spec import ModelSpec
from workbench.hub.tasks.infill.guard import InfillGuard
from workbench.hub.tasks.infill.parted import parted
from workbench.hub.tasks.infill.request import InfillRequest
from workbench.score.score import Note, Score, fresh_ids


class Redo:
    """The two sides of one request with a draft: :attr:`inner` for the model, :meth:`whole` for the person."""

    def __init__(self, request: InfillRequest) -> None:
        self.request = request
        self._standing = {
            track_id: tuple(note for note in notes if not self._anew(track_id, note))
            for track_id, notes in request.draft.items()
        }
        filled = {track_id for region in request.again for track_id in region.tracks}
        self.inner = replace(
            request, score=self._with_draft(), regions=request.again, new_tracks=(), draft={}, again=(),
            per_track={name: controls for name, controls in request.per_track.items() if name in filled},
        )  # fmt: skip

    def _anew(self, track_id: str, note: Note) -> bool:
        return any(region.contains(track_id, note) for region in self.request.again)

    def _with_draft(self) -> Score:
        """The piece with what stands of the draft; where it is tried again, what the piece itself has there."""
        request, there = self.request, parted(self.request)
        score = request.score.copy()
        score.tracks += [new.track() for new in request.new_tracks]
        for track in score.tracks:
            leaving = {note.id for note in there.gone.get(track.id, ()) if not self._anew(track.id, note)}
            track.notes = {name: note for name, note in track.notes.items() if name not in leaving}
            coming = self._standing.get(track.id, ()) if track.id in there.gaps else ()
            for name, note in zip(fresh_ids(track.notes, "d", len(coming)), coming, strict=True):
                track.notes[name] = replace(note, id=name, locked=False)
        return score

    def standing(self) -> Iterator[Partial]:
        """What stays of the draft, as the first partial notes of every alternative."""
        for number in range(self.request.count):
            for track_id, notes in self._standing.items():
                if notes:
                    yield Partial(number, track_id, notes)

    def whole(
        self, ideas: tuple[Alternative, ...], spec: ModelSpec, seed: int, revision: str
    ) -> tuple[Alternative, ...]:
        """The ideas for the part, each with the rest of the draft, as ideas for the whole gap."""
        joined = tuple(replace(idea, notes=self._join(idea.notes)) for idea in ideas)
        made = InfillGuard(self.request, spec).result(Result(joined), seed=seed, revision=revision)
        settings = ({**dict(idea.settings), **_chosen(part)} for idea, part in zip(made, ideas, strict=True))
        return tuple(replace(idea, settings=chosen) for idea, chosen in zip(made, settings, strict=True))

    def _join(self, notes: Mapping[str, tuple[Note, ...]]) -> dict[str, tuple[Note, ...]]:
        names = {**self._standing, **notes}
        return {name: (*self._standing.get(name, ()), *notes.get(name, ())) for name in names}


def _chosen(part: Alternative) -> dict[str, object]:
    """What the model reported of the part stands with the settings of the whole."""
    return {"model_settings": part.settings["model_settings"]} if "model_settings" in part.settings else {}
