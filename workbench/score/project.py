"""Project files: ``.wbz``, a zip of ``score.json``, ``events.jsonl`` and ``media/``.

    project = Project.open("song.wbz")
    document = project.document()      # its log goes on where the file's ends
    document.apply(...)
    Project.of(document, project.media).save("song.wbz")

The same project always gives the same bytes: members are sorted and carry a fixed date. Media are never held in memory:
they are copied piece by piece from where they lie.
"""

from __future__ import annotations

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from workbench.errors import BadDocument, BadFile, Cancelled
from workbench.fsutil import replacing_file, shown
from workbench.score.archive import Archive, is_archive
from workbench.score.canonical import dumps_json, loads_json
from workbench.score.events import MAX_EVENTS, Event, EventLog, read_events
from workbench.score.eventstore import EventStore
from workbench.score.replay import leads_to, replay_log
from workbench.score.score import SCHEMA, Score

if TYPE_CHECKING:
    from workbench.score.document import Document

    Kind = TypeVar("Kind", bound=Document)

MAX_MEMBERS = 256
#: Most bytes of a project that is read into memory, and of score and log of any.
MAX_BYTES = 256 * 2**20
#: Most bytes of a project that lies in a file: as much as an ordinary zip holds.
MAX_FILE_BYTES = 2_000_000_000
#: Most bytes of a score as text: three times what the most notes that a piece may hold take.
MAX_SCORE_BYTES = 96 * 2**20
#: Most bytes of the log in a file; of a longer one the beginning is left out.
MAX_LOG_BYTES = 32 * 2**20
MAX_READ_LOG_BYTES = 64 * 2**20
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MEDIA = re.compile(r"media/[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]{0,119}\Z")
_CHUNK = 2**18


@dataclass(frozen=True, slots=True)
class Packed:
    """A media file that lies in a project file."""

    path: Path
    member: str
    size: int

    def pieces(self) -> Iterator[bytes]:
        """Its bytes, piece by piece; raises :class:`BadFile` if the project file is no longer what it was."""
        try:
            with self.path.open("rb") as file, _archive(file) as archive:
                if self.member not in archive.names:
                    raise BadFile(f"{shown(self.path)} no longer holds {self.member.removeprefix('media/')}.")
                yield from archive.pieces(self.member, self.size)
        except OSError as error:
            raise BadFile(f"{shown(self.path)} cannot be opened: {error.strerror or error}.") from error


#: A media file: its bytes, where it lies, or where it lies inside a project.
Medium = bytes | Path | Packed


def pieces_of(medium: Medium) -> Iterator[bytes]:
    """The bytes of a media file, piece by piece; raises :class:`BadFile` if it cannot be read."""
    if isinstance(medium, bytes):
        yield medium
    elif isinstance(medium, Packed):
        yield from medium.pieces()
    else:
        try:
            with medium.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        except OSError as error:
            raise BadFile(f"{shown(medium)} cannot be opened: {error.strerror or error}.") from error


def size_of(medium: Medium) -> int:
    """How many bytes a media file has; raises :class:`BadFile` if it is gone."""
    if isinstance(medium, (bytes, Packed)):
        return len(medium) if isinstance(medium, bytes) else medium.size
    try:
        return medium.stat().st_size
    except OSError as error:
        raise BadFile(f"{shown(medium)} cannot be opened: {error.strerror or error}.") from error


