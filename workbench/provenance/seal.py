"""The seal of a file: one sha256 over every byte of it, and a signature of that where this installation can sign.

The seal is the end of the manifest, ``"seal":{"sha256":"…","signature":"…"}}``; in zips, whose members are packed, it
is the archive's comment. It is made over the file with the digits of the seal itself as zeros, so that whatever byte
is changed afterwards, of sound, notes, tags or the statement, no longer fits.

Files with content credentials (:mod:`workbench.provenance.credentials`) have no seal: these change the file once more,
and cover it themselves.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from workbench.errors import BadFile, Unavailable
from workbench.fsutil import explain
from workbench.provenance import carriers, identity
from workbench.provenance.carriers import Piece
from workbench.provenance.manifest import packed

_END = re.compile(rb'"seal":\{"sha256":"([0-9a-f]{64})"(?:,"signature":"([0-9a-f]{64,2048})")?\}\}\Z')
_COMMENT = re.compile(rb"music-workbench seal ([0-9a-f]{64})(?: ([0-9a-f]{64,2048}))?\Z")
_SAID = b"music-workbench seal\n"
_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal as it stands in a file. ``places``: of its digits; ``sha256`` and ``signature`` in hex."""

    places: tuple[Piece, ...]
    sha256: str
    signature: str


def signer() -> dict[str, str]:
    """Who signs, for a manifest; empty where this installation cannot."""
    if not identity.available():
        return {}
    me = identity.own()
    return {"name": me.name, "certificate": me.certificate()}


