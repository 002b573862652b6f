"""Opening and saving a piece, whatever kind of file it is.

What a file is decides its content, not its name: a MIDI file called ``tune.txt`` opens, a text file called
``tune.mid`` is refused with a sentence. Which formats there are says :mod:`workbench.score.formats`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import BadFile, BadRequest
from workbench.fsutil import shown, write_file
from workbench.score.events import Event
from workbench.score.formats import BY_NAME, WRITES, saved_as, sniff
from workbench.score.project import MAX_BYTES, Medium, Project, is_project, open_project, read_project, write_project
from workbench.score.report import ImportReport
from workbench.score.score import Score

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

MAX_SCORE_BYTES = 64 * 2**20


@dataclass(slots=True)
class Loaded:
    """An opened file: the score, what the import changed on purpose, and a project's events and media."""

    score: Score
    report: ImportReport
    kind: str
    events: Collection[Event] = field(default_factory=list)
    media: Mapping[str, Medium] = field(default_factory=dict)


def read_bytes(path: str | Path, limit: int) -> bytes:
    """The bytes of a file of at most ``limit`` bytes; raises :class:`BadFile` with one sentence."""
    path = Path(path)
    try:
        if path.is_dir():
            raise BadFile(f"{shown(path)} is a folder; choose a file.")
        size = path.stat().st_size
        if size > limit:
            raise BadFile(f"{shown(path)} is {size / 2**20:,.0f} MB; at most {limit // 2**20} MB can be opened.")
        with path.open("rb") as file:
            return file.read(size + 1)  # not of the limit: Python reserves as much memory as it is told to read
    except OSError as error:
        raise BadFile(f"{shown(path)} cannot be opened: {error.strerror or error}.") from error


def load(source: str | Path | bytes, name: str = "") -> Loaded:
    """Open a piece.

    Args:
        source: a path, or the file's bytes.
        name: a name to fall back on for the title; a path brings its own.

    Raises:
        BadFile: the file cannot be read, is too large, broken, hostile, or not a kind of score.
    """
    if not isinstance(source, bytes):
        name = name or Path(source).name
        if is_project(source):
            return _project(open_project(source))
        data = read_bytes(source, MAX_BYTES)
    else:
        data = source
    if not data:
        raise BadFile(f"{name or 'The file'} is empty.")
    kind = sniff(data)
    if kind != "project" and len(data) > MAX_SCORE_BYTES:
        raise BadFile(f"{name or 'The file'} is too large for a score: at most {MAX_SCORE_BYTES // 2**20} MB are read.")
    if kind == "project":
        return _project(read_project(data))
    reader = BY_NAME[kind].read if kind else None
    if reader is None:
        raise BadFile(
            f"{name or 'The file'} is not a score the workbench can read; open a MIDI, MusicXML, ABC or .wbz file."
        )
    score, report = reader(data, name)
    if not score.title and name:
        score.title = Path(name).stem[:200].encode("utf-8", "replace").decode()
    return Loaded(score, report, kind)


def _project(project: Project) -> Loaded:
    return Loaded(project.score, ImportReport(), "project", project.events, project.media)


def encode(score: Score, suffix: str, *, texts: Sequence[str] = (), events: Sequence[Event] = ()) -> bytes:
    """The bytes of the score as a file of kind ``suffix`` (one of :data:`workbench.score.formats.SAVES`).

    Args:
        score: the piece.
        suffix: ``.mid``, ``.musicxml`` or ``.wbz``.
        texts: plain notes to keep inside a MIDI file (which parts a model wrote, say).
        events: the log, kept in a project.

    Raises:
        BadRequest: another suffix.
    """
    form = saved_as(suffix)
    if form is None:
        raise BadRequest(
            f"A score cannot be saved as {suffix or 'a file without an ending'!r}; use {', '.join(WRITES)}."
        )
    return form.write(score, texts) if form.write else write_project(Project(score, list(events)))


def save(score: Score, path: str | Path, *, texts: Sequence[str] = (), events: Sequence[Event] = ()) -> None:
    """Save the score under ``path``; its ending decides the kind. All or nothing.

    Raises:
        BadRequest: an ending that is not in :data:`workbench.score.formats.SAVES`.
        Unavailable: the place cannot be written.
    """
    write_file(path, encode(score, Path(path).suffix, texts=texts, events=events))
