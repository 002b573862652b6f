"""What a file says of how it was made, and whether that can be believed: ``workbench verify`` and the page ask here.

    finding = verify("waltz.mp3")
    print(finding.text())

A file that carries no statement is no worse for it: most files in the world do not.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import BadFile, Unavailable
from workbench.fsutil import shown
from workbench.provenance import carriers, credentials, seal
from workbench.provenance.authorship import summary
from workbench.provenance.manifest import BEGINNING, MAX_BYTES, unpacked
from workbench.provenance.rights import NOT_SAID, RIGHTS, rights_of
from workbench.provenance.sourcetype import MEANINGS, SCHEME

#: What :attr:`Finding.state` may be, and how it begins in words.
STATES: Mapping[str, str] = {
    "none": "It carries no statement on how it was made; most files do not.",
    "whole": "It is unchanged since it was saved.",
    "changed": "It was changed after it was saved: what it says of itself no longer fits.",
    "unchecked": "What it says of itself could not be checked here.",
}
_AT_ONCE = 1 << 20
_MOST_MEMBERS = 10_000
#: So many bytes of a damaged zip are looked through for the files that were changed.
_MOST_BYTES = 4 * 2**30


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in a file.

    ``state``: one of :data:`STATES`. ``manifest``: the statement, {} where there is none. ``signer``: the name on a
    signature that fits, "" without one; ``own``: it is this installation's; ``known``: its certificate is known here.
    ``credentials``: the file carries C2PA content credentials. ``reasons``: plain sentences on what was found.
    """

    state: str
    manifest: Mapping[str, Any] = field(default_factory=dict)
    signer: str = ""
    own: bool = False
    known: bool = False
    credentials: bool = False
    reasons: tuple[str, ...] = ()

    def sentences(self) -> list[str]:
        """All of it in plain words, the most important first."""
        out = [STATES[self.state], *self.reasons]
        if self.signer and self.own:
            out.append("It was signed by this installation of the workbench.")
        elif self.signer and self.known:
            out.append(f"It was signed by {self.signer}, whose certificate is known here.")
        elif self.signer:
            out.append(f"It was signed by {self.signer}, who is not known here; anybody may choose that name.")
        elif self.state == "whole":
            out.append("It is not signed, so nobody vouches for who saved it.")
        return out + described(self.manifest)

    def text(self) -> str:
        """One paragraph."""
        return " ".join(self.sentences())

    def refusal(self) -> str:
        """Why it may not be sold, "" where its statement does not forbid it."""
        facts = self.manifest.get("facts")
        told = {**facts, **self.manifest} if isinstance(facts, dict) else self.manifest
        selling = told.get("selling")
        if isinstance(selling, dict) and selling.get("answer") == "no":
            return _text(selling.get("sentence")) or "A model that made it may not be used commercially."
        return ""

    def to_dict(self) -> dict[str, Any]:
        """JSON form, for the page and ``--json``."""
        return {
            "state": self.state, "signer": self.signer, "own": self.own, "known": self.known,
            "credentials": self.credentials, "sentences": self.sentences(), "manifest": dict(self.manifest),
        }  # fmt: skip


def verify(path: str | Path) -> Finding:
    """Look into a file, or a folder that an export wrote.

    Raises:
        BadFile: it cannot be opened.
    """
    path = Path(path)
    if path.is_dir():
        return _folder(path)
    kind = carriers.kind_of(path)
    try:
        if kind == "zip":
            return _archive(path)
        with path.open("rb") as file:
            if kind or not _ours(file):
                return _file(path, kind) if kind else Finding("none")
            return Finding("changed", reasons=("Its first bytes are damaged.",))
    except OSError as error:
        raise BadFile(f"{shown(path)} cannot be opened: {error.strerror or error}.") from error


