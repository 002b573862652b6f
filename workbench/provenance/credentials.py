"""C2PA content credentials in sound and video files: signed by this installation, and read from any file.

The claim says by which official source type the piece came to be (:mod:`workbench.provenance.sourcetype`), who wrote
how much of it, and the hash of the manifest that travels beside it; the whole file is bound to it by its hash. Nothing
reaches the network: no time stamp is asked for when signing, no manifest or revocation list is fetched when reading.

C2PA 2.2, https://spec.c2pa.org/; by the ``c2pa-python`` package, which is an extra (54 MB installed). Without it files
carry their manifest and seal all the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from workbench.errors import BadFile, Unavailable
from workbench.fsutil import explain, replacing_file
from workbench.provenance import carriers, identity
from workbench.provenance.carriers import Piece
from workbench.provenance.jumbf import untouched

#: Kinds of files that hold credentials here, and their media types.
MEDIA_TYPES = {"wav": "audio/wav", "mp3": "audio/mpeg", "flac": "audio/flac", "mp4": "video/mp4"}
ASSERTION = "org.musicworkbench.manifest"
GENERATOR = "Music Workbench"
_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_BOX_HEAD = b"\0\0\0\0manifest\0" + bytes(8)
_USAGES = "1.3.6.1.5.5.7.3.4\n1.3.6.1.5.5.7.3.36\n1.3.6.1.4.1.62558.2.1"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What credentials in a file say. ``whole``: whether the file is as it was signed; ``known``: whether this
    installation knows the signer's certificate; ``signer``: the name on it; ``generator``: the program that made the
    claim; ``manifest_sha256``: of our own manifest, if it names one; ``source_type``: IPTC's address, "" if none.
    """

    whole: bool
    known: bool
    signer: str
    generator: str
    manifest_sha256: str
    source_type: str


def available() -> bool:
    """Whether this installation can write and check credentials."""
    from importlib.util import find_spec

    return find_spec("c2pa") is not None and identity.available()


def sign(path: Path, kind: str, manifest: Mapping[str, Any], embedded: bytes) -> None:
    """Put credentials into a file that carries its manifest already.

    Args:
        path: the file; replaced when the signed one is whole.
        kind: one of :data:`MEDIA_TYPES`.
        manifest: what the file says of itself.
        embedded: the same as the bytes that stand in the file.

    Raises:
        Unavailable: the extra is missing, or the place cannot be written.
        BadFile: the owner's certificate is not one that content credentials can be signed with.
    """
    if not available():
        raise Unavailable(
            "Content credentials need the extra 'credentials'; install it with: "
            "pip install 'music-workbench[credentials]'."
        )
    import c2pa

    me = identity.own()
    try:
        with replacing_file(path) as temporary, path.open("rb") as source, temporary.open("w+b") as target:
            info = c2pa.C2paSignerInfo(me.algorithm, me.chain, me.key, None)
            with (
                c2pa.Signer.from_info(info) as signer, _context() as context,
                c2pa.Builder(_claim(manifest, embedded), context) as builder,
            ):  # fmt: skip
                builder.sign(signer, MEDIA_TYPES[kind], source, target)
    except c2pa.C2paError as error:
        raise BadFile("The signing certificate cannot be used for content credentials; see the README.") from error
    except OSError as error:
        raise explain(path, error) from error


def _claim(manifest: Mapping[str, Any], embedded: bytes) -> dict[str, Any]:
    software = manifest["software"]
    agent = {"name": software["name"], "version": software["version"]}
    made = {"action": "c2pa.created", "digitalSourceType": manifest["source_type"], "when": manifest["time"],
            "softwareAgent": agent, "description": manifest["sentence"][:1000]}  # fmt: skip
    told = {name: manifest.get(name) for name in ("sentence", "authors", "score_sha256", "source_type")}
    told["selling"] = manifest.get("selling", {}).get("sentence", "")
    told["manifest_sha256"] = hashlib.sha256(embedded).hexdigest()
    return {
        "claim_generator_info": [agent], "title": manifest["title"] or "Untitled",
        "assertions": [
            {"label": "c2pa.actions", "data": {"actions": [made]}},
            {"label": ASSERTION, "kind": "Json", "data": told},
        ],
    }  # fmt: skip


def read(path: Path, kind: str) -> Credentials | None:
    """The credentials in a file; None where there are none.

    Raises:
        Unavailable: there are some, and this installation cannot check them.
    """
    if kind not in MEDIA_TYPES:
        return None
    with path.open("rb") as file:
        store = _store(file, kind)
        if store is None:
            return None
        if not available():
            raise Unavailable("It carries content credentials; to check them install 'music-workbench[credentials]'.")
        import c2pa

        file.seek(0)
        try:
            with _context() as context, c2pa.Reader(MEDIA_TYPES[kind], file, context=context) as reader:
                told: dict[str, Any] = json.loads(reader.json())
        except (c2pa.C2paError, ValueError, RecursionError):
            return Credentials(False, False, "", "", "", "")
    claims = told.get("manifests", {}).get(told.get("active_manifest"), {})
    generator = ", ".join(str(item.get("name", ""))[:80] for item in claims.get("claim_generator_info", [])[:3])
    ours, source = {}, ""
    for item in claims.get("assertions", []):
        data = item.get("data")
        if item.get("label") == ASSERTION and isinstance(data, dict):
            ours = data
        if str(item.get("label", "")).startswith("c2pa.actions") and isinstance(data, dict):
            named = [str(act["digitalSourceType"]) for act in data.get("actions", []) if "digitalSourceType" in act]
            source = named[0] if named else source
    signature = claims.get("signature_info") or {}
    state = told.get("validation_state")
    whole = state in ("Valid", "Trusted") and (generator != GENERATOR or (store != b"" and untouched(store)))
    return Credentials(
        whole, state == "Trusted", str(signature.get("common_name") or signature.get("issuer") or "")[:100], generator,
        str(ours.get("manifest_sha256", ""))[:64], source[:200],
    )  # fmt: skip


def _context() -> Any:
    import c2pa

    return c2pa.Context.from_dict({
        "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_trust": True},
        "builder": {"thumbnail": {"enabled": False}},
        "trust": {"user_anchors": identity.trusted().decode("utf-8", "replace"), "trust_config": _USAGES},
    })  # fmt: skip


def _store(file: BinaryIO, kind: str) -> bytes | None:
    """The store of credentials in a file, b"" where its carrier is not as it must be; None where there is none."""
    try:
        piece = _place(file, kind)
    except BadFile:
        return b""
    if piece is None:
        return None
    data = piece.of(file)
    if kind == "wav":
        return data
    if kind == "mp4":
        return data[len(_BOX_HEAD) :] if data.startswith(_BOX_HEAD) else b""
    at = data.find(b"jumb")  # after the frame's encoding, media type and names
    return data[at - 4 :] if at > 4 else b""


def _place(file: BinaryIO, kind: str) -> Piece | None:
    if kind == "wav":
        return next((chunk for name, chunk in carriers.chunks(file) if name == b"C2PA"), None)
    if kind == "mp4":
        for name, box in carriers.boxes(file):
            if name == b"uuid" and Piece(box.start, min(16, box.length)).of(file) == _BOX:
                return Piece(box.start + 16, box.length - 16)
        return None
    for name, frame in carriers.id3_frames(file):
        if name == b"GEOB" and b"c2pa" in Piece(frame.start, min(frame.length, 80)).of(file):
            return frame
    return None