@dataclass(slots=True)
class Project:
    """A score, the events that led to it, and media files by their plain name."""

    score: Score
    events: Collection[Event] = field(default_factory=list)
    media: Mapping[str, Medium] = field(default_factory=dict)

    @classmethod
    def open(cls, source: str | Path | bytes) -> Project:
        """Open a project file; its media stay where they are until they are wanted.

        Raises:
            BadFile: it cannot be read, is broken, hostile or no project.
        """
        return read_project(source) if isinstance(source, bytes) else open_project(source)

    @classmethod
    def of(cls, document: Document, media: Mapping[str, Medium] | None = None) -> Project:
        """A document as it stands, with its whole log."""
        return cls(document.score.copy(), document.story(), media or {})

    def document(self) -> Document:
        """The piece, to be worked on: the log goes on, if it leads to this piece; else a new one begins."""
        from workbench.score.document import Document

        return self.into(Document())

    def into(self, document: Kind) -> Kind:
        """As :meth:`document`, in a document that is there already; what it held before is let go."""
        whole = leads_to(self.events, self.score)
        log = EventLog()
        log.extend(self.events if whole else ())
        facts: dict[str, Any] = {} if whole else {"left_out": len(self.events)}
        document.open(self.score, reason="project", log=log, same=whole, **facts)
        return document

    def save(self, path: str | Path, stop: Callable[[], bool] | None = None) -> None:
        """Save as a ``.wbz`` file, all or nothing.

        Args:
            path: where.
            stop: asked again and again; where it answers True nothing is left.

        Raises:
            Cancelled: ``stop`` said so.
            BadDocument: a media name is not a plain file name, or the project is too large.
            BadFile: a media file is gone.
            Unavailable: the place cannot be written.
        """
        with replacing_file(path) as temporary, temporary.open("wb") as file:
            _write(self, file, MAX_FILE_BYTES, stop)


def write_project(project: Project) -> bytes:
    """The bytes of a ``.wbz`` file.

    Raises:
        BadDocument: a media name is not a plain file name, or the project is larger than can be read back.
    """
    out = io.BytesIO()
    _write(project, out, MAX_BYTES)
    return out.getvalue()


def _write(project: Project, file: BinaryIO, limit: int, stop: Callable[[], bool] | None = None) -> None:
    events = shortened(project.events)
    sizes = {f"media/{name}": size_of(medium) for name, medium in project.media.items()}
    for name in project.media:
        if not _MEDIA.match(f"media/{name}"):
            raise BadDocument(f"{name[:60]!r} cannot be the name of a media file in a project.")
    score = dumps_json({"schema": SCHEMA, "score": project.score.to_dict()}).encode()
    if len(score) > MAX_SCORE_BYTES:
        raise BadDocument("This piece is too large to save; split it into shorter ones.")
    if len(sizes) + 2 > MAX_MEMBERS or sum(sizes.values()) + len(score) + MAX_LOG_BYTES > limit:
        large = f"{limit // 10**9} GB" if limit > 10**9 else f"{limit // 2**20} MB"
        raise BadDocument(f"This project is too large to save: its media files together pass {large}.")
    lines = (_line(event) for event in events)
    members: dict[str, Iterable[bytes]] = {"score.json": [score], "events.jsonl": lines}
    members |= {f"media/{name}": pieces_of(medium) for name, medium in project.media.items()}
    with zipfile.ZipFile(file, "w") as archive:
        for name in sorted(members):
            information = zipfile.ZipInfo(name, _EPOCH)
            information.file_size = sizes.get(name, 0)
            if name not in sizes:  # recordings and pictures are packed already
                information.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(information, "w") as out:
                for piece in members[name]:
                    if stop is not None and stop():
                        raise Cancelled
                    out.write(piece)


