"""A YAML file as parts that know their line, so that every mistake is told in one plain sentence with it.

The safe loader reads the file; nothing in it can name a Python object. Text is taken as it was written, so that
``version: 1.0`` is the text ``1.0`` and a title ``No`` is not the value false.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from workbench.errors import BadFile, Unavailable
from workbench.fsutil import shown

MAX_BYTES = 1_000_000
MAX_PARTS = 20_000
#: What may be an id: it stands in logs, tables and file names.
ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}\Z")

T = TypeVar("T")


def listed(names: Iterable[str], word: str = "or") -> str:
    """Names as a sentence has them: ``a, b or c``."""
    found = list(names)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} {word} {found[-1]}"


@dataclass(frozen=True)
class Part:
    """One value of the file.

    ``value``: text, a list of parts, or a mapping of names to parts; ``tag``: what YAML took a text for (``str``,
    ``int``, ``float``, ``bool``, ``null`` ...); ``line``: counted from 1.
    """

    value: str | list[Part] | dict[str, Part]
    tag: str
    line: int
    file: str

    def mistake(self, text: str) -> BadFile:
        """The error for something wrong here; ``text`` goes on after "Line 3 of study.yaml: "."""
        return BadFile(f"Line {self.line} of {self.file}: {text}")

    def text(self, what: str, longest: int = 20_000) -> str:
        """A text that is not empty.

        Raises:
            BadFile: it is none; ``what`` begins the sentence. So do all methods here.
        """
        if not isinstance(self.value, str):
            raise self.mistake(f"{what} is a text; if it goes over several lines, begin it with |.")
        found = self.value.strip()
        if not found:
            raise self.mistake(f"{what} is empty; write something or take the line out.")
        if len(found) > longest:
            raise self.mistake(f"{what} is too long; {longest:,} letters are the most.")
        return found

    def name(self, what: str) -> str:
        """An id: small letters, digits, hyphens."""
        found = self.text(what)
        if not ID.match(found):
            raise self.mistake(f"{what} is made of small letters, digits and hyphens, and {found[:40]!r} is not.")
        return found

    def number(self, what: str, low: float, high: float) -> float:
        """A number within bounds."""
        try:
            found = float(self.value) if isinstance(self.value, str) and self.tag in ("int", "float") else math.nan
        except ValueError:
            found = math.nan
        if not low <= found <= high:
            raise self.mistake(f"{what} is a number from {low:g} to {high:g}.")
        return found

    def whole(self, what: str, low: int, high: int) -> int:
        """A whole number within bounds."""
        if not (isinstance(self.value, str) and re.fullmatch(r"-?[0-9]{1,15}", self.value.strip())):
            raise self.mistake(f"{what} is a whole number from {low} to {high}.")
        found = int(self.value)
        if not low <= found <= high:
            raise self.mistake(f"{what} is a whole number from {low} to {high}, and {found} is not.")
        return found

    def flag(self, what: str) -> bool:
        """Yes or no."""
        if self.tag != "bool" or not isinstance(self.value, str):
            raise self.mistake(f"{what} is yes or no.")
        return self.value.lower() in ("yes", "true", "on", "y")

    def choice(self, what: str, options: Sequence[str]) -> str:
        """One of several words."""
        found = self.text(what)
        if found not in options:
            raise self.mistake(f"{what} is {listed(options)}, not {found[:40]!r}{near(found, options)}.")
        return found

    def items(self, what: str, least: int = 1) -> list[Part]:
        """A list."""
        if not isinstance(self.value, list):
            raise self.mistake(f"{what} is a list: each entry on a line of its own that begins with a hyphen.")
        if len(self.value) < least:
            raise self.mistake(f"{what} has {len(self.value)} entries; it needs at least {least}.")
        return self.value

    def table(self, what: str, fields: Iterable[str], needed: Iterable[str] = ()) -> Table:
        """A mapping whose names are all known."""
        known = list(fields)
        if not isinstance(self.value, dict):
            raise self.mistake(f'{what} is made of lines like "{known[0]}: ...".')
        for name, part in self.value.items():
            if name not in known:
                raise part.mistake(
                    f"{what} has no {name[:40]!r}{near(name, known)}; it may have {listed(known, 'and')}."
                )
        for name in needed:
            if name not in self.value:
                raise self.mistake(f'{what} lacks {name!r}; add a line "{name}: ...".')
        return Table(self, self.value)


@dataclass(frozen=True)
class Table:
    """A mapping whose names were checked."""

    part: Part
    entries: dict[str, Part]

    def __contains__(self, name: str) -> bool:
        return name in self.entries and self.entries[name].tag != "null"

    def get(self, name: str, read: Callable[[Part], T], default: T) -> T:
        """What stands under a name, or the default where nothing does."""
        return read(self.entries[name]) if name in self else default

    def need(self, name: str) -> Part:
        """The part under a name that was checked to be there."""
        return self.entries[name]


def near(word: str, options: Iterable[str]) -> str:
    """`` (did you mean ...?)`` where a word is nearly one of the options."""
    close = difflib.get_close_matches(word, list(options), 1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def read_parts(path: Path) -> Part:
    """The whole file.

    Raises:
        BadFile: it is no YAML; the sentence has the line.
        Unavailable: it cannot be read, or PyYAML is not installed.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Unavailable(f"The study {shown(path)} cannot be read; check the name.") from error
    if len(data) > MAX_BYTES:
        raise BadFile(f"{path.name} is too large for a study.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(f"{path.name} is not written in UTF-8; save it so in your editor.") from error
    return parts_of(text, path.name)


def parts_of(text: str, file: str) -> Part:
    """As :func:`read_parts`, from a text."""
    try:
        import yaml
    except ImportError as error:
        raise Unavailable("Studies need their extra; install it with: pip install 'music-workbench[study]'.") from error

    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip(" ").startswith("\t"):
            raise BadFile(f"Line {number} of {file}: it begins with a tab; indent with spaces.")
    try:
        root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = mark.line + 1 if mark else 1
        why = f" ({error.problem})" if error.problem else ""
        raise BadFile(f"Line {at} of {file}: this is no YAML{why}; put texts with : , ? in quotes.") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise BadFile(f"{file} is no YAML; compare it with what 'workbench study new' writes.") from error
    if root is None:
        raise BadFile(f"{file} is empty; 'workbench study new' writes an example.")
    return _Reader(file).part(root)


class _Reader:
    """From nodes to parts; what is repeated by a YAML alias counts each time, so that no small file grows large."""

    def __init__(self, file: str) -> None:
        self._file, self._count = file, 0

    def part(self, node: Any, depth: int = 0) -> Part:
        self._count += 1
        line = node.start_mark.line + 1
        if self._count > MAX_PARTS or depth > 20:
            raise BadFile(f"Line {line} of {self._file}: there is more here than a study can have.")
        tag = str(node.tag).rpartition(":")[2]
        if isinstance(node.value, str):
            return Part(node.value, tag, line, self._file)
        if tag == "seq":
            return Part([self.part(item, depth + 1) for item in node.value], tag, line, self._file)
        entries: dict[str, Part] = {}
        for key, value in node.value:
            name = key.value if isinstance(key.value, str) else ""
            at = key.start_mark.line + 1
            if not name or tag != "map":
                raise BadFile(f"Line {at} of {self._file}: a name before a colon is a plain word.")
            if name in entries:
                raise BadFile(f"Line {at} of {self._file}: {name!r} stands here a second time; take one out.")
            part = self.part(value, depth + 1)
            # A mistake in a whole list or table is told with the line of its name.
            entries[name] = Part(part.value, part.tag, at, self._file)
        return Part(entries, tag, line, self._file)
