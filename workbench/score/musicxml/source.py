"""From the bytes of a MusicXML file to a checked element tree, before any other library sees them.

An ``.mxl`` archive is opened within bounds. A document type may only be the usual line that names the MusicXML
definition: it is never fetched, and one that defines anything itself (entities, elements) is refused, which
rules out entity bombs and external entities. Engraving details that say nothing about the sound are left out
while the tree is built. ``score-timewise`` becomes ``score-partwise``. Format: MusicXML 4.0, W3C.
"""

from __future__ import annotations

import codecs
import re
import xml.etree.ElementTree as ET
from typing import Any
from xml.parsers import expat

from workbench.errors import BadFile
from workbench.score.archive import MAX_BYTES, is_archive, read_archive
from workbench.score.score import MAX_NOTES

MAX_DEPTH = 64
MAX_ELEMENTS = 8_000_000

#: Elements left out with all they contain: page layout and the looks of notes.
_SKIPPED = frozenset({
    "accidental", "appearance", "beam", "credit", "defaults", "dot-placement", "figured-bass", "footnote", "frame",
    "level", "link", "listen", "lyric-font", "measure-layout", "miscellaneous", "music-font", "notehead",
    "notehead-text", "part-abbreviation", "part-abbreviation-display", "part-group", "part-name-display", "print",
    "staff-details", "stem", "supports", "word-font",
})  # fmt: skip
_NATIVE = ("utf-8", "utf-16", "iso8859-1", "ascii")
_DECLARED = re.compile(rb"""^<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip


def read_root(data: bytes) -> ET.Element:
    """The ``score-partwise`` element of a MusicXML file, plain or compressed.

    Args:
        data: the whole file, at most 32 MB (expanded), at most :data:`MAX_NOTES` notes and rests.

    Raises:
        BadFile: empty, damaged, hostile, too large or not MusicXML.
    """
    if not data.strip():
        raise BadFile("This file is empty.")
    if is_archive(data):
        data = _main_document(read_archive(data))
    root = parse_xml(data)
    if root.tag == "score-timewise":
        root = _partwise(root)
    if root.tag == "opus":
        raise BadFile("This MusicXML file only lists other files; open one of those.")
    if root.tag != "score-partwise":
        raise BadFile("This is an XML file but not a MusicXML score; export the piece as MusicXML and try again.")
    return root


def parse_xml(data: bytes) -> ET.Element:
    """Parse XML of any encoding within bounds; raises :class:`BadFile` with one sentence."""
    if len(data) > MAX_BYTES:
        raise BadFile(f"This score is larger than {MAX_BYTES // 2**20} MB; export a part of the piece.")
    data, encoding = _readable(data)
    builder = _Builder()
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = builder.doctype
    parser.EntityDeclHandler = builder.entity
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, UnicodeError) as error:
        raise BadFile("This file is not well-formed XML; export the piece again.") from error
    return builder.close()


class _Builder:
    """Builds the tree from expat's events, counting as it goes."""

    def __init__(self) -> None:
        self._tree = ET.TreeBuilder()
        self._depth = 0
        self._skipped = 0  # depth inside an element that is left out
        self._elements = 0
        self._notes = 0

    def doctype(self, _name: str, _system: str | None, _public: str | None, has_internal_subset: int) -> None:
        if has_internal_subset:
            raise BadFile("This file defines its own XML entities, which is unsafe; export the piece again.")

    def entity(self, *_args: Any) -> None:
        raise BadFile("This file defines its own XML entities, which is unsafe; export the piece again.")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise BadFile("This file's XML is nested too deeply or too long for a score.")
        if self._skipped or tag in _SKIPPED:
            self._skipped += 1
            return
        if tag == "note":
            self._notes += 1
            if self._notes > MAX_NOTES:
                raise BadFile(f"This score has more than {MAX_NOTES:,} notes; export a part of the piece.")
        self._tree.start(tag, attributes)

    def end(self, tag: str) -> None:
        self._depth -= 1
        if self._skipped:
            self._skipped -= 1
        else:
            self._tree.end(tag)

    def text(self, text: str) -> None:
        if not self._skipped:
            self._tree.data(text)

    def close(self) -> ET.Element:
        return self._tree.close()


def _readable(data: bytes) -> tuple[bytes, str | None]:
    """Bytes that expat can read, and the encoding to force on it (None: as the file says)."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return (data, None) if name in ("utf-8", "utf-16") else (_recode(data, name), "utf-8")
    found = _DECLARED.match(data.lstrip()[:300])
    if found is None:
        return data, None
    try:
        info = codecs.lookup(found[1].decode("ascii"))
    except LookupError as error:
        raise BadFile("This file is in an unknown text encoding; export the piece as UTF-8.") from error
    if info.name in _NATIVE:
        return data, None
    return _recode(data, info.name), "utf-8"


def _recode(data: bytes, encoding: str) -> bytes:
    try:
        return data.decode(encoding).encode("utf-8")
    except (LookupError, UnicodeError) as error:  # LookupError: a codec that is not a text encoding
        raise BadFile("This file's text does not fit its encoding; export the piece as UTF-8.") from error


def _main_document(members: dict[str, bytes]) -> bytes:
    """The score inside an ``.mxl`` archive, as its container names it."""
    container = members.get("META-INF/container.xml")
    if container is not None:
        for rootfile in parse_xml(container).iter("rootfile"):
            kind = rootfile.get("media-type") or "xml"
            if "xml" in kind and "pdf" not in kind:
                path = rootfile.get("full-path") or ""
                if path not in members:
                    raise BadFile("This archive names a score that it does not hold; export the piece again.")
                return members[path]
    for name, content in members.items():
        if name.lower().endswith((".xml", ".musicxml")) and not name.startswith("META-INF/"):
            return content
    raise BadFile("This archive holds no MusicXML score; choose an .mxl file.")


def _partwise(root: ET.Element) -> ET.Element:
    """The same score with its measures inside its parts."""
    out = ET.Element("score-partwise", root.attrib)
    parts: dict[str, ET.Element] = {}
    for child in root:
        if child.tag != "measure":
            out.append(child)
            continue
        for part in child.findall("part"):
            name = part.get("id", "")
            if name not in parts:
                parts[name] = ET.Element("part", {"id": name})
            measure = ET.SubElement(parts[name], "measure", child.attrib)
            measure.extend(list(part))
    out.extend(parts.values())
    return out