def _line(event: Event) -> bytes:
    return (json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def shortened(events: Collection[Event], limit: int = MAX_LOG_BYTES, count: int = MAX_EVENTS) -> Iterable[Event]:
    """The log as it fits into a file: the whole of it, or its end.

    What is left out gives way to one ``open`` with the piece as it was then; the records of runs stay.

    Args:
        events: a log that plays again from its own beginning.
        limit: most bytes.
        count: most events.
    """
    sizes = [len(_line(event)) for event in events]
    if sum(sizes) <= limit and len(sizes) <= count:
        return events
    left, first = limit // 2, len(sizes)
    while first > 0 and sizes[first - 1] <= left and len(sizes) - first < count // 2:
        first -= 1
        left -= sizes[first]
    dropped = [event for number, event in enumerate(events) if number < first]
    while dropped and dropped[-1]["kind"] == "run":  # it stays, so its number is not free for the ``open``
        dropped.pop()
    if not dropped:
        return events
    led = replay_log(dropped, compare=False)
    last = dropped[-1]
    payload = {"reason": "shortened", "left_out": len(dropped), "hash": led.hash, "score": led.score.to_dict()}
    begin: Event = {"seq": last["seq"], "time": last["time"], "kind": "open", "source": "system", "payload": payload}
    runs = [event for event in dropped if event["kind"] == "run"]
    return chain(runs, [begin], (event for number, event in enumerate(events) if number >= len(dropped)))


def read_project(data: bytes) -> Project:
    """Read a ``.wbz`` file.

    Raises:
        BadFile: the zip is broken, hostile or not a project, or its score breaks the document's rules.
    """
    with Archive(io.BytesIO(data), max_members=MAX_MEMBERS, max_bytes=MAX_BYTES) as archive:
        project = _content(archive)
        media = {name: archive.read(name) for name in archive.names if name not in _OWN}
    project.media = {name.removeprefix("media/"): body for name, body in media.items() if _MEDIA.match(name)}
    return project


def open_project(path: str | Path) -> Project:
    """Read a ``.wbz`` file's score and log; its media stay where they are. Raises :class:`BadFile`."""
    path = Path(path)
    try:
        with path.open("rb") as file, _archive(file) as archive:
            project = _content(archive)
            project.media = {
                name.removeprefix("media/"): Packed(path, name, archive.size(name))
                for name in archive.names
                if _MEDIA.match(name)
            }
    except OSError as error:
        raise BadFile(f"{shown(path)} cannot be opened: {error.strerror or error}.") from error
    return project


_OWN = ("score.json", "events.jsonl")


def _archive(file: BinaryIO) -> Archive:
    return Archive(file, max_members=MAX_MEMBERS, max_bytes=MAX_FILE_BYTES)


def is_project(path: str | Path) -> bool:
    """Whether a file is a project, or looks like one."""
    try:
        with Path(path).open("rb") as file:
            if not is_archive(file.read(4)):
                return False
            file.seek(0)
            with _archive(file) as archive:
                return "score.json" in archive.names
    except (OSError, BadFile):
        return False


def _content(archive: Archive) -> Project:
    """Score and log; the log goes to where logs are kept as it is read, since it may be long."""
    if "score.json" not in archive.names:
        raise BadFile("This zip is not a project: it holds no score.json.")
    try:
        content: Any = loads_json(archive.read("score.json", MAX_SCORE_BYTES))
        if not isinstance(content, dict) or not isinstance(content.get("schema"), int):
            raise BadDocument("The project's score.json is not a score.")
        if content["schema"] > SCHEMA:
            raise BadDocument(
                "This project was made by a newer version of the workbench; update the workbench to open it."
            )
        score = Score.from_dict(content.get("score"))
        del content
        events = EventStore()
        if "events.jsonl" in archive.names:
            for event in read_events(_lines(archive.pieces("events.jsonl", MAX_READ_LOG_BYTES))):
                events.append(event)
        return Project(score, events)
    except UnicodeDecodeError as error:
        raise BadFile("The project's event log is not text.") from error
    except BadDocument as error:
        raise BadFile(str(error)) from error


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """The lines of a text that comes in pieces, as ``str.split`` would give them."""
    rest: list[bytes] = []
    for piece in pieces:
        *whole, last = piece.split(b"\n")
        for line in whole:
            yield b"".join((*rest, line)).decode()
            rest = []
        rest.append(last)
    yield b"".join(rest).decode()


def media_names(names: Iterable[str]) -> list[str]:
    """Names for media files in a project, each its own: what is not allowed is left out, twins are counted."""
    out: list[str] = []
    taken: set[str] = set()
    for name in names:
        plain = "".join(
            sign for sign in unicodedata.normalize("NFC", name) if sign.isprintable() and sign not in "/\\:"
        )
        stem, dot, ending = (plain.lstrip(".")[-100:] or "file").rpartition(".")
        stem, ending = (stem, dot + ending) if stem else (ending, "")
        wanted, number = f"{stem}{ending}", 1
        while wanted.casefold() in taken:
            number += 1
            wanted = f"{stem} ({number}){ending}"
        taken.add(wanted.casefold())
        out.append(wanted)
    return out
