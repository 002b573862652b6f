"""What a command makes of a piece, with its log: the run that made it, and the change that brought it in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.deliver.formats import is_score
from workbench.provenance.authorship import statement
from workbench.provenance.manifest import written_by
from workbench.provenance.run import keep
from workbench.score.document import Document
from workbench.score.files import Loaded, save
from workbench.score.project import Project

if TYPE_CHECKING:
    from workbench.create.idea import Idea


def with_idea(loaded: Loaded, idea: Idea, command: str) -> Project:
    """The piece that was opened, its log going on, with an idea kept in it.

    Args:
        loaded: what :func:`workbench.score.files.load` gave; not changed.
        idea: made for its score.
        command: the command's name, for the log.
    """
    score = loaded.score.copy()
    if loaded.kind == "project":
        document = Project(score, loaded.events).document()
    else:
        document = Document()
        document.open(score, reason="file")
    keep(document, idea.attempt, idea.operation, command)
    return Project.of(document, loaded.media)


def write(project: Project, output: Path, text: str = "") -> None:
    """Save as one file, or as a folder of stems with a manifest; both tell who wrote what.

    Args:
        project: the piece, its log and its media.
        output: the name of a score file (:mod:`workbench.deliver.formats`), or a folder.
        text: a sentence kept inside; by default which parts a model wrote.

    Raises:
        WorkbenchError: it cannot be written.
    """
    score, ending = project.score, output.suffix.lower()
    if ending == ".wbz":
        project.save(output)
    elif is_score(output):
        save(score, output, texts=[text or statement(score)])
    else:
        from workbench.deliver.stems import export_stems

        export_stems(score, output, facts=written_by(score, project.events), note=text or None)
