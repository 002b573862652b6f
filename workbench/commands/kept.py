"""What a command makes of a piece, with its log: the run that made it, and the change that brought it in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.deliver.formats import is_score
from workbench.fsutil import replacing_file
from workbench.provenance.authorship import statement
from workbench.provenance.handover import hand_over
from workbench.provenance.heard import written_down
from workbench.provenance.manifest import written_by
from workbench.provenance.run import keep
from workbench.score.document import Document
from workbench.score.files import Loaded, encode, save
from workbench.score.project import Project
from workbench.score.score import Score

if TYPE_CHECKING:
    from workbench.create.idea import Idea
    from workbench.hub.protocol import Attempt


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


def write_found(
    output: str | None, description: str | None, found: Mapping[str, Any], score: Callable[[], Score],
    attempts: Sequence[Attempt], reason: str,
) -> str:  # fmt: skip
    """Save what was heard in a recording or read in a picture; both files come to be, or neither.

    Args:
        output: the name of a score file, if one is wanted.
        description: the name of a JSON file, if one is wanted.
        found: the description, ready for JSON.
        score: makes a piece of it.
        attempts: the runs behind it; ``reason``: for the log.

    Returns:
        The names of what was written, to be said.

    Raises:
        WorkbenchError: it cannot be written.
    """
    with ExitStack() as files:
        if description is not None:
            place = files.enter_context(replacing_file(Path(description)))
            place.write_text(json.dumps(found, ensure_ascii=False) + "\n", encoding="utf-8")
        if output is not None:
            piece = score()
            project = written_down(piece, attempts, reason)
            data = encode(piece, Path(output).suffix, texts=[statement(piece)], events=list(project.events))
            place = files.enter_context(replacing_file(Path(output)))
            place.write_bytes(data)
            hand_over(place, piece, written_by(piece, project.events))
    return " and ".join(name for name in (output, description) if name)


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
    facts = written_by(score, project.events)
    if not is_score(output):
        from workbench.deliver.stems import export_stems

        export_stems(score, output, facts=facts, note=text or None)
        return
    with replacing_file(output) as temporary:
        if ending == ".wbz":
            project.save(temporary)
        else:
            save(score, temporary, texts=[text or statement(score)])
        hand_over(temporary, score, facts, sentence=text, steady=ending != ".wbz")
