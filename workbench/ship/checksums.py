"""The list of a stick's files with their sha256, as ``sha256sum -c`` reads it, and whether it still holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from workbench.errors import BadFile, Unavailable
from workbench.hub.protocol import CancelScope
from workbench.hub.weights.download import file_hash

FILE = "SHA256SUMS"
#: The folder for a Python that the teacher puts on the stick; it is theirs, and not listed.
OWN = "python"
#: What must not hold a file that is not listed: code and weights are taken from there.
CLOSED = ("stick", "wheels", "models")
#: What systems leave on every stick.
_LITTER = re.compile(
    r"\.DS_Store\Z|\._|Thumbs\.db\Z|desktop\.ini\Z|\.Trash|\.fseventsd|\.Spotlight|\$RECYCLE|System Volume Information",
    re.IGNORECASE,
)
_LINE = re.compile(r"([0-9a-f]{64})  (.+)\Z")


def write(folder: Path) -> int:
    """List every file of a folder but the list itself; returns how many."""
    lines = [f"{_hash(path)}  {path.relative_to(folder).as_posix()}\n" for path in _files(folder)]
    (folder / FILE).write_text("".join(lines), encoding="utf-8", newline="\n")
    return len(lines)


def listed(folder: Path) -> dict[str, str]:
    """Name and sha256 of every file that a folder should hold.

    Raises:
        BadFile: there is no list, or it cannot be read.
    """
    try:
        text = (folder / FILE).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise BadFile(f"The folder {folder.name!r} has no readable {FILE}: it is no stick of the workbench.") from error
    found = [_LINE.match(line) for line in text.splitlines()]
    names = {match[2]: match[1] for match in found if match is not None}
    if not names or None in found or any(Path(name).is_absolute() or ".." in Path(name).parts for name in names):
        raise BadFile(f"The list {FILE} of {folder.name!r} is damaged; copy the stick again.")
    return names


def problems(folder: Path) -> list[str]:
    """What is missing, changed or too much, one sentence each; empty if the stick is whole.

    Raises:
        BadFile: there is no list, or it cannot be read.
    """
    names = listed(folder)
    out = []
    for name, digest in sorted(names.items()):
        path = folder / name
        if not path.is_file():
            out.append(f"{name} is missing.")
        elif _hash(path, on_stick=True) != digest:
            out.append(f"{name} is damaged.")
    there = {path.relative_to(folder).as_posix() for path in _files(folder)}
    return out + [f"{name} does not belong there." for name in sorted(there - names.keys()) if _is_closed(name)]


def foreign(folder: Path) -> list[str]:
    """Files of a folder that are not the workbench's: whatever is not listed, but for what systems leave there."""
    names = listed(folder)
    there = (path.relative_to(folder).as_posix() for path in _files(folder))
    return sorted(name for name in there if name not in names)


def _is_closed(name: str) -> bool:
    return name.split("/")[0] in CLOSED


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        litter = any(_LITTER.match(part) for part in inside.parts)
        if inside.parts[0] != OWN and inside.as_posix() != FILE and not litter and path.is_file():
            yield path


def _hash(path: Path, *, on_stick: bool = False) -> str:
    try:
        return file_hash(path, CancelScope().start())
    except OSError as error:
        if on_stick:  # a worn stick answers with an error of the device
            return ""
        raise Unavailable(f"The file {path.name} cannot be read: {error.strerror or error}.") from error
