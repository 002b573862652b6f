"""A piece that models wrote down from a recording, with the records of their runs."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.hub.protocol import Attempt
from workbench.provenance.run import Run, keep, record
from workbench.score import edits
from workbench.score.document import Document
from workbench.score.project import Project
from workbench.score.score import Score


def written_down(score: Score, attempts: Sequence[Attempt], name: str) -> Project:
    """The piece as a project whose log tells which run wrote its notes.

    Args:
        score: the piece; not changed. Its notes carry the model as their author.
        attempts: the finished runs, in order.
        name: of what was done, for the log.
    """
    bare = score.copy()
    tracks, bare.tracks = bare.tracks, []
    document = Document()
    document.open(bare, reason="file")
    writing = edits.compound(name, [edits.add_track(bare, track, place) for place, track in enumerate(tracks)])
    authors = {note.author.rpartition("model:")[2] for track in tracks for note in track.notes.values()}
    writers = [attempt for attempt in attempts if attempt.spec.id in authors]
    for attempt in attempts:
        if attempt is not (writers or attempts)[-1]:
            record(document.log, Run.of(attempt))
    if attempts:
        keep(document, (writers or attempts)[-1], writing, name)
    else:
        document.apply(writing)
    return Project.of(document)
