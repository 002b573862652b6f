"""What a person takes away: one file from the piece as it stands, made in the background.

Finished files are cleared away by :mod:`workbench.page.janitor` when their time is over.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.deliver.formats import DOCUMENTS, KINDS
from workbench.errors import BadRequest
from workbench.fsutil import explain
from workbench.hub.public import PublicRules
from workbench.page.making import Options, Progress, Stop, plain_name
from workbench.page.work import limits_of
from workbench.page.workers import Here, Labour
from workbench.provenance.handover import hand_over
from workbench.provenance.licences import selling
from workbench.provenance.manifest import written_by
from workbench.provenance.run import Run
from workbench.score.project import Project
from workbench.score.recorded import sounds_of
from workbench.score.score import Score


class Exports:
    """A folder of finished files, each behind a name that cannot be guessed.

    Args:
        folder: where they are kept; by default a new temporary one.
        rules: those of a public server, or None: how much sound may be made.
        labour: who does the work.
    """

    def __init__(
        self, folder: Path | None = None, rules: PublicRules | None = None, labour: Labour | None = None
    ) -> None:
        self._rules, self._labour = rules, labour or Here()
        self.folder = folder or Path(tempfile.mkdtemp(prefix="workbench-exports-"))
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise explain(self.folder, problem) from problem

    def make(
        self, score: Score, kind: Any, options: Any, progress: Progress, stop: Stop, project: Project | None = None,
        recordings: Mapping[str, str] | None = None, takes: Mapping[str, Run] | None = None,
    ) -> Path:  # fmt: skip
        """Make one file and return its path.

        Args:
            score: the piece.
            project: the piece with its log and media; by default it has none.
            kind: one of :data:`workbench.deliver.formats.KINDS`; untrusted.
            options: see :class:`Options`; untrusted.
            progress: called with 0.0 to 1.0.
            stop: asked as often as the work allows.
            recordings: where the recordings of its tracks lie, by the sha256 of their content.
            takes: recordings by models that the file holds, by name: it inherits their licences.

        Raises:
            BadRequest: an unknown kind or option, or nothing to export.
            Cancelled: ``stop`` said so.
        """
        if kind not in KINDS:
            raise BadRequest("The piece cannot be saved as that kind of file.")
        Options.read(options)
        if kind not in DOCUMENTS and not score.note_count and not sounds_of(score):
            raise BadRequest("The piece holds no notes yet, so there is nothing to hear.")
        place = self.folder / secrets.token_hex(16)
        name = f"{plain_name(score.title)}.{kind}"
        try:
            place.mkdir(parents=True)
        except OSError as problem:
            raise explain(Path(name), problem) from problem
        try:
            events = project.events if project is not None else ()
            facts = written_by(score, events, sounds=takes)
            if isinstance(options, dict) and options.get("commercial") is True:
                selling(score, events, takes).check()
            if kind == "wbz":
                (project or Project(score)).save(place / name, stop)
                hand_over(place / name, score, facts)
                progress(1.0)
                return place / name
            values = {
                "score": score, "kind": kind, "options": options, "place": str(place), "limits": limits_of(self._rules),
                "facts": facts, "recordings": dict(recordings or {}),
            }  # fmt: skip
            return Path(self._labour.run("make", values, lambda what, share: progress(share), stop))
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