def with_blank(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest with the signer and a seal of zeros at its end."""
    who = signer()
    blank = {"sha256": "0" * 64}
    if who:
        blank["signature"] = "0" * (2 * len(identity.own().sign(b"")))
    rest = {name: value for name, value in manifest.items() if name not in ("seal", "signer")}
    return {**rest, **({"signer": who} if who else {}), "seal": blank}


def enclose(path: Path, manifest: Mapping[str, Any], *, sealed: bool = True) -> None:
    """Put a manifest into a file that is whole, and seal it.

    Args:
        path: the file; no zip.
        manifest: as :func:`workbench.provenance.manifest.manifest_of` gives it; the hash of the payload is added.
        sealed: whether to seal it; not where content credentials follow.

    Raises:
        BadFile: the file is of no kind that can carry a manifest, or broken.
        Unavailable: it cannot be written.
    """
    kind = carriers.kind_of(path)
    told = {**manifest, "payload_sha256": payload_of(path, kind)}
    software = told.get("software", {})
    tags = {
        "title": str(told.get("title", "")), "date": str(told.get("time", "")),
        "software": f"{software.get('name', '')} {software.get('version', '')}".strip(),
    }  # fmt: skip
    try:
        carriers.put(path, kind, packed(with_blank(told) if sealed else told), tags)
        if sealed:
            _close(path, kind)
    except OSError as error:
        raise explain(path, error) from error


def payload_of(path: Path, kind: str) -> str:
    """The sha256 of a file's sound or pictures, or of a whole score before it carries a manifest."""
    with path.open("rb") as file:
        found = carriers.payload(file, kind)
        return found or hashlib.file_digest(file, "sha256").hexdigest()


def add_to_archive(path: Path, manifest: Mapping[str, Any]) -> None:
    """Put ``manifest.json`` into a zip that has none, and seal it; raises :class:`Unavailable`."""
    who = signer()
    member = zipfile.ZipInfo("manifest.json", (1980, 1, 1, 0, 0, 0))
    try:
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(member, packed({**manifest, **({"signer": who} if who else {})}), zipfile.ZIP_DEFLATED)
    except OSError as error:
        raise explain(path, error) from error
    seal_archive(path)


def seal_archive(path: Path) -> None:
    """Seal a zip that holds a ``manifest.json``; an older seal gives way.

    Raises:
        Unavailable: it cannot be written.
    """
    size = 2 * len(identity.own().sign(b"")) if identity.available() else 0
    comment = b"music-workbench seal " + b"0" * 64 + (b" " + b"0" * size if size else b"")
    try:
        with zipfile.ZipFile(path, "a") as archive:
            archive.comment = comment
        _close(path, "zip")
    except OSError as error:
        raise explain(path, error) from error


def seal_text(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A folder's ``manifest.json`` with its seal, which covers itself and by its hashes the files it names."""
    told = with_blank(manifest)
    digest = hashlib.sha256(packed(told)).hexdigest()
    seal = {"sha256": digest}
    if "signature" in told["seal"]:
        seal["signature"] = identity.own().sign(_SAID + digest.encode()).hex()
    return {**told, "seal": seal}


def text_fits(manifest: Mapping[str, Any]) -> bool:
    """Whether a folder's manifest is as it was sealed; the order of its entries belongs to it."""
    seal = manifest.get("seal")
    if not isinstance(seal, dict):
        return False
    told = dict(manifest)
    told["seal"] = {name: "0" * len(value) for name, value in seal.items() if isinstance(value, str)}
    return seal.get("sha256") == hashlib.sha256(packed(told)).hexdigest()


def _close(path: Path, kind: str) -> None:
    with path.open("r+b") as file:
        seal = find(file, kind)
        assert seal is not None, "the blank seal was just written"
        digest = digest_of(file, seal.places)
        values = [digest.encode()]
        if len(seal.places) > 1:
            values.append(identity.own().sign(_SAID + digest.encode()).hex().encode())
        for place, value in zip(seal.places, values, strict=True):
            file.seek(place.start)
            file.write(value)


def find(file: BinaryIO, kind: str) -> Seal | None:
    """The seal in a file; None where there is none. Raises :class:`BadFile` for a broken file."""
    if kind == "zip":
        size = carriers.size_of(file)
        length = min(size, 1 << 16)
        piece = Piece(size - length, length)
        data = piece.of(file)
        at = data.rfind(b"music-workbench seal ")
        match, start = _COMMENT.match(data, at) if at >= 0 else None, piece.start
    else:
        where = carriers.find(file, kind)
        if where is None:
            return None
        data, start = where.of(file), where.start
        match = _END.search(data)
    if match is None:
        return None
    places = tuple(
        Piece(start + match.start(number), match.end(number) - match.start(number))
        for number in (1, 2)
        if match.group(number) is not None
    )
    return Seal(places, match.group(1).decode(), (match.group(2) or b"").decode())


def digest_of(file: BinaryIO, places: tuple[Piece, ...]) -> str:
    """The sha256 of a whole file with zeros in some places."""
    digest = hashlib.sha256()
    at, size = 0, carriers.size_of(file)
    file.seek(0)
    for place in (*sorted(places, key=lambda item: item.start), Piece(size, 0)):
        left = place.start - at
        while left > 0:
            data = file.read(min(left, _AT_ONCE))
            if not data:
                raise BadFile("This file is cut off.")
            digest.update(data)
            left -= len(data)
        digest.update(b"0" * place.length)
        at = place.start + place.length
        file.seek(at)
    return digest.hexdigest()


def signed_by(sha256: str, signature: str, who: Any) -> str:
    """The name of the signer of a digest, "" where the signature is missing or wrong; untrusted values.

    Raises:
        Unavailable: this installation cannot check signatures.
    """
    if not signature or not isinstance(who, Mapping) or not isinstance(who.get("certificate"), str):
        return ""
    try:
        raw = bytes.fromhex(signature)
    except ValueError:
        return ""
    return identity.signed_by(who["certificate"], _SAID + sha256.encode(), raw)


def is_own(who: Any) -> bool:
    """Whether a signer's certificate is this installation's; untrusted value."""
    if not isinstance(who, Mapping):
        return False
    try:
        return identity.available() and who.get("certificate") == identity.own().certificate()
    except (Unavailable, BadFile):
        return False
