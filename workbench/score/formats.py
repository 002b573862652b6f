"""The one table of score formats: what each is called, how it is told, and what reads and writes it.

Everything that opens or saves a score asks here: :mod:`workbench.score.files`, the commands, the endpoints, the page's
exports and its file chooser. A new format is a row and the folder that it names. Sound files and bundles are beside
these in :mod:`workbench.deliver.formats`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.score.archive import is_archive

if TYPE_CHECKING:
    from workbench.score.report import ImportReport
    from workbench.score.score import Score


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file.

    Attributes:
        name: what :func:`sniff` answers.
        title: what people call it.
        endings: of its files; the first is the one that is offered for saving.
        media_type: by which browsers know it.
        told: whether a file that begins with these bytes is one; the first format that says yes has it.
        read: bytes and the file's name to a score and what was changed on purpose; None: :mod:`.project` opens it.
        write: the score and sentences to keep inside to bytes; None: it cannot be saved so (or :mod:`.project` does).
        saved: whether a piece can be saved as this.
    """

    name: str
    title: str
    endings: tuple[str, ...]
    media_type: str
    told: Callable[[bytes], bool]
    read: Callable[[bytes, str], tuple[Score, ImportReport]] | None = None
    write: Callable[[Score, Sequence[str]], bytes] | None = None
    saved: bool = True


def _is_midi(data: bytes) -> bool:
    return data[:4] in (b"MThd", b"RIFF") and b"MThd" in data[:64]


def _is_project(data: bytes) -> bool:
    return is_archive(data) and b"score.json" in data


def _is_musicxml(data: bytes) -> bool:
    return _beginning(data).startswith(b"<")


def _is_abc(data: bytes) -> bool:
    return any(line.lstrip().startswith(b"X:") for line in _beginning(data).splitlines()) and b"\nK:" in data


def _beginning(data: bytes) -> bytes:
    head = data[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "replace").encode()
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _read_midi(data: bytes, _name: str) -> tuple[Score, ImportReport]:
    from workbench.score.midi.files import read_midi

    return read_midi(data)


def _write_midi(score: Score, texts: Sequence[str]) -> bytes:
    from workbench.score.midi.files import write_midi

    return write_midi(score, texts=texts)


def _read_musicxml(data: bytes, name: str) -> tuple[Score, ImportReport]:
    from workbench.score.musicxml.files import read_musicxml

    return read_musicxml(data, name)


def _write_musicxml(score: Score, _texts: Sequence[str]) -> bytes:
    from workbench.score.musicxml.files import write_musicxml

    return write_musicxml(score)[0].encode()


def _read_abc(data: bytes, _name: str) -> tuple[Score, ImportReport]:
    from workbench.score.abc.read import read_abc

    for encoding in ("utf-8-sig", "utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            return read_abc(data.decode(encoding))
        except UnicodeDecodeError:
            continue
    return read_abc(data.decode("latin-1"))


FORMATS: tuple[Format, ...] = (
    Format("midi", "MIDI", (".mid", ".midi", ".rmi"), "audio/midi", _is_midi, _read_midi, _write_midi),
    Format("project", "project", (".wbz",), "application/zip", _is_project),
    Format("mxl", "compressed MusicXML", (".mxl",), "application/vnd.recordare.musicxml", is_archive, _read_musicxml,
           saved=False),
    Format("musicxml", "MusicXML", (".musicxml", ".xml"), "application/vnd.recordare.musicxml+xml", _is_musicxml,
           _read_musicxml, _write_musicxml),
    Format("abc", "ABC", (".abc",), "text/vnd.abc", _is_abc, _read_abc, saved=False),
)  # fmt: skip
BY_NAME = {item.name: item for item in FORMATS}
#: Endings of files that can be opened, of those that can be written, and of the latter those that are offered.
READS = tuple(ending for item in FORMATS for ending in item.endings)
SAVES = tuple(ending for item in FORMATS if item.saved for ending in item.endings if ending != ".rmi")
WRITES = tuple(item.endings[0] for item in FORMATS if item.saved)


def sniff(data: bytes) -> str:
    """The name of the format of a file that begins so, judged by content alone; ``""`` for none."""
    return next((item.name for item in FORMATS if item.told(data)), "")


def saved_as(ending: str) -> Format | None:
    """The format in which a piece is saved under this ending, in any case; None if it cannot be."""
    ending = ending.lower()
    return next((item for item in FORMATS if ending in SAVES and ending in item.endings), None)
