"""The last step of every export: a file that is whole gets its manifest, and with it a seal or content credentials."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from workbench.provenance import carriers, credentials, seal
from workbench.provenance.manifest import manifest_of, undated, written_by
from workbench.score.score import Score


def hand_over(
    path: str | Path, score: Score, facts: Mapping[str, Any] | None = None, *, sentence: str = "",
    sign: bool = True, steady: bool = False,
) -> None:  # fmt: skip
    """Let a file say who made it.

    Sound and video get content credentials where this installation can sign them; other files, and all where it
    cannot, get a seal. A project (``.wbz``) gets a ``manifest.json`` beside its score. Files of kinds that can carry
    nothing (``.webm``) stay as they are.

    Args:
        path: the file; no zip of an export, whose manifest is written with it.
        score: the piece.
        facts: what :func:`workbench.provenance.manifest.written_by` gave; left out: of a piece without a log.
        sentence: who wrote what, in plain words; by default counted from the notes.
        sign: whether to use content credentials at all (they take as much space again while they are made).
        steady: leave out what differs from one time to the next, so that equal seeds give equal files.

    Raises:
        BadFile: the file is broken, or the owner's certificate cannot be used.
        Unavailable: the place cannot be written.
    """
    path = Path(path)
    kind = carriers.kind_of(path)
    if not kind:
        return
    manifest = manifest_of(score, facts, kind=path.suffix.lower().removeprefix(".") or kind, sentence=sentence)
    if steady:
        manifest = undated(manifest)
    if kind == "zip":
        seal.add_to_archive(path, manifest)
        return
    if not (sign and kind in credentials.MEDIA_TYPES and credentials.available()):
        seal.enclose(path, manifest)
        return
    seal.enclose(path, manifest, sealed=False)
    with path.open("rb") as file:
        where = carriers.find(file, kind)
        embedded = where.of(file) if where else b""
    credentials.sign(path, kind, manifest, embedded)


def speaker(score: Score, facts: Mapping[str, Any] | None, sentence: str) -> Callable[[Path], None]:
    """What lets each file of a larger export speak for itself, with a seal: the manifest is made once for all."""
    manifest = manifest_of(score, facts, kind="", sentence=sentence)

    def say(path: Path) -> None:
        seal.enclose(path, {**manifest, "kind": path.suffix.lower().removeprefix(".")})

    return say


def folder_manifest(
    score: Score, facts: Mapping[str, Any] | None, told: Mapping[str, Any], sentence: str
) -> dict[str, Any]:
    """The ``manifest.json`` of an export of many files, sealed.

    Args:
        score: the piece.
        facts: see :func:`hand_over`; they stand in it as ``facts``.
        told: what the export says of its files, with ``version`` and ``files``.
        sentence: who wrote what.
    """
    made = manifest_of(score, facts, kind="folder", sentence=sentence)
    own = {name: made[name] for name in ("manifest", "software", "time", "score_sha256", "sentence")}
    known = {**written_by(score, ()), **(facts or {})}
    own |= {name: known[name] for name in ("authors", "edited", "licences", "selling", "inputs", "source_type")}
    return seal.seal_text({**told, **own, "facts": dict(facts or {})})


def handed_over(data: bytes, score: Score, facts: Mapping[str, Any] | None = None, *, kind: str = "mid") -> bytes:
    """The same for the bytes of a score file, ``kind`` being its ending."""
    with tempfile.TemporaryDirectory(prefix="workbench-handover-") as folder:
        path = Path(folder) / f"score.{kind}"
        path.write_bytes(data)
        hand_over(path, score, facts)
        return path.read_bytes()