def _file(path: Path, kind: str) -> Finding:
    manifest: dict[str, Any] = {}
    reasons: list[str] = []
    raw = b""
    with path.open("rb") as file:
        try:
            where = carriers.find(file, kind)
            raw = where.of(file) if where else b""
            manifest = unpacked(raw) if where else {}
        except BadFile as problem:
            reasons.append(str(problem))
        held = credentials.available()
        try:
            found = credentials.read(path, kind)
            has_store = found is not None
        except Unavailable as problem:
            found, has_store = None, True
            reasons.append(str(problem))
        if not manifest and not has_store:
            return Finding("changed" if _ours(file) else "none", reasons=tuple(reasons))
        if found is not None:
            return _by_credentials(path, kind, manifest, raw, found, reasons)
        fits = carriers.payload(file, kind) in ("", manifest.get("payload_sha256"))
        if has_store and not held:
            state = "unchecked" if fits and manifest else "changed"
            return Finding(state, manifest, credentials=True, reasons=tuple(reasons))
        if "seal" not in manifest:
            reasons.append("Its content credentials were taken out.")
            return Finding("changed", manifest, reasons=tuple(reasons))
        return _by_seal(file, kind, manifest, reasons)


def _ours(file: Any) -> bool:
    """Whether a file without a readable manifest bears the marks of one: its beginning, or the seal of a zip."""
    file.seek(0)
    data = file.read(1 << 20)
    file.seek(max(0, carriers.size_of(file) - (1 << 20)))
    data += file.read(1 << 20)
    return any(mark in data for mark in (BEGINNING, *carriers.MARKS, b"music-workbench seal "))


def _by_credentials(
    path: Path, kind: str, manifest: dict[str, Any], raw: bytes, found: credentials.Credentials, reasons: list[str]
) -> Finding:
    whole = found.whole
    if found.generator == credentials.GENERATOR:
        with path.open("rb") as file:
            fits = bool(raw) and hashlib.sha256(raw).hexdigest() == found.manifest_sha256
            whole = whole and fits and manifest.get("payload_sha256") == seal_payload(file, kind)
    elif found.generator:
        reasons.append(f"Its content credentials were made with {found.generator}.")
        if (term := found.source_type.removeprefix(SCHEME)) in MEANINGS and not manifest:
            reasons.append(f"They say: {MEANINGS[term]}.")
    own = found.known and found.whole and _own_name() == found.signer
    return Finding(
        "whole" if whole else "changed", manifest, found.signer if whole else "", own and whole, found.known and whole,
        True, tuple(reasons),
    )  # fmt: skip


def seal_payload(file: Any, kind: str) -> str:
    """The hash of what a file is for; "" where its structure is broken."""
    try:
        return carriers.payload(file, kind)
    except BadFile:
        return ""


def _own_name() -> str:
    from workbench.provenance import identity

    try:
        return identity.own().name if identity.available() else ""
    except (Unavailable, BadFile):
        return ""


def _by_seal(file: Any, kind: str, manifest: dict[str, Any], reasons: list[str]) -> Finding:
    found = seal.find(file, kind)
    if found is None or seal.digest_of(file, found.places) != found.sha256:
        return Finding("changed", manifest, reasons=tuple(reasons))
    who = manifest.get("signer")
    try:
        name = seal.signed_by(found.sha256, found.signature, who)
    except Unavailable as problem:
        return Finding("whole", manifest, reasons=(*reasons, str(problem)))
    if not name and (found.signature or who):
        return Finding("changed", manifest, reasons=(*reasons, "Its signature does not fit."))
    own = bool(name) and seal.is_own(who)
    return Finding("whole", manifest, name, own, own, reasons=tuple(reasons))


def _archive(path: Path) -> Finding:
    """A zip: its seal covers every byte of it; without one, the hashes in its manifest cover its members."""
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            name = carriers.manifest_member(archive)
            if not name:
                return Finding("changed" if _ours(file) else "none")
            if archive.getinfo(name).file_size > MAX_BYTES * 8 or len(archive.infolist()) > _MOST_MEMBERS:
                return Finding("changed", reasons=("The statement in this file is too large to be read.",))
            with archive.open(name) as member:
                manifest = unpacked(member.read(MAX_BYTES * 8 + 1), limit=MAX_BYTES * 8)
            if "files" not in manifest and manifest.get("manifest") != "music-workbench":
                return Finding("none")
            found = seal.find(file, "zip")
            if found is None or seal.digest_of(file, found.places) != found.sha256:
                broken = _broken_members(archive, name, manifest)
                told = [f"{item} is not as it was saved." for item in broken[:5]]
                if not broken:
                    told = ["Its seal is missing or damaged; the files in it fit what it says of them."]
                state = "changed" if broken or "signer" in manifest else "unchecked"
                return Finding(state, manifest, reasons=tuple(told))
            return _by_seal(file, "zip", manifest, [])
    except BadFile as problem:
        return Finding("changed", reasons=(str(problem),))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        with path.open("rb") as file:
            ours = _ours(file)
        return Finding("changed" if ours else "none", reasons=("This zip is damaged and cannot be read.",))


