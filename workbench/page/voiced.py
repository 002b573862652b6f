"""A voice and its band handed over: the log of how they came together, and a folder of stems with the voice in it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.score.project import Project

if TYPE_CHECKING:
    from workbench.create.voiced.band import Take


def project_of(take: Take) -> Project:
    """The piece with its log: the voice's notes as they came in, then the band as one step."""
    from workbench.provenance.run import keep
    from workbench.score.document import Document

    document = Document()
    document.open(take.idea.base.copy(), reason="file")
    keep(document, take.idea.attempt, take.idea.operation, "accompany")
    return Project.of(document)


def export_take(take: Take, directory: str | os.PathLike[str], **form: Any) -> dict[str, Any]:
    """Stems, the voice among them, mix, MIDI and notation; returns the manifest.

    Args:
        take: the voice and its band.
        directory: a new or empty folder.
        form: see :func:`workbench.deliver.stems.export_stems`, as for what it raises.
    """
    from workbench.deliver.stems import export_stems

    return export_stems(take.score, Path(directory), given=take.given, facts=_facts(take), **form)


def export_zip_of(take: Take, path: Path, **form: Any) -> Path:
    """The same as one zip file, as :func:`workbench.deliver.stems.export_zip` writes it; returns its path."""
    from workbench.deliver.stems import export_zip

    export_zip(take.score, path, given=take.given, facts=_facts(take), **form)
    return path


def _facts(take: Take) -> dict[str, Any]:
    from workbench.provenance.manifest import written_by

    return written_by(take.score, project_of(take).events)