def _broken_members(archive: zipfile.ZipFile, name: str, manifest: Mapping[str, Any]) -> list[str]:
    """Members whose hash is not the one that the manifest names."""
    files, folder = manifest.get("files"), name.removesuffix("manifest.json")
    out: list[str] = []
    left = _MOST_BYTES
    for member, digest in files.items() if isinstance(files, dict) else ():
        made = hashlib.sha256()
        try:
            with archive.open(folder + str(member)) as content:
                while data := content.read(_AT_ONCE):
                    made.update(data)
                    left -= len(data)
                    if left < 0:  # a zip made to expand without end
                        return [*out, str(member)[:100]]
        except (KeyError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
            out.append(str(member)[:100])
            continue
        if made.hexdigest() != digest:
            out.append(str(member)[:100])
    return out


def _folder(path: Path) -> Finding:
    """A folder that an export wrote: its manifest, and the files that it names."""
    place = path / "manifest.json"
    if not place.is_file():
        return Finding("none")
    try:
        manifest = unpacked(place.read_bytes(), limit=MAX_BYTES * 8)
    except BadFile as problem:
        return Finding("changed", reasons=(str(problem),))
    files = manifest.get("files")
    broken = []
    for name, digest in files.items() if isinstance(files, dict) else ():
        member = path / str(name)
        inside = path.resolve() in member.resolve().parents
        if not inside or not member.is_file():
            broken.append(f"{str(name)[:100]} is missing.")
            continue
        with member.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                broken.append(f"{str(name)[:100]} is not as it was saved.")
    if "seal" not in manifest:
        return Finding("changed" if broken else "unchecked", manifest, reasons=tuple(broken[:5]))
    if broken or not seal.text_fits(manifest):
        return Finding("changed", manifest, reasons=tuple(broken[:5]))
    told = manifest["seal"]
    who = manifest.get("signer")
    try:
        name = seal.signed_by(told["sha256"], str(told.get("signature", "")), who)
    except Unavailable as problem:
        return Finding("whole", manifest, reasons=(str(problem),))
    if not name and (who or "signature" in told):
        return Finding("changed", manifest, reasons=("Its signature does not fit.",))
    own = bool(name) and seal.is_own(who)
    return Finding("whole", manifest, name, own, own)


def described(manifest: Mapping[str, Any]) -> list[str]:
    """A manifest in plain sentences; whatever in it is not as it should be is passed over."""
    facts = manifest.get("facts")
    told = {**facts, **manifest} if isinstance(facts, dict) else manifest
    out = []
    if said := _text(told.get("sentence")) or _text(told.get("note")):
        out.append(said)
    if shares := summary(told.get("authors")):
        out.append(f"{shares}.")
    if isinstance(source := told.get("source_type"), str) and (term := source.removeprefix(SCHEME)) in MEANINGS:
        out.append(f"In short: {MEANINGS[term]}.")
    selling = told.get("selling")
    if isinstance(selling, dict) and selling.get("answer") in ("no", "unclear"):
        out += [said] if (said := _text(selling.get("sentence"))) else []
    for item in told["inputs"][:5] if isinstance(told.get("inputs"), list) else ():
        if isinstance(item, dict) and (name := _text(item.get("name"), 80)):
            whose = rights_of(item.get("rights"))
            out.append(f"It was made from {name}" + ("." if whose == NOT_SAID else f", which is {RIGHTS[whose]}."))
    if isinstance(when := told.get("time"), str) and len(when) == 20:
        out.append(f"Saved {when[:10]} at {when[11:16]} UTC.")
    return out


def _text(value: Any, limit: int = 600) -> str:
    """A text of a stranger, printable and short; "" for anything else."""
    if not isinstance(value, str):
        return ""
    return "".join(sign if sign.isprintable() else " " for sign in value[:limit]).strip()


def to_json(finding: Finding) -> str:
    """As ``workbench verify --json`` prints it."""
    return json.dumps(finding.to_dict(), ensure_ascii=False, indent=1)
